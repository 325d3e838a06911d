"""Experiments on one channel: cases worked by hand, laws of probability, and an independent solver."""

from typing import ClassVar

import numpy as np
import pytest

from unwound import evidence
from unwound.core.arrays import Record, jax
from unwound.core.errors import InputError
from unwound.receptor.experiments import (
    Patch,
    attribution,
    block,
    concentration_inhibition,
    current_voltage,
    epsc,
    mixture,
    onset,
    recovery,
    trapping,
    unblock,
    use_dependence,
)
from unwound.receptor.experiments.current_voltage import jahr_stevens
from unwound.receptor.experiments.record import time_to
from unwound.receptor.pore import Blocker, Magnesium, full_generator
from unwound.receptor.scheme import Agonists, Transition, at_rest
from unwound.receptor.solve import Channel, Solution, Step, changing, piecewise, resting, settled, start, train

KETAMINE = Patch(magnesium=0.0, voltage=-70.0)


class AlwaysOpen(Record):
    """A gate that cannot close: what is left is the pore alone, one exponential."""

    states: ClassVar[tuple[str, ...]] = ("O",)
    open_states: ClassVar[tuple[str, ...]] = ("O",)
    resting: ClassVar[tuple[str, ...]] = ("O",)
    glycine_half: ClassVar[None] = None

    def transitions(self, agonists: Agonists) -> tuple[Transition, ...]:
        return ()


def pore_alone(on_rate=2.0, dissociation=0.5):
    blocker = Blocker(dissociation=dissociation, reference_voltage=-60.0, delta=0.0, on_rate=on_rate)
    magnesium = Magnesium(dissociation=0.1, reference_voltage=-60.0, slope=16.0, off_rate=5000.0, off_slope=50.0)
    return Channel(AlwaysOpen(), magnesium, (blocker,), 25.0)


def bath(drug, magnesium=0.0, voltage=-60.0, glutamate=100.0):
    return Solution(Agonists(glutamate), magnesium, [drug], voltage)


# ------------------------------------------------------------------------------------------------ worked by hand


def test_a_channel_that_never_closes_recovers_with_the_rate_of_unbinding():
    """k_off = 2 per uM and s times 0.5 uM = 1 per s."""
    at = np.array([0.0, 0.5, 1.0, 3.0])
    seen = piecewise(pore_alone(), [Step(bath(0.0), 3.0, at)], start(np.array([1.0]), [0.25, 0.0, 0.75]))
    np.testing.assert_allclose(seen.blocked[0], 0.75 * np.exp(-at), rtol=1e-12)
    np.testing.assert_allclose(seen.conducting, 1.0 - 0.75 * np.exp(-at), rtol=1e-12)


def test_a_channel_that_never_closes_is_blocked_with_the_sum_of_both_rates():
    """C = 1.5 uM: in 3 per s, out 1 per s; magnesium at its K halves the way in."""
    at = np.array([0.1, 0.7, 2.0])
    seen = piecewise(pore_alone(), [Step(bath(1.5), 2.0, at)], resting(pore_alone()))
    np.testing.assert_allclose(seen.blocked[0], 0.75 * (1.0 - np.exp(-4.0 * at)), rtol=1e-12)
    with_magnesium = piecewise(pore_alone(), [Step(bath(1.5, 0.1), 2.0, at)], resting(pore_alone()))
    np.testing.assert_allclose(with_magnesium.blocked[0], 0.6 * (1.0 - np.exp(-2.5 * at)), rtol=1e-12)
    np.testing.assert_allclose(with_magnesium.conducting, 0.5 * (1.0 - with_magnesium.blocked[0]), rtol=1e-12)


def test_drug_behind_a_closed_gate_stays_there_without_an_escape():
    channel = KETAMINE.channel()
    rest = np.zeros(len(channel.gating.states))
    rest[channel.gating.states.index("R")] = 1.0
    state = start(rest, [0.1, 0.0, 0.9])
    silent = Step(KETAMINE.washed().solution(glutamate=0.0), 3600.0, [1800.0])
    kept = piecewise(channel, [silent], state)
    assert float(kept.last[1].sum()) == pytest.approx(0.9, abs=1e-9)
    leaking = piecewise(channel, [silent], state, escape=1.0 / 3600.0)
    assert float(leaking.last[1].sum()) == pytest.approx(0.9 * np.exp(-1.0), rel=1e-9)


