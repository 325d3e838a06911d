"""The register of routed models: what each says of itself, what it refuses, and how doses reach its compartments."""

import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.core.errors import EvidenceError, InputError, UnknownName
from unwound.evidence import all_estimates
from unwound.pharmacokinetics import concentrations, exposure_of, population_model
from unwound.pharmacokinetics.curves import Given, curves, parts_of
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import ROUTED, model_keys, routed_model
from unwound.pharmacokinetics.routes import BY_DEPOT, route_keys
from unwound.pharmacokinetics.system import LinearSystem, Network
from unwound.pharmacokinetics.variability import log_variance

every_model = pytest.mark.parametrize("name", list(ROUTED))


def person(weight=70.0, age=45.0):
    return Covariates(*(jnp.asarray(float(x)) for x in (weight, age, 0, 0, 0)))


def typical(model):
    return jnp.zeros(len(model.random_effects))


# ----------------------------------------------------------------------------------------------- what a model says


@every_model
def test_a_model_is_called_by_its_name_however_it_is_written(name):
    assert routed_model(name).prefix == name
    assert routed_model(f" {name[:-4].title()}-{name[-4:]}").prefix == name


def test_an_unknown_model_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownName, match="otto2021"):
        routed_model("oto2021")


@every_model
def test_every_number_of_a_model_is_a_row_with_a_source(name):
    rows = [all_estimates()[key] for key in model_keys(routed_model(name))]
    assert rows
    assert all(row.cite for row in rows)


@every_model
def test_site_analytes_and_forms_are_said(name):
    model = routed_model(name)
    assert model.sampling in ("venous", "arterial", "unstated")
    assert model.title
    assert {analyte.enantiomer for analyte in model.analytes} == set(model.enantiomers)
    assert all(any(a.is_parent for a in model.analytes if a.enantiomer == e) for e in model.enantiomers)
    assert ("intravenous" in model.routes) == (name != "brunette2011")  # that one is by mouth only


@every_model
def test_covariance_is_one_of_random_effects(name):
    model = routed_model(name)
    covariance = np.asarray(model.covariance())
    assert covariance.shape == (len(model.random_effects),) * 2
    np.testing.assert_array_equal(covariance, covariance.T)
    assert (np.linalg.eigvalsh(covariance) > 0).all()


@every_model
def test_the_system_has_the_shape_the_model_says(name):
    model = routed_model(name)
    for enantiomer in model.enantiomers:
        system = model.system(person(), typical(model), enantiomer)
        states = len(model.compartments())
        assert len(set(model.compartments())) == states
        own = [a for a in model.analytes if a.enantiomer == enantiomer]
        assert system.matrix.shape == (states, states)
        assert system.readout.shape == (len(own), states)


@every_model
def test_a_batch_of_people_is_each_of_them_alone(name):
    model, rng = routed_model(name), np.random.default_rng(5)
    weights, eta = np.array([12.0, 70.0, 110.0]), 0.3 * rng.standard_normal((len(model.random_effects), 3))
    form, route = model.enantiomers[0], model.routes[-1] if name == "brunette2011" else "intravenous"
    doses, at = [Given(0.0, 20.0, 0.5, form, route)], np.array([0.25, 0.5, 3.0])
    many = Covariates(*(jnp.asarray(np.broadcast_to(x, 3), float) for x in (weights, 66.0, 1.0, 0.0, 0.0)))
    together = curves(model, doses, many, jnp.asarray(eta), at).concentration
    for n in (0, 2):
        alone = curves(model, doses, person(weights[n], 66.0), jnp.asarray(eta[:, n]), at).concentration
        for analyte, values in alone.items():
            np.testing.assert_allclose(together[analyte][:, n], values, rtol=1e-9, atol=1e-12)


# ------------------------------------------------------------------------------------------------ how a dose enters


@every_model
def test_a_route_the_model_does_not_know_is_refused_by_name(name):
    model = routed_model(name)
    with pytest.raises(InputError, match=f"{name} has no input by this route"):
        model.entries(person(), typical(model), model.enantiomers[0], "epidural", 10.0)


@every_model
def test_every_entry_leads_into_a_compartment_of_the_model(name):
    model = routed_model(name)
    for route in model.routes:
        entries = model.entries(person(), typical(model), model.enantiomers[0], route, 10.0)
        assert entries
        for entry in entries:
            assert entry.compartment in model.compartments()
            assert entry.lag >= 0
            assert 0 < float(entry.fraction) <= 1.16  # 1.16: Simons 2022, swallowed


