"""The switch taken apart: resting states, reset, relapse, basins; many what-ifs in one run; what matters."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws.register import FIRST_GUESS, jnp, switch_room, switches
from unwound.core.errors import InputError, UnsafeDose
from unwound.core.random import patient_keys, root_key
from unwound.evidence import value
from unwound.patient import Person, Setting, simulate_people, typical_person
from unwound.patient import sensitivity as sensitivity_room
from unwound.patient.batch import Batch, follow, many, many_wirings
from unwound.patient.blood import blood_of, compile_for
from unwound.patient.reset_map import Asked, constant, in_between, reset_map
from unwound.patient.sensitivity import factors_of, sensitivity
from unwound.patient.setting import outcomes_from_evidence
from unwound.pharmacokinetics import routed_model
from unwound.sensitization import Flares, Memory, Stimulus, basins
from unwound.sensitization import equilibria as rest
from unwound.sensitization import relapse as back
from unwound.sensitization import reset as away

P = FIRST_GUESS
FLARES = Flares(0.05, 3.0)
PEOPLE = 1000
share = st.floats(0.0, 0.99)
some = settings(max_examples=40)

# ------------------------------------------------------------------------------------------- resting states


@given(switches, st.floats(0, 1), st.floats(0, 3), share)
@some
def test_the_flow_of_the_analysis_is_that_of_the_engine(p, gain, drive, block):
    own = dataclasses.replace(p, input=drive)
    engine = switch_room.flow(Memory(gain, 0.0), Stimulus(block, 0.0, 0.0), own).gain
    assert float(rest.rate(gain, drive, p, block)) == pytest.approx(float(engine), rel=1e-9, abs=1e-12)


@given(switches, st.floats(1e-3, 3), share)
@some
def test_no_resting_state_is_missed_and_each_is_at_rest(p, drive, block):
    found = rest.equilibria(drive, p, block)
    grid = np.linspace(0.0, rest.highest_gain(p), 4001)
    signs = np.sign(rest.rate(grid, drive, p, block))
    changes = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    for n in changes:
        assert any(grid[n] - 1e-12 <= one.gain <= grid[n + 1] + 1e-12 for one in found)
    assert len(found) in (1, 3)
    assert [one.stable for one in found] in ([True], [True, False, True])
    for one in found:
        scale = (p.activation + p.decay) * max(1.0, abs(one.slope) / p.decay)
        assert abs(float(rest.rate(one.gain, drive, p, block))) < 1e-9 * scale


def test_one_three_one_resting_states_as_the_drive_rises():
    counts = [len(rest.equilibria(d, P)) for d in np.linspace(0.05, 0.4, 141)]
    changes = np.flatnonzero(np.diff(counts))
    assert [counts[0], counts[changes[0] + 1], counts[-1]] == [1, 3, 1]
    assert len(changes) == 2


def test_a_person_is_healthy_bistable_or_in_pain_only():
    low, high = rest.bistable_range(P)
    classes = [rest.patient_class(d, P) for d in (low - 1e-6, low + 1e-6, high - 1e-6, high + 1e-6)]
    assert classes == ["healthy only", "bistable", "bistable", "pain only"]
    assert rest.patient_class(0.3, dataclasses.replace(P, gain=0.05)) == "no switch"


@given(switches, st.floats(0.01, 1))
@some
def test_above_the_critical_depth_there_is_no_pain_state_and_below_it_there_is(p, drive):
    depth = rest.critical_block(drive, p)
    opens = None if depth is None else rest.opening_block(drive, p)
    if depth is None or not 1e-4 < depth < 0.999 or depth - max(opens, 0.0) < 1e-3:
        return
    below, above = (rest.equilibria(drive, p, depth + step) for step in (-1e-6, 1e-6))
    assert len(above) == 1
    assert below[-1].gain > above[0].gain * (1 + 1e-6)
    assert below[-1].gain - above[0].gain > 1e-3 or len(below) == 3


def test_a_stronger_drive_needs_a_deeper_block():
    depths = [rest.critical_block(d, P) for d in np.linspace(0.17, 0.6, 30)]
    assert (np.diff(depths) > 0).all()


def test_slopes_are_those_of_differences():
    for gain, drive, block in ((0.1, 0.29, 0.0), (0.5, 0.2, 0.2), (0.65, 0.33, 0.4)):
        h = 1e-5
        f = lambda s=0.0, d=0.0, b=0.0, at=(gain, drive, block): float(rest.rate(at[0] + s, at[1] + d, P, at[2] + b))  # noqa: E731
        assert rest.slope(gain, drive, P, block) == pytest.approx((f(s=h) - f(s=-h)) / (2 * h), rel=1e-6)
        assert rest.drive_slope(gain, drive, P, block) == pytest.approx((f(d=h) - f(d=-h)) / (2 * h), rel=1e-6)
        assert rest.block_slope(gain, drive, P, block) == pytest.approx((f(b=h) - f(b=-h)) / (2 * h), rel=1e-6)
        second = (f(s=10 * h) - 2 * f() + f(s=-10 * h)) / (10 * h) ** 2
        assert rest.curvature(gain, drive, P, block) == pytest.approx(second, rel=1e-4)


# ------------------------------------------------------------------------------------------- reset and relapse


def test_a_block_below_the_critical_depth_never_resets_and_just_above_it_takes_long():
    for d in (0.2, 0.24, 0.27, 0.285):
        depth = rest.critical_block(d, P)
        assert away.reset_time(depth - 1e-4, d, P) == math.inf
        near = [away.reset_time(depth + step, d, P) for step in (1e-5, 1e-3, 1e-1)]
        assert near[0] > 100 > near[2]
        assert near[0] == pytest.approx(away.divergence(depth + 1e-5, d, P), rel=0.01)
        assert away.reset_time(1 - 1e-9, d, P) == pytest.approx(away.shortest_reset(d, P), rel=1e-6)


def test_who_has_no_pain_free_state_is_reset_only_while_protection_is_left():
    assert math.isnan(away.reset_time(0.9, 0.33, P))
    assert 0 < away.reset_time(0.9, 0.33, P, left=0.15) < 10
    assert away.reset_time(0.9, 0.33, P, left=0.3) == 0  # that much protection leaves no pain state by itself
    assert away.reset_time(0.9, 0.1, P) == 0  # no pain to leave


def test_protection_built_during_the_infusion_is_the_solution_of_its_equation():
    b, days = 0.3, np.linspace(0, 5, 20001)
    z = away.protection_at(days, b, P)
    slope = np.gradient(z, days)[1:-1]
    np.testing.assert_allclose(slope, (P.protection_on * b * (1 - z) - P.protection_off * z)[1:-1], atol=1e-5)


def test_a_deeper_block_resets_sooner():
    times = away.infusion_reset_times(np.array([0.02, 0.05, 0.1, 0.2, 0.5, 0.9]), 0.33, P)
    assert (np.diff(times[np.isfinite(times)]) < 0).all()
    assert np.isfinite(times[1:]).all()
    assert (away.infusion_reset_times(np.array([0.5]), 0.1, P) == 0).all()


def test_below_the_border_of_remission_relief_has_no_end():
    edge = back.remission_latent(P)
    inside, outside = (rest.frozen_drive(edge + step, P) for step in (-0.01, 0.01))
    assert back.relapse_time(0.5, inside, P) == math.inf
    assert math.isfinite(back.relapse_time(0.5, outside, P))
    assert back.protection_time(0.1, rest.frozen_drive(1.0, P), P) == 0


# ------------------------------------------------------------------------------------------- basins


@pytest.mark.parametrize("d", [0.2, 0.24])
@pytest.mark.parametrize("widths", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_the_chance_of_pain_near_the_separatrix_is_that_of_simulated_flares(d, widths):
    keys = patient_keys(root_key(4), jnp.arange(PEOPLE))
    gain = rest.separatrix(d, P) + widths * basins.border_width(d, P, FLARES)
    after = basins.under_flares(np.asarray(gain), d, P, FLARES, keys, days=20)[10]
    simulated, error = float((after > rest.separatrix(d, P)).mean()), 0.5 / np.sqrt(PEOPLE)
    assert abs(simulated - basins.chance_of_pain(gain, d, P, FLARES)) < 0.09 + 2 * error


def test_without_flares_the_separatrix_decides():
    calm = dataclasses.replace(FLARES, flare_sd=0.0)
    border, keys = rest.separatrix(0.24, P), patient_keys(root_key(4), jnp.arange(PEOPLE))
    for step, expected in ((-0.05, 0.0), (0.05, 1.0)):
        assert basins.chance_of_pain(border + step, 0.24, P, calm) == expected
        assert basins.share_in_pain(border + step, 0.24, P, calm, keys, days=20)[0] == expected
    assert basins.chance_of_pain(0.3, 0.33, P, FLARES) is None


def test_flares_bring_people_back_sooner_the_nearer_they_are_to_the_fold():
    keys = patient_keys(root_key(5), jnp.arange(PEOPLE))
    hazards = [basins.relapse_hazard(d, P, FLARES, keys, days=20) for d in (0.2, 0.24, 0.27)]
    assert hazards[0] < hazards[1] < hazards[2]


# ------------------------------------------------------------------------------------------- many what-ifs in one run

TWO = routed_model("twocompartment")
AT = 24.0 * np.arange(101.0)


def one_by_one(rate, days, own=None, latent_years=100.0):
    person = typical_person(weight=70.0, baseline=7.0, effects=0, age=45.0, duration=latent_years)
    setting = Setting(model="twocompartment", flares=False, metabolites=False, own=own or {})
    return simulate_people(person, np.zeros(1, int), compile_for(TWO, constant(rate, days, "S")), AT, setting)


def test_a_batch_of_regimens_and_numbers_is_each_of_them_alone():
    cases = [(20.0, 5.0, {}), (10.0, 3.0, {"protected_switch.threshold": 0.7, "empirical.half_block": 0.5})]
    keys = {
        "protected_switch.threshold": value("protected_switch.threshold", "1"),
        "empirical.half_block": value("empirical.half_block", "uM"),
    }
    own = {key: np.array([case[2].get(key, usual) for case in cases]) for key, usual in keys.items()}
    blood = blood_of(TWO, compile_for(TWO, constant(1.0, 5.0, "S")), metabolites=False)
    times = np.array([0.0, 72.0, 120.0])
    rates = np.array([[rate if t < 24 * days else 0.0 for rate, days, _ in cases] for t in times[:-1]])
    person = typical_person(weight=70.0, baseline=7.0, effects=0, age=45.0, duration=100.0)
    pain = outcomes_from_evidence().pain
    batch = Batch(
        many(person, 2), many_wirings("H2", ("S",), 2, own=own), blood, times, (rates,), (np.zeros_like(rates),),
        type(pain)(**{f.name: np.full(2, float(getattr(pain, f.name))) for f in dataclasses.fields(pain)}),
    )  # fmt: skip
    together = follow(batch, AT)
    for n, (rate, days, changed) in enumerate(cases):
        alone = one_by_one(rate, days, changed)
        np.testing.assert_allclose(together.pain_nrs[:, n], alone.pain_nrs[:, 0], atol=2e-4)
        np.testing.assert_allclose(together.states["protection"][:, n], alone.states["protection"][:, 0], atol=1e-5)
        days_of_relief, _ = together.relief(np.array([24.0 * days for _, days, _ in cases]))
        assert days_of_relief[n] == float(alone.relief_days(24.0 * days)[0])


def test_values_between_those_of_the_grid_keep_the_grid():
    found = in_between((1.0, 2.0, 5.0), 0.12)
    assert {1.0, 2.0, 5.0} <= set(found)
    ratios = found[1:] / found[:-1]
    assert (ratios > 1).all()
    assert ratios.max() <= 1.12 + 1e-9
    assert in_between((1.0, 2.0, 5.0), 0.0) == pytest.approx([1.0, 2.0, 5.0])


def test_without_a_switch_relief_is_that_of_the_logarithm():
    """H0: half-lives from the slow concentration at the end to the one that relieves 30 %."""
    found = reset_map(Asked(rates_mg_h=(10.0, 40.0), days=(2.0, 7.0)), Setting(model="twocompartment", hypothesis="H0"))
    assert found.switch is found.theory_days is found.protection is None
    np.testing.assert_allclose(found.relief_days, found.theory_relief_days, atol=1.0)
    gained = found.relief_days[1] - found.relief_days[0]
    np.testing.assert_allclose(gained, 2 * 10.9, atol=0.6)  # four times the rate: two half-lives


def test_a_map_of_impossible_doses_or_numbers_is_refused():
    with pytest.raises(UnsafeDose):
        reset_map(Asked(rates_mg_h=(4000.0,), days=(5.0,)), Setting(model="twocompartment"))
    with pytest.raises(InputError, match="rising order") as refused:
        Asked(rates_mg_h=(5.0, 1.0), latent=2.0)
    assert len(refused.value.problems) == 2


# ------------------------------------------------------------------------------------------- which assumption matters


@pytest.fixture(scope="module")
def found():
    return sensitivity(Person(pain="7 points"), constant(20.0, 5.0, "S"), Setting(model="twocompartment"), samples=8)


def test_every_number_with_a_range_is_varied_and_nothing_else():
    keys = [factor.key for factor in factors_of("H2", "empirical", False)]
    assert "protected_switch.threshold" in keys
    assert "empirical.half_block" in keys
    assert {"pain.power", "pain.acute_block", "pain.acute_half"} <= set(keys)
    assert not [key for key in keys if "flare" in key or key.endswith("r_potency")]
    assert "empirical.r_potency" in [factor.key for factor in factors_of("H2", "empirical", True)]
    assert [f.key for f in factors_of("H0", "empirical", False)][:3] == [
        "turnover.half_life", "turnover.half_effect", "turnover.emax",
    ]  # fmt: skip
    for factor in factors_of("H2", "pore_depolarized", False):
        assert factor.low <= factor.value <= factor.high


def test_the_tornado_is_each_number_at_its_ends_alone(found):
    for key in ("protected_switch.protection_off", "pain.power"):
        n = next(n for n, factor in enumerate(found.factors) if factor.key == key)
        for end, own in ((0, found.factors[n].low), (1, found.factors[n].high)):
            person = typical_person(weight=70.0, baseline=7.0, effects=0, age=45.0, duration=100.0)
            at = 24.0 * (5.0 + np.arange(100.0))
            setting = Setting(model="twocompartment", flares=False, metabolites=False, own={key: own})
            alone = simulate_people(person, np.zeros(1, int), compile_for(TWO, constant(20.0, 5.0, "S")), at, setting)
            index = found.outcomes["relief_days"]
            assert index.tornado[n, end] == pytest.approx(float(alone.relief_days(120.0)[0]), abs=1.01)
            week = 1 - alone.at(120.0 + 168.0)[0] / alone.pain_nrs[0, 0]
            assert found.outcomes["week_1_relief"].tornado[n, end] == pytest.approx(week, abs=2e-3)


def test_what_ends_with_the_infusion_plays_no_part_in_what_lasts(found):
    n = next(n for n, factor in enumerate(found.factors) if factor.key == "pain.acute_block")
    for index in found.outcomes.values():
        assert abs(index.total[n]) < 1e-6
        assert np.ptp(index.tornado[n]) < 1e-6
    assert found.failed == 0
    assert 0.5 < found.in_pain <= 1.0


def test_known_indices_are_found(monkeypatch):
    """Y = 3 x1 + x2, both even on 0..1: 90 % and 10 % of the variance, no interaction."""
    factors = tuple(sensitivity_room.Factor(f"a.x{n}", "", "1", 0.5, 0.0, 1.0, "assumed") for n in (1, 2, 3))
    design, problem = sensitivity_room._design(factors, 256, 1)
    values = 3 * design[:, 0] + design[:, 1]
    everybody = np.ones(len(values), bool)
    index = sensitivity_room._index(problem, design, values, everybody, len(design) - 7, 1)
    assert index.first == pytest.approx([0.9, 0.1, 0.0], abs=0.02)
    assert index.total == pytest.approx([0.9, 0.1, 0.0], abs=0.02)
    assert index.tornado == pytest.approx(np.array([[0.5, 3.5], [1.5, 2.5], [2.0, 2.0]]))
    assert index.pawn[0] > index.pawn[1] > index.pawn_noise


def test_a_run_without_salib_or_with_an_uneven_number_of_samples_says_what_to_do(monkeypatch):
    with pytest.raises(InputError, match="powers of two"):
        sensitivity(Person(), constant(20.0, 5.0, "S"), Setting(model="twocompartment"), samples=100)
    monkeypatch.setattr(sensitivity_room.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"unwound\[analysis\]"):
        sensitivity(Person(), constant(20.0, 5.0, "S"))
