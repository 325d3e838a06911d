"""The laws of linear kinetics, for every model of the register, by every route it knows.

People are drawn from each model's own variability (within two standard deviations) and doses at random. All that is
drawn follows from one seed, so that no two intervals are equally long by accident and one compiled program serves all
examples. `ask` fills the list of times up to a fixed number for the same reason.
"""

import dataclasses
import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from unwound.core.arrays import jax, jnp
from unwound.pharmacokinetics import concentrations, exposure_of, population_model
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import ROUTED, routed_model
from unwound.pharmacokinetics.system import LinearSystem, Network, solve

PEOPLE = 3
GRID = 32  # ends of intervals in one answer
LN2 = np.log(2.0)

every_model = pytest.mark.parametrize("name", list(ROUTED))
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=4)

model_of = functools.cache(routed_model)


# ------------------------------------------------------------------------------------------ people, doses, answers


def drawn_people(model, rng, count=PEOPLE):
    """Covariates and random effects of `count` people."""
    asian = rng.integers(0, 2, count)
    columns = (
        rng.uniform(8.0, 140.0, count),
        rng.uniform(18.0, 86.0, count),
        rng.integers(0, 2, count),
        asian,
        asian * rng.integers(0, 2, count),
    )
    effects = len(model.random_effects)
    scatter = np.clip(rng.standard_normal((effects, count)), -2.0, 2.0)
    root = np.linalg.cholesky(np.asarray(model.covariance())) if effects else np.zeros((0, 0))
    return Covariates(*(jnp.asarray(column, float) for column in columns)), jnp.asarray(root @ scatter)


def forms_of(model):
    return ("racemic", "S", "R") if {"S", "R"} <= set(model.enantiomers) else model.enantiomers


def drawn_dose(model, rng, most=100.0, route=None):
    """A dose at once or over up to three hours, its times whole nanohours."""
    duration = float(np.round(rng.uniform(1 / 60, 3.0), 9)) if rng.random() < 0.5 else 0.0
    return Given(
        start=float(np.round(rng.uniform(0.01, 6.0), 9)),
        amount=float(rng.uniform(1.0, most)),
        duration=duration,
        enantiomer=str(rng.choice(forms_of(model))),
        route=route or str(rng.choice(model.routes)),
    )


def inputs_of(model, doses, who, eta, enantiomer):
    """(compartment, begin, end, mg by person) of what enters, read from the model's own statement of its inputs."""
    found = []
    for dose in doses:
        share = {enantiomer: 1.0, "racemic": 0.5 if len(model.enantiomers) > 1 else 1.0}.get(dose.enantiomer, 0.0)
        for entry in model.entries(who, eta, enantiomer, dose.route, dose.amount) if share else ():
            begin = dose.start + entry.lag
            length = dose.duration if entry.duration is None else max(entry.duration, dose.duration)
            begin, end = np.round([begin, begin + length], 9)
            mg = np.broadcast_to(np.asarray(entry.fraction) * share * dose.amount, np.shape(who.weight))
            found.append((model.compartments().index(entry.compartment), begin, end, mg))
    return found


def ask(model, doses, who, eta, at):
    """`curves` at `at`, with later times added until the grid has GRID ends."""
    ends = [
        t for e in model.enantiomers for _, begin, end, _ in inputs_of(model, doses, who, eta, e) for t in (begin, end)
    ]
    known = np.unique(np.round([0.0, 1e-3, *ends, *at], 9))
    assert len(known) <= GRID
    later = known[-1] + np.cumsum(0.1 + 0.01 * np.sqrt(2.0 + np.arange(GRID - len(known))))
    found = curves(model, doses, who, eta, np.concatenate([at, later]))
    here = len(at)
    return dataclasses.replace(
        found,
        time_h=found.time_h[:here],
        concentration={name: values[:here] for name, values in found.concentration.items()},
        amounts={name: values[:here] for name, values in found.amounts.items()},
    )


def drawn_times(rng, count=8, most=40.0):
    return np.sort(np.round(rng.uniform(0.02, most, count), 9))


def same(first, second, tolerance=1e-10):
    """All concentrations agree, each analyte to `tolerance` of its largest."""
    for name, expected in second.items():
        np.testing.assert_allclose(first[name], expected, rtol=0, atol=tolerance * np.abs(expected).max() + 1e-300)


def plus(first, second):
    return {name: first[name] + second[name] for name in first}


