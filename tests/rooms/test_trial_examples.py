"""The example trial files, each conducted at a small size: who receives what, and what is said about it."""

import pathlib

import numpy as np
import pytest

from unwound.patient import Protocol, Setting
from unwound.trials import Trial, conduct, rows_of
from unwound.trials.expectancy import felt_by_group, under_expectancy

FOLDER = pathlib.Path(__file__).parents[2] / "examples"
NAMES = ("three_arms", "crossover", "randomized_withdrawal", "ketcrps2")
SETTING = Setting(seed=11, metabolites=False)


@pytest.fixture(scope="module")
def results():
    trials = {name: Trial.from_toml(FOLDER / "trials" / f"{name}.toml") for name in NAMES}
    return {name: conduct(trial, SETTING, 3) for name, trial in trials.items()}


def doses_per_kg(result, group):
    weight = np.asarray(result.people.weight)
    return result.of_arm(group, result.course.dose_total_mg / weight)


@pytest.mark.parametrize("name", NAMES)
def test_every_endpoint_of_an_example_has_rows_that_are_numbers(results, name):
    rows = rows_of(results[name])
    assert len(rows) >= 2 * len(results[name].trial.endpoints)
    for row in rows:
        assert row.simulated is not None
        assert np.isfinite([row.simulated.mean, row.simulated.low, row.simulated.high]).all(), row
        assert row.simulated.low - 1e-9 <= row.simulated.mean <= row.simulated.high + 1e-9
    assert any("primary" in row.window for row in rows)


def test_dose_groups_receive_their_own_dose_and_saline_none(results):
    result = results["three_arms"]
    np.testing.assert_allclose(doses_per_kg(result, "high dose"), 12.0)
    np.testing.assert_allclose(doses_per_kg(result, "low dose"), 4.0)
    assert (doses_per_kg(result, "saline") == 0).all()
    assert result.ratings.shape == (6, 3, 60)
    assert [result.of_arm(arm.name, result.ratings[0].ravel()).shape for arm in result.trial.arms] == [(3, 20)] * 3


def test_blocked_arms_are_mixed_and_balanced(results):
    allocation = results["three_arms"].allocation
    for begin in range(0, 60, 6):
        np.testing.assert_array_equal(np.sort(allocation[:, begin : begin + 6]), [[0, 0, 1, 1, 2, 2]] * 3)


def test_rescue_is_counted_and_its_effect_is_said(results):
    result = results["three_arms"]
    assert result.rescues.any()
    assert (result.ratings[result.rescues] > 8).all()
    assert any("rescue" in text and "0.5 points" in text for text in result.trial.choices())


def test_everybody_of_a_crossover_receives_the_drug_once(results):
    result = results["crossover"]
    np.testing.assert_allclose(result.course.dose_total_mg / np.asarray(result.people.weight), 4.8)
    drug, other = result.rated("S-ketamine"), result.rated("midazolam")
    assert drug.shape == other.shape == (5, 3, 24)
    assert np.nanmean(drug[1]) < np.nanmean(other[1])


def test_more_people_feel_something_under_midazolam_than_the_floor_says(results):
    """In a crossover everybody receives midazolam once: at least half feel something at some time."""
    assert min(felt_by_group(results["crossover"]).values()) > 35.0


def test_only_responders_of_the_run_in_are_randomized(results):
    result = results["randomized_withdrawal"]
    before, after = result.ratings[0], result.ratings[1]
    responds = after <= 0.7 * before
    np.testing.assert_array_equal(result.randomized, responds & ~np.isnan(after))
    assert 0.2 < result.randomized.mean() < 0.9
    np.testing.assert_allclose(doses_per_kg(result, "saline")[~np.isnan(doses_per_kg(result, "saline"))], 24.0)
    boosted = doses_per_kg(result, "boosters")
    np.testing.assert_allclose(boosted[~np.isnan(boosted)], 24.0 + 4 * 4.8)


def test_boosters_keep_a_response_longer_than_saline(results):
    rows = {row.arm: row.simulated.mean for row in rows_of(results["randomized_withdrawal"]) if row.unit == "weeks"}
    assert rows["boosters"] > rows["saline"]


def test_the_non_inferiority_example_says_that_its_margin_is_assumed(results):
    result = results["ketcrps2"]
    assert any("margin" in text and "assumed" in text for text in result.trial.assumed)
    assert any("non-inferiority (margin 1 points)" in row.endpoint for row in rows_of(result))
    assert result.trial.control.name == "six days"
    most = doses_per_kg(result, "six days").max()
    assert most == pytest.approx(24 * (0.05 + 0.10 + 0.15) + 72 * 0.2)  # who bears every step


def test_any_block_of_replicates_can_be_conducted_anywhere(results):
    whole = results["crossover"]
    part = conduct(whole.trial, SETTING, 2, first=1)
    np.testing.assert_array_equal(part.ratings, whole.ratings[:, 1:])
    np.testing.assert_array_equal(part.allocation, whole.allocation[1:])


def test_expectancy_only_ever_adds_to_who_feels_something():
    arms = [{"name": "drug", "patients": 40, "gives": "regimen"}, {"name": "none", "patients": 40, "gives": "saline"}]
    dose = {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "0.3 mg/kg/h", "duration": "10 h"}
    trial = Trial.from_dict({
        "name": "felt", "disorder": "CRPS-1", "weeks": 1, "arms": arms,
        "regimen": {"setting": "monitored", "doses": [dose]},
    })  # fmt: skip
    none, half = under_expectancy(trial, SETTING, 4, (0.0, 50.0))
    assert none.felt_percent == half.felt_percent
    week_1 = [next(row.simulated.mean for row in one.differences if row.week == 1) for one in (none, half)]
    assert week_1[1] < week_1[0]


def test_after_a_run_in_for_everybody_nobody_is_left_over():
    """Saline for a week, then two doses against each other: both groups count from randomization."""
    dose = {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "0.1 mg/kg/h", "duration": "10 h"}
    arms = [
        {"name": "double", "gives": "regimen", "regimen": {"setting": "monitored", "doses": [dose, dose]}},
        {"name": "single", "gives": "regimen", "regimen": {"setting": "monitored", "doses": [dose]}, "control": True},
    ]
    trial = Trial.from_dict({
        "name": "led_in", "disorder": "CRPS-1", "weeks": 1, "patients": 8, "arms": arms,
        "run_in": {"gives": "saline", "duration": "1 week", "randomized": "everybody"},
        "randomization": {"method": "blocked", "ratio": [3, 1]},
    })  # fmt: skip
    result = conduct(trial, SETTING, 2)
    assert result.randomized.all()
    np.testing.assert_array_equal((result.allocation == 0).sum(axis=1), [6, 6])
    np.testing.assert_allclose(doses_per_kg(result, "double"), 2.0)
    np.testing.assert_allclose(doses_per_kg(result, "single"), 1.0)
    before = result.course.time_h < 168.0
    assert (result.course.concentration_ng_per_mL["S-ketamine"][before] == 0).all()


@pytest.mark.parametrize("path", sorted((FOLDER / "protocols").glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_protocol_is_valid_and_safe(path):
    Protocol.from_toml(path).warnings()
