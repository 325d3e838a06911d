"""The slow memory: laws of courses with any numbers, of its analysis in any units, and slopes of the whole chain."""

import dataclasses
import inspect

import numpy as np
import pytest
from hypothesis import given, settings

from laws.register import FIRST_GUESS, jax, jnp, memories, positive, stimuli, switch_room, switches
from papers.transcriptions import drive, slow
from unwound.patient import Accuracy, typical_person
from unwound.patient import lane as lane_room
from unwound.patient.batch import Batch, _prepared, _read, follow, many, many_wirings
from unwound.patient.blood import blood_of, compile_for
from unwound.patient.mesh import build_mesh
from unwound.patient.reset_map import constant
from unwound.patient.sensitivity import factors_of
from unwound.patient.setting import outcomes_from_evidence
from unwound.patient.wiring import wiring_of
from unwound.pharmacokinetics import routed_model
from unwound.sensitization import Flares, basins
from unwound.sensitization import equilibria as rest
from unwound.sensitization import relapse as back
from unwound.sensitization import reset as away

P = FIRST_GUESS
TWO = routed_model("twocompartment")

# ------------------------------------------------------------------------------------------- equations, once more


@given(memories, stimuli, switches)
@settings(max_examples=60)
def test_the_memory_follows_its_equations_written_a_second_time(memory, stimulus, p):
    m = {"kon": p.activation, "koff": p.decay, "n": p.hill, "th": p.threshold, "gS": p.gain, "gL": p.latent_gain,
         "p": p.input, "eta": p.protection_strength, "kz1": p.protection_on, "kz0": p.protection_off,
         "tauL": p.latent_time, "SL": p.latent_saturation}  # fmt: skip
    dS, dL, dZ = slow(memory.gain, memory.latent, stimulus.protection, stimulus.block, stimulus.flare, m)
    found = switch_room.flow(memory, stimulus, p)
    assert float(found.gain) == pytest.approx(dS, rel=1e-9, abs=1e-12)
    assert float(found.latent) == pytest.approx(dL, rel=1e-12, abs=1e-15)
    rate, source = switch_room.protection_in(stimulus.block, p)
    assert source - rate * stimulus.protection == pytest.approx(dZ, rel=1e-9, abs=1e-12)
    own = max(float(drive(memory.gain, memory.latent, 0.0, m)) + stimulus.flare, 0.0)
    assert float(switch_room.drive(memory, stimulus.flare, p)) == pytest.approx(own, rel=1e-12, abs=1e-15)


# ------------------------------------------------------------------------------------------- analysis in other units

RATES = ("activation", "decay", "protection_on", "protection_off")
DRIVES = ("threshold", "gain", "latent_gain", "input")
DAYS = ("passage_time", "reset_time", "reset_times", "shortest_reset", "divergence", "infusion_reset_times",
        "protection_time", "ghost_time", "ghost_passage", "relapse_time")  # fmt: skip
NO_UNIT = ("frozen_drive", "total_block", "rate", "slope", "drive_slope", "block_slope", "curvature", "highest_gain",
           "holding_drive", "folds", "bistable_range", "equilibria", "separatrix", "pain_gain", "patient_class",
           "vanishing_gains", "vanishing_thresholds", "critical_block", "opening_block", "protection_at",
           "protection_border", "bottleneck", "remission_latent", "border_width", "chance_of_pain", "relapse_hazard",
           "under_flares", "share_in_pain")  # fmt: skip


def test_every_function_of_the_analysis_stands_under_these_laws():
    own = {name for room in (rest, away, back, basins) for name, thing in vars(room).items()
           if inspect.isfunction(thing) and not name.startswith("_") and thing.__module__ == room.__name__}  # fmt: skip
    assert own == set(DAYS) | set(NO_UNIT)


def rewritten(p, pace=1.0, size=1.0):
    """The same switch, with time in units `pace` as long and drives in units `size` as small."""
    changed = {name: getattr(p, name) * pace for name in RATES} | {name: getattr(p, name) * size for name in DRIVES}
    return dataclasses.replace(p, **changed, latent_time=p.latent_time / pace)