def test_half_of_a_racemic_dose_is_s():
    dose = Given(0.0, 30.0, 0.0, "racemic", "intravenous")
    assert parts_of(dose, ("S", "R")) == [("S", 15.0), ("R", 15.0)]
    assert parts_of(dose, ("racemic",)) == [("racemic", 30.0)]


@pytest.mark.parametrize(("form", "known"), [("racemic", ("S",)), ("R", ("S",)), ("S", ("racemic",))])
def test_a_form_the_model_does_not_describe_is_refused(form, known):
    with pytest.raises(InputError, match=f"describes {known[0]} only"):
        parts_of(Given(0.0, 30.0, 0.0, form, "intravenous"), known)


def test_a_bolus_at_a_time_asked_for_is_not_yet_in_the_answer():
    model = routed_model("domino1984")
    found = curves(
        model,
        [Given(2.0, 30.0, 0.0, "racemic", "intravenous")],
        person(),
        typical(model),
        np.array([2.0, 2.0 + 1e-6]),
    ).concentration["ketamine"]
    assert found[0] == 0.0
    assert found[1] == pytest.approx(1000 * 30.0 / (0.063 * 70), rel=1e-3)


def test_the_last_of_several_boluses_counts_wherever_the_clock_ends():
    """Boluses at the very end of the clock open one more interval, once."""
    model = routed_model("domino1984")
    doses = [Given(0.0, 10.0, 1.0, "racemic", "intravenous")]
    doses += [Given(1.0, 10.0, 0.0, "racemic", "intravenous")] * 2
    at = np.array([1.5, 4.0])
    together = curves(model, doses, person(), typical(model), at).concentration["ketamine"]
    alone = [curves(model, [dose], person(), typical(model), at).concentration["ketamine"] for dose in doses]
    np.testing.assert_allclose(together, sum(alone), rtol=1e-12)


@pytest.mark.parametrize("route", BY_DEPOT)
def test_generic_routes_rest_on_two_rows(route):
    fraction, rate = (all_estimates()[key] for key in route_keys(route))
    assert 0 < fraction.value <= 1
    assert rate.basis == "assumed"
    assert route_keys("intravenous") == ()


# ------------------------------------------------------------------------------------------------- effect sites


def test_an_effect_site_follows_the_blood_as_in_the_batch_engine():
    model, at, ke0 = routed_model("otto2021"), np.array([0.2, 0.5, 1.0, 4.0]), 3.15
    found = curves(
        model, [Given(0.0, 30.0, 0.5, "S", "intravenous")], person(), typical(model), at, {"pain": ke0, "fast": 1e5}
    )
    someone = population_model("otto2021").individual(jnp.asarray(70.0), jnp.zeros(4))
    parent, followers = concentrations(
        exposure_of(someone, jnp.asarray(ke0)), np.array([0.0, 0.5]), jnp.array([60.0]), jnp.array([0.0]), at
    )
    np.testing.assert_allclose(found.concentration["S-ketamine"], 1000 * parent, rtol=1e-9)
    np.testing.assert_allclose(found.sites["pain"]["S-ketamine"], 1000 * followers[:, -1], rtol=1e-9)
    for analyte, blood in found.concentration.items():
        np.testing.assert_allclose(found.sites["fast"][analyte], blood, rtol=1e-3)


# --------------------------------------------------------------------------------------------------- the network


def test_a_network_is_its_flows():
    net = Network("gut", "blood")
    net.flow("gut", "blood", 2.0)
    net.exchange("gut", "blood", 3.0, 10.0, 5.0)
    net.lose("blood", 4.0, "gut", 0.25)
    net.flow("blood", None, 0.5)
    assert net.index("blood") == 1
    expected = [[-2.0 - 0.3, 0.6 + 1.0], [2.0 + 0.3, -0.6 - 4.0 - 0.5]]
    np.testing.assert_allclose(net.matrix(()), expected, rtol=1e-15)
    np.testing.assert_array_equal(net.readout((), ("blood", 0.2)), [[0.0, 0.2]])
    assert LinearSystem(net.matrix((3,)), net.readout((3,))).matrix.shape == (2, 2, 3)


# ---------------------------------------------------------------------------------------------------- variability


def test_a_coefficient_of_variation_becomes_a_variance_on_the_log_scale():
    assert log_variance("perezruixo2021.other_rate") == pytest.approx(np.log(1 + 1.2**2))


@pytest.mark.parametrize("key", ["perezruixo2021.gut_fraction", "kamp2020.variance_central"])
def test_a_number_without_a_coefficient_of_variation_has_no_variance(key):
    with pytest.raises(EvidenceError, match=key):
        log_variance(key)