def slowest(system):
    """The longest half-life [h] of anybody."""
    matrices = np.moveaxis(np.asarray(system.matrix), (0, 1), (-2, -1))
    return LN2 / -np.linalg.eigvals(matrices).real.max()


# --------------------------------------------------------------------------------------------------- linearity


@every_model
@given(seed=seeds)
@few
def test_two_doses_give_the_sum_of_each_alone(name, seed):
    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    first, second, at = drawn_dose(model, rng), drawn_dose(model, rng), drawn_times(rng)
    together = ask(model, [first, second], who, eta, at)
    alone = [ask(model, [dose], who, eta, at).concentration for dose in (first, second)]
    same(together.concentration, plus(*alone))


@every_model
@given(seed=seeds)
@few
def test_concentration_is_proportional_to_dose(name, seed):
    """Within one spray device of the nasal model of Perez-Ruixo 2021, whose later devices give less (see below)."""
    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    dose, times, at = drawn_dose(model, rng, most=9.0), float(rng.uniform(0.1, 3.0)), drawn_times(rng)
    larger = dataclasses.replace(dose, amount=times * dose.amount)
    one, other = (ask(model, [given], who, eta, at).concentration for given in (dose, larger))
    same(other, {analyte: times * values for analyte, values in one.items()})


def test_later_spray_devices_give_less_which_is_the_only_exception_to_proportionality():
    """Two devices through the nose are 1.62 of one, three 2.24; the same milligrams device by device are 2 and 3."""
    model = model_of("perezruixo2021")
    who = Covariates(*(jnp.full(1, float(x)) for x in (70, 45, 0, 0, 0)))
    eta = jnp.zeros((len(model.random_effects), 1))
    share = {
        mg: float(model.entries(who, eta, "S", "nasal", mg)[0].fraction[0]) * mg for mg in (14.0, 28.0, 56.0, 84.0)
    }
    assert share[28.0] / share[14.0] == pytest.approx(2.0, rel=1e-12)
    assert share[56.0] / share[28.0] == pytest.approx(1.62, rel=1e-12)
    assert share[84.0] / share[28.0] == pytest.approx(2.24, rel=1e-12)


@every_model
@given(seed=seeds)
@few
def test_a_dose_later_is_the_same_course_later(name, seed):
    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    dose, at, wait = drawn_dose(model, rng), drawn_times(rng), float(np.round(rng.uniform(0.5, 30.0), 9))
    now = ask(model, [dose], who, eta, at).concentration
    later = ask(model, [dataclasses.replace(dose, start=dose.start + wait)], who, eta, at + wait).concentration
    same(later, now)


@every_model
@given(seed=seeds)
@few
def test_an_infusion_split_in_two_is_the_infusion(name, seed):
    """By every route whose input lasts as long as the pump; one that has its own duration begins it anew."""
    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    pumped = [r for r in model.routes if all(e.duration is None for e in model.entries(who, eta, "S", r, 1.0))]
    dose = dataclasses.replace(drawn_dose(model, rng, route=str(rng.choice(pumped))), duration=2.125)
    part = float(np.round(rng.uniform(0.1, 2.0), 9))
    halves = [
        dataclasses.replace(dose, amount=dose.amount * part / 2.125, duration=part),
        dataclasses.replace(
            dose, start=dose.start + part, amount=dose.amount * (1 - part / 2.125), duration=2.125 - part
        ),
    ]
    at = drawn_times(rng)
    same(ask(model, halves, who, eta, at).concentration, ask(model, [dose], who, eta, at).concentration, 1e-9)


@every_model
def test_no_dose_and_a_dose_of_nothing_give_no_drug(name):
    model, rng = model_of(name), np.random.default_rng(1)
    who, eta = drawn_people(model, rng)
    at = drawn_times(rng)
    nothing = [Given(1.0, 0.0, hours, forms_of(model)[0], route) for route in model.routes for hours in (0.0, 1.5)]
    for doses in ([], nothing):
        found = curves(model, doses, who, eta, at)
        assert all((values == 0.0).all() for values in (*found.concentration.values(), *found.amounts.values()))


# ------------------------------------------------------------------------------------------------- conservation


def with_eliminated(system):
    """The system with one more compartment, which collects whatever leaves any other."""
    matrix = np.asarray(system.matrix)
    leaves = -matrix.sum(axis=0)
    grown = np.zeros((len(matrix) + 1, len(matrix) + 1, *matrix.shape[2:]))
    grown[:-1, :-1], grown[-1, :-1] = matrix, leaves
    return LinearSystem(jnp.asarray(grown), jnp.zeros((1, *grown.shape[1:])))


