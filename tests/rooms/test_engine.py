"""The batch engine: fifth order where things are smooth, exact where they can be, the same answers however asked."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from unwound.core.arrays import Array, Record, jnp
from unwound.core.units import unit
from unwound.patient import Accuracy, Setting, simulate_people
from unwound.patient.engine import INTEGRAL, NODES, Start, run
from unwound.patient.mesh import build_mesh
from unwound.pharmacokinetics import Disposition, Individual, exposure_of
from unwound.population import sample
from unwound.regimen import Infusion, Regimen, compile_regimen

V, CL, V2, Q = 10.0, 4.0, 20.0, 3.0
DOSE, UNTIL = 20.0, 8.0


def person():
    p = Disposition(
        clearance=jnp.full(1, CL),
        central=jnp.full(1, V),
        peripheral=jnp.full((1, 1), V2),
        exchange=jnp.full((1, 1), Q),
    )
    return exposure_of(Individual(parent=p, formation=p.clearance))


def concentration(t):
    """After one bolus, from the textbook formula of two compartments."""
    k10, k12, k21 = CL / V, Q / V, Q / V2
    total, product = k10 + k12 + k21, k10 * k21
    fast = (total + np.sqrt(total**2 - 4 * product)) / 2
    slow = product / fast
    return DOSE / V * ((fast - k21) * np.exp(-fast * t) + (k21 - slow) * np.exp(-slow * t)) / (fast - slow)


class Pendulum(Record):
    """A smooth, nonlinear problem driven by the concentration: y1' = C y2 - y1, y2' = (1 - y2^2)/2 - C y1."""

    hours: ClassVar[float] = 1.0

    def driven(self):
        return ()

    def watched(self, readings):
        return (readings[0].parent,)

    def flow(self, state, readings, driven, flare):
        c, (y1, y2) = readings[0].parent, state
        return c * y2 - y1, (1 - y2**2) / 2 - c * y1 + flare


class Followers(Record):
    """States driven by the drug alone, y' = k (C - (1 + C) y) for three rates k, and one after another."""

    rates: Array = unit("1/h")
    hours: ClassVar[float] = 1.0

    def driven(self):
        def of(which):
            def rate_and_source(readings, earlier):
                c, k = readings[0].parent, self.rates[which]
                return k * (1 + c), k * (c if which == 0 else earlier[-1])

            return rate_and_source

        return tuple(of(which) for which in range(self.rates.shape[0]))

    def watched(self, readings):
        return ()

    def flow(self, state, readings, driven, flare):
        return state


def answered(system, start, mesh, knots=None):
    """Everything after one bolus at time 0, nothing else given."""
    zeros = jnp.zeros((1, 1))
    knots = jnp.zeros((2, 1)) if knots is None else knots
    return run(system, (person(),), start, mesh, (zeros,), (zeros + DOSE,), knots)


def even_mesh(step, at=(UNTIL,)):
    return build_mesh(np.array([0.0, UNTIL]), np.array([0.0, UNTIL]), np.array(at), Accuracy(step, 1e-9, step))


PENDULUM_START = Start((jnp.full(1, 0.3), jnp.full(1, 0.8)), ())


def pendulum(t, y):
    c = concentration(t)
    return [c * y[1] - y[0], (1 - y[1] ** 2) / 2 - c * y[0]]


@pytest.fixture(scope="module")
def exact():
    return solve_ivp(pendulum, (0, UNTIL), [0.3, 0.8], "DOP853", rtol=1e-13, atol=1e-14).y[:, -1]


def test_the_stepper_is_of_order_five(exact):
    """Halving the step divides the error by 2^5, within half an order either way."""
    steps = [0.5, 0.25, 0.125, 0.0625]
    errors = []
    for step in steps:
        state = answered(Pendulum(), PENDULUM_START, even_mesh(step)).state
        errors.append(max(abs(float(y[-1, 0]) - e) for y, e in zip(state, exact, strict=True)))
    order = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert 4.5 < order < 5.5


def test_the_integrals_between_nodes_are_exact_for_polynomials():
    for power in range(5):
        np.testing.assert_allclose(INTEGRAL @ NODES**power, NODES ** (power + 1) / (power + 1), atol=1e-14)


def test_what_it_reads_is_the_textbook_concentration():
    at = np.array([0.0, 0.3, 1.0, 2.7, UNTIL])
    reading = answered(Pendulum(), PENDULUM_START, even_mesh(0.5, at)).readings[0].parent[:, 0]
    np.testing.assert_allclose(reading[1:], concentration(at[1:]), rtol=1e-12)
    assert float(reading[0]) == 0  # the sample before the bolus


def test_what_is_watched_is_kept_at_its_highest():
    """A bolus is highest at once, before any answer; an infusion when it ends."""
    assert float(answered(Pendulum(), PENDULUM_START, even_mesh(0.5)).peaks[0][0]) == pytest.approx(DOSE / V, rel=1e-12)
    zeros = jnp.zeros((2, 1))
    rates = jnp.array([[7.0], [0.0]])
    mesh = build_mesh(np.array([0.0, 3.0, UNTIL]), np.array([0.0, UNTIL]), np.array([3.0, UNTIL]), Accuracy())
    infused = run(Pendulum(), (person(),), PENDULUM_START, mesh, (rates,), (zeros,), jnp.zeros((2, 1)))
    assert float(infused.peaks[0][0]) == float(infused.readings[0].parent[0, 0]) > 0


