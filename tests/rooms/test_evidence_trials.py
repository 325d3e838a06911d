"""Published trial results, as they were printed."""

import math
import re

import pytest

from unwound import evidence
from unwound.core import quantities
from unwound.core.errors import EvidenceError, UnknownName
from unwound.evidence.trial_rows import COLUMNS, read_results

TRIALS = evidence.trial_names()
every_trial = pytest.mark.parametrize("name", TRIALS)


def find(endpoint, arm, week=None):
    (row,) = [
        row
        for row in evidence.trial_results("sigtermans2009")
        if (row.endpoint, row.arm, row.week) == (endpoint, arm, week)
    ]
    return row


@pytest.mark.parametrize("name", ["sigtermans2009", "SIG09", "sig09", "Sigtermans2009"])
def test_a_trial_answers_to_its_name_and_its_alias_in_any_case(name):
    assert evidence.trial_name(name) == "sigtermans2009"
    assert evidence.trial_results(name) == evidence.trial_results("sigtermans2009")


def test_an_unknown_trial_is_refused_with_the_ones_we_have():
    with pytest.raises(UnknownName, match="sig09"):
        evidence.trial_results("SIG90")


@every_trial
def test_every_result_has_a_source_and_a_readable_unit(name):
    for row in evidence.trial_results(name):
        assert set(row.source) <= set(evidence.bibliography())
        assert quantities.quantity(1.0, row.unit).magnitude == 1.0


@every_trial
def test_every_number_stands_in_the_text_that_was_printed(name):
    for row in evidence.trial_results(name):
        if row.value is not None:
            assert f"{row.value:g}" in row.observed_text
        if row.provenance != "read-derived":
            for number in filter(None, (row.spread, row.low, row.high)):
                assert f"{number:g}" in row.observed_text


@every_trial
def test_every_result_stands_once(name):
    rows = evidence.trial_results(name)
    assert len({(r.arm, r.endpoint, r.week, r.window) for r in rows}) == len(rows)


@every_trial
def test_what_was_recalled_never_has_high_confidence(name):
    for row in evidence.trial_results(name):
        assert (row.provenance, row.confidence) != ("memory", "high")


def test_the_best_week_of_the_crps_trial_is_the_first():
    active, placebo = find("pain NRS", "S-ketamine", 1), find("pain NRS", "placebo", 1)
    assert (active.value, active.spread, active.n) == (2.68, 0.51, 30)
    assert (placebo.value, placebo.spread, placebo.n) == (5.45, 0.48, 30)


def test_the_difference_follows_from_the_arms():
    active, placebo = find("pain NRS", "S-ketamine", 1), find("pain NRS", "placebo", 1)
    difference = find("pain NRS", "difference", 1)
    assert difference.provenance == "read-derived"
    assert difference.value == pytest.approx(active.value - placebo.value)
    assert difference.spread == pytest.approx(math.hypot(active.spread, placebo.spread), abs=0.005)


def test_a_bound_on_p_is_a_text_and_not_a_number():
    (overall,) = [r for r in evidence.trial_results("SIG09") if r.window == "weeks 1-12 overall"]
    assert overall.value is None
    assert overall.observed_text == "P<0.001"
    assert find("P of the difference", "difference", 12).value == 0.07


def test_the_dose_reached_keeps_its_reference_weight():
    row = find("dose reached", "S-ketamine")
    assert (row.value, row.unit, row.spread_kind) == (22.2, "mg/h/70kg", "unstated")
    assert quantities.convert(row.value, row.unit, "mg/kg/h") == pytest.approx(22.2 / 70)


def test_side_effects_are_shares_of_patients_in_both_arms():
    for endpoint in ("psychomimetic effect", "nausea", "vomiting", "headache"):
        active, placebo = find(endpoint, "S-ketamine"), find(endpoint, "placebo")
        assert 0 <= placebo.value < active.value <= 100


GOOD = dict.fromkeys(COLUMNS, "") | {
    "arm": "placebo",
    "endpoint": "nausea",
    "window": "during infusion",
    "unit": "percent",
    "statistic": "share of patients",
    "value": "17",
    "n": "30",
    "observed_text": "17%",
    "provenance": "memory",
    "confidence": "medium",
    "source": "sigtermans2009",
}


def page(change):
    return "\n".join((",".join(COLUMNS), ",".join((GOOD | change)[c] for c in COLUMNS), ""))


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"value": "17%"}, "value", "not a plain number"),
        ({"spread": "3"}, "spread_kind", "a spread has a kind"),
        ({"spread_kind": "se"}, "spread_kind", "a spread has a kind"),
        ({"n": "29.5"}, "n", "not a number of people"),
        ({"low": "3"}, "interval_kind", "an interval has a kind"),
        ({"interval_kind": "ci95"}, "interval_kind", "an interval has a kind"),
        ({"interval_kind": "ci95", "low": "3", "high": "2"}, "low", "3 is above 2"),
        ({"statistic": "average"}, "statistic", "not one of"),
        ({"provenance": "digitised"}, "provenance", "not one of"),
        ({"confidence": ""}, "confidence", "not one of"),
        ({"source": ""}, "source", "must not be empty"),
        ({"observed_text": ""}, "observed_text", "must not be empty"),
    ],
)
def test_a_defect_is_reported_with_file_row_and_column(change, column, reason):
    where = re.escape(f"trials/x/results.csv, row 2, column '{column}'")
    with pytest.raises(EvidenceError, match=f"^{where}: .*{reason}"):
        read_results(page(change), "trials/x/results.csv")


def test_a_result_without_a_number_is_read():
    (row,) = read_results(page({"value": "", "n": ""}), "trials/x/results.csv")
    assert (row.value, row.spread, row.n, row.week) == (None, None, None, None)


def test_an_interval_may_have_one_end():
    (row,) = read_results(page({"interval_kind": "ci95", "low": "97"}), "trials/x/results.csv")
    assert (row.low, row.high, row.interval_kind) == (97.0, None, "ci95")