def test_when_a_curve_passes_a_level_is_interpolated():
    assert time_to(np.array([0.0, 1.0, 2.0]), np.array([0.0, 4.0, 8.0]), 6.0) == 1.5
    assert time_to(np.array([0.0, 1.0]), np.array([8.0, 4.0]), 5.0) == 0.75
    assert np.isnan(time_to(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 2.0))


# ------------------------------------------------------------------------------------------------ laws


def test_probability_is_neither_made_nor_lost():
    patch = Patch(subtype="GluN2D")
    steps = [
        Step(patch.solution(glutamate=1000.0), 0.004),
        Step(patch.solution(glutamate=0.0, voltage=20.0), 600.0),
    ]
    for lumped in (True, False):
        last = np.asarray(piecewise(patch.channel(), steps, resting(patch.channel(), lumped=lumped), lumped).last)
        assert last.sum() == pytest.approx(1.0, abs=1e-9)
        assert last.min() > -1e-12


def test_the_gate_does_not_feel_the_drug():
    found = epsc(Patch(subtype="GluN2B", drugs=(("ketamine", 50.0),)), duration=1.0)
    clean = epsc(Patch(subtype="GluN2B", drugs=(("ketamine", 0.0),)), duration=1.0)
    assert found.numbers["peak_open_probability"] == pytest.approx(clean.numbers["peak_open_probability"], rel=1e-10)


def test_a_train_is_the_same_as_its_pulses_one_after_the_other():
    patch = KETAMINE
    pulse = Step(patch.solution(glutamate=1000.0), 0.002, [0.001])
    pause = Step(patch.solution(glutamate=0.0), 0.098, [0.01, 0.05])
    channel = patch.channel()
    once = piecewise(channel, [pulse, pause] * 3, resting(channel))
    cycles = train(channel, pulse, pause, 3, resting(channel))
    np.testing.assert_allclose(np.concatenate([c.conducting for c in cycles]), once.conducting, rtol=1e-10)
    np.testing.assert_allclose(np.concatenate([c.time for c in cycles]), once.time, rtol=1e-12)
    np.testing.assert_allclose(cycles[-1].last, once.last, atol=1e-12)


def test_the_lumped_and_the_full_scheme_agree_where_closed_channels_hold_their_share_of_magnesium():
    patch = Patch()
    at = np.array([0.002, 0.005, 0.02, 0.1])
    step = Step(patch.solution(glutamate=1000.0), 0.1, at)
    channel = patch.channel()
    rest, pore = at_rest(channel.gating), patch.without_drug().pore()
    lumped = piecewise(channel, [step], start(rest, pore))
    full = piecewise(channel, [step], start(rest, pore, lumped=False), lumped=False)
    np.testing.assert_allclose(full.conducting, lumped.conducting, atol=1e-3 * lumped.conducting.max())
    # closed channels without magnesium are another beginning: the first openings are free of it
    freer = piecewise(channel, [step], resting(channel, lumped=False), lumped=False)
    assert (freer.conducting[:2] > 1.05 * lumped.conducting[:2]).all()


def test_the_generator_is_that_of_the_pore():
    from unwound.receptor.solve import assemble, moves, rates

    patch = Patch(drugs=(("ketamine", 1.0), ("memantine", 2.0)))
    c, solution = patch.channel(), patch.solution()
    expected = full_generator(c.gating, solution, c.magnesium, c.blockers, c.thermal_voltage)
    found = assemble(moves(c, solution.agonists, False), *rates(c, solution, False))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-9)


def test_what_is_steady_stays_as_it_is():
    patch = Patch(subtype="GluN2B")
    state = patch.stationary()
    np.testing.assert_allclose(settled(patch.channel(), patch.solution()), state, atol=1e-12)
    after = piecewise(patch.channel(), [Step(patch.solution(), 10.0)], state).last
    np.testing.assert_allclose(after, state, atol=1e-9)


