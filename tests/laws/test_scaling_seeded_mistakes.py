"""The laws are able to fail: mistakes of the kinds found in good, shipped code are seeded, and each must be caught.

| seeded mistake                              | scaling | conservation | positivity | second transcription |
|---------------------------------------------|---------|--------------|------------|----------------------|
| amount where a concentration belongs        | caught  | -            | -          | caught               |
| CL x amount instead of CL x concentration   | caught  | caught       | -          | caught               |
| wrong neighbour compartment (units right)   | -       | caught       | caught     | caught               |
| wrong unit label on a field                 | caught  | -            | -          | -                    |
| stray factor 1000 (units right)             | -       | -            | -          | caught               |
| synaptic gain without saturation (1 - S)    | -       | (no drug)    | caught     | caught               |
| latent memory in hours, not in days         | caught  | (no drug)    | -          | -                    |
"""

import dataclasses

import numpy as np
import pytest

from laws.register import MECHANISMS as _MECHANISMS
from laws.register import (
    Amounts,
    Disposition,
    In,
    Mechanism,
    Memory,
    Record,
    Scalar,
    Stimulus,
    Switch,
    flow_obeys_scaling,
    flow_points_inwards,
    jnp,
    memory_edges,
    only_clearance_removes_drug,
    plain,
    switch_room,
    unit,
)
from unwound.pharmacokinetics import flow as right_flow

EXAMPLES = 12
RNG_SEED = 20


class Mislabelled(Record):
    """Amounts with a label that says concentration."""

    central: Scalar = unit("mg/L")
    peripheral: Scalar = unit("mg")


class InHours(Switch):
    """The switch, with one rate labelled as a time."""

    activation: Scalar = unit("d")


def amount_for_concentration(amounts, rate, p):
    outward = p.exchange * (amounts.central / p.central - amounts.peripheral)
    return Amounts(rate - p.clearance * amounts.central / p.central - jnp.sum(outward), outward)


def clearance_times_amount(amounts, rate, p):
    right = right_flow(amounts, rate, p)
    extra = p.clearance * amounts.central / p.central - p.clearance * amounts.central
    return dataclasses.replace(right, central=right.central + extra)


def wrong_neighbour(amounts, rate, p):
    right = right_flow(amounts, rate, p)
    concentration = amounts.central / p.central
    others = jnp.roll(jnp.asarray(amounts.peripheral / p.peripheral), 1)
    return dataclasses.replace(right, peripheral=p.exchange * (concentration - others))


def stray_factor(amounts, rate, p):
    return right_flow(amounts, rate, dataclasses.replace(p, exchange=1000.0 * p.exchange))


def mislabelled(amounts, rate, p):
    right = right_flow(Amounts(amounts.central, amounts.peripheral), rate, p)
    return Mislabelled(right.central, right.peripheral)


def unsaturated(memory, stimulus, p):
    spared = (1.0 - stimulus.block) * (1.0 - p.protection_strength * stimulus.protection)
    signal = spared * switch_room.drive(memory, stimulus.flare, p)
    gain = p.activation * switch_room.saturation(signal, p) - p.decay * memory.gain
    return dataclasses.replace(switch_room.flow(memory, stimulus, p), gain=gain)


def mammillary_by_hand(amounts, rate, p):
    """dA1/dt = R - CL C - sum Qi (C - Ci), dAi/dt = Qi (C - Ci), compartment by compartment."""
    c, total, peripheral = amounts.central / p.central, rate - p.clearance * amounts.central / p.central, []
    for a, v, q in zip(amounts.peripheral, p.peripheral, p.exchange, strict=True):
        peripheral.append(q * (c - a / v))
        total -= peripheral[-1]
    return total, np.array(peripheral)


def switch_by_hand(memory, stimulus, p):
    """The flow of S and L in the symbols of the note."""
    S, L, b, Z = memory.gain, memory.latent, stimulus.block, stimulus.protection
    N = (1 - b) * (1 - p.protection_strength * Z) * max(p.input + stimulus.flare + p.gain * S + p.latent_gain * L, 0.0)
    on = N**p.hill / (N**p.hill + p.threshold**p.hill)
    return p.activation * (1 - S) * on - p.decay * S, (min(S / p.latent_saturation, 1) - L) / p.latent_time


