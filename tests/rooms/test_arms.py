"""The table of arms: what the trial folders say, nothing more, and read strictly."""

import pytest

from unwound import evidence
from unwound.core.errors import EvidenceError, InputError
from unwound.evidence.arms import COLUMNS, arms, as_csv, read_arms, write
from unwound.trials.arms_table import OUTCOMES


def only(short, arm, window, endpoint=""):
    (row,) = [r for r in arms() if (r.short, r.arm) == (short, arm) and window in r.window and endpoint in r.endpoint]
    return row


def test_the_hundred_hour_infusion_is_seven_steps_of_titration_for_seventy_kilograms():
    row = only("SIG09", "S-ketamine", "week 1")
    rates = [1.2, 2.4, 3.6, 4.8, 6.0]  # ug/kg/min, 12 h each, then 7.2 for 40 h
    assert row.total_dose_mg == pytest.approx((sum(rates) * 12 + 7.2 * 40) * 60 * 70 / 1000)
    assert row.at_most
    assert (row.duration_h, row.sessions) == (100.0, 1)
    assert row.days_since_end == pytest.approx(7.0 - 100.0 / 24.0, rel=1e-5)
    assert (row.value, row.se, row.sd) == (2.68, 0.51, None)


def test_at_the_first_day_of_a_series_only_the_first_dose_has_been_given():
    row = only("DAL18", "esk 84", "24 h", "MADRS change")
    assert (row.total_dose_mg, row.dose_by_then_mg) == (168.0, 84.0)
    assert row.days_since_end == 1.0


def test_half_a_racemate_counts_whole_and_the_other_half_by_its_potency():
    row = only("MUR13", "ketamine", "24 h", "MADRS change")
    assert row.s_equivalent_mg == pytest.approx(35.0 * (1.0 + evidence.value("mood.r_potency", "1")) / 2.0)
    assert (row.sd, row.n) == (11.0, 47)


def test_a_contrast_has_the_dose_of_its_arm_with_the_drug():
    row = next(row for row in arms() if row.short == "AMR10")
    assert (row.level, row.total_dose_mg, row.duration_h, row.sessions) == ("contrast", 560.0, 35.0, 7)


def test_a_control_arm_received_nothing_and_an_unknown_dose_stays_blank():
    assert only("MUR13", "midazolam", "24 h", "MADRS change").total_dose_mg == 0.0
    assert only("COL23", "ketamine", "admission").total_dose_mg is None


def test_only_trials_that_may_be_fitted_and_only_outcomes_of_pain_and_mood_are_in_it():
    assert {evidence.trial_note(row.trial).role for row in arms()} == {"calibration"}
    assert {row.endpoint for row in arms()} <= set(OUTCOMES)
    assert {row.branch for row in arms()} == {"pain", "mood"}


def test_no_number_differs_from_the_trial_folder():
    for row in arms():
        printed = {(r.arm, r.endpoint, r.window, r.observed_text): r for r in evidence.trial_results(row.trial)}
        source = printed[row.arm, row.endpoint, row.window, row.printed]
        assert (row.value, row.low, row.high, row.n) == (source.value, source.low, source.high, source.n)
        assert row.source.split(";") == list(source.source)


def test_a_cell_that_is_no_number_is_refused_with_its_place():
    text = as_csv(arms()[:2])
    with pytest.raises(EvidenceError, match="row 2, column 'total_dose_mg'"):
        read_arms(text.replace("2116.8", "2.1 g", 1), "mine.csv")
    with pytest.raises(EvidenceError, match="columns must be exactly"):
        read_arms(text.replace(COLUMNS[0], "study", 1), "mine.csv")


def test_nothing_is_overwritten(tmp_path):
    file = tmp_path / "arms.csv"
    write(arms(), str(file))
    assert read_arms(file.read_text(), "back") == arms()
    with pytest.raises(InputError, match="exists"):
        write(arms(), str(file))