# ------------------------------------------------------------------------------------------------ other solvers


def test_exponentials_agree_with_the_stiff_solver_of_scipy():
    """Full scheme, from rest into glutamate, magnesium and drug."""
    integrate = pytest.importorskip("scipy.integrate")
    patch, at = Patch(), np.array([1e-4, 1e-3, 0.01, 0.1, 1.0])
    c = patch.channel()
    matrix = np.asarray(full_generator(c.gating, patch.solution(), c.magnesium, c.blockers, c.thermal_voltage))
    first = np.asarray(resting(c, lumped=False)).ravel()
    theirs = integrate.solve_ivp(
        lambda t, x: matrix @ x, (0.0, 1.0), first, "BDF", at, jac=matrix, rtol=1e-9, atol=1e-12
    )
    gates = len(c.gating.states)
    is_open = c.gating.states.index("O")
    ours = piecewise(c, [Step(patch.solution(), 1.0, at)], resting(c, lumped=False), lumped=False)
    np.testing.assert_allclose(ours.conducting, theirs.y[is_open], atol=1e-6)
    np.testing.assert_allclose(ours.blocked[0], theirs.y[2 * gates :].sum(axis=0), atol=1e-6)


def test_the_implicit_solver_agrees_with_exponentials_and_with_scipy_on_a_ramp():
    """Held at -66 mV it must give the exponential; over a ramp, what scipy gives."""
    integrate = pytest.importorskip("scipy.integrate")
    pytest.importorskip("diffrax")
    patch, at = Patch(), np.array([0.005, 0.02, 0.05])
    c, first = patch.channel(), resting(patch.channel(), lumped=False)
    held = (np.array([0.0, 0.05]), np.array([-66.0, -66.0]))
    exact = piecewise(c, [Step(patch.solution(), 0.05, at)], first, lumped=False)
    flat = changing(c, patch.solution(), held, first, at, lumped=False)
    np.testing.assert_allclose(flat.conducting, exact.conducting, atol=1e-6)
    np.testing.assert_allclose(flat.last, exact.last, atol=1e-6)

    @jax.jit
    def matrix(t):
        now = patch.solution()._replace(voltage=-66.0 + 2000.0 * t)
        return full_generator(c.gating, now, c.magnesium, c.blockers, c.thermal_voltage)

    ramp = (np.array([0.0, 0.05]), np.array([-66.0, 34.0]))
    ramped = changing(c, patch.solution(), ramp, first, at, lumped=False)
    theirs = integrate.solve_ivp(
        *(lambda t, x: np.asarray(matrix(t)) @ x, (0.0, 0.05), np.asarray(first).ravel()),
        *("Radau", at),
        jac=lambda t, _: np.asarray(matrix(t)),
        rtol=1e-7,
        atol=1e-10,
    )
    np.testing.assert_allclose(ramped.conducting, theirs.y[c.gating.states.index("O")], atol=1e-6)


# ------------------------------------------------------------------------------------------------ experiments


def test_block_is_told_with_its_context():
    found = block(Patch(drugs=(("ketamine", 1.0),))).numbers
    mg, k = 0.065, 0.33
    assert found["inhibition"] == pytest.approx(1.0 / (1.0 + k * (1.0 + 1.0 / mg)), rel=1e-12)
    assert found["ic50_uM"]["ketamine"] == pytest.approx(k * (1.0 + 1.0 / mg), rel=1e-12)
    assert sum(found["occupancy"].values()) == pytest.approx(1.0, abs=1e-12)


def test_an_allosteric_drug_closes_the_gate_and_leaves_the_pore():
    alone = block(Patch(subtype="GluN2B")).numbers
    both = block(Patch(subtype="GluN2B", drugs=(("ketamine", 1.0), ("ifenprodil", 1.0)))).numbers
    assert both["occupancy"] == alone["occupancy"]
    gate = both["open_probability"]["with it"] / both["open_probability"]["no drug"]
    assert 1.0 - both["inhibition"] == pytest.approx((1.0 - alone["inhibition"]) * gate, rel=1e-9)
    assert gate < 0.5


