"""The slow memory: what must hold whatever its parameters are."""

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from laws.register import (
    empiricals,
    fraction,
    jnp,
    memories,
    micromolar,
    pores,
    stimuli,
    switch_room,
    switches,
    tonics,
    turnover_room,
    turnovers,
)
from unwound.core.random import patient_keys, root_key
from unwound.patient import Setting, simulate_people
from unwound.population import sample
from unwound.regimen import Infusion, Regimen, compile_regimen
from unwound.sensitization import Flares, Memory, Stimulus, flares

many = settings(max_examples=60)


@given(st.lists(micromolar, min_size=2, max_size=6), st.one_of(empiricals, pores, tonics))
@many
def test_more_drug_never_blocks_less_nor_all(levels, driver):
    block = np.asarray(driver.block(jnp.sort(jnp.array(levels))))
    assert (np.diff(block) >= -1e-15).all()
    assert 0 <= block.min() <= block.max() <= getattr(driver, "largest", 1.0)
    assert float(driver.block(0.0)) == 0


@given(st.one_of(empiricals, tonics))
def test_half_of_the_block_is_reached_at_the_stated_concentration(driver):
    assert float(driver.block(driver.half_block)) == pytest.approx(getattr(driver, "largest", 1.0) / 2)


@given(pores)
@many
def test_half_of_the_pore_is_blocked_at_the_stated_free_concentration(driver):
    assert float(driver.block(driver.half_free() / driver.unbound)) == pytest.approx(0.5)


@given(pores, st.floats(0.0, 30.0))
@many
def test_magnesium_and_binding_in_plasma_protect_the_pore(driver, more):
    level = driver.half_free() / driver.unbound
    with_magnesium = dataclasses.replace(driver, magnesium=driver.magnesium + more)
    less_free = dataclasses.replace(driver, unbound=driver.unbound / (1 + more))
    assert float(with_magnesium.block(level)) <= 0.5 + 1e-9
    assert float(less_free.block(level)) <= 0.5 + 1e-9


@given(memories, stimuli, switches, fraction, fraction)
@many
def test_more_block_and_more_protection_never_raise_the_gain(memory, stimulus, p, block, protection):
    deeper = Stimulus(
        stimulus.block + (1 - stimulus.block) * block,
        stimulus.protection + (1 - stimulus.protection) * protection,
        stimulus.flare,
    )
    less, more = switch_room.flow(memory, deeper, p), switch_room.flow(memory, stimulus, p)
    assert float(less.gain) <= float(more.gain) + 1e-12 * p.activation
    assert float(less.latent) == float(more.latent)


@given(memories, stimuli, switches, st.floats(0, 1))
@many
def test_a_flare_never_lowers_the_gain(memory, stimulus, p, more):
    flared = Stimulus(stimulus.block, stimulus.protection, stimulus.flare + more)
    calm, up = switch_room.flow(memory, stimulus, p), switch_room.flow(memory, flared, p)
    assert float(up.gain) >= float(calm.gain) - 1e-12 * p.activation


@given(memories, switches)
@many
def test_without_input_and_memory_there_is_no_drive_and_gain_only_decays(memory, p):
    silent = Stimulus(1.0, 0.0, 0.0)
    assert float(switch_room.flow(memory, silent, p).gain) == pytest.approx(-p.decay * memory.gain, rel=1e-9)


@given(fraction, switches)
@many
def test_the_resting_state_in_pain_is_at_rest(latent, p):
    """Nothing moves, unless the person sits within a hair of the fold, where the approach is slow."""
    rest = switch_room.pain_state(latent, p)
    change = switch_room.flow(rest, Stimulus(0.0, 0.0, 0.0), p)
    slope = 1e5 * float(switch_room.flow(Memory(rest.gain + 1e-5, rest.latent), Stimulus(0.0, 0.0, 0.0), p).gain)
    assume(slope < -1e-3 * p.decay)  # a stable state, not a fold
    assert abs(float(change.gain)) <= 1e-9 * (p.activation + p.decay)


@given(fraction, switches)
@many
def test_no_resting_state_lies_above_the_one_in_pain(latent, p):
    rest = switch_room.pain_state(latent, p)
    above = jnp.linspace(rest.gain + 1e-3, 1.0, 50)
    change = switch_room.flow(Memory(above, jnp.full(50, latent)), Stimulus(0.0, 0.0, 0.0), p)
    assert (np.asarray(change.gain) <= 1e-9 * p.activation).all()


@given(st.lists(micromolar, min_size=2, max_size=6), turnovers)
@many
def test_under_h0_more_slow_drug_never_relieves_less(levels, p):
    relief = np.asarray(turnover_room.relief(jnp.sort(jnp.array(levels)), p))
    assert (np.diff(relief) >= -1e-15).all()
    assert 0 <= relief.min() <= relief.max() <= p.emax


