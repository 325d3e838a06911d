"""What happens at the bedside, against cases worked out by hand."""

import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.core.signals import TitrationRule
from unwound.patient.bedside import clock_of, give, rule_on_clock
from unwound.patient.blood import Plan
from unwound.patient.wiring import Equivalents
from unwound.pharmacokinetics import Disposition, Individual, exposure_of
from unwound.regimen import Bolus, Infusion, Regimen, Titration, compile_regimen

V, CL = 50.0, 100.0  # one compartment: C(t) -> rate / CL with a half-life of 0.35 h, so every 12 h is a steady state
NEVER = 1e9


S_IN_VEIN = (Plan("S", True, (), ("S-ketamine",)),)
IN_MG_PER_L = Equivalents(jnp.asarray(1.0), jnp.ones(1))  # limits below are written in mg/L


def exposure(people):
    ones = jnp.ones(people)
    p = Disposition(CL * ones, V * ones, jnp.zeros((0, people)), jnp.zeros((0, people)))
    return exposure_of(Individual(parent=p, formation=p.clearance))


def given(regimen, limits, weights=None, treated=None):
    """Rates and doses of the only form, and how the titrations ended."""
    people = len(limits)
    clock = clock_of(compile_regimen(regimen), S_IN_VEIN)
    weight = jnp.full(people, 70.0) if weights is None else jnp.asarray(weights)
    treated = jnp.ones(people) if treated is None else jnp.asarray(treated)
    bedside = give((exposure(people),), IN_MG_PER_L, weight, treated, jnp.asarray(limits), clock)
    return bedside._replace(rates=bedside.rates[0], doses=bedside.doses[0])


def titration(**changes):
    dose = {
        "drug": "ketamine",
        "enantiomer": "S",
        "start_rate": "5 mg/h",
        "step": "5 mg/h",
        "ceiling": "20 mg/h",
        "every": "12 h",
        "duration": "72 h",
    }
    return Regimen(setting="icu", doses=(Titration(**(dose | changes)),))


def test_who_bears_everything_climbs_to_the_ceiling_and_stays():
    bedside = given(titration(), [NEVER])
    np.testing.assert_allclose(bedside.rates[:, 0], [5, 10, 15, 20, 20, 20])
    assert float(bedside.level[0, 0]) == 20
    assert not bool(bedside.stepped_back[0, 0])


def test_a_rule_that_never_fires_is_the_fixed_run():
    steps = [(0, 12, 5), (12, 24, 10), (24, 36, 15), (36, 72, 20)]
    fixed = Regimen(
        setting="icu",
        doses=tuple(
            Infusion(drug="ketamine", enantiomer="S", rate=f"{r} mg/h", duration=f"{e - s} h", start=f"{s} h")
            for s, e, r in steps
        ),
    )
    by_rule, by_hand = given(titration(), [NEVER]), given(fixed, [NEVER])
    np.testing.assert_allclose(by_rule.rates[:4, 0], by_hand.rates[:, 0])


def test_after_a_side_effect_one_step_back_and_no_further():
    """0.12 mg/L is too much: reached with 15 mg/h (0.15), seen at 36 h; back to 10 mg/h, and there it stays."""
    bedside = given(titration(), [0.12])
    np.testing.assert_allclose(bedside.rates[:, 0], [5, 10, 15, 10, 10, 10])
    assert float(bedside.level[0, 0]) == 10
    assert bool(bedside.stepped_back[0, 0])


def test_two_steps_back_when_the_rule_says_so():
    bedside = given(titration(step_back=2), [0.17])
    np.testing.assert_allclose(bedside.rates[:, 0], [5, 10, 15, 20, 10, 10])


def test_who_bears_not_even_the_first_step_stays_on_it():
    """There is nothing below the first level: the rule has no step to go back."""
    bedside = given(titration(), [0.01])
    np.testing.assert_allclose(bedside.rates[:, 0], 5.0)
    assert bool(bedside.stepped_back[0, 0])


def test_a_second_side_effect_steps_back_again():
    """After one step back 10 mg/h is still too much for a limit of 0.07: the next visit goes to 5."""
    bedside = given(titration(start_rate="15 mg/h", step="5 mg/h", ceiling="25 mg/h", step_back=1), [0.12])
    np.testing.assert_allclose(bedside.rates[:, 0], [15, 15, 15, 15, 15, 15])  # 15 is the lowest level
    twice = given(titration(start_rate="5 mg/h", ceiling="30 mg/h"), [0.07])
    np.testing.assert_allclose(twice.rates[:, 0], [5, 10, 5, 5, 5, 5])


def test_each_person_has_a_limit_of_their_own():
    bedside = given(titration(), [0.07, 0.12, 0.17, NEVER])
    np.testing.assert_allclose(bedside.level[0], [5, 10, 15, 20])
    np.testing.assert_array_equal(bedside.stepped_back[0], [True, True, True, False])


def test_rates_per_kilogram_follow_the_weight():
    bedside = given(
        titration(start_rate="0.1 mg/kg/h", step="0.1 mg/kg/h", ceiling="0.2 mg/kg/h"), [NEVER] * 2, [50.0, 100.0]
    )
    np.testing.assert_allclose(bedside.rates[1], [10.0, 20.0])
    np.testing.assert_allclose(bedside.level[0], [0.2, 0.2])  # as stated, per kilogram


def test_saline_climbs_by_the_same_rule_and_gives_nothing():
    bedside = given(titration(), [0.01, 0.01], treated=[1.0, 0.0])
    assert (np.asarray(bedside.rates[:, 1]) == 0).all()
    assert float(bedside.level[0, 1]) == 20
    assert not bool(bedside.stepped_back[0, 1])


def test_a_fixed_infusion_beneath_a_titration_adds_and_counts():
    both = Regimen(
        setting="icu",
        doses=(
            *titration().doses,
            Infusion(drug="ketamine", enantiomer="S", rate="5 mg/h", duration="72 h"),
        ),
    )
    bedside = given(both, [0.17])  # 15 + 5 mg/h reach 0.20, seen at 36 h
    np.testing.assert_allclose(bedside.rates[:, 0], [10, 15, 20, 15, 15, 15])


def test_a_bolus_is_given_once_and_counts_to_the_dose():
    doses = (
        Bolus(drug="ketamine", enantiomer="S", amount="0.2 mg/kg"),
        Infusion(drug="ketamine", enantiomer="S", rate="10 mg/h", duration="6 h", start="6 h"),
    )
    bedside = given(Regimen(setting="icu", doses=doses), [NEVER], [60.0])
    assert float(bedside.doses.sum()) == pytest.approx(12.0)
    assert float(bedside.total[0]) == pytest.approx(12.0 + 60.0)


def test_the_last_visit_of_a_titration_is_before_its_end():
    rule = TitrationRule("S", 0.0, 24.0, 12.0, np.array([5.0, 10.0]), False, 1)
    np.testing.assert_array_equal(rule.assessments, [12.0])
    flags = rule_on_clock(rule, np.array([0.0, 12.0, 24.0, 30.0]))
    np.testing.assert_array_equal(flags.active, [True, True, False])
    np.testing.assert_array_equal(flags.assess, [False, True, False])
