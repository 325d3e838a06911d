"""Layers of variance: what is off differs no more, shares are those of sums that are known, the rest is refused."""

import dataclasses

import numpy as np
import pytest

from unwound import Setting
from unwound.core.errors import InputError
from unwound.evidence import all_estimates
from unwound.population import population, sample, simulate_cohort
from unwound.population.drawn import parameters
from unwound.population.layers import ALL, NAMES, Layers, shares_of, spread, switched, weights_of
from unwound.population.own import contradictions
from unwound.population.variance import configurations, variance_shares
from unwound.regimen import Regimen
from unwound.regimen.short import parse_short_dose

REGIMEN = Regimen(
    setting="monitored", doses=(parse_short_dose("20 mg/h for 4 h", "ketamine", "S", "intravenous"),)
)  # fmt: skip
CRPS = population("CRPS-1")
PEOPLE = sample(6, np.arange(400), "CRPS-1")


# ------------------------------------------------------------------------------------------------ switches


def test_without_the_layer_of_patients_everybody_is_the_typical_one_and_responds_to_placebo_as_before():
    same = switched(PEOPLE, CRPS.who, Layers(patients=False))
    for field in dataclasses.fields(same):
        values = np.asarray(getattr(same, field.name))
        if field.name == "placebo_size":
            np.testing.assert_array_equal(values, PEOPLE.placebo_size)
        else:
            assert (values == values[..., :1]).all(), field.name
    assert float(np.asarray(same.weight)[0]) == 70.0
    assert float(np.asarray(same.non_nmda_share)[0]) == 0.1


def test_without_the_layer_of_placebo_everybody_has_the_mean_response_and_is_who_they_were():
    same = switched(PEOPLE, CRPS.who, Layers(placebo=False))
    assert set(np.asarray(same.placebo_size)) == {CRPS.who.placebo_size_mean}
    np.testing.assert_array_equal(same.weight, PEOPLE.weight)


def test_with_every_layer_of_people_nobody_changes():
    assert switched(PEOPLE, CRPS.who, Layers()) is PEOPLE


def test_occasions_are_refused_and_not_ignored():
    with pytest.raises(InputError, match="occasion to occasion"):
        Layers(occasions=True)
    with pytest.raises(InputError, match="occasion to occasion"):
        Layers.named(("patients", "occasions"))


def test_a_layer_that_nobody_knows_is_refused_by_name():
    with pytest.raises(InputError, match="weather"):
        Layers.named(("patients", "weather"))


def test_every_layer_is_switched_on_alone_and_off_alone_once():
    found = [one.on for one in configurations(ALL)]
    assert len(found) == len(set(found)) == 1 + 2 * len(NAMES)
    two = [one.on for one in configurations(Layers.named(("patients", "placebo")))]
    assert two == [("patients", "placebo"), ("patients",), ("placebo",)], "with two, one alone is the other one off"


# ------------------------------------------------------------------------------------------------ parameters


@pytest.mark.parametrize("name", ["CRPS-1", "fibromyalgia", "chronic migraine"])
def test_parameters_are_drawn_within_the_ranges_of_the_tables(name):
    found = population(name)
    draws = [parameters(found, 3, n) for n in range(8)]
    rows = all_estimates()
    for drawn in draws:
        low, high = rows["adults.height_women"].spread.amount.low, rows["adults.height_women"].spread.amount.high
        assert low <= drawn.who.height_women <= high
        assert not contradictions(dataclasses.replace(found, who=drawn.who))
        assert drawn.who.baseline_men == drawn.who.baseline_mean, "one row, one number"
    assert len({drawn.who.baseline_sd for drawn in draws}) == 8
    assert len({drawn.outcomes.placebo.onset_half_time for drawn in draws}) == 8


def test_the_same_draw_is_the_same_and_no_draw_is_the_tables():
    assert parameters(CRPS, 3, 2).who == parameters(CRPS, 3, 2).who
    assert parameters(CRPS, 3, 2).who != parameters(CRPS, 4, 2).who
    assert parameters(CRPS, 3, None).who == CRPS.who


# ------------------------------------------------------------------------------------------------ arithmetic of shares