@every_model
@given(seed=seeds)
@few
def test_what_entered_is_in_a_compartment_or_eliminated_and_nothing_is_negative(name, seed):
    """To 1e-9 of the dose at every time. What has entered by then is written here without the engine: the fraction
    of the route, at once or evenly over the pump's own duration, which bioavailability does not change."""
    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    doses, at = [drawn_dose(model, rng) for _ in range(3)], drawn_times(rng)
    found = ask(model, doses, who, eta, at)
    for values in found.concentration.values():
        assert (values >= -1e-12 * values.max(initial=1e-300)).all()
    for enantiomer in model.enantiomers:
        given = inputs_of(model, doses, who, eta, enantiomer)
        edges = np.unique([0.0, *(t for _, begin, end, _ in given for t in (begin, end))])
        edges = np.append(edges, edges[-1] + np.cumsum(0.1 + 0.01 * np.sqrt(2.0 + np.arange(20 - len(edges)))))
        states = len(model.compartments()) + 1
        rates, boluses = np.zeros((2, len(edges) - 1, states, PEOPLE))
        entered = np.zeros((len(at), PEOPLE))
        for place, begin, end, mg in given:
            i, j = np.searchsorted(edges, [begin, end])
            if i == j:
                boluses[i, place] += mg
                entered += np.where(at > begin, 1.0, 0.0)[:, None] * mg
            else:
                rates[i:j, place] += mg / (end - begin)
                entered += np.clip((at - begin) / (end - begin), 0.0, 1.0)[:, None] * mg
        held, _ = solve(
            with_eliminated(model.system(who, eta, enantiomer)), edges, jnp.asarray(rates), jnp.asarray(boluses), at
        )
        held = np.asarray(held)
        total = sum(mg for *_, mg in given) if given else np.ones(PEOPLE)
        np.testing.assert_allclose(held[:, :-1] / total, found.amounts[enantiomer] / total, rtol=0, atol=1e-12)
        np.testing.assert_allclose(held.sum(axis=1) / total, entered / total, rtol=0, atol=1e-9)
        assert (held / total >= -1e-12).all()
        assert (np.diff(held[:, -1], axis=0) / total >= -1e-12).all()  # nothing comes back


@every_model
@given(seed=seeds)
@few
def test_flows_only_lead_from_one_compartment_to_another_or_out(name, seed):
    """Off the diagonal nothing is negative and no column gains; so no amount can become negative, whatever is given."""
    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    for enantiomer in model.enantiomers:
        system = model.system(who, eta, enantiomer)
        matrix = np.moveaxis(np.asarray(system.matrix), (0, 1), (-2, -1))
        diagonal = np.einsum("...ii->...i", matrix)
        assert (diagonal < 0).all()
        assert (matrix - diagonal[..., None] * np.eye(matrix.shape[-1]) >= 0).all()
        assert (matrix.sum(axis=-2) <= 1e-12 * np.abs(diagonal)).all()
        assert (np.asarray(system.readout) >= 0).all()


def test_an_infusion_of_one_minute_gives_its_whole_dose():
    """Times are rounded to 1e-9 h, the dose is not: x(t) = exp(A t) (A min)^-1 (exp(A min) - 1) D after the minute."""
    model = model_of("twocompartment")
    who, eta = drawn_people(model, np.random.default_rng(1))
    start, minute, later = 1 / 3, 1 / 60, 2.0
    found = curves(
        model, [Given(start, 35.0, minute, "S", "intravenous")], who, eta, np.array([start + minute + later])
    )
    matrix = np.asarray(model.system(who, eta, "S").matrix)[..., 0]
    dose = 35.0 * np.eye(len(matrix))[model.compartments().index("central")]
    end = np.linalg.solve(matrix * minute, expm(matrix * minute) - np.eye(len(matrix))) @ dose
    np.testing.assert_allclose(found.amounts["S"][0, :, 0], expm(matrix * later) @ end, rtol=1e-9, atol=1e-9)


# ------------------------------------------------------------------------------------------------- steady state


