"""Linear pharmacokinetics: doses add, scale and shift, and an infusion is its rate times its hours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws.register import decades, disposition, jax, jnp
from unwound.pharmacokinetics import Disposition, Individual, concentrations, exposure_of, modes_of, population_model
from unwound.population import sample
from unwound.regimen import Bolus, Infusion, Regimen, compile_regimen

AT = np.array([0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0, 48.0])
PEOPLE = 16


@pytest.fixture(scope="module")
def exposure():
    people = sample(3, np.arange(PEOPLE), "CRPS-1")
    return exposure_of(population_model("otto2021").individual(people.weight, people.kinetics), jnp.asarray(1.3))


def infusion(rate, hours, start=0.0):
    return Infusion(
        drug="ketamine", enantiomer="S", rate=f"{rate!r} mg/h", duration=f"{hours!r} h", start=f"{start!r} h"
    )


def bolus(amount, start=0.0):
    return Bolus(drug="ketamine", enantiomer="S", amount=f"{amount!r} mg", start=f"{start!r} h")


def blood(exposure, *doses, at=AT):
    """Parent, metabolite modes and effect site at `at`, all in one array."""
    regimen = compile_regimen(Regimen(setting="icu", doses=doses))
    given = regimen.inputs.get("S")
    rates = given.rate if given else np.zeros(len(regimen.times) - 1)
    doses_mg = given.bolus if given else rates
    ones = np.ones(PEOPLE)
    parent, followers = concentrations(
        exposure, regimen.times, jnp.asarray(rates[:, None] * ones), jnp.asarray(doses_mg[:, None] * ones), at
    )
    return np.concatenate([np.asarray(parent)[:, None], np.asarray(followers)], axis=1)


def same(first, second, tolerance=1e-11):
    np.testing.assert_allclose(first, second, rtol=0, atol=tolerance * np.abs(second).max())


amounts_mg = st.floats(0.1, 100.0)
hours = st.sampled_from([0.25, 0.5, 2 / 3, 1.0, 3.0, 4.0, 20.0])
starts = st.sampled_from([0.0, 0.5, 1.0, 6.0, 24.0])
doses = st.one_of(st.builds(infusion, amounts_mg, hours, starts), st.builds(bolus, amounts_mg, starts))
few = settings(max_examples=25)


@given(doses, doses)
@few
def test_two_doses_give_the_sum_of_each_alone(exposure, first, second):
    same(blood(exposure, first, second), blood(exposure, first) + blood(exposure, second))


@given(amounts_mg, hours, starts, st.floats(0.01, 100.0))
@few
def test_concentration_is_proportional_to_dose(exposure, rate, length, start, times):
    same(blood(exposure, infusion(times * rate, length, start)), times * blood(exposure, infusion(rate, length, start)))


@given(amounts_mg, st.sampled_from([0.5, 1.0, 4.0]), st.floats(0.1, 0.9))
@few
def test_two_half_infusions_equal_one(exposure, rate, length, part):
    halves = infusion(rate, part * length), infusion(rate, length - part * length, part * length)
    same(blood(exposure, *halves), blood(exposure, infusion(rate, length)), tolerance=1e-8)


def test_consecutive_infusions_act_as_one_long_infusion(exposure):
    hourly = [infusion(20.0, 1.0, float(h)) for h in range(24)]
    same(blood(exposure, *hourly), blood(exposure, infusion(20.0, 24.0)))


def test_two_infusions_at_once_run_at_the_sum_of_their_rates(exposure):
    same(blood(exposure, infusion(12.0, 4.0), infusion(8.0, 4.0)), blood(exposure, infusion(20.0, 4.0)))


@given(doses, st.sampled_from([0.5, 7.0, 24.0]))
@few
def test_a_dose_given_later_is_the_same_course_later(exposure, dose, delay):
    later = dose.model_copy(update={"start": type(dose).model_validate(_moved(dose, delay)).start})
    same(blood(exposure, later, at=AT + delay), blood(exposure, dose), tolerance=1e-8)


def _moved(dose, delay):
    return dose.model_dump(exclude_none=True) | {"start": f"{dose.start.value + delay!r} h"}


def test_a_very_short_infusion_becomes_a_bolus(exposure):
    short = blood(exposure, infusion(10.0 * 3600, 1 / 3600))
    np.testing.assert_allclose(short, blood(exposure, bolus(10.0)), rtol=2e-3)


def test_no_dose_gives_no_concentration(exposure):
    assert (blood(exposure) == 0).all()


def test_concentration_rises_as_long_as_a_constant_infusion_runs(exposure):
    during = blood(exposure, infusion(20.0, 48.0))[:, 0]
    assert (np.diff(during, axis=0) > 0).all()


def test_after_the_last_dose_the_parent_only_falls(exposure):
    after = blood(exposure, infusion(20.0, 0.25))[:, 0]
    assert (np.diff(after, axis=0) < 0).all()


def test_a_sample_at_the_time_of_a_bolus_is_taken_before_it(exposure):
    at = np.array([0.0, 1.0, 6.0])
    twice, once = blood(exposure, bolus(10.0), bolus(10.0, 6.0), at=at), blood(exposure, bolus(10.0), at=at)
    assert (twice[0] == 0).all()
    np.testing.assert_array_equal(twice[2], once[2])


@given(disposition(2), decades(-2, 1))
@settings(max_examples=40)
def test_an_effect_site_reaches_the_plasma_concentration_it_follows(p, ke0):
    """Under a constant infusion both end at rate / CL."""
    person = Individual(parent=jax.tree.map(jnp.asarray, p), formation=p.clearance)
    slowest = float(modes_of(p).rate.min())
    until = 60.0 / min(slowest, ke0)
    parent, site = concentrations(
        exposure_of(person, jnp.asarray(ke0)), np.array([0.0, until]), jnp.ones(1), jnp.zeros(1), np.array([until])
    )
    assert float(parent[0]) == pytest.approx(1 / p.clearance, rel=1e-8)
    assert float(site[0, 0]) == pytest.approx(1 / p.clearance, rel=1e-8)


@pytest.mark.parametrize("times", [1.0, 1 + 1e-13, 1 + 1e-9, 1 + 1e-6, 1 + 1e-4, 1.001, 1.1])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_an_effect_site_that_meets_a_mode_is_still_exact(which, times):
    """The effect-site rate equals an eigenvalue: the textbook solution divides by zero there."""
    from scipy.linalg import expm

    V, CL, V2, Q2, V3, Q3 = 133.0, 95.2, 187.0, 23.2, 98.8, 157.0
    p = Disposition(
        clearance=jnp.asarray(CL),
        central=jnp.asarray(V),
        peripheral=jnp.array([V2, V3]),
        exchange=jnp.array([Q2, Q3]),
    )
    ke0 = float(modes_of(p).rate[which]) * times
    K = np.zeros((5, 5))  # A1, A2, A3, Ce, and 1
    K[0, :3] = -(CL + Q2 + Q3) / V, Q2 / V2, Q3 / V3
    K[1, :2], K[2, [0, 2]] = (Q2 / V, -Q2 / V2), (Q3 / V, -Q3 / V3)
    K[3, [0, 3]] = ke0 / V, -ke0
    at = np.array([1e-3, 0.1, 0.5, 2.0, 8.0, 40.0])
    exposure = exposure_of(Individual(parent=p, formation=p.clearance), jnp.asarray(ke0))
    _, site = concentrations(exposure, np.array([0.0, 0.5]), jnp.array([20.0]), jnp.array([3.0]), at)
    on, off = K.copy(), K
    on[0, 4] = 20.0
    begin = np.array([3.0, 0, 0, 0, 1.0])
    exact = [(expm(on * t) @ begin if t <= 0.5 else expm(off * (t - 0.5)) @ expm(on * 0.5) @ begin)[3] for t in at]
    np.testing.assert_allclose(site[:, 0], exact, rtol=1e-9)
