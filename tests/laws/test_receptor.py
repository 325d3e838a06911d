"""Laws of the receptor: chains conserve receptors, the pore follows closed forms, nothing opens without its agonists.

Every law runs over the register of schemes, so a new scheme stands under them by joining it.
"""

import dataclasses
import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

import unwound.receptor
from laws.register import decades, formula_obeys_scaling, fraction, plain, positive, scales, with_unit
from laws.test_acute_effects import formula
from laws.test_scaling import public_functions
from unwound.receptor import coagonist, pore, register, temperature, vargas2004
from unwound.receptor.pore import Asymmetry, Blocker, Magnesium, Solution, full_generator, occupancy
from unwound.receptor.register import SCHEMES, SUBTYPES, coagonist_of, gating_scheme, magnesium_of, subtype_name
from unwound.receptor.scheme import Agonists, at_rest, generator, opened, stationary

of_register = pytest.mark.parametrize("name", SCHEMES)
get = functools.cache(gating_scheme)

glutamate = decades(-2, 4)
glycine = st.one_of(st.none(), decades(-1, 3))
seconds = decades(-4, 1)
voltage = st.floats(-100.0, 60.0)
factor = st.floats(0.1, 3.0)
blockers = st.builds(
    Blocker,
    dissociation=decades(-2, 2),
    reference_voltage=st.floats(-80.0, -40.0),
    delta=fraction,
    on_rate=decades(-1, 1.5),
)
magnesiums = st.sampled_from(SUBTYPES).map(magnesium_of)
drugged = st.lists(st.tuples(st.one_of(st.just(0.0), decades(-2, 2)), blockers), max_size=2)
millimolar = st.one_of(st.just(0.0), decades(-2, 1))
THERMAL = 25.5  # mV


def q(name, glutamate, glycine=None, **how):
    return np.asarray(generator(get(name), Agonists(glutamate, glycine), **how))


def random_state(data, size):
    weights = np.array(data.draw(st.lists(st.floats(0.0, 1.0), min_size=size, max_size=size)))
    weights[data.draw(st.integers(0, size - 1))] += 1.0
    return weights / weights.sum()


# --------------------------------------------------------------------------------------------- chains


@of_register
@given(glutamate=st.one_of(st.just(0.0), glutamate), glycine=glycine, opening=factor, speed=factor, closing=factor)
@settings(max_examples=15)
def test_a_generator_conserves_receptors(name, glutamate, glycine, opening, speed, closing):
    matrix = q(name, glutamate, glycine, opening=opening, speed=speed, closing=closing)
    assert np.abs(matrix.sum(axis=0)).max() <= 1e-15 * len(matrix) * np.abs(matrix).max()
    assert (matrix - np.diag(np.diag(matrix)) >= 0.0).all()


@of_register
@given(data=st.data(), glutamate=st.one_of(st.just(0.0), glutamate), glycine=glycine, seconds=seconds)
@settings(max_examples=15)
def test_occupancies_stay_shares_and_sum_to_one(name, data, glutamate, glycine, seconds):
    start = random_state(data, len(get(name).states))
    later = expm(q(name, glutamate, glycine) * seconds) @ start
    assert later.min() >= -1e-9
    assert abs(later.sum() - 1.0) <= 1e-9


@of_register
@given(glycine=st.one_of(st.just(0.0), glycine))
@settings(max_examples=10)
def test_without_glutamate_a_resting_receptor_stays_at_rest(name, glycine):
    rest = np.asarray(at_rest(get(name), glycine))
    assert rest.sum() == pytest.approx(1.0, abs=1e-12)
    assert float(opened(get(name), rest)) == 0.0
    assert np.abs(q(name, 0.0, glycine) @ rest).max() <= 1e-12 * np.abs(q(name, 0.0, glycine)).max()


