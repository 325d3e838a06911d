"""The response of the slow memory, read from the emulated dorsal horn."""

import dataclasses

import numpy as np
import pytest

from unwound.core.arrays import jax, jnp
from unwound.core.errors import UnknownName
from unwound.dorsal_horn.emulator import BOX, INPUTS, emulate, emulator
from unwound.evidence import fill, value
from unwound.patient.horn_response import Horn, circuit, cut, horn, memory_at
from unwound.sensitization import Switch
from unwound.sensitization import full_memory as full
from unwound.sensitization.full_memory import FullMemory, Surroundings
from unwound.sensitization.mechanisms import NAMES, mechanisms_of

ZERO = jnp.zeros(())
ALL = mechanisms_of(NAMES)
CHLORIDE = value("condition.chloride", "mV")
settled = jax.jit(full.settled, static_argnames=("high", "sweeps"))


@pytest.fixture(scope="module")
def response() -> Horn:
    return horn()


def memory(**said):
    calm = dict.fromkeys(FullMemory.__dataclass_fields__, ZERO)
    return FullMemory(**{**calm, **{name: jnp.asarray(x) for name, x in said.items()}})


def readouts(state, block=0.0, effect=0.0, m=ALL):
    """What the emulator itself says of the circuit that belongs to a state."""
    x = dict(zip(INPUTS, np.asarray(circuit(state, jnp.asarray(block), jnp.asarray(effect), m, CHLORIDE)), strict=True))
    return emulate(nmda=x["drive"], **{name: x[name] for name in INPUTS if name != "drive"})


def test_health_gives_nothing_and_full_sensitization_one(response):
    assert float(response.activity(memory_at(0.0), ZERO, ZERO, ALL)) == pytest.approx(0.0, abs=1e-12)
    assert float(response.activity(memory_at(1.0), ZERO, ZERO, ALL)) == pytest.approx(1.0, abs=1e-12)


def test_the_activity_is_the_emulated_rate_relative_to_health(response):
    state = memory(gain=0.7, receptors=0.6, disinhibition=0.4)
    rate, healthy = (readouts(s)["train_rate_lamina_one"] for s in (state, memory()))
    full_rate = readouts(memory_at(1.0))["train_rate_lamina_one"]
    expected = (1.35 * rate / healthy - 1) / (1.5 * full_rate / healthy - 1)
    assert float(response.activity(state, ZERO, ZERO, ALL)) == pytest.approx(float(expected))


@pytest.mark.parametrize("name", ["gain", "receptors", "disinhibition", "glia"])
def test_every_sensitized_state_raises_the_activity_and_block_and_opioids_lower_it(response, name):
    levels = [float(response.activity(memory(**{name: x}), ZERO, ZERO, ALL)) for x in np.linspace(0, 1, 6)]
    assert (np.diff(levels) > 0).all()
    state = memory(**{name: 1.0})
    blocked = [float(response.activity(state, jnp.asarray(b), ZERO, ALL)) for b in np.linspace(0, 1, 6)]
    opioid = [float(response.activity(state, ZERO, jnp.asarray(o), ALL)) for o in np.linspace(0, 1, 6)]
    assert (np.diff(blocked) < 0).all()
    assert (np.diff(opioid) < 0).all()


@pytest.mark.parametrize("block", [0.0, 0.3, 0.7])
def test_after_a_reset_touch_and_acute_pain_are_those_of_a_circuit_that_never_was_sensitized(block):
    """Latent memory stays, and is no part of the circuit."""
    never, reset = readouts(memory(), block), readouts(memory(latent=1.0), block)
    sensitized = readouts(memory(gain=0.7, latent=1.0, receptors=0.9, disinhibition=0.6, glia=0.5), block)
    for readout in ("brush_lamina_one", "brush_wide", "first_lamina_one", "first_wide"):
        assert float(reset[readout]) == float(never[readout])
    assert float(sensitized["brush_lamina_one"]) > float(never["brush_lamina_one"]) + 1.0
    assert float(sensitized["first_lamina_one"]) > 1.1 * float(never["first_lamina_one"])


def test_a_state_left_over_by_a_reset_barely_moves_touch_and_acute_pain():
    """The healthy resting state has a little of everything."""
    p = fill(Switch, "protected_switch")
    rest = settled(ZERO, ZERO, p, mechanisms_of(("receptors", "disinhibition", "glia")), horn(), high=False)
    left, never = readouts(rest), readouts(memory())
    assert float(left["brush_lamina_one"]) < 0.5
    for readout in ("brush_wide", "first_lamina_one", "first_wide"):
        assert float(left[readout]) == pytest.approx(float(never[readout]), rel=0.03)


def test_half_block_undoes_a_doubling_of_receptors(response):
    twice = memory(receptors=1.0)
    assert ALL.receptors.strength == 1.0
    assert float(response.activity(twice, jnp.asarray(0.5), ZERO, ALL)) == pytest.approx(0.0, abs=1e-12)


def test_only_receptors_and_glia_together_leave_the_box_and_what_leaves_is_cut(response):
    every = FullMemory(*(jnp.ones(()) for _ in FullMemory.__dataclass_fields__))
    for names, outside in ((("receptors", "disinhibition", "opioid"), ()), (NAMES, ("drive",))):
        x = circuit(every, ZERO, jnp.asarray(1.0), mechanisms_of(names), CHLORIDE)
        assert cut(x) == outside
    at_edge = memory(receptors=BOX["drive"][1] - 1.0)
    assert np.isfinite(float(response.activity(every, ZERO, ZERO, ALL)))
    assert cut(circuit(at_edge, ZERO, ZERO, mechanisms_of(("receptors",)), CHLORIDE)) == ()


def test_potentiation_alone_is_no_switch_and_with_receptors_and_disinhibition_it_is(response):
    p = dataclasses.replace(fill(Switch, "protected_switch"), latent_gain=0.0)
    inputs = jnp.array([0.2, 0.25, 0.28])

    def gains(names):
        m, own = mechanisms_of(names), dataclasses.replace(p, input=inputs)
        both = [settled(jnp.zeros(3), ZERO, own, m, response, high=high).gain for high in (False, True)]
        return np.asarray(both)

    low, high = gains(())
    np.testing.assert_allclose(low, high, atol=1e-6)
    low, high = gains(("receptors", "disinhibition", "glia"))
    assert (high - low > 0.5).all()


def test_the_response_has_a_slope_everywhere_and_it_is_the_true_one(response):
    p, m = fill(Switch, "protected_switch"), ALL
    state = memory(gain=0.5, latent=0.6, receptors=0.4, disinhibition=0.3, glia=0.2, descending=0.5, tolerance=0.3)

    def change(block):
        around = Surroundings(block, jnp.asarray(0.2), ZERO, ZERO, jnp.asarray(0.3))
        return full.flow(state, around, p, m, response).gain

    step = 1e-5
    for block in (0.0, 0.4):
        slope = float(jax.grad(change)(jnp.asarray(block)))
        central = float(change(jnp.asarray(block + step)) - change(jnp.asarray(block - step))) / (2 * step)
        assert slope == pytest.approx(central, rel=1e-5)
        assert slope < 0


def test_an_unknown_readout_is_refused():
    with pytest.raises(UnknownName, match="train_rate_lamina_one"):
        horn("train_rate_lamina_on")
    assert "train_rate_lamina_one" in emulator().networks
