"""What came out, told to people: figures, one self-contained page, tables, and a folder that holds them whole.

Matplotlib, Jinja2 and pyarrow load when something is drawn, written or stored, never on import.
"""

from unwound.reporting.bands import TrialBands
from unwound.reporting.course_figure import course_figure
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.flow_figure import ArmFlow, Flow, flow_figure
from unwound.reporting.forest_figure import ForestRow, forest_figure
from unwound.reporting.power_figure import power_figure
from unwound.reporting.report import course_report, courses_report, trial_report
from unwound.reporting.responder_figure import responder_figure
from unwound.reporting.sample_size import Assumptions, sample_size_paragraph
from unwound.reporting.store import ResultFolder, read, verify
from unwound.reporting.survival_figure import survival_figure
from unwound.reporting.trial_figure import trial_figure

__all__ = [
    "ArmFlow",
    "Assumptions",
    "Flow",
    "ForestRow",
    "ResultFolder",
    "TrialBands",
    "course_figure",
    "course_report",
    "courses_report",
    "flow_figure",
    "forest_figure",
    "png_bytes",
    "power_figure",
    "read",
    "responder_figure",
    "sample_size_paragraph",
    "survival_figure",
    "svg_text",
    "trial_figure",
    "trial_report",
    "verify",
]