@of_register
@given(data=st.data(), glycine=glycine)
@settings(max_examples=10)
def test_without_glutamate_every_receptor_goes_to_rest(name, data, glycine):
    start = random_state(data, len(get(name).states))
    later = expm(q(name, 0.0, glycine) * 1e4) @ start
    np.testing.assert_allclose(later, np.asarray(at_rest(get(name), glycine)), atol=1e-6)


@of_register
@given(glutamate=decades(-2, 3), more=st.floats(1.1, 10.0), glycine=glycine)
@settings(max_examples=15)
def test_more_glutamate_opens_more_channels_up_to_a_limit(name, glutamate, more, glycine):
    steady = [float(opened(get(name), stationary(q(name, g, glycine)))) for g in (glutamate, more * glutamate, 1e9)]
    assert 0.0 < steady[0] < steady[1] < steady[2] * (1 + 1e-9) < 1.0


@of_register
def test_without_glycine_nothing_opens(name):
    start = np.asarray(at_rest(get(name), 0.0))
    for seconds in (1e-3, 0.1, 10.0):
        assert float(opened(get(name), expm(q(name, 1000.0, 0.0) * seconds) @ start)) < 1e-15


@of_register
@given(glycine=decades(-2, 2), more=st.floats(1.1, 10.0))
@settings(max_examples=10)
def test_more_glycine_opens_more_channels_and_never_more_than_saturating(name, glycine, more):
    steady = [float(opened(get(name), stationary(q(name, 100.0, g)))) for g in (glycine, more * glycine, None)]
    assert 0.0 < steady[0] < steady[1] < steady[2]


@of_register
def test_only_ways_between_shut_and_open_answer_to_opening_and_closing(name):
    gating, base = get(name), q(name, 10.0)
    is_open = np.array([state in gating.open_states for state in gating.states])
    apart = ~np.eye(len(is_open), dtype=bool)
    for how, where in (("opening", np.outer(is_open, ~is_open)), ("closing", np.outer(~is_open, is_open))):
        changed = q(name, 10.0, **{how: 0.5})
        np.testing.assert_allclose(changed[apart & where], 0.5 * base[apart & where], rtol=1e-12)
        np.testing.assert_array_equal(changed[apart & ~where], base[apart & ~where])


BROKEN = {"vance2012_2d_1a": (0.4502, 1.7756), "vance2012_2d_1b": (1.4311, 2.35)}
"""Schemes whose printed rates break detailed balance: products round the loops H2 H3 L3 L2 and H3 H4 L4 L3."""


@of_register
@given(glutamate=glutamate, glycine=glycine)
@settings(max_examples=10)
def test_every_way_is_balanced_by_its_way_back_except_in_vance(name, glutamate, glycine):
    matrix = q(name, glutamate, glycine)
    flow = matrix * np.asarray(stationary(matrix))[None, :]
    net = np.abs(flow - flow.T).max() / np.abs(flow - np.diag(np.diag(flow))).max()
    assert net > 1e-8 if name in BROKEN else net < 1e-8


@pytest.mark.parametrize(("name", "products"), BROKEN.items())
def test_vance_cycles_by_as_much_as_we_say(name, products):
    matrix, states = q(name, 10.0), get(name).states
    for loop, product in zip((("H2", "H3", "L3", "L2"), ("H3", "H4", "L4", "L3")), products, strict=True):
        places = [states.index(state) for state in loop]
        ways = list(zip(places, places[1:] + places[:1], strict=True))
        forth, back = (math.prod(matrix[to, fro] for fro, to in way) for way in (ways, [w[::-1] for w in ways]))
        assert forth / back == pytest.approx(product, rel=1e-3)


# ---------------------------------------------------------------------------------------- the pore