def test_half_of_the_current_is_lost_at_the_ic50():
    found = concentration_inhibition("ketamine", ("GluN2A",), (1.0,), (-66.0,), concentration=np.array([1.0, 5.406923]))
    assert found.panels[0].curves[0].y[1] == pytest.approx(0.5, abs=1e-6)


def test_recovery_has_the_rate_that_its_unbinding_was_calibrated_on():
    """A consistency, not a finding: 0.22 per s (Gilling 2009) entered the on-rate."""
    found = recovery(KETAMINE).numbers
    assert found["rate_per_s"] == pytest.approx(0.22, rel=0.05)


def test_onset_ends_at_the_steady_block_and_is_faster_with_more_drug():
    little, much = (onset(KETAMINE.but(drugs=(("ketamine", c),))) for c in (0.3, 10.0))
    for found in (little, much):
        curve = found.panels[0].curves[0]
        assert curve.y[-1] == pytest.approx(found.numbers["steady_inhibition"], rel=1e-4)
        assert curve.y[0] == pytest.approx(0.0, abs=1e-12)
    assert much.numbers["time_to_half_s"] < little.numbers["time_to_half_s"]


def test_ketamine_is_trapped_more_than_memantine_behind_the_gate_of_glun2b():
    kept = {
        drug: trapping(Patch(subtype="GluN2B", drugs=((drug, 10.0),), magnesium=0.0, voltage=-60.0)).numbers
        for drug in ("ketamine", "memantine")
    }
    assert kept["ketamine"]["trapped"]["ketamine"] > kept["memantine"]["trapped"]["memantine"]
    for drug, observed in (("ketamine", 0.86), ("memantine", 0.71)):
        shallow = kept[drug]["trapped_with_shallow_site"][drug]
        assert shallow < kept[drug]["trapped"][drug]
        assert shallow == pytest.approx(observed, abs=0.08)


def test_block_needs_use():
    found = use_dependence(Patch(), pulses=40)
    ratio = found.panels[0].curves[0].y
    assert found.numbers["first_pulse_ratio"] >= 0.96
    assert (np.diff(ratio) < 0.0).all()
    assert found.numbers["pore_ratio_at_equilibrium"] < ratio[-1] < 0.9


@pytest.mark.parametrize(("subtype", "decay_ms"), [("GluN2A", 42.0), ("GluN2D", 3003.0)])
def test_deactivation_is_that_of_the_scheme(subtype, decay_ms):
    """Regression of the area of the current after a pulse of 4 ms of 1 mM; recordings differ by up to twofold."""
    found = epsc(Patch(subtype=subtype, drugs=()), pulse=0.004)
    assert found.numbers["decay_ms"]["no drug"] == pytest.approx(decay_ms, rel=0.02)


def test_at_equilibrium_a_synaptic_current_is_smaller_and_keeps_its_shape():
    found = epsc(Patch(drugs=(("ketamine", 5.0),)))
    assert found.numbers["peak_ratio"]["first in drug"] > 0.98
    equilibrium = found.numbers["peak_ratio"]["at equilibrium with it"]
    inhibition = block(Patch(drugs=(("ketamine", 5.0),))).numbers["inhibition"]
    assert equilibrium == pytest.approx(1.0 - inhibition, rel=1e-3)
    decay = found.numbers["decay_ms"]
    assert decay["at equilibrium with it"] == pytest.approx(decay["no drug"], rel=1e-3)


def test_magnesium_bends_the_current_as_jahr_and_stevens_say():
    at = np.array([-80.0, -60.0, -40.0, -20.0, 0.0, 40.0])
    np.testing.assert_allclose(jahr_stevens(at, 1.0), [0.0244, 0.0796, 0.2302, 0.5081, 0.7812, 0.9771], atol=1e-3)
    found = current_voltage(Patch(), low=-100.0, high=60.0)
    assert found.numbers["voltage_of_largest_inward_current_mV"]["Jahr and Stevens"] == pytest.approx(-27.0, abs=0.5)
    curve = next(c for c in found.panels[0].curves if c.label == "Jahr and Stevens")
    at_80 = float(np.interp(-80.0, curve.x, curve.y))
    assert at_80 / curve.y.min() == pytest.approx(0.18, abs=0.01)


