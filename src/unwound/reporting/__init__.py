"""What came out, told to people: figures, one self-contained page, tables, and a folder that holds them whole.

Matplotlib, Jinja2 and pyarrow load when something is drawn, written or stored, never on import.
"""

from unwound.reporting.bands import TrialBands
from unwound.reporting.course_figure import course_figure
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.report import course_report, courses_report, trial_report
from unwound.reporting.store import ResultFolder, read, verify
from unwound.reporting.trial_figure import trial_figure

__all__ = [
    "ResultFolder",
    "TrialBands",
    "course_figure",
    "course_report",
    "courses_report",
    "png_bytes",
    "read",
    "svg_text",
    "trial_figure",
    "trial_report",
    "verify",
]
