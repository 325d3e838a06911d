"""The slow states beside the switch: what must hold whatever their parameters are."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws.register import fraction, jax, jnp, memories, numbers, positive, rewritten, switch_room, switches
from unwound.core.units import units_of
from unwound.evidence import all_estimates
from unwound.sensitization import Memory, Stimulus, glia, opioid_tolerance, receptor_number
from unwound.sensitization import full_memory as full
from unwound.sensitization.descending import Descending
from unwound.sensitization.disinhibition import Disinhibition
from unwound.sensitization.full_memory import FullMemory, Hill, Surroundings
from unwound.sensitization.glia import Glia
from unwound.sensitization.mechanisms import GAINS, NAMES, Mechanisms, mechanism_keys, mechanisms_of
from unwound.sensitization.opioid_tolerance import OpioidTolerance
from unwound.sensitization.receptor_number import ReceptorNumber

few = settings(max_examples=25)
settled = jax.jit(full.settled, static_argnames=("high", "sweeps"))
pain_state = jax.jit(switch_room.pain_state, static_argnames="sweeps")


def shares(record, *names, **others):
    """Random parameters: shares for `names`, positive numbers for the rest."""
    return st.builds(record, **{n: others.get(n, fraction if n in names else positive) for n in units_of(record)})


mechanisms = st.builds(
    Mechanisms,
    receptors=shares(ReceptorNumber),
    disinhibition=shares(Disinhibition, "glia_weight", "conductance_loss"),
    glia=shares(Glia, "anti_inflammatory"),
    descending=shares(Descending, "tone", repair=st.just(0.0)),
    opioid=shares(OpioidTolerance, "unblocked_share", "analgesia"),
)
states = st.builds(FullMemory, **dict.fromkeys(units_of(FullMemory), fraction))
surroundings = st.builds(
    Surroundings, block=fraction, protection=fraction, flare=st.floats(-1, 1), injury=fraction, opioid=fraction
)


@given(states, surroundings, switches)
@few
def test_with_every_mechanism_off_the_full_memory_is_the_switch_number_for_number(state, around, p):
    core = switch_room.flow(
        Memory(state.gain, state.latent), Stimulus(around.block, around.protection, around.flare), p
    )  # fmt: skip
    off = full.flow(state, around, p, mechanisms_of(), Hill())
    assert (float(off.gain), float(off.latent)) == (float(core.gain), float(core.latent))
    pain = full.drive(state, around, p, mechanisms_of(), Hill())
    assert float(pain) == float(switch_room.drive(Memory(state.gain, state.latent), around.flare, p))


@given(memories, switches)
@few
def test_with_every_mechanism_off_people_in_pain_rest_where_they_did(memory, p):
    core = pain_state(memory.latent, p, sweeps=400)
    alone = settled(memory.latent, 0.0, p, mechanisms_of(), Hill(), high=True)
    assert float(alone.gain) == pytest.approx(float(core.gain), abs=1e-12)


@given(states, surroundings, switches, mechanisms)
@few
def test_no_slow_state_leaves_its_range(state, around, p, m):
    for name in units_of(FullMemory):
        for edge, inward in ((0.0, 1.0), (1.0, -1.0)):
            there = full.flow(dataclasses.replace(state, **{name: edge}), around, p, m, Hill())
            assert inward * float(getattr(there, name)) >= 0.0, name


@given(states, surroundings, switches, mechanisms, positive, positive)
@few
def test_the_full_memory_is_the_same_in_any_unit_of_time_and_voltage(state, around, p, m, time, voltage):
    k = dict.fromkeys(("mass", "volume", "amount", "body", "score"), 1.0) | {"time": time, "voltage": voltage}
    here = np.array(numbers(full.flow(state, around, p, m, Hill())))
    there = np.array(numbers(full.flow(state, around, rewritten(p, k), rewritten(m, k), Hill())))
    np.testing.assert_allclose(there * time, here, rtol=1e-9, atol=1e-9 * (1 + np.abs(here).max()))


@given(states, surroundings, switches, mechanisms)
@few
def test_the_equations_are_those_of_the_page(state, around, p, m):
    """Written again, in plain numbers."""
    S, L, U, H, G, D, T = (getattr(state, n) for n in units_of(FullMemory))
    b, Z, flare, injury, M = (getattr(around, n) for n in units_of(Surroundings))
    r, o, d = m.receptors, m.opioid, m.descending
    held = o.onset * M / (o.onset * M + M / o.up_time + (1 - M) / o.down_time)
    arriving = p.input + flare + o.hyperalgesia * T + o.withdrawal * max(T - held, 0.0) - d.drive_gain * (D - d.tone)
    total = max(arriving + p.gain * S + m.disinhibition.drive_gain * H + p.latent_gain * L, 0.0)
    R = (1 + m.glia.release_gain * G) * (1 - o.analgesia * M * (1 - T)) * total
    N = (1 - b) * (1 - p.protection_strength * Z) * (1 + r.strength * U) * total
    N *= (1 + m.disinhibition.series_gain * H) * (1 + m.glia.release_gain * G)
    psi = 1 / (1 + (p.threshold / N) ** p.hill) if N > 1e-12 else 0.0
    roused = m.glia.injury_weight * injury + m.glia.activity_weight * max(total - max(arriving, 0.0), 0.0)
    roused *= 1 - m.glia.anti_inflammatory * b
    expected = [
        p.activation * (1 - S) * psi - p.decay * S,
        (min(S / p.latent_saturation, 1.0) - L) / p.latent_time,
        (psi - U) / r.time + r.rebound * b * (1 - U),
        (m.disinhibition.glia_weight * G - H) / m.disinhibition.time,
        (roused * (1 - G) - G) / m.glia.time,
        (d.tone + d.repair * Z - D) / d.time,
        o.onset * M * (1 - T) * (1 - (1 - o.unblocked_share) * b) - T * (M / o.up_time + (1 - M) / o.down_time),
    ]
    found = full.flow(state, around, p, m, Hill())
    size = 1e-9 * (1 + max(abs(x) for x in expected) + p.activation + 1 / r.time + roused / m.glia.time)
    np.testing.assert_allclose([float(getattr(found, n)) for n in units_of(FullMemory)], expected, atol=size)
    assert float(full.drive(state, around, p, m, Hill())) == pytest.approx(R, abs=1e-9)


@given(states, surroundings, switches, mechanisms, fraction)
@few
def test_more_block_never_helps_plasticity(state, around, p, m, more):
    deeper = dataclasses.replace(around, block=around.block + (1 - around.block) * more)
    less, usual = (full.signals(state, a, p, m, Hill()).saturation for a in (deeper, around))
    assert float(less) <= float(usual) + 1e-12


@given(fraction, fraction, switches, mechanisms)
@few
def test_at_rest_nothing_moves_but_the_latent_memory(latent, opioid, p, m):
    for high in (True, False):
        rest = settled(latent, opioid, p, m, Hill(), high=high, sweeps=4000)
        around = Surroundings(*(jnp.asarray(x) for x in (0.0, 0.0, 0.0, 0.0, opioid)))
        change = full.flow(rest, around, p, m, Hill())
        rates = {"gain": p.activation + p.decay, "receptors": 1 / m.receptors.time, "glia": 1 / m.glia.time}
        for name in ("gain", "receptors", "disinhibition", "glia", "descending", "tolerance"):
            tolerance = 1e-3 * (rates.get(name, 0.0) + 1 / m.disinhibition.time + m.opioid.onset)
            assert abs(float(getattr(change, name))) <= tolerance, name


def test_twice_the_receptors_under_half_block_are_as_many_as_in_health():
    m = mechanisms_of(("receptors",)).receptors
    twice = dataclasses.replace(m, strength=1.0)
    assert float((1 - 0.5) * receptor_number.nmda_gain(1.0, twice)) == 1.0


def test_block_calls_for_receptors_only_under_the_rebound():
    for names, more in ((("receptors",), False), (("rebound",), True)):
        m = mechanisms_of(names).receptors
        calm, blocked = (float(receptor_number.flow(0.2, 0.2, b, m)) for b in (0.0, 1.0))
        assert (blocked > calm) is more


def test_ketamine_quiets_glia_only_where_that_is_on():
    for names, less in ((("glia",), False), (("anti_inflammatory",), True)):
        m = mechanisms_of(names).glia
        calm, blocked = (float(glia.rousing(1.0, 0.0, b, m)) for b in (0.0, 0.5))
        assert (blocked < calm) is less


def test_tolerance_builds_more_slowly_under_block_and_withdrawal_hurts():
    m = mechanisms_of(("opioid",)).opioid
    assert float(opioid_tolerance.flow(0.1, 0.5, 0.8, m)) < float(opioid_tolerance.flow(0.1, 0.5, 0.0, m))
    tolerant = opioid_tolerance.at_rest(0.5, m)
    kept, less, stopped = (float(opioid_tolerance.added_input(tolerant, occupancy, m)) for occupancy in (0.5, 0.2, 0.0))
    assert stopped > less > kept == pytest.approx(m.hyperalgesia * float(tolerant))
    left = [float(opioid_tolerance.effective(0.5, tolerance)) for tolerance in (0.0, 0.5, 1.0)]
    assert left == [0.5, 0.25, 0.0]


def test_what_is_off_has_no_gain_and_rests_on_no_row():
    off = mechanisms_of()
    for part, gains in GAINS.values():
        assert all(getattr(getattr(off, part), gain) == 0 for gain in gains)
    assert mechanism_keys(()) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_mechanism_rests_on_assumed_rows_only_and_names_them(name):
    rows = [all_estimates()[key] for key in mechanism_keys((name,))]
    assert rows
    assert all(row.basis == "assumed" for row in rows)
    on, off = mechanisms_of((name,)), mechanisms_of()
    part, gains = GAINS[name]
    assert all(getattr(getattr(on, part), gain) > 0 for gain in gains)
    assert on != off
