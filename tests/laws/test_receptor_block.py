"""Block of the pore obeys its limits: no drug, much drug, two drugs, no agonist; and no equation minds the units."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from laws.register import Formula, decades, formula_obeys_scaling, fraction, plain, positive, scales, with_unit
from unwound.core.arrays import jax, jnp
from unwound.receptor import (
    Agonists,
    calibration,
    gating_scheme,
    ligand,
    lumped,
    magnesium_of,
    pore,
    potency,
    reduced,
    superficial,
    thermal_voltage,
)
from unwound.receptor import allosteric as allosteric_page
from unwound.receptor import tonic as tonic_page
from unwound.receptor.ligands import LIGANDS
from unwound.receptor.scheme import at_rest, generator, opened, stationary

RT_F = thermal_voltage(23.0)
POTENT = ("ketamine", "S-ketamine", "R-ketamine", "memantine", "MK-801", "phencyclidine", "dextrorphan", "amantadine")
drugs = st.sampled_from(POTENT)
subtypes = st.sampled_from(("GluN2A", "GluN2B", "GluN2C", "GluN2D"))
doses = decades(-3, 3)
voltages = st.floats(-90.0, 40.0)
magnesiums = st.one_of(st.just(0.0), decades(-2, 0.5))


def lost(concentrations, blockers, subtype, voltage, magnesium):
    return float(pore.inhibition(voltage, magnesium, concentrations, magnesium_of(subtype), blockers, RT_F))


# --------------------------------------------------------------------------- limits of block


@given(drugs, subtypes, doses, st.floats(1.01, 10.0), voltages, magnesiums)
def test_more_drug_blocks_more(drug, subtype, dose, more, voltage, magnesium):
    p = [ligand(drug).blocker(subtype)]
    less, much = (lost([c], p, subtype, voltage, magnesium) for c in (dose, dose * more))
    assert 0.0 < less <= much <= 1.0


@given(drugs, subtypes, voltages, magnesiums)
def test_no_drug_is_no_block_and_endless_drug_is_full_block(drug, subtype, voltage, magnesium):
    p = [ligand(drug).blocker(subtype)]
    assert lost([0.0], p, subtype, voltage, magnesium) == pytest.approx(0.0, abs=1e-15)
    assert lost([1e12], p, subtype, voltage, magnesium) == pytest.approx(1.0, abs=1e-3)


@given(drugs, subtypes, doses, fraction, voltages, magnesiums)
def test_a_drug_mixed_with_itself_is_one_dose(drug, subtype, dose, part, voltage, magnesium):
    p = ligand(drug).blocker(subtype)
    split = lost([part * dose, (1 - part) * dose], [p, p], subtype, voltage, magnesium)
    assert split == pytest.approx(lost([dose], [p], subtype, voltage, magnesium), rel=1e-12, abs=1e-15)


@given(drugs, drugs, subtypes, doses, doses, voltages, magnesiums)
def test_the_order_of_drugs_does_not_matter(one, other, subtype, first, second, voltage, magnesium):
    p, q = ligand(one).blocker(subtype), ligand(other).blocker(subtype)
    here = lost([first, second], [p, q], subtype, voltage, magnesium)
    assert here == pytest.approx(lost([second, first], [q, p], subtype, voltage, magnesium), rel=1e-12, abs=1e-15)


@given(subtypes, doses, voltages, magnesiums)
def test_an_equal_mixture_of_enantiomers_is_the_racemate(subtype, dose, voltage, magnesium):
    s, r = ligand("S-ketamine").blocker(subtype), ligand("R-ketamine").blocker(subtype)
    both = lost([dose / 2, dose / 2], [s, r], subtype, voltage, magnesium)
    whole = lost([dose], [ligand("ketamine").blocker(subtype)], subtype, voltage, magnesium)
    assert both == pytest.approx(whole, rel=1e-5)  # the table prints six digits


@given(positive, st.floats(1.0, 10.0))
def test_enantiomers_and_their_mixture_are_inverse(racemate, ratio):
    s, r = potency.enantiomers(racemate, ratio)
    assert float(potency.equal_mixture(s, r)) == pytest.approx(racemate, rel=1e-12)
    assert r / s == pytest.approx(ratio, rel=1e-12)


@given(st.lists(st.tuples(doses, drugs), min_size=1, max_size=4), subtypes, voltages, magnesiums)
def test_a_mixture_blocks_as_its_equivalent_in_ketamine(parts, subtype, voltage, magnesium):
    blockers = [ligand(drug).blocker(subtype) for _, drug in parts]
    concentrations = [dose for dose, _ in parts]
    ketamine = ligand("ketamine").blocker(subtype)
    constants = [pore.dissociation(voltage, p, RT_F) for p in blockers]
    same = potency.equivalent(concentrations, constants, pore.dissociation(voltage, ketamine, RT_F))
    mixed = lost(concentrations, blockers, subtype, voltage, magnesium)
    assert mixed == pytest.approx(lost([same], [ketamine], subtype, voltage, magnesium), rel=1e-10)


# --------------------------------------------------------------------------- trapping, and the shallow site


def bath(glutamate, concentration, voltage=-60.0, magnesium=0.0):
    return pore.Solution(Agonists(glutamate), magnesium, [concentration], voltage)


@pytest.mark.parametrize("name", ["GluN2A", "GluN2B"])
def test_trapped_drug_does_not_leave_without_agonist(name):
    gating, mg, p = gating_scheme(name), magnesium_of(name), ligand("ketamine").blocker(name)
    gates = len(gating.states)
    closed = np.zeros(3 * gates)
    closed[2 * gates + gating.states.index(gating.resting[0])] = 1.0
    for concentration in (0.0, 10.0):
        day = expm(86400.0 * np.asarray(pore.full_generator(gating, bath(0.0, concentration), mg, [p], RT_F)))
        assert (day @ closed)[2 * gates :].sum() == pytest.approx(1.0, abs=1e-9)


@given(fraction, st.floats(0.0, 1e-2))
def test_only_escape_frees_a_drug_from_channels_that_never_open(held, escape):
    steps = jnp.full(3, 60.0)
    after = np.asarray(reduced.course(held, jnp.zeros(3), steps, 1.0, 1.0, escape))
    assert after == pytest.approx(held * np.exp(-escape * np.array([60.0, 120.0, 180.0])), rel=1e-12, abs=1e-15)


def test_the_shallow_site_leaves_stationary_pore_and_gate_a_product():
    gating, mg = gating_scheme("2B"), magnesium_of("2B")
    p = [ligand("memantine").blocker("2B"), ligand("S-ketamine").blocker("2B")]
    site = superficial.Superficial(affinity=0.3, off_rate=2.4)
    solution = pore.Solution(Agonists(30.0), 1.0, [3.0, 0.4], -50.0)
    matrix = superficial.superficial_generator(gating, solution, mg, p, site, RT_F)
    shares = superficial.superficial_occupancy(solution, mg, p, site, RT_F)
    gate = stationary(generator(gating, solution.agonists))
    product = np.outer(shares, gate).ravel()
    assert product.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.abs(np.asarray(matrix) @ product).max() < 1e-9 * np.abs(matrix).max()
    assert np.abs(np.asarray(matrix).sum(axis=0)).max() < 1e-9


def test_the_shallow_site_holds_the_share_it_was_made_for_and_empties_from_closed_channels():
    mg, p = magnesium_of("2B"), [ligand("memantine").blocker("2A")]
    deep = pore.dissociation(-60.0, p[0], RT_F)
    site = superficial.site_of_share(0.1, 10.0, deep, 2.4)
    held = superficial.superficial_occupancy(bath(100.0, 10.0), mg, p, site, RT_F)
    assert float(held[-1]) == pytest.approx(0.1, rel=1e-12)
    gating = gating_scheme("2B")
    gates = len(gating.states)
    closed = np.zeros(4 * gates)
    closed[3 * gates + gating.states.index(gating.resting[0])] = 1.0
    matrix = np.asarray(superficial.superficial_generator(gating, bath(0.0, 0.0), mg, p, site, RT_F))
    assert (expm(matrix) @ closed)[3 * gates :].sum() == pytest.approx(np.exp(-2.4), rel=1e-9)


def test_a_drug_without_a_shallow_site_gets_none():
    assert superficial.superficial_site(ligand("PCP"), 1.0).affinity == 0.0


# --------------------------------------------------------------------------- lumped, allosteric, tonic


@settings(max_examples=20)
@given(doses, voltages, magnesiums)
def test_lumped_and_full_scheme_rest_in_the_same_place(dose, voltage, magnesium):
    gating, mg, p = gating_scheme("2A"), magnesium_of("2A"), [ligand("ketamine").blocker("2A")]
    matrix = lumped.lumped_generator(gating, bath(50.0, dose, voltage, magnesium), mg, p, RT_F)
    shares = np.asarray(pore.occupancy(voltage, magnesium, [dose], mg, p, RT_F))
    gate = np.asarray(stationary(generator(gating, Agonists(50.0))))
    product = np.outer([shares[0] + shares[1], shares[2]], gate).ravel()
    assert np.abs(np.asarray(matrix) @ product).max() < 1e-10 * np.abs(matrix).max()


def test_an_allosteric_drug_lowers_openings_and_nothing_else():
    gating, p = gating_scheme("2B"), allosteric_page.allosteric("ifenprodil").at("2B")
    agonists = Agonists(100.0)
    for concentration in (0.0, 0.34, 1e9):
        wrapped = allosteric_page.slowed(gating, concentration, p)
        expected = generator(gating, agonists, opening=1 - p.greatest * concentration / (concentration + 0.34))
        assert np.asarray(generator(wrapped, agonists)) == pytest.approx(np.asarray(expected), rel=1e-12)
        assert (wrapped.states, wrapped.resting, wrapped.subtype) == (gating.states, gating.resting, "GluN2B")
    full, least = (
        float(opened(g, stationary(generator(g, agonists)))) for g in (gating, allosteric_page.slowed(gating, 1e9, p))
    )
    assert 0.8 < 1 - least / full < p.greatest  # rare openings: the current falls nearly as far as the rate


def test_an_allosteric_drug_and_a_drug_of_the_pore_act_independently_at_rest():
    gating = allosteric_page.slowed(gating_scheme("2B"), 1.0, allosteric_page.allosteric("traxoprodil").at("2B"))
    mg, p = magnesium_of("2B"), [ligand("ketamine").blocker("2B")]
    matrix = np.asarray(pore.full_generator(gating, bath(50.0, 1.0, -60.0, 1.0), mg, p, RT_F))
    gate = stationary(generator(gating, Agonists(50.0)))
    product = np.outer(pore.occupancy(-60.0, 1.0, [1.0], mg, p, RT_F), gate).ravel()
    assert np.abs(matrix @ product).max() < 1e-10 * np.abs(matrix).max()


@given(doses)
def test_the_tonic_site_is_incomplete_and_can_be_switched_off(dose):
    p, off = tonic_page.tonic(), tonic_page.no_tonic()
    assert 1 - p.maximum <= tonic_page.ambient_drive(dose, p) < 1.0
    assert tonic_page.ambient_drive(dose, off) == 1.0
    assert tonic_page.cell_attached(dose, off) == tonic_page.outside_out(dose, off)
    assert tonic_page.cell_attached(dose, p) < tonic_page.outside_out(dose, p)


# --------------------------------------------------------------------------- reduced forms at their edges


@given(doses, fraction, fraction, st.sampled_from((0.0, 1e-3)))
def test_synaptic_drive_falls_with_dose_and_ambient_drive_lies_below_it(dose, a_on, a_off, escape):
    p = ligand("ketamine").blocker("2A")
    activity = reduced.Activity(binding=a_on, unbinding=a_off)
    left = [float(reduced.synaptic_drive(c, activity, p, escape)) for c in (0.0, dose, 2 * dose)]
    assert left[0] == 1.0
    assert 1.0 >= left[1] >= left[2] >= 0.0
    assert float(reduced.tonic_drive(dose, activity, p, escape, tonic_page.tonic())) <= left[1]


@pytest.mark.parametrize("escape", [0.0, 1e-3])
@pytest.mark.parametrize("activity", [(0.0, 0.0), (0.01, 0.02)])
def test_slopes_are_finite_without_drug_and_without_activity(activity, escape):
    p = ligand("ketamine").blocker("2A")

    def outcome(dose, a_on, a_off, escape):
        found = reduced.Activity(binding=a_on, unbinding=a_off)
        slow = reduced.course(0.0, jnp.full(2, a_on), jnp.ones(2), dose, a_off, escape)[-1]
        return reduced.equilibrium(dose, found, p, escape) + slow + reduced.relaxation(dose, found, p, escape)

    slopes = jax.grad(outcome, argnums=(0, 1, 2, 3))(0.0, *activity, escape)
    assert np.all(np.isfinite(slopes))


def test_a_channel_that_never_opens_takes_forever_and_takes_up_nothing():
    p = ligand("ketamine").blocker("2A")
    silent = reduced.Activity(binding=0.0, unbinding=0.0)
    assert float(reduced.time_constant(1.0, silent, p, 0.0)) == np.inf
    assert float(reduced.equilibrium(1.0, silent, p, 0.0)) == 0.0
    assert float(reduced.time_constant(1.0, silent, p, 1e-3)) == pytest.approx(1e3)


def test_at_rest_without_glutamate_nothing_is_open():
    gating = gating_scheme("2A")
    assert float(calibration.open_probability(gating, Agonists(0.0))) == pytest.approx(0.0, abs=1e-15)
    assert float(opened(gating, at_rest(gating))) == 0.0


@given(st.sampled_from(LIGANDS))
def test_unbinding_is_binding_times_k_at_every_voltage(name):
    drug = ligand(name)
    p = drug.blocker(drug.known()[0])
    for voltage in (-80.0, -20.0):
        rate, constant = pore.off_rate(voltage, p, RT_F), pore.dissociation(voltage, p, RT_F)
        assert float(calibration.binding(rate, constant)) == pytest.approx(p.on_rate, rel=1e-12)


# --------------------------------------------------------------------------- units

micromolar = with_unit(st.one_of(st.just(0.0), decades(-3, 2)), "uM")
constant = with_unit(decades(-2, 2), "uM")
millimolar = with_unit(decades(-2, 1), "mM")
millivolt = with_unit(st.floats(-90.0, 40.0), "mV")
thermal = with_unit(st.floats(23.0, 27.0), "mV")
per_second = with_unit(decades(-2, 2), "1/s")
share = with_unit(st.floats(0.01, 0.9), "1")
number = with_unit(positive, "1")
mgs = st.sampled_from([magnesium_of("2A"), magnesium_of("2C")])
blockers = st.sampled_from([ligand(name).blocker("2A") for name in POTENT])
activities = st.builds(reduced.Activity, binding=fraction, unbinding=positive)
tonics, allosterics = st.just(tonic_page.tonic()), st.just(allosteric_page.allosteric("ifenprodil").at("2B"))
sites = st.builds(superficial.Superficial, affinity=positive, off_rate=positive)
gatings = st.sampled_from([gating_scheme("2A"), gating_scheme("2B")])


def formula(function, gives, *arguments, call=None):
    def plainly(*given):
        return (call or function)(*(plain(each) for each in given))

    return Formula(function.__name__, st.tuples(*arguments), plainly, gives, (function,))


def _generator(build):
    def call(gating, glutamate, magnesium, drug, voltage, mg, p, site, rt_f):
        solution = pore.Solution(Agonists(glutamate), magnesium, [drug], voltage)
        more = (site,) if build is superficial.superficial_generator else ()
        return build(gating, solution, mg, [p], *more, rt_f)

    return formula(
        build, "1/s", gatings, micromolar, millimolar, micromolar, millivolt, mgs, blockers, sites, thermal, call=call
    )


def _averages(one, other, voltage, step, magnesium, mg, p, rt_f):
    opening, volts, steps = jnp.stack([one, other]), jnp.stack([voltage, voltage / 2]), jnp.stack([step, 3 * step])
    found = reduced.averages(opening, volts, steps, magnesium, mg, p, rt_f)
    return found.binding, found.unbinding


def _course(start, opening, step, into, out, escape):
    return reduced.course(start, jnp.stack([opening, opening / 2]), jnp.stack([step, step]), into, out, escape)


second = with_unit(positive, "s")
FORMULAS = (
    formula(potency.enantiomers, ("uM", "uM"), constant, number),
    formula(potency.equal_mixture, "uM", constant, constant),
    formula(
        potency.relative_dose, "1", micromolar, micromolar, constant, constant,
        call=lambda a, b, k, m: potency.relative_dose([a, b], [k, m]),
    ),
    formula(
        potency.equivalent, "uM", micromolar, micromolar, constant, constant, constant,
        call=lambda a, b, k, m, r: potency.equivalent([a, b], [k, m], r),
    ),
    formula(allosteric_page.opening_left, "1", micromolar, allosterics),
    *(formula(f, "1", micromolar, tonics)
      for f in (tonic_page.ambient_drive, tonic_page.outside_out, tonic_page.cell_attached)),
    formula(superficial.site_of_share, None, share, constant, constant, per_second),
    formula(lumped.magnesium_free, "1", millivolt, millimolar, mgs),
    _generator(lumped.lumped_generator),
    _generator(superficial.superficial_generator),
    formula(calibration.macroscopic_off, "1/s", per_second, share),
    formula(calibration.microscopic_off, "1/s", per_second, share),
    formula(calibration.macroscopic_on, ("1/uM/s", "1/uM/s"), with_unit(positive, "1/uM/s"), share, share),
    formula(calibration.binding, "1/uM/s", per_second, constant),
    formula(
        # an eigenvalue is as exact as the largest rate: a recovery below 1e-7 of it has no eight digits
        calibration.last_recovery, "1/s", gatings, with_unit(decades(0, 2), "uM"), with_unit(decades(-1, 2), "1/s"),
        call=lambda g, a, k: calibration.last_recovery(g, Agonists(a), k),
    ),
    formula(reduced.current, "mV", share, share, millivolt, millimolar, mgs, number, millivolt),
    formula(reduced.exchange, ("1/s", "1/s"), micromolar, millivolt, millimolar, mgs, blockers, thermal),
    formula(reduced.flow, "1/s", share, share, per_second, per_second, per_second),
    formula(reduced.course, "1", share, share, second, per_second, per_second, per_second, call=_course),
    formula(
        reduced.averages, ("1", "1"), share, share, millivolt, second, millimolar, mgs, blockers, thermal,
        call=_averages,
    ),
    formula(reduced.relaxation, "1/s", micromolar, activities, blockers, per_second),
    formula(reduced.equilibrium, "1", micromolar, activities, blockers, per_second),
    formula(reduced.time_constant, "s", micromolar, activities, blockers, per_second),
    formula(reduced.synaptic_drive, "1", micromolar, activities, blockers, per_second),
    formula(reduced.tonic_drive, "1", micromolar, activities, blockers, per_second, tonics),
)  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.name)
def test_block_does_not_care_about_units(formula):
    @settings(max_examples=15)
    @given(formula.arguments, scales)
    def law(arguments, k):
        assert formula_obeys_scaling(formula, arguments, k)

    law()
