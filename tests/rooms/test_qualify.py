"""Scores of a qualification, by cases computed by hand, and the rules of what counts."""

import math

import pytest

from unwound.core.errors import InputError
from unwound.evidence import trial_names, value
from unwound.evidence.prediction_rows import predictions
from unwound.patient.horn_predictions import Outcome
from unwound.reporting.qualify_figure import distance
from unwound.reporting.qualify_report import drawing
from unwound.reporting.qualify_report import shown as shown_row
from unwound.trials import Row, Simulated, Trial
from unwound.trials.frozen import model_hash
from unwound.trials.mood import MoodRow
from unwound.trials.qualify import counted, plan
from unwound.trials.qualify_other import judged_mood
from unwound.trials.qualify_pain import model_for, placebo_only
from unwound.trials.qualify_signs import judged_sign, sign_studies
from unwound.trials.qualify_totals import totals
from unwound.trials.scoring import binomial, judged_row, log_normal, normal, shown


def row(**own):
    usual = {
        "arm": "S-ketamine", "endpoint": "pain NRS", "week": 1, "window": "week 1", "unit": "points", "observed": 3.0,
        "observed_text": "3.0", "provenance": "read", "rule": "", "simulated": Simulated(4.0, 3.0, 5.0, 2.0),
        "passed": True, "hypothesis": "H2",
    }  # fmt: skip
    return Row(**{**usual, **own})


def page(name, rows, role="calibration", branch="pain", shares=()):
    return {"id": name.upper(), "name": name, "role": role, "branch": branch, "rows": rows,
            "shares_patients_with": list(shares)}  # fmt: skip


def test_a_mean_is_scored_by_a_normal_whose_90_percent_interval_is_that_of_the_replicates():
    sd = 2.0 / (2.0 * 1.6448536)
    by_hand = -0.5 * (1.0 / sd) ** 2 - math.log(sd) - 0.5 * math.log(2.0 * math.pi)
    assert normal(3.0, 4.0, 3.0, 5.0) == pytest.approx(by_hand, abs=1e-6)
    assert log_normal(0.0, 0.0, 1.0) == pytest.approx(-0.9189385, abs=1e-6)
    assert normal(3.0, 4.0, 4.0, 4.0) is None


def test_a_share_is_scored_by_a_binomial_of_the_people_it_speaks_of():
    # 2 of 12, expected 25 % in 100 replicates: p = (1200 / 4 + 1/2) / 1201
    p = 300.5 / 1201.0
    assert binomial(16.7, 12, 25.0, 100) == pytest.approx(math.log(66.0 * p**2 * (1.0 - p) ** 10), abs=1e-9)
    # nobody of 30 in any of 100 replicates, and half were found: finite, and very low
    none = 0.5 / 3001.0
    by_hand = math.log(155117520) + 15.0 * math.log(none * (1.0 - none))
    assert binomial(50.0, 30, 0.0, 100) == pytest.approx(by_hand)
    scored = judged_row(
        "X", row(unit="percent", n=12, observed=16.7, simulated=Simulated(25.0, 0.0, 50.0, 9.0)), 100, None, {}
    )
    assert scored.log_score == pytest.approx(binomial(16.7, 12, 25.0, 100))


def test_a_bound_is_scored_by_the_share_of_replicates_that_show_it():
    assert shown(0.75, 199) == pytest.approx(math.log((199 * 0.75 + 0.5) / 200.0))
    bound = row(
        endpoint="probability of P < 0.001", observed=None, simulated=Simulated(0.0, 0.0, 0.0, 0.0), passed=False
    )
    judged = judged_row(
        "X", bound, 9, row(endpoint="probability of P < 0.001", simulated=Simulated(1.0, 1.0, 1.0, 0.0)), {}
    )
    assert judged.log_score == pytest.approx(math.log(0.05))
    assert judged.rival_score == pytest.approx(math.log(0.95))
    assert judged.covered is None