@given(turnovers)
def test_under_h0_half_of_the_effect_is_gone_after_one_half_life(p):
    rate, source = turnover_room.effect_in(jnp.zeros(()), p)
    assert float(source) == 0
    assert np.exp(-float(rate) * p.half_life) == pytest.approx(0.5)


# -------------------------------------------------------------------------------- whole courses

WEEKS = np.arange(13) * 168.0
IDS = np.arange(32)
PEOPLE = sample(8, IDS, "CRPS-1")


def course(*doses, hypothesis="H2", flares=True, treated=None, at=WEEKS, people=PEOPLE):
    regimen = compile_regimen(Regimen(setting="icu", doses=doses))
    setting = Setting(hypothesis=hypothesis, seed=8, flares=flares)
    return simulate_people(people, IDS, regimen, at, setting, treated)


def long_infusion(rate="20 mg/h"):
    return Infusion(drug="ketamine", enantiomer="S", rate=rate, duration="100 h")


@pytest.mark.parametrize("hypothesis", ["H0", "H1", "H2"])
def test_without_drug_and_flares_somebody_long_in_pain_stays_as_they_are(hypothesis):
    long_in_pain = dataclasses.replace(PEOPLE, duration=jnp.full(len(IDS), 100.0), placebo_size=jnp.zeros(len(IDS)))
    rest = course(hypothesis=hypothesis, flares=False, people=long_in_pain)
    for name in {"protection", "block", "slow_concentration", "relief"} & set(rest.states):
        assert (rest.states[name] == 0).all()
    if hypothesis == "H0":
        settled = np.full(len(IDS), True)
    else:  # below the gain at which the latent memory saturates, it would empty
        settled = rest.states["synaptic_gain"][0] > 0.6
        assert settled.sum() > len(IDS) / 2
        for values in rest.states.values():
            np.testing.assert_allclose(values[:, settled], values[[0]][:, settled] + np.zeros((13, 1)), atol=1e-9)
    pain = rest.pain_nrs[:, settled]
    np.testing.assert_allclose(pain, pain[[0]] + np.zeros((13, 1)), atol=1e-8)
    np.testing.assert_allclose(pain[0], np.asarray(long_in_pain.baseline)[settled], rtol=1e-12)


@pytest.mark.parametrize("hypothesis", ["H1", "H2"])
def test_drug_never_raises_the_synaptic_gain(hypothesis):
    """The system is monotone: on one flare path, the treated never have more gain, nor more latent memory."""
    with_drug = course(long_infusion(), hypothesis=hypothesis)
    without = course(long_infusion(), hypothesis=hypothesis, treated=np.zeros(len(IDS)))
    for name in ("synaptic_gain", "latent_memory"):
        assert (with_drug.states[name] <= without.states[name] + 1e-6).all()
    assert (with_drug.pain_nrs <= without.pain_nrs + 1e-5).all()


def test_a_higher_rate_never_leaves_more_gain():
    high, low = course(long_infusion("20 mg/h")), course(long_infusion("5 mg/h"))
    assert (high.states["synaptic_gain"] <= low.states["synaptic_gain"] + 1e-6).all()
    assert (high.states["protection"] >= low.states["protection"]).all()


def test_h0_relief_of_a_series_is_that_of_the_added_concentrations():
    """H0 is linear up to Emax: the slow concentrations of two courses add."""
    first = long_infusion()
    second = Infusion(drug="ketamine", enantiomer="S", rate="10 mg/h", duration="4 h", start="500 h")
    both, one, two = (course(*doses, hypothesis="H0") for doses in ((first, second), (first,), (second,)))
    added = one.states["slow_concentration"] + two.states["slow_concentration"]
    np.testing.assert_allclose(both.states["slow_concentration"], added, atol=1e-7 * added.max())


def test_h0_never_cures():
    late = course(long_infusion(), hypothesis="H0", at=np.array([52 * 168.0]))
    assert late.states["relief"][-1].max() < 1e-4


def test_flares_wander_about_zero_with_the_stated_size_and_memory():
    paths = np.asarray(flares.path(patient_keys(root_key(1), np.arange(4000)), 12, Flares(0.05, 3.0)))
    error = 0.05 / np.sqrt(2 * 4000)
    assert abs(paths.mean(axis=1)).max() < 4 * 0.05 / np.sqrt(4000)
    assert abs(paths.std(axis=1) - 0.05).max() < 4 * error
    for lag in (1, 3, 6):
        expected = np.exp(-lag / 3.0)
        found = np.mean(paths[lag:] * paths[:-lag], axis=1) / 0.05**2
        assert abs(found.mean() - expected) < 4 / np.sqrt(4000)