def test_states_driven_by_the_drug_agree_with_an_implicit_solver():
    """Slow, middling and fast beside the step (five times its inverse), each driven by the one before."""
    rates = np.array([0.05, 1.0, 10.0])

    def flow(t, y):
        c = concentration(t)
        return [rates[0] * (c - (1 + c) * y[0])] + [rates[i] * (y[i - 1] - (1 + c) * y[i]) for i in (1, 2)]

    at = np.array([0.5, 1.0, 3.0, UNTIL])
    solved = solve_ivp(flow, (0, UNTIL), [0, 0, 0], "Radau", t_eval=at, rtol=1e-11, atol=1e-13).y
    start = Start((), tuple(jnp.zeros(1) for _ in rates))
    mesh = build_mesh(np.array([0.0, UNTIL]), np.array([0.0, UNTIL]), at, Accuracy(0.125, 0.25, 0.5))
    found = answered(Followers(jnp.asarray(rates)), start, mesh).driven
    for i in range(3):
        np.testing.assert_allclose(found[i][:, 0], solved[i], atol=1e-6)


def test_padding_steps_of_no_length_change_nothing():
    mesh = even_mesh(0.25, [1.0, UNTIL])
    more = 128

    def longer(values, fill):
        return np.concatenate([values, np.full((more, *values.shape[1:]), fill, dtype=values.dtype)])

    padded = dataclasses.replace(
        mesh,
        length_index=longer(mesh.length_index, mesh.length_index[-1]),
        interval=longer(mesh.interval, mesh.interval[-1]),
        begins=longer(mesh.begins, 0.0),
        knot=longer(mesh.knot, mesh.knot[-1]),
        knot_part=longer(mesh.knot_part, 1.0),
        slot=longer(mesh.slot, mesh.slot[-1]),
    )
    assert mesh.lengths[mesh.length_index[-1]] == 0
    first, second = (answered(Pendulum(), PENDULUM_START, m) for m in (mesh, padded))
    for one, other in zip(first.state, second.state, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(first.readings[0].parent, second.readings[0].parent)


def test_answers_do_not_depend_on_when_else_one_asks(exact):
    """Other times asked for cut the steps otherwise; on a mesh fine enough to be exact nothing else may change."""
    few = answered(Pendulum(), PENDULUM_START, even_mesh(0.02, [UNTIL])).state
    many = answered(Pendulum(), PENDULUM_START, even_mesh(0.02, [*np.linspace(0.013, 7.7, 17), UNTIL])).state
    for one, other, true in zip(few, many, exact, strict=True):
        assert float(one[-1, 0]) == pytest.approx(float(other[-1, 0]), abs=1e-9)
        assert float(one[-1, 0]) == pytest.approx(true, abs=1e-9)


def test_concentrations_do_not_depend_on_when_else_one_asks():
    few = answered(Pendulum(), PENDULUM_START, even_mesh(0.5, [UNTIL])).readings[0].parent
    many = (
        answered(Pendulum(), PENDULUM_START, even_mesh(0.5, [*np.linspace(0.013, 7.7, 17), UNTIL])).readings[0].parent
    )
    assert float(few[-1, 0]) == pytest.approx(float(many[-1, 0]), rel=1e-12)


def test_a_flare_between_two_knots_is_a_straight_line():
    """Without drug y2' = (1 - y2^2)/2 + flare: solved with the interpolated line."""
    knots = jnp.array([[0.0], [0.4]])
    mesh = even_mesh(0.125)
    zeros = jnp.zeros((1, 1))
    found = run(Pendulum(), (person(),), PENDULUM_START, mesh, (zeros,), (zeros,), knots).state[1]

    def flow(t, y):
        return [(1 - y[0] ** 2) / 2 + 0.4 * t / UNTIL]

    solved = solve_ivp(flow, (0, UNTIL), [0.8], "DOP853", rtol=1e-12, atol=1e-13).y[0, -1]
    assert float(found[-1, 0]) == pytest.approx(solved, abs=1e-7)


# -------------------------------------------------------------------------------- on patients


IDS = np.arange(24)
DOSES = Infusion(
    drug="ketamine", enantiomer="S", rate="0.3 mg/kg/h", duration="4 h", repeat={"count": 5, "days": "daily"}
)
REGIMEN = compile_regimen(Regimen(setting="icu", doses=(DOSES,)))


def course(at, accuracy=None, **setting):
    setting = Setting(seed=3, **setting)
    if accuracy is not None:
        setting = dataclasses.replace(setting, accuracy=accuracy)
    return simulate_people(sample(3, IDS, "CRPS-1"), IDS, REGIMEN, np.asarray(at, float), setting)


def test_a_patient_asked_for_weekly_or_hourly_is_the_same_patient():
    weekly, hourly = course([168.0, 336.0]), course(np.arange(0, 337, 4.0))
    for name, values in weekly.states.items():
        same = hourly.states[name][np.isin(hourly.time_h, weekly.time_h)]
        np.testing.assert_allclose(values, same, atol=2e-5, err_msg=name)


def test_a_finer_mesh_comes_closer():
    at = [24.0, 100.0, 168.0, 336.0]
    accuracy = Accuracy()
    reference = course(at, accuracy.coarser(1 / 16))
    errors = []
    for times in (4.0, 2.0, 1.0, 0.5):
        other = course(at, dataclasses.replace(accuracy.coarser(times), tolerance=1.0))
        errors.append(np.median(np.abs(other.states["synaptic_gain"] - reference.states["synaptic_gain"]).max(axis=0)))
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 30 * errors[-1]


@pytest.mark.parametrize("field", ["first", "growth", "longest", "tolerance"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_an_impossible_accuracy_is_refused(field, value):
    from unwound.core.errors import InputError

    with pytest.raises(InputError, match=f"accuracy.{field}"):
        Accuracy(**{field: value})