@given(positive, positive)
@settings(max_examples=15)
def test_the_analysis_is_the_same_in_any_unit_of_time_and_of_drive(pace, size):
    other, flares = rewritten(P, pace, size), Flares(0.05, 3.0)
    moved = Flares(0.05 * size, 3.0 / pace)
    d, b = 0.27, 0.35
    same = pytest.approx
    assert rest.bistable_range(other) == same([x * size for x in rest.bistable_range(P)], rel=1e-9)
    assert [x.gain for x in rest.equilibria(d * size, other)] == same([x.gain for x in rest.equilibria(d, P)], rel=1e-9)
    assert rest.critical_block(d * size, other) == same(rest.critical_block(d, P), rel=1e-9)
    assert rest.opening_block(0.33 * size, other) == same(rest.opening_block(0.33, P), rel=1e-9)
    assert away.reset_time(b, d * size, other) * pace == same(away.reset_time(b, d, P), rel=1e-6)
    assert away.shortest_reset(d * size, other) * pace == same(away.shortest_reset(d, P), rel=1e-9)
    assert away.divergence(b, d * size, other) * pace == same(away.divergence(b, d, P), rel=1e-6)
    assert back.relapse_time(0.8, 0.33 * size, other) * pace == same(back.relapse_time(0.8, 0.33, P), rel=1e-6)
    assert back.ghost_passage(0.3 * size, other) * pace == same(back.ghost_passage(0.3, P), rel=1e-6)
    assert back.remission_latent(other) == same(back.remission_latent(P), rel=1e-9)
    assert basins.border_width(d * size, other, moved) == same(basins.border_width(d, P, flares), rel=1e-9)
    assert basins.chance_of_pain(0.2, d * size, other, moved) == same(basins.chance_of_pain(0.2, d, P, flares))
    assert float(rest.rate(0.4, d * size, other, b)) / pace == same(float(rest.rate(0.4, d, P, b)), rel=1e-9)
    assert rest.curvature(0.4, d * size, other, b) / pace == same(rest.curvature(0.4, d, P, b), rel=1e-9)


# ------------------------------------------------------------------------------------------- courses with any numbers

COUNT = 48
FACTORS = factors_of("H2", "empirical", False)
_DRAWN = np.random.default_rng(3).random((COUNT, len(FACTORS)))
OWN = {f.key: f.low + (f.high - f.low) * _DRAWN[:, n] for n, f in enumerate(FACTORS) if not f.key.startswith("pain.")}
AT = np.arange(0.0, 24.0 * 60 + 1, 12.0)
RATES_GIVEN = (0.0, 5.0, 20.0)


def courses(own, rates):
    """The same people (one for each set of numbers) at each rate for five days, in one batch."""
    blood = blood_of(TWO, compile_for(TWO, constant(1.0, 5.0, "S")), metabolites=False)
    count = COUNT * len(rates)
    pain = outcomes_from_evidence().pain
    given_rates = np.repeat(np.asarray(rates), COUNT)[None]
    person = typical_person(weight=70.0, baseline=7.0, effects=0, age=45.0, duration=5.0)
    batch = Batch(
        many(person, count),
        many_wirings("H2", ("S",), count, own={key: np.tile(values, len(rates)) for key, values in own.items()}),
        blood, np.array([0.0, 120.0]), (given_rates,), (np.zeros_like(given_rates),),
        jax.tree.map(lambda leaf: np.full(count, float(leaf)), pain),
    )  # fmt: skip
    return follow(batch, AT)


@pytest.fixture(scope="module")
def followed():
    return courses(OWN, RATES_GIVEN)


def part(values, which):
    return values[:, which * COUNT : (which + 1) * COUNT]


def test_states_and_ratings_stay_in_their_range_whatever_the_numbers(followed):
    for name, values in followed.states.items():
        assert values.min() >= -1e-9, name
        assert values.max() <= 1.0 + 1e-9, name
    assert 0 <= followed.pain_nrs.min() <= followed.pain_nrs.max() <= 10


def test_more_drug_never_leaves_more_gain_nor_more_pain_whatever_the_numbers(followed):
    for low, high in ((0, 1), (1, 2)):
        for name in ("synaptic_gain", "latent_memory"):
            assert (part(followed.states[name], high) <= part(followed.states[name], low) + 1e-5).all()
        assert (part(followed.states["protection"], high) >= part(followed.states["protection"], low) - 1e-9).all()
        assert (part(followed.pain_nrs, high) <= part(followed.pain_nrs, low) + 1e-3).all()