def test_the_shares_of_a_sum_of_independent_parts_are_those_of_its_parts():
    """People with variance 4, draws of parameters with variance 1: 80 and 20 %, alone and without alike."""
    chance = np.random.default_rng(1)
    people, draws = 2.0 * chance.standard_normal(400), chance.standard_normal(60)
    people -= people.mean()
    draws -= draws.mean()
    nothing = np.zeros((60, 1, 400))
    outcomes = {
        ("patients", "parameters"): nothing + people + draws[:, None, None],
        ("patients",): nothing + people,
        ("parameters",): nothing + draws[:, None, None],
    }
    layers = Layers.named(("patients", "parameters"))
    mean, sd, error, (of_people, of_draws) = shares_of(outcomes, np.ones(1), layers, 1)
    assert mean == pytest.approx(0.0, abs=1e-9)
    assert sd == pytest.approx(np.sqrt(people.var() + draws.var()))
    assert 0 < error < 0.2
    assert of_people.alone == pytest.approx(people.var() / (people.var() + draws.var()))
    assert of_people.without == pytest.approx(of_people.alone)
    assert of_draws.alone + of_people.alone == pytest.approx(1.0)
    assert 0 < of_draws.alone_error < 0.1


def test_hypotheses_count_by_their_weights():
    values = np.zeros((1, 2, 5)) + np.array([0.0, 4.0])[None, :, None]
    mean, variance = spread(values, np.array([0.75, 0.25]))
    assert (mean, variance) == pytest.approx((1.0, 3.0))


def test_weights_sum_to_one_or_are_refused():
    assert weights_of({"H0": 1.0, "H2": 3.0}, ALL, Setting()) == {"H0": 0.25, "H2": 0.75}
    assert weights_of(None, Layers(), Setting(hypothesis="H1")) == {"H1": 1.0}
    for wrong in ({"H9": 1.0}, {"H0": -1.0}, {"H0": 0.0}):
        with pytest.raises(InputError, match="weights"):
            weights_of(wrong, ALL, Setting())


# ------------------------------------------------------------------------------------------------ a run


def test_the_variance_of_week_one_is_told_by_layer_and_repeats_itself():
    layers = Layers.named(("patients", "placebo", "ratings"))
    setting = Setting(hypothesis="H0", seed=2)
    found = variance_shares("CRPS-1", REGIMEN, 1.0, layers, patients=200, setting=setting)
    again = variance_shares("CRPS-1", REGIMEN, 1.0, layers, patients=200, setting=setting)
    assert found == again
    assert {share.layer for share in found.shares} == {"patients", "placebo", "ratings"}
    by_name = {share.layer: share for share in found.shares}
    # ratings: a scatter of 0.9 points in whole points has a variance of 0.81 + 1/12 before the ends of the scale
    assert by_name["ratings"].alone * found.sd**2 == pytest.approx(0.81 + 1 / 12, rel=0.4)
    assert 0 < by_name["placebo"].alone < 1
    assert all(share.alone_error > 0 for share in found.shares)
    assert "slow memory" in found.held


def test_what_cannot_be_told_is_refused():
    with pytest.raises(InputError, match="MADRS"):
        variance_shares("TRD", REGIMEN)
    with pytest.raises(InputError) as refused:
        variance_shares("CRPS-1", REGIMEN, week=0.0, patients=2, layers=Layers().only())
    assert len(refused.value.problems) == 3
    with pytest.raises(InputError, match="empirical driver"):
        variance_shares("CRPS-1", REGIMEN, setting=Setting(driver="tonic"))


def test_a_cohort_carries_its_layers_and_says_what_is_off():
    setting = Setting(hypothesis="H0", metabolites=False)
    course = simulate_cohort(
        "CRPS-1", 6, REGIMEN, "2 d", setting, layers=Layers(patients=False, placebo=False)
    )  # fmt: skip
    assert np.ptp(course.pain_nrs, axis=1).max() == 0.0
    assert {"layer switched off: patients", "layer switched off: placebo"} <= set(course.warnings)
    with pytest.raises(InputError, match="variance_shares"):
        simulate_cohort("CRPS-1", 6, REGIMEN, "2 d", setting, layers=ALL)