def arms(name, data, agonists, **how):
    """A full scheme at random drugs, magnesium and voltage: (its generator, the stationary pore)."""
    concentrations, drugs = zip(*data.draw(drugged) or [((), ())], strict=True)
    if concentrations == ((),):
        concentrations, drugs = (), ()
    mg, outside, volts = data.draw(magnesiums), data.draw(millimolar), data.draw(voltage)
    solution = Solution(agonists, outside, concentrations, volts)
    whole = full_generator(get(name), solution, mg, drugs, THERMAL, **how)
    return np.asarray(whole), np.asarray(occupancy(volts, outside, concentrations, mg, drugs, THERMAL))


@of_register
@given(data=st.data(), glutamate=st.one_of(st.just(0.0), glutamate), glycine=glycine, seconds=decades(-4, -1))
@settings(max_examples=10)
def test_check_1_the_gate_does_not_feel_the_pore(name, data, glutamate, glycine, seconds):
    agonists = Agonists(glutamate, glycine)
    gate = q(name, glutamate, glycine)
    whole, _ = arms(name, data, agonists)
    start = random_state(data, len(whole))

    def marginal(state):
        return state.reshape(-1, len(gate)).sum(axis=0)

    assert np.abs(marginal(whole @ start) - gate @ marginal(start)).max() <= 1e-12 * np.abs(whole).max()
    later = marginal(expm(whole * seconds) @ start)
    assert np.abs(later - expm(gate * seconds) @ marginal(start)).max() < 1e-10


@of_register
@given(data=st.data(), glutamate=glutamate, glycine=glycine)
@settings(max_examples=10)
def test_check_2_the_stationary_state_is_gate_times_pore(name, data, glutamate, glycine):
    whole, pore_shares = arms(name, data, Agonists(glutamate, glycine))
    gate = np.asarray(stationary(q(name, glutamate, glycine)))
    product = np.kron(pore_shares, gate)
    assert np.abs(whole @ product).max() <= 1e-12 * np.abs(whole * product).max()
    assert np.abs(whole.sum(axis=0)).max() <= 1e-14 * np.abs(whole).max()


@of_register
@given(data=st.data(), glutamate=glutamate, opening=factor, closing=factor)
@settings(max_examples=10)
def test_asymmetric_magnesium_conserves_receptors_and_without_asymmetry_is_symmetric(
    name, data, glutamate, opening, closing
):
    mg, outside, volts = data.draw(magnesiums), data.draw(millimolar), data.draw(voltage)
    solution = Solution(Agonists(glutamate), outside, (), volts)
    symmetric = np.asarray(full_generator(get(name), solution, mg, (), THERMAL))
    same = np.asarray(full_generator(get(name), solution, mg, (), THERMAL, asymmetry=Asymmetry(1.0, 1.0)))
    np.testing.assert_array_equal(same, symmetric)
    held = np.asarray(full_generator(get(name), solution, mg, (), THERMAL, asymmetry=Asymmetry(opening, closing)))
    assert np.abs(held.sum(axis=0)).max() <= 1e-14 * np.abs(held).max()
    gates = len(get(name).states)
    np.testing.assert_array_equal(held[:gates, :gates] - symmetric[:gates, :gates], 0.0)
    leaves = (matrix[gates:, gates:].sum(axis=0) for matrix in (held, symmetric))
    np.testing.assert_allclose(*leaves, atol=1e-13 * np.abs(held).max())


# --------------------------------------------------------------------------------------- temperature


@of_register
@given(degrees=st.floats(10.0, 40.0), seconds=decades(-4, -1))
@settings(max_examples=5)
def test_warmth_hastens_the_gate_and_leaves_its_steady_state(name, degrees, seconds):
    speed = temperature.speed_of(get(name), degrees)
    warm, cool = q(name, 100.0, speed=speed), q(name, 100.0)
    start = np.asarray(at_rest(get(name)))
    np.testing.assert_allclose(expm(warm * seconds) @ start, expm(cool * speed * seconds) @ start, atol=1e-9)
    np.testing.assert_allclose(stationary(warm), stationary(cool), rtol=1e-8, atol=1e-14)