def test_without_drug_nothing_protects_and_who_is_at_rest_stays_there(followed):
    for name in ("protection", "block"):
        assert (part(followed.states[name], 0) == 0).all()
    gain = part(followed.states["synaptic_gain"], 0)
    full = gain[0] > OWN["protected_switch.latent_saturation"]  # latent memory is full, or still filling: it rises
    assert full.any()
    assert (np.diff(gain[:, full], axis=0) >= -1e-6).all()
    assert (np.diff(part(followed.states["latent_memory"], 0)[:, full], axis=0) >= -1e-9).all()


def test_latent_memory_falls_only_while_the_gain_is_low(followed):
    """The ratchet: pain-free time takes latent memory away, pain gives it back, and neither does the other's work."""
    gain, latent = followed.states["synaptic_gain"], followed.states["latent_memory"]
    aim = np.minimum(gain / np.tile(OWN["protected_switch.latent_saturation"], len(RATES_GIVEN)), 1.0)
    lower, upper = np.minimum(aim[1:], aim[:-1]), np.maximum(aim[1:], aim[:-1])
    change = np.diff(latent, axis=0)
    assert (change[lower > latent[:-1] + 1e-3] > 0).all()
    assert (change[upper < latent[:-1] - 1e-3] < 0).all()


# ------------------------------------------------------------------------------------------- slopes of the whole chain

SLOPES = {  # name -> where it goes
    "threshold": "switch", "protection_strength": "switch", "protection_on": "switch", "protection_off": "switch",
    "activation": "switch", "latent_time": "switch", "half_block": "driver",
}  # fmt: skip
_COMPILED = compile_for(TWO, constant(1.0, 3.0, "S"))
_BLOOD = blood_of(TWO, _COMPILED, metabolites=False)
_PERSON = typical_person(weight=70.0, baseline=7.0, effects=0, age=45.0, duration=0.6)
_MESH = build_mesh(
    _COMPILED.times, np.array([0.0, 240.0]), np.array([0.0, 24.0, 72.0, 100.0, 240.0]),
    Accuracy(first=0.5, growth=0.5, longest=8.0),
)  # fmt: skip


def pain_of_the_chain(x):
    """Weighted ratings of days 1 to 10: blood, block, Z, S, L, drive, scale. Latent memory is still filling."""
    wiring = wiring_of("H2")
    parts = {"switch": wiring.switch, "driver": wiring.driver}
    for name, where in SLOPES.items():
        parts[where] = dataclasses.replace(parts[where], **{name: x[name]})
    wiring = dataclasses.replace(wiring, flares=None, **parts)
    rates = x["rate"] * jnp.ones((len(_COMPILED.times) - 1, 1))
    lane = _prepared(_BLOOD.of(_PERSON), wiring, _PERSON, (rates,), (jnp.zeros_like(rates),))
    found = _read(lane, lane_room.solve(lane, _MESH), _PERSON, outcomes_from_evidence().pain)
    return jnp.sum(found.pain[1:, 0] * jnp.array([1.0, 2.0, 3.0, 4.0]))


@pytest.mark.parametrize("rate", [10.0, 0.0])
def test_slopes_of_pain_through_the_whole_chain_are_those_of_differences(rate):
    wiring = wiring_of("H2")
    x = {name: jnp.asarray(float(getattr(getattr(wiring, where), name))) for name, where in SLOPES.items()}
    x["rate"] = jnp.asarray(rate)
    slopes = jax.grad(pain_of_the_chain)(x)
    for name, start in x.items():
        if rate == 0.0 and name == "rate":
            # no dose is below 0: the slope is that from above, by differences of the second order
            step, at = 1e-3, lambda rate: float(pain_of_the_chain(x | {"rate": jnp.asarray(rate)}))
            expected = (4 * at(step) - at(2 * step) - 3 * at(0.0)) / (2 * step)
            assert expected < -1e-3
            assert float(slopes[name]) == pytest.approx(expected, rel=1e-5)
            continue
        step = 1e-5 * float(start)
        ends = [float(pain_of_the_chain(x | {name: start + sign * step})) for sign in (1, -1)]
        expected = (ends[0] - ends[1]) / (2 * step)
        assert float(slopes[name]) == pytest.approx(expected, rel=1e-5, abs=1e-9)
    felt = {"threshold", "activation", "latent_time"}
    if rate == 0.0:  # without drug, what concerns the drug alone has no slope at all
        assert all((float(slopes[name]) == 0.0) != (name in felt) for name in SLOPES)
    else:
        assert all(abs(float(slope)) > 1e-5 for slope in slopes.values())