def people(rng, kind=Amounts):
    def of(low, high, *shape):
        return 10 ** rng.uniform(low, high, shape)

    state = kind(of(-1, 2)[()], of(-1, 2, 2))
    p = Disposition(of(0, 2)[()], of(0, 2)[()], of(0, 2, 2), of(0, 2, 2))
    return state, In(of(0, 2)[()], "mg/h"), p


def units(rng):
    return {d: 10 ** rng.uniform(0.2, 1) for d in ("mass", "volume", "time", "amount", "voltage", "body")} | {
        "score": 1.0
    }


def mechanism_with(flow, kind=Amounts):
    base = next(m for m in _MECHANISMS if m.name == "disposition with 2 peripheral compartments")
    return dataclasses.replace(base, name=flow.__name__, flow=lambda s, r, p: flow(s, plain(r), p))


def caught_by(flow, kind=Amounts):
    """Which laws object to a disposition on random people."""
    rng = np.random.default_rng(RNG_SEED)
    found = set()
    mechanism = mechanism_with(flow)
    for _ in range(EXAMPLES):
        state, rate, p = people(rng, kind)
        if not flow_obeys_scaling(mechanism, state, rate, p, units(rng)):
            found.add("scaling")
        if not only_clearance_removes_drug(flow, state, rate.number, p):
            found.add("conservation")
        if not flow_points_inwards(mechanism, state, rate, p):
            found.add("positivity")
        there, (central, peripheral) = flow(state, rate.number, p), mammillary_by_hand(state, rate.number, p)
        if not (np.isclose(there.central, central) and np.allclose(there.peripheral, peripheral)):
            found.add("transcription")
    return found


def test_the_right_page_passes_every_law():
    assert caught_by(right_flow) == set()


@pytest.mark.parametrize(
    ("flow", "laws"),
    [
        (amount_for_concentration, {"scaling", "transcription"}),
        (clearance_times_amount, {"scaling", "conservation", "transcription"}),
        (wrong_neighbour, {"conservation", "positivity", "transcription"}),
        (stray_factor, {"transcription"}),
    ],
)
def test_a_seeded_mistake_of_kinetics_is_caught_by_the_stated_laws_and_no_other(flow, laws):
    assert caught_by(flow) == laws


def test_a_wrong_unit_label_is_caught_by_scaling_alone():
    assert caught_by(mislabelled, Mislabelled) == {"scaling"}


def switches(rng, kind=Switch):
    p = kind(
        activation=1.2 * rng.uniform(0.5, 2),
        decay=0.45 * rng.uniform(0.5, 2),
        hill=rng.uniform(2, 8),
        threshold=0.62,
        gain=0.8 * rng.uniform(0.5, 2),
        latent_gain=0.08,
        input=0.25 * rng.uniform(0.5, 2),
        protection_strength=0.5,
        protection_on=1.2,
        protection_off=0.06,
        latent_time=300.0,
        latent_saturation=0.6,
    )
    memory = Memory(rng.uniform(0.1, 0.9), rng.uniform())
    return memory, Stimulus(0.2 * rng.uniform(), 0.2 * rng.uniform(), 0.1 * rng.normal()), p


def switch_caught_by(flow, kind=Switch):
    rng = np.random.default_rng(RNG_SEED)
    mechanism = Mechanism(flow.__name__, None, None, None, flow, "d", memory_edges, ())
    found = set()
    for _ in range(EXAMPLES):
        state, stimulus, p = switches(rng, kind)
        if not flow_obeys_scaling(mechanism, state, stimulus, p, units(rng)):
            found.add("scaling")
        if not flow_points_inwards(mechanism, state, stimulus, p):
            found.add("positivity")
        there, (gain, latent) = flow(state, stimulus, p), switch_by_hand(state, stimulus, p)
        if not (np.isclose(there.gain, gain) and np.isclose(there.latent, latent)):
            found.add("transcription")
    return found


def test_the_right_switch_passes_every_law():
    assert switch_caught_by(switch_room.flow) == set()


def test_a_synaptic_gain_that_forgets_to_saturate_is_caught():
    assert switch_caught_by(unsaturated) == {"positivity", "transcription"}


def test_a_rate_of_the_switch_labelled_as_a_time_is_caught_by_scaling_alone():
    assert switch_caught_by(switch_room.flow, InHours) == {"scaling"}