@given(low=st.floats(0.0, 40.0), high=st.floats(0.0, 40.0), q10=st.floats(1.5, 4.0))
def test_q10_is_the_factor_for_ten_degrees(low, high, q10):
    assert temperature.speed(low + 10.0, low, q10) == pytest.approx(q10)
    assert temperature.speed(low, low, q10) == 1.0
    there_and_back = temperature.speed(high, low, q10) * temperature.speed(low, high, q10)
    assert there_and_back == pytest.approx(1.0)


# -------------------------------------------------------------------------------------- co-agonists


@given(glycine=decades(-2, 2), d_serine=decades(-2, 2), subtype=st.sampled_from((*SUBTYPES, "native")))
def test_glycine_and_d_serine_compete_for_one_site(glycine, d_serine, subtype):
    p = coagonist_of(subtype)
    equivalent = coagonist.glycine_equivalent(glycine, d_serine, p)
    both = glycine / p.glycine + d_serine / p.d_serine
    assert coagonist.share(equivalent, p.glycine) == pytest.approx(both / (1.0 + both))
    assert coagonist.share(p.glycine, p.glycine) == 0.5


# ---------------------------------------------------------------------------------------- any units


def scaled(record, **others):
    """Any rates for a scheme: every field with a unit positive."""
    fields = {f.name: positive for f in dataclasses.fields(record) if "unit" in f.metadata}
    rest = {f.name: st.just(getattr(record, f.name)) for f in dataclasses.fields(record) if "unit" not in f.metadata}
    return st.builds(type(record), **fields, **rest, **others)


micromolar = with_unit(decades(-2, 3), "uM")
millimolars = with_unit(decades(-2, 1), "mM")
millivolts = with_unit(voltage, "mV")
thermal = with_unit(st.floats(20.0, 30.0), "mV")
one = with_unit(positive, "1")
any_magnesium = st.builds(
    Magnesium,
    dissociation=positive,
    reference_voltage=voltage,
    slope=st.floats(10.0, 30.0),
    off_rate=positive,
    off_slope=st.floats(20.0, 60.0),
)
one_drug = micromolar.map(lambda drug: (drug,))
one_blocker = blockers.map(lambda blocker: (blocker,))
vargas_rates = st.builds(
    vargas2004.Rates,
    on_rate=positive,
    on_slope=st.floats(10.0, 30.0),
    off_rate=positive,
    off_slope=st.floats(20.0, 60.0),
)
coagonists = st.builds(coagonist.Coagonist, glycine=positive, d_serine=positive)
schemes = {name: scaled(get(name)) for name in ("erreger2005_2a", "dravid2008_2c", "vance2012_2d_1a", "lester1992")}


def _drugs(call):
    def of(volts, outside, drugs, mg, blockers_, rt):
        return call(volts, outside, tuple(plain(c) for c in drugs), mg, blockers_, rt)

    return of


def _full(gating, glu, gly, drugs, outside, volts, mg, blockers_, rt):
    solution = Solution(Agonists(glu, gly), outside, tuple(plain(c) for c in drugs), volts)
    return full_generator(gating, solution, mg, blockers_, rt)


def _named(name, call, gives, of, *arguments, **how):
    return dataclasses.replace(formula(name, call, gives, *arguments, **how), of=of)