def test_an_observed_value_is_covered_between_the_ends_of_the_interval_and_not_beyond():
    assert judged_row("X", row(observed=3.0), 10, None, {}).covered
    assert judged_row("X", row(observed=2.99), 10, None, {}).covered is False
    assert judged_row("X", row(passed=None), 10, None, {}) is None
    assert judged_row("X", row(simulated=None), 10, None, {}) is None


def test_recalled_rows_count_half_and_cannot_fail_and_secondary_ones_three_quarters():
    assert (row().weight, row(provenance="memory").weight, row(secondary=True).weight) == (1.0, 0.5, 0.75)
    assert not row(provenance="memory", passed=False).fails
    assert row(secondary=True, passed=False).fails
    assert value("judgement.secondary_weight", "1") == 0.75


def test_mood_is_scored_by_the_standard_error_of_the_observed_number_and_has_no_interval():
    told = MoodRow("mur13.ketamine_change", "mur13.ketamine", "difference", 1.0, -7.0, 2.0, 2.5, -5.0, False, False)
    judged = judged_mood("MUR13", told)
    assert judged.log_score == pytest.approx(-0.5 - math.log(2.0 * math.sqrt(2.0 * math.pi)))
    assert judged.rival_score == pytest.approx(-0.5 * 3.5**2 - math.log(2.0 * math.sqrt(2.0 * math.pi)))
    assert judged.covered is None
    assert judged.expectancy == {"0": -5.0, "25": -3.75, "50": -2.5}
    ratio = MoodRow("mur13.ketamine_change", "x", "ratio", 1.0, 0.5, 0.2, 0.3, 0.5 * math.exp(0.2), False, False)
    assert judged_mood("X", ratio).log_score == pytest.approx(-0.5 - math.log(0.2 * math.sqrt(2.0 * math.pi)))


def test_patients_are_counted_once_and_only_calibration_counts():
    rows = [judged_row("X", row(), 10, None, {}).as_dict()]
    pages = [
        page("sigtermans2009", rows, shares=["dahan2011"]),
        page("dahan2011", rows, shares=["sigtermans2009"]),
        page("lauritsen2016", rows, role="context"),
        page("kiefer2008", rows, role="stress"),
        page("gravennielsen2000", []),
    ]
    assert [one["name"] for one in counted(pages)] == ["sigtermans2009"]


def test_totals_stand_branch_by_branch_and_an_interval_needs_two_trials():
    hit = judged_row("A", row(), 10, row(simulated=Simulated(6.0, 5.0, 7.0, 2.0)), {}).as_dict()
    miss = judged_row("B", row(observed=9.0, passed=False, provenance="memory"), 10, None, {}).as_dict()
    found = totals([page("a", [hit]), page("b", [miss, miss]), page("m", [hit], branch="mood")])
    pain = found["pain"]
    assert (pain["rows"], pain["passed"], pain["missed"], pain["missed_and_read"]) == (3, 1, 2, 0)
    assert (pain["weight"], pain["weight_passed"]) == (2.0, 1.0)
    assert (pain["covered"], pain["with_interval"]) == (1, 3)
    assert pain["log_score"]["total"] == pytest.approx(hit["log_score"] + 2 * 0.5 * miss["log_score"])
    assert pain["compared"] == 1
    assert pain["skill"]["total"] == pytest.approx(hit["log_score"] - hit["rival_score"])
    # two trials drawn again: both ends are twice one of them
    assert pain["log_score"]["low"] == pytest.approx(2 * miss["log_score"])
    assert pain["log_score"]["high"] == pytest.approx(2 * hit["log_score"])
    assert found["mood"]["log_score"]["low"] is None
    assert found["wind-up signs"]["rows"] == 0
    assert set(found) == {"pain", "wind-up signs", "opioid", "surgery", "mood"}