def test_magnesium_leaves_slowly_only_where_it_holds_the_gate():
    told = unblock(Patch(voltage=-70.0, glutamate=30.0)).numbers["fraction_of_final_current"]
    assert told["symmetric, 1 ms"] > 0.97
    assert told["asymmetric, 1 ms"] < 0.6
    assert told["asymmetric, 20 ms"] < told["asymmetric, 100 ms"] < 0.95


def test_the_parts_of_the_subtypes_make_up_the_effect():
    found = attribution(Patch()).numbers
    assert mixture() == {"GluN2A": 0.35, "GluN2B": 0.5, "GluN2D": 0.15}
    assert sum(found["effect_lost_if_spared"].values()) == pytest.approx(1.0, abs=1e-12)
    assert sum(found["share_of_current"].values()) == pytest.approx(1.0, abs=1e-12)
    assert found["inhibition_without_it"]["GluN2D"] < found["inhibition"] < found["inhibition_without_it"]["GluN2A"]
    one = attribution(Patch(), {"2B": 2.0}).numbers
    assert one["inhibition"] == pytest.approx(block(Patch(subtype="GluN2B")).numbers["inhibition"], rel=1e-12)


def test_every_experiment_names_its_evidence_and_what_it_does_not_reproduce():
    patch = Patch(subtype="GluN2B", glycine=2.0, temperature=30.0)
    found = [block(patch), recovery(patch), attribution(patch), trapping(patch)]
    for one in found:
        assert one.notes
        assert evidence.citations(one.keys)
        assert any(row.key == "ketamine.k_2b" for row in evidence.assumptions(one.keys))
    assert {"coagonist.glycine_2b", "receptor_temperature.q10"} <= set(found[1].keys)


# ------------------------------------------------------------------------------------------------ wrong input


def test_everything_that_is_wrong_with_a_patch_is_said_at_once():
    with pytest.raises(InputError) as caught:
        Patch(subtype="GluN2E", drugs=(("ketamin", 1.0), ("memantine", -1.0)), magnesium=-1.0, voltage=500.0)
    told = str(caught.value)
    for word in ("GluN2E", "ketamin", "memantine", "magnesium", "voltage", "5 problems"):
        assert word in told


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: recovery(Patch(glutamate=0.0)), "no gate opens"),
        (lambda: onset(Patch(glycine=0.0)), "no gate opens"),
        (lambda: onset(Patch(drugs=())), "needs a drug of the pore"),
        (lambda: recovery(Patch(subtype="2B", drugs=(("ifenprodil", 1.0),))), "needs a drug of the pore"),
        (lambda: Patch(subtype="GluN2B", scheme="erreger2005_2a"), "scheme of GluN2A"),
        (lambda: Patch(drugs=(("ketamine", 1.0), ("Ketamine", 2.0))), "twice"),
        (lambda: Patch(drugs=(("lanicemine", 1.0),)), "not known"),
        (lambda: trapping(KETAMINE, applied=0.0, wash=-1.0, escape=-1.0), "3 problems"),
        (lambda: use_dependence(Patch(), pulses=0, period=0.001, pulse=0.002), "2 problems"),
        (lambda: epsc(Patch(), pulse=0.0), "more than 0"),
        (lambda: current_voltage(Patch(), low=10.0, high=-10.0), "lower one first"),
        (lambda: attribution(Patch(), {"GluN2A": -1.0, "GluN9": 1.0}), "2 problems"),
        (lambda: attribution(Patch(), {"GluN2A": 0.0}), "all 0"),
        (lambda: concentration_inhibition("ketamine", ()), "name at least one"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(call, words):
    with pytest.raises(InputError, match=words):
        call()