full_arguments = (micromolar, micromolar, one_drug, millimolars, millivolts, any_magnesium, one_blocker, thermal)
pore_arguments = (millivolts, millimolars, one_drug, any_magnesium, one_blocker, thermal)
FORMULAS = (
    *(
        _named(
            f"generator of {name}",
            lambda p, glu, gly: generator(p, Agonists(glu, gly)),
            "1/s",
            (generator, type(get(name)).transitions),
            any_rates,
            micromolar,
            micromolar,
        )
        for name, any_rates in (*schemes.items(), ("schorge2005_2a", scaled(get("schorge2005_2a"))))
    ),
    _named("gate x pore", _full, "1/s", (full_generator,), schemes["lester1992"], *full_arguments),
    formula("K_Mg", pore.magnesium_dissociation, "mM", millivolts, any_magnesium),
    formula("unbinding of magnesium", pore.magnesium_off, "1/s", millivolts, any_magnesium),
    formula("K of a drug", pore.dissociation, "uM", millivolts, blockers, thermal),
    formula("unbinding of a drug", pore.off_rate, "1/s", millivolts, blockers, thermal),
    formula("IC50", pore.half_inhibition, "uM", millivolts, millimolars, any_magnesium, blockers, thermal),
    _named("stationary pore", _drugs(pore.occupancy), "1", (pore.occupancy,), *pore_arguments),
    _named("inhibition", _drugs(pore.inhibition), "1", (pore.inhibition,), *pore_arguments),
    formula("glycine equivalent", coagonist.glycine_equivalent, "uM", micromolar, micromolar, coagonists),
    formula("share with glycine", coagonist.share, "1", micromolar, micromolar),
    formula("asymmetric magnesium", vargas2004.magnesium, None, vargas_rates),
    formula("resting receptors", at_rest, "1", scaled(get("schorge2005_2a")), micromolar),
)


@pytest.mark.parametrize("entry", FORMULAS, ids=lambda f: f.name)
@given(data=st.data(), k=scales)
@settings(max_examples=15)
def test_a_formula_of_the_receptor_is_the_same_in_any_units(entry, data, k):
    assert formula_obeys_scaling(entry, data.draw(entry.arguments), k)


HERE = ("scheme", "pore", "coagonist", "temperature", "register", "vargas2004")
RECORDS = ("erreger2005", "dravid2008", "vance2012", "schorge2005", "five_state")
NO_UNITS = {
    "scheme.opened": "a sum",
    "scheme.stationary": "a null vector; that it is stationary is a law above",
    "temperature.speed": "degrees are no unit of ours to change; see above",
    "temperature.speed_of": "as `speed`",
    "vargas2004.asymmetric_generator": "the numbers of the paper in the full generator; see tests/papers",
    "vargas2004.asymmetry": "reads table rows",
    "vargas2004.rates": "reads table rows",
    "register.gating_scheme": "looks up a name",
    "register.subtype_name": "looks up a name",
    "register.coagonist_of": "reads table rows",
    "register.magnesium_of": "reads table rows",
    "register.thermal_voltage": "constants of physics in their units",
}


def test_every_function_of_schemes_and_pore_is_under_the_laws():
    defined = {n for n in public_functions(unwound.receptor) if n.split(".")[0] in (*HERE, *RECORDS)}
    under = {f"{f.__module__.split('.')[-1]}.{f.__qualname__}" for entry in FORMULAS for f in entry.of}
    assert set(NO_UNITS) <= defined
    assert defined == under | set(NO_UNITS)


# ------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize("spelled", ["2a", "NR2A", "GluN2A", "GluN1/GluN2A", "erreger2005_2a", "Erreger2005-2A"])
def test_a_scheme_answers_to_its_name_and_to_its_subtype(spelled):
    assert gating_scheme(spelled).prefix == "erreger2005_2a"


def test_every_subtype_has_a_scheme_of_its_own():
    assert {subtype: gating_scheme(subtype).subtype for subtype in SUBTYPES} == {s: s for s in SUBTYPES}
    assert {subtype_name(s) for s in SUBTYPES} == set(register.DEFAULT)


@of_register
def test_a_scheme_names_states_that_it_has_and_can_reach(name):
    gating = get(name)
    assert {*gating.open_states, *gating.resting} <= set(gating.states)
    steps = gating.transitions(Agonists(1.0, 1.0))
    assert {step.source for step in steps} == {step.target for step in steps} == set(gating.states)
    assert len({(step.source, step.target) for step in steps}) == len(steps)