def clearances(model, who, eta, enantiomer):
    """{analyte: concentration [mg/L] at steady state per mg/h} where the model has a clearance."""
    p = {n: np.exp(np.asarray(eta)[i]) for i, n in enumerate(model.random_effects)}
    if model.prefix == "perezruixo2021":
        fallen = model.liver_flow_per_year * np.maximum(np.asarray(who.age) - model.liver_age, 0.0)
        flow = (model.liver_flow - fallen) * p["liver_flow"]
        other = model.other_rate * p["other_rate"] * model.asian_other_factor ** np.asarray(who.asian)
        into = model.metabolite_rate * p["metabolite_rate"]
        intrinsic = model.liver * p["liver"] * (other + into)
        extraction = intrinsic / (flow + intrinsic)  # well stirred
        cleared = model.metabolite_clearance * p["metabolite_clearance"]
        cleared = cleared * model.asian_metabolite_clearance_factor ** np.asarray(who.asian)
        return {"S-ketamine": 1 / (flow * extraction), "S-norketamine": into / (other + into) / cleared}
    if model.prefix == "simons2022":
        size = (np.asarray(who.weight) / 70.0) ** 0.75
        nor = 0.8 / (model.metabolite_clearance * size * p["metabolite_clearance"])
        hydroxy = 0.8 * 0.7 / (model.second_clearance * size * p["second_clearance"])
        return {
            "S-ketamine": 1 / (model.clearance * size * p["clearance"]),
            "S-norketamine": nor * 223.70 / 237.73,
            "S-hydroxynorketamine": hydroxy * 239.70 / 237.73,
        }
    if model.prefix == "brunette2011":
        return {"ketamine": 1 / (90.0 * (np.asarray(who.weight) / 70.0) ** 0.75 * p["clearance"])}
    if model.prefix == "ashraf2018":
        flow = model.liver_flow * (np.asarray(who.weight) / model.reference_weight) ** model.flow_weight_exponent
        unbound = model.hepatic * p["hepatic"] * model.unbound / model.blood_ratio
        unbound_child = model.metabolite_hepatic * p["metabolite_hepatic"] * model.metabolite_unbound
        unbound_child = unbound_child / model.metabolite_blood_ratio
        # CL = QH EH; what passes the liver as metabolite, FHm, is cleared by QH (1 - FHm) = QH CLu/(QH + CLu)
        return {"S-ketamine": (flow + unbound) / (flow * unbound), "S-norketamine": 1 / unbound_child}
    record = model.model.enantiomer(enantiomer) if hasattr(model.model, "enantiomer") else model.model
    person = record.individual(who.weight, eta)
    parent, *child = [analyte.name for analyte in model.analytes if analyte.enantiomer == enantiomer]
    found = {parent: 1 / np.asarray(person.parent.clearance)}
    return found | {name: 1 / np.asarray(person.metabolite.clearance) for name in child}


@every_model
@given(seed=seeds)
@few
def test_at_steady_state_concentration_is_rate_over_clearance(name, seed):
    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    rate = float(rng.uniform(1.0, 40.0))
    longest = max(slowest(model.system(who, eta, e)) for e in model.enantiomers)
    hours = float(np.ceil(45 * longest))
    form = "racemic" if len(model.enantiomers) > 1 else model.enantiomers[0]
    route = "intravenous" if "intravenous" in model.routes else model.routes[0]
    arrives = inputs_of(model, [Given(0.0, 1.0, 0.0, form, route)], who, eta, model.enantiomers[0])[0][3]
    arrives = arrives * len(model.enantiomers)  # of each form its own share; all of it into a vein
    found = ask(model, [Given(0.0, rate * hours, hours, form, route)], who, eta, np.array([hours]))
    for enantiomer in model.enantiomers:
        for analyte, per_rate in clearances(model, who, eta, enantiomer).items():
            expected = 1000.0 * rate * arrives / len(model.enantiomers) * per_rate
            np.testing.assert_allclose(found.concentration[analyte][0], expected, rtol=1e-9)


def repeated(dose, count, interval):
    """`count` doses every `interval` hours."""
    return [dataclasses.replace(dose, start=float(np.round(dose.start + n * interval, 9))) for n in range(count)]