def test_every_published_trial_is_planned_once_and_who_is_not_simulated_says_why():
    planned = plan()
    assert [one.note.name for one in planned] == list(trial_names())
    assert all(one.why for one in planned if one.kind == "not simulated")
    kinds = {one.note.short: one.kind for one in planned}
    assert kinds["SIG09"] == "pain"
    assert kinds["NIE17"] == kinds["SVE08"] == "surgery"
    assert kinds["SUS1"] == "mood"
    assert kinds["KOP03"] == kinds["JOL05"] == "opioid"
    assert kinds["DAH11"] == "not simulated"
    assert kinds["EID94"] == kinds["GRA00"] == "wind-up"
    assert next(one for one in planned if one.note.short == "NIK96").branch == "wind-up signs"


def test_a_racemate_gets_the_first_model_that_knows_both_enantiomers():
    assert model_for(Trial.published("SIG09")) == "otto2021"
    assert model_for(Trial.published("AMR10")) == "kamp2020"
    oral = Trial.published("SIG09").model_dump(mode="json", exclude_none=True)
    oral["regimen"]["doses"] = [
        {"kind": "dose", "drug": "ketamine", "enantiomer": "R", "route": "oral", "amount": "20 mg"}
    ]
    with pytest.raises(InputError):
        model_for(Trial.from_dict(oral))


def test_placebo_only_leaves_arms_and_comparison_and_gives_nothing():
    trial = placebo_only(Trial.published("SIG09"))
    assert [arm.name for arm in trial.arms] == ["S-ketamine", "placebo"]
    assert {arm.gives for arm in trial.arms} == {"saline"}
    assert (trial.treated.name, trial.control.name) == ("S-ketamine", "placebo")
    assert all(trial.regimen_of(group) is None for group in trial.groups)


def test_a_distance_of_one_is_the_end_of_the_interval_on_its_own_side():
    one = judged_row("X", row(simulated=Simulated(4.0, 3.0, 6.0, 2.0), observed=3.0), 10, None, {}).as_dict()
    assert distance(one) == pytest.approx(-1.0)
    assert distance({**one, "observed": 6.0}) == pytest.approx(1.0)
    assert distance({**one, "observed": None}) is None
    assert distance({**one, "low": None, "high": None, "half": 0.5}) == pytest.approx(-2.0)
    assert distance({**one, "low": 4.0, "observed": 3.0}) == -math.inf
    placed = drawing(one)
    assert placed["low"] == placed["observed"] < placed["mean"] < placed["high"]


def test_the_hash_of_the_model_is_that_of_the_files_that_shape_numbers():
    assert len(model_hash()) == 64
    assert model_hash() == model_hash()


def test_a_wind_up_sign_is_hit_when_every_output_lies_in_the_range_of_the_study():
    said = next(one for one in predictions("dorsal_horn") if one.id == "graven_nielsen_windup")
    agrees = judged_sign("GRA00", Outcome(said, {"lamina_one": 0.9, "wide": 0.96}, "held", "agrees"))
    misses = judged_sign("GRA00", Outcome(said, {"lamina_one": 0.9, "wide": 0.99}, "missed", "disagrees"))
    assert agrees.passed
    assert not agrees.fails
    assert misses.fails
    assert misses.mean == pytest.approx(0.945)
    assert (misses.log_score, misses.covered) == (None, None)
    assert "at most 0.97" in misses.rule
    assert {"eide1994", "gravennielsen2000", "nikolajsen1996"} <= set(sign_studies())


def test_a_share_of_nobody_or_everybody_is_told_as_such_and_never_as_a_bare_percentage():
    told = []
    for mean in (0.0, 40.0, 100.0):
        share = row(unit="percent", observed=5.0, n=20, simulated=Simulated(mean, 0.0, 100.0, 1.0))
        told.append(shown_row(judged_row("X", share, 10, None, {}).as_dict())["simulated"])
    assert told == ["in no replicate", "40.0 %", "in every replicate"]
