"""Figures and text of a trial's analysis: what stands in them, and what is refused."""

import numpy as np
import pytest

from unwound.core.errors import InputError
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting.figures import png_bytes
from unwound.reporting.flow_figure import ArmFlow, Flow, flow_figure
from unwound.reporting.forest_figure import ForestRow, forest_figure
from unwound.reporting.power_figure import power_figure
from unwound.reporting.responder_figure import responder_figure
from unwound.reporting.sample_size import Assumptions, sample_size_paragraph, to_enroll
from unwound.reporting.survival_figure import survival_figure
from unwound.trials.analysis import censored, kaplan_meier, responder_curve, sample_size

WEEKS = np.arange(0.0, 13.0)


def words(figure):
    """Everything written in a figure."""
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
        texts += axes.get_legend().get_texts() if axes.get_legend() else []
    return "\n".join(text.get_text() for text in texts)


def inside(figure):
    """Whether every text lies within the page."""
    renderer = figure.canvas.get_renderer()
    width, height = figure.bbox.width, figure.bbox.height
    texts = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    boxes = [text.get_window_extent(renderer) for text in texts if text.get_text()]
    return all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= width and b.y1 <= height for b in boxes)


def a_flow(**changes):
    drug = ArmFlow("S-ketamine", 30, 30, 30, {"withdrew consent": 2})
    saline = ArmFlow("saline", 30, 29, 29, {"withdrew consent": 4}, {"never treated": 1})
    return Flow(**{"assessed": 92, "arms": [drug, saline], "excluded": {"pain below 5": 32}, **changes})


def test_the_flow_shows_every_patient_from_assessment_to_analysis():
    figure = flow_figure(a_flow(), "Flow")
    text = words(figure)
    for phrase in (
        "Assessed for eligibility (n = 92)", "pain below 5 (n = 32)", "Randomized (n = 60)",
        "Allocated to saline (n = 30)\nreceived it (n = 29)", "never treated (n = 1)", SIMULATION_ONLY,
    ):  # fmt: skip
        assert phrase in text
    assert inside(figure)


def test_a_flow_in_which_patients_vanish_is_refused_with_all_that_is_wrong():
    with pytest.raises(InputError) as caught:
        a_flow(assessed=90, arms=[ArmFlow("a", 30, 30, 25), ArmFlow("b", 30, 30, 30)])
    assert len(caught.value.problems) == 2
    assert "must be the 60 who are allocated" in str(caught.value)
    assert "a: analyzed = 25" in str(caught.value).replace("'", "")


def test_the_forest_tells_who_gains_on_which_side_and_the_margin():
    rows = [ForestRow("Week 12"), ForestRow("  t test", -1.2, -2.0, -0.4), ForestRow("  MMRM", -1.05, -1.6, -0.4)]
    figure = forest_figure(rows, "Forest", "difference", "S-ketamine", "saline", margin=0.5)
    text = words(figure)
    for phrase in ("favors S-ketamine", "favors saline", "margin 0.5", "\N{MINUS SIGN}1.20  (\N{MINUS SIGN}2.00 to"):
        assert phrase in text
    assert inside(figure)


def test_a_forest_of_ratios_stands_on_a_logarithmic_axis():
    figure = forest_figure([ForestRow("relapse", 0.5, 0.3, 0.9)], "Ratio", "hazard ratio", "drug", "saline", ratio=True)
    assert figure.axes[0].get_xscale() == "log"
    assert len(png_bytes(figure)) > 10_000


@pytest.mark.parametrize(
    ("values", "rule"),
    [((1.0, 2.0, 3.0), "must lie in its interval"), ((1.0, None, 3.0), "finite"), ((-1.0, -2.0, 3.0), "more than 0")],
)
def test_an_estimate_that_makes_no_sense_is_refused(values, rule):
    with pytest.raises(InputError, match=rule):
        forest_figure([ForestRow("x", *values)], "t", "a", "l", "r", ratio=True)


@pytest.mark.parametrize("replicates", [1, 20])
def test_the_survival_figure_counts_those_at_risk_under_its_axis(replicates):
    rng = np.random.default_rng(1)
    arms = {}
    for name, mean in (("S-ketamine", 10), ("saline", 4)):
        arms[name] = kaplan_meier(*censored(np.ceil(rng.exponential(mean, (replicates, 30))), 12.0), WEEKS)
    figure = survival_figure(arms, "Relapse", "relapse", test="log-rank P = 0.04")
    text = words(figure)
    assert text.count("\n30") == 2  # everybody is at risk at the start
    assert "log-rank P = 0.04" in text
    assert ("one virtual trial" in text) == (replicates == 1)
    assert inside(figure)


def test_curves_at_different_times_are_refused():
    time, event = np.array([[1.0, 2.0]]), np.array([[True, True]])
    arms = {"a": kaplan_meier(time, event, WEEKS), "b": kaplan_meier(time, event, WEEKS[:5])}
    with pytest.raises(InputError, match="same times"):
        survival_figure(arms, "t", "relapse")


def test_the_responder_figure_marks_the_usual_thresholds():
    thresholds = np.linspace(0, 1, 11)
    shares = responder_curve(np.random.default_rng(2).uniform(0, 9, (5, 30)), np.full((5, 30), 7.0), thresholds)
    figure = responder_figure({"saline": shares}, thresholds, "Responders")
    assert all(phrase in words(figure) for phrase in ("30 %", "50 %", "no response"))
    with pytest.raises(InputError, match="one share per threshold"):
        responder_figure({"saline": shares[:3]}, thresholds, "Responders")


# ------------------------------------------------------------------------------------------------------- sample size


@pytest.fixture(scope="module")
def found():
    """A power of 1 - exp(-n / 20)."""
    return sample_size(lambda n, seed: np.random.default_rng(seed).random(1000) < 1 - np.exp(-n / 20), 0.8, seed=7)


def assumed(**changes):
    return Assumptions(
        **{
            "design": "two-arm superiority trial",
            "endpoint": "pain NRS at week 12",
            "analysis": "a t test",
            "alpha": 0.05,
            "sides": 2,
            "difference": "1.5 points",
            "source": "assumed",
            "dropout": 0.15,
            "dropout_simulated": False,
            **changes,
        }
    )


def test_the_power_figure_names_the_size_and_its_monte_carlo_range(found):
    text = words(power_figure(found, "Power"))
    assert f"{found.per_arm} per arm ({found.fewest} to {found.most})" in text
    assert "1,000 virtual trials per size" in text


def test_the_paragraph_says_all_that_a_protocol_must_say(found):
    text = sample_size_paragraph(found, assumed())
    for phrase in (
        "two-arm superiority trial", "pain NRS at week 12", "two-sided level of 5 %", "1.5 points (assumed)",
        "1,000 virtual trials", f"{found.per_arm} patients per arm", "Monte-Carlo standard error", "dropout of 15 %",
        "unwound", "seed 7", SIMULATION_ONLY,
    ):  # fmt: skip
        assert phrase in text


def test_dropout_is_added_once_and_only_when_it_was_not_simulated(found):
    assert to_enroll(found, assumed()) == int(np.ceil(found.per_arm / 0.85))
    assert to_enroll(found, assumed(dropout_simulated=True)) == found.per_arm
    assert "no further patients" in sample_size_paragraph(found, assumed(dropout_simulated=True))


def test_a_difference_without_a_source_is_refused():
    with pytest.raises(InputError, match="source"):
        assumed(source=" ")
    with pytest.raises(InputError, match=r"15 % as 0\.15"):
        assumed(dropout=15)