@every_model
@given(seed=seeds)
@few
def test_additional_doses_are_repeated_doses(name, seed):
    """A series written as one dose with a rhythm is its doses one by one, each as it would be alone."""
    from unwound.regimen import Bolus, Repeat

    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    dose = dataclasses.replace(drawn_dose(model, rng), start=0.25)
    interval = float(np.round(rng.uniform(3.5, 12.0), 3))
    words = Bolus(
        drug="ketamine",
        enantiomer="S",
        amount="1 mg",
        start="0.25 h",
        repeat=Repeat(count=4, every=f"{interval!r} h"),
    )
    series = [dataclasses.replace(dose, start=float(start)) for start in words.starts()]
    at = drawn_times(rng)
    together = ask(model, series, who, eta, at).concentration
    alone = [ask(model, [again], who, eta, at).concentration for again in repeated(dose, 4, interval)]
    same(together, functools.reduce(plus, alone))


@every_model
@given(seed=seeds)
@settings(max_examples=2)
def test_steady_state_is_the_limit_of_many_doses(name, seed):
    """80 doses reach the state that a dose and an interval lead back to: x = exp(A II) x + (one dose after II)."""
    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    longest = max(slowest(model.system(who, eta, e)) for e in model.enantiomers)
    interval = float(np.round(max(4.0, longest * rng.uniform(0.6, 1.0)), 3))
    dose = dataclasses.replace(drawn_dose(model, rng), start=0.0)
    dose = dataclasses.replace(dose, duration=float(np.round(dose.duration, 3)))
    one = curves(model, [dose], who, eta, np.array([interval]))
    many = curves(model, repeated(dose, 80, interval), who, eta, np.array([80 * interval]))
    for enantiomer in model.enantiomers:
        matrix = np.moveaxis(np.asarray(model.system(who, eta, enantiomer).matrix), (0, 1), (-2, -1))
        for person in range(PEOPLE):
            again = np.eye(len(matrix[person])) - expm(matrix[person] * interval)
            steady = np.linalg.solve(again, one.amounts[enantiomer][0, :, person])
            reached = many.amounts[enantiomer][0, :, person]
            np.testing.assert_allclose(reached, steady, rtol=0, atol=1e-9 * steady.max(initial=1e-300))


# ------------------------------------------------------------------------------------- bioavailability and duration


@every_model
@given(seed=seeds)
@few
def test_bioavailability_scales_the_amount_and_leaves_the_duration(name, seed):
    """A pumped dose by any route enters evenly for as long as the pump runs (or the route's own input, if longer)."""
    model, rng = model_of(name), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng)
    for route in model.routes:
        dose = Given(0.5, 20.0, 4.0, model.enantiomers[0], route)
        for _, begin, end, mg in inputs_of(model, [dose], who, eta, model.enantiomers[0]):
            assert (begin, end) == (0.5, 4.5)
            assert ((mg > 0) & (mg <= 1.16 * 20.0)).all()  # 1.16: Simons 2022, swallowed, of the full dose
    dose = dataclasses.replace(dose, duration=4.0)
    at = np.array([0.5, 1.5, 2.5, 3.5, 4.5])
    found = ask(model, [dose], who, eta, at)
    place = inputs_of(model, [dose], who, eta, model.enantiomers[0])[0][0]
    matrix = np.asarray(model.system(who, eta, model.enantiomers[0]).matrix)
    # the first compartment alone: x' = u - k x with the same u throughout
    if np.count_nonzero(matrix[place, :, 0]) == 1:
        k, u = -matrix[place, place], inputs_of(model, [dose], who, eta, model.enantiomers[0])[0][3] / 4.0
        expected = u / k * -np.expm1(-k * (at - 0.5)[:, None])
        np.testing.assert_allclose(found.amounts[model.enantiomers[0]][:, place], expected, rtol=1e-9, atol=1e-12)


# ------------------------------------------------------------------------------------------- the engine itself


@given(st.integers(1, 6), st.floats(0.05, 50.0))
@settings(max_examples=12)
def test_equal_rate_constants_in_a_chain_give_the_gamma_density(count, rate):
    """No eigenvector basis exists here; after a bolus compartment n holds D (k t)^(n-1) exp(-k t) / (n-1)!."""
    from scipy.special import gammainc
    from scipy.stats import poisson

    names = [f"transit_{n}" for n in range(6)]
    net = Network(*names)
    for here, there in zip(names, [*names[1:], None], strict=True):
        net.flow(here, there, rate)
    system = LinearSystem(net.matrix(()), net.readout((), ("transit_5", 1.0)))
    at = np.round(np.linspace(0.07, 3.1, 9) * count / rate, 9)
    into = np.eye(6)[6 - count]
    bolus, _ = solve(system, np.array([0.0, 1e-6]), jnp.zeros((1, 6)), 10.0 * jnp.asarray(into)[None], at)
    steps = np.arange(count)
    expected = 10.0 * poisson.pmf(steps[None], rate * at[:, None])
    np.testing.assert_allclose(np.asarray(bolus)[:, 6 - count :], expected, rtol=0, atol=1e-12 * 10)
    hours = float(np.round(1.0 + at[-1], 9))
    pumped, _ = solve(system, np.array([0.0, hours]), 3.0 * jnp.asarray(into)[None], jnp.zeros((1, 6)), at)
    expected = 3.0 / rate * gammainc(steps[None] + 1.0, rate * at[:, None])
    np.testing.assert_allclose(np.asarray(pumped)[:, 6 - count :], expected, rtol=0, atol=1e-12 * expected.max())


