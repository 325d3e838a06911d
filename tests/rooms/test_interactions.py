"""Enzymes change little in a vein and much by mouth; studies that disagree stay side by side."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unwound import evidence
from unwound.core.arrays import jnp
from unwound.core.errors import InputError, UnknownName
from unwound.core.random import root_key
from unwound.pharmacokinetics.exposure_ratios import comparison, predicted
from unwound.pharmacokinetics.interactions import INTERACTIONS, READINGS, interaction, perturbed, readings
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import routed_model
from unwound.pharmacokinetics.well_stirred import (
    WellStirred,
    bioavailability,
    direct_share,
    exposure_per_dose,
    extraction,
    gut_fraction,
    liver_of,
    saturable_gut,
    systemic_clearance,
)

MODEL = routed_model("perezruixo2021")
ADULT = Covariates(weight=74.0, age=45.0, female=0.0, asian=0.0, japanese=0.0)
KEY = root_key(7)
every_reading = pytest.mark.parametrize("name", INTERACTIONS)
positive = st.floats(1e-3, 1e4)
shares = st.floats(0.01, 1.0)


@given(flow=positive, intrinsic=positive, gut=shares, direct=shares)
@settings(max_examples=50)
def test_exposure_is_bioavailability_over_clearance(flow, intrinsic, gut, direct):
    liver = WellStirred(flow, intrinsic, gut)
    assert 0 < float(extraction(liver)) < 1
    assert 0 < float(bioavailability(liver, direct)) <= 1
    whole = float(bioavailability(liver, direct) / systemic_clearance(liver))
    assert float(exposure_per_dose(liver, direct)) == pytest.approx(whole, rel=1e-6)


@given(flow=positive, intrinsic=positive, gut=shares, direct=st.floats(0, 1), more=st.floats(1.01, 100))
@settings(max_examples=50)
def test_more_enzyme_means_less_exposure_and_a_leakier_gut_more(flow, intrinsic, gut, direct, more):
    usual = float(exposure_per_dose(WellStirred(flow, intrinsic, gut), direct))
    assert float(exposure_per_dose(WellStirred(flow, intrinsic * more, gut), direct)) <= usual
    assert float(exposure_per_dose(WellStirred(flow, intrinsic, gut / more), direct)) <= usual


@given(flow=positive, intrinsic=positive, gut=shares, m=st.floats(0.01, 100))
@settings(max_examples=50)
def test_a_vein_feels_an_enzyme_less_than_a_mouth(flow, intrinsic, gut, m):
    change = {}
    for direct in (1.0, 0.0):
        after, before = (exposure_per_dose(WellStirred(flow, cl, gut), direct) for cl in (m * intrinsic, intrinsic))
        change[direct] = abs(math.log(float(after / before)))
    assert change[1.0] <= change[0.0] * (1 + 1e-9)
    assert change[0.0] == pytest.approx(abs(math.log(m)), rel=1e-9, abs=1e-9)


def test_a_liver_without_enzymes_and_one_that_takes_everything():
    none = WellStirred(151.0, 0.0, 0.64)
    assert float(extraction(none)) == float(systemic_clearance(none)) == 0.0
    assert float(bioavailability(none, 0.0)) == 0.64
    assert float(exposure_per_dose(none, 0.5)) == math.inf
    everything = WellStirred(151.0, math.inf, 0.64)
    assert float(extraction(everything)) == 1.0
    assert float(systemic_clearance(everything)) == 151.0  # limited by flow
    assert float(exposure_per_dose(everything, 1.0)) == pytest.approx(1 / 151)
    assert float(exposure_per_dose(everything, 0.0)) == 0.0


def test_a_nasal_dose_lies_between_a_vein_and_a_mouth():
    shares_by_route = [float(direct_share(MODEL, ADULT, r, 84.0)) for r in ("oral", "nasal", "intravenous")]
    assert shares_by_route == [0.0, pytest.approx(0.4032), 1.0]
    with pytest.raises(InputError, match="route"):
        direct_share(MODEL, ADULT, "rectal", 84.0)


@every_reading
def test_every_interaction_is_weaker_in_a_vein_than_by_mouth(name):
    by_route = {r: predicted(KEY, MODEL, interaction(name), r, ADULT, 84.0, draws=50).auc for r in MODEL.routes}
    changes = [abs(math.log(by_route[r].value)) for r in ("intravenous", "nasal", "oral")]
    assert changes == sorted(changes)
    if changes[-1] > 0.2:
        assert changes[0] < changes[-1]


@every_reading
def test_every_factor_has_a_wide_spread_around_its_median(name):
    for key, factor in zip(interaction(name).keys, (interaction(name).hepatic, interaction(name).gut), strict=True):
        row = evidence.estimate(key)
        interval = row.spread.interval
        assert row.is_assumption  # the split and the range are ours
        assert factor.median == pytest.approx(math.sqrt(interval.low * interval.high), rel=1e-3)
        assert factor.log_sd > 0.1
        drawn = np.log(np.asarray(factor.draws(KEY, 4000)))
        assert drawn.std() == pytest.approx(factor.log_sd, rel=0.05)
        assert np.median(drawn) == pytest.approx(math.log(factor.median), abs=0.05)


@every_reading
def test_the_spread_of_the_factors_reaches_the_prediction_and_stays_possible(name):
    for route in MODEL.routes:
        found = predicted(KEY, MODEL, interaction(name), route, ADULT, 84.0)
        assert found == predicted(KEY, MODEL, interaction(name), route, ADULT, 84.0)  # seeded
        assert 0 < found.auc.low < found.auc.value * 1.02
        assert found.auc.value * 0.98 < found.auc.high
        assert 0 < found.metabolite_auc.low <= found.metabolite_auc.high
    assert float(perturbed(MODEL, interaction(name), gut=jnp.asarray(100.0)).gut_fraction) == 1.0


def test_a_prediction_holds_the_observation_it_was_made_from():
    for found in comparison(KEY, MODEL, ADULT):
        row = found.observed.get("auc")
        own = row is not None and abs(found.auc.value / row.value - 1) < 0.01
        if own:
            assert found.auc.low < row.value < found.auc.high


def test_the_observed_folds_stand_beside_the_predicted_ones():
    rows = {(p.interaction.prefix, p.route): p for p in comparison(KEY, MODEL, ADULT)}
    assert rows["rifampicin_injection", "intravenous"].observed["auc"].value == 0.86
    assert rows["rifampicin_injection", "intravenous"].observed["infusion_auc"].value == 0.90
    assert rows["ticlopidine_oral", "nasal"].observed["auc"].value == 1.29
    assert rows["clarithromycin_gut", "oral"].observed["metabolite_ratio"].value == 0.46
    assert {p.interaction.name for p in rows.values()} == set(READINGS)


def test_a_range_comes_back_as_the_middle_95_percent():
    """In a mouth the ratio is 1/m, so its interval is that of the factor."""
    found = predicted(KEY, MODEL, interaction("ticlopidine_complete"), "intravenous", ADULT, 20.0, draws=20000).auc
    interval = evidence.estimate("ticlopidine_complete.hepatic").spread.interval
    for end, m in ((found.high, interval.low), (found.low, interval.high)):
        liver = liver_of(MODEL, ADULT)
        faster = WellStirred(liver.flow, m * liver.intrinsic, liver.gut)
        expected = exposure_per_dose(faster, 1.0) / exposure_per_dose(liver, 1.0)
        assert end == pytest.approx(float(expected), rel=0.02)


def test_perturbed_people_keep_everything_but_three_numbers():
    changed = perturbed(MODEL, interaction("rifampicin_injection"))
    differing = {n for n in vars(MODEL) if float(getattr(changed, n)) != float(getattr(MODEL, n))}
    assert differing == {"other_rate", "metabolite_rate", "gut_fraction"}
    unchanged = perturbed(MODEL, interaction("itraconazole_oral"))
    assert float(unchanged.gut_fraction) == MODEL.gut_fraction
    assert unchanged.other_rate == MODEL.other_rate


# --- the hypothesis of a saturable gut wall


def test_the_saturable_gut_goes_through_both_points():
    p = saturable_gut()
    assert float(gut_fraction(17.5, p)) == pytest.approx(0.29, abs=0.005)
    assert float(gut_fraction(84.0, p)) == pytest.approx(0.64)
    assert evidence.estimate("saturable_gut.low_fraction").is_assumption


@given(dose=st.floats(1e-3, 1e4), more=st.floats(1.01, 10))
@settings(max_examples=50)
def test_a_larger_dose_escapes_more_and_never_wholly(dose, more):
    p = saturable_gut()
    assert 0 < float(gut_fraction(dose, p)) < float(gut_fraction(dose * more, p)) < 1


def test_the_hypothesis_is_off_unless_switched_on_and_then_explains_grapefruit_by_the_gut_alone():
    juice = interaction("grapefruit_juice_gut")
    off = predicted(KEY, MODEL, juice, "oral", ADULT, 17.5, draws=50)
    on = predicted(KEY, MODEL, juice, "oral", ADULT, 17.5, saturable_gut(), draws=50)
    assert off.auc.value == pytest.approx(1 / 0.64)
    assert on.auc.value == pytest.approx(3.0, rel=1e-6)


# --- names


def test_an_interaction_answers_to_its_other_names():
    assert readings("Rifampin") == readings("rifampicin")
    assert readings("St John's wort") == readings("st_johns_wort")
    assert readings("CYP2B6*6/*6") == readings("cyp2b6_6_6")
    assert readings("grapefruit juice")[0].prefix == "grapefruit_juice_liver"


def test_rival_readings_have_no_default():
    assert interaction("itraconazole").prefix == "itraconazole_oral"
    with pytest.raises(InputError, match=r"3 readings .* ticlopidine_oral, ticlopidine_nasal"):
        interaction("ticlopidine")


def test_a_misspelt_interaction_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="ticlopidine"):
        readings("ticlopidin")


def test_barbiturates_have_a_direction_and_no_size():
    with pytest.raises(InputError, match="lower the steady state"):
        interaction("phenobarbital")


def test_what_is_recalled_of_an_interaction_is_an_assumption():
    for key in ("clarithromycin.nasal_auc", "rifampicin.nasal_auc", "cyp2b6_6_6.infusion_clearance"):
        row = evidence.estimate(key)
        assert (row.basis, row.seen) == ("assumed", "no")