def test_absorption_as_fast_as_elimination_is_no_special_case():
    """Bateman's function with ka = k: C = D k t exp(-k t) / V."""
    k, at = 1.3, np.array([0.1, 1.0, 5.0])
    net = Network("depot", "central")
    net.flow("depot", "central", k)
    net.flow("central", None, k)
    system = LinearSystem(net.matrix(()), net.readout((), ("central", 1 / 40.0)))
    _, found = solve(system, np.array([0.0, 1e-3]), jnp.zeros((1, 2)), jnp.array([[7.0, 0.0]]), at)
    np.testing.assert_allclose(np.asarray(found)[:, 0], 7.0 * k * at * np.exp(-k * at) / 40.0, rtol=1e-13)


def test_gradients_are_finite_without_drug_and_are_those_of_linearity():
    """At zero dose the sensitivity to a parameter is 0 and the one to the dose is the course of one milligram."""
    at = np.array([0.5, 2.0, 9.0])
    clock = np.array([0.0, 1e-3, 1.0])

    def course(rate, dose):
        net = Network("one", "two", "three")
        net.flow("one", "two", rate)
        net.flow("two", "three", rate)  # equal rates: a repeated eigenvalue
        net.flow("three", None, rate)
        system = LinearSystem(net.matrix(()), net.readout((), ("three", 0.5)))
        bolus = jnp.zeros((2, 3)).at[0, 0].set(dose)
        return solve(system, clock, jnp.zeros((2, 3)), bolus, at)[1][:, 0]

    for derivative in (jax.jacfwd, jax.jacrev):
        by_rate, by_dose = derivative(course, argnums=(0, 1))(0.7, 0.0)
        np.testing.assert_array_equal(by_rate, np.zeros(3))
        np.testing.assert_allclose(by_dose, course(0.7, 1.0), rtol=1e-12)
    by_rate, _ = jax.jacfwd(course, argnums=(0, 1))(0.7, 1.0)
    kt = 0.7 * at
    expected = 0.5 * at * kt * np.exp(-kt) * (1.0 - kt / 2.0)  # d/dk of (k t)^2 exp(-k t) / 2, halved
    np.testing.assert_allclose(by_rate, expected, rtol=1e-9)


@given(seed=seeds)
@settings(max_examples=10)
def test_modes_and_matrix_say_the_same_of_otto2021(seed):
    """The batch engine (modes) and the routed form (matrix exponential) share only the table of numbers."""
    model, rng = model_of("otto2021"), np.random.default_rng(seed)
    who, eta = drawn_people(model, rng, 8)
    edges = np.array([0.0, 0.5, 2.0, 2.75, 6.0])
    rates, at = rng.uniform(0.0, 40.0, 4), drawn_times(rng, most=60.0)
    doses = [
        Given(float(begin), float(rate * (end - begin)), float(end - begin), "S", "intravenous")
        for begin, end, rate in zip(edges[:-1], edges[1:], rates, strict=True)
    ]
    matrix = curves(model, [*doses, Given(0.0, 12.0, 0.0, "S", "intravenous")], who, eta, at).concentration
    people = population_model("otto2021").individual(who.weight, eta)
    shape = rates[:, None] * np.ones(8)
    at_once = np.zeros((4, 8))
    at_once[0] = 12.0
    parent, followers = concentrations(exposure_of(people), edges, jnp.asarray(shape), jnp.asarray(at_once), at)
    modes = {"S-ketamine": 1000 * np.asarray(parent), "S-norketamine": 1000 * np.asarray(followers).sum(axis=1)}
    same(matrix, modes, 1e-9)
