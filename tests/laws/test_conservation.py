"""Drug is neither made nor lost: what goes in comes out by clearance, and only by clearance."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from laws.register import amount_mg, amounts, disposition, jax, jnp, only_clearance_removes_drug
from unwound.pharmacokinetics import Amounts, concentrations, exposure_of, flow, modes_of, population_model
from unwound.population import sample

PEOPLE = 48


@pytest.mark.parametrize("peripherals", [1, 2, 3])
@given(data=st.data())
@settings(max_examples=40)
def test_only_clearance_removes_drug(peripherals, data):
    state, p = data.draw(amounts(peripherals)), data.draw(disposition(peripherals))
    assert only_clearance_removes_drug(flow, state, data.draw(amount_mg), p)


@given(amounts(2), disposition(2))
def test_without_clearance_and_input_nothing_is_lost(state, p):
    closed = dataclasses.replace(p, clearance=0.0)
    assert only_clearance_removes_drug(flow, state, 0.0, closed)


@given(disposition(2))
@settings(max_examples=50)
def test_drug_spread_evenly_stays_where_it_is_when_nothing_clears_it(p):
    even = Amounts(central=3.0 * p.central, peripheral=3.0 * p.peripheral)
    still = flow(even, 0.0, dataclasses.replace(p, clearance=0.0))
    assert abs(float(still.central)) <= 1e-12 * float(np.max(p.exchange) * 3.0 + 1)
    np.testing.assert_allclose(still.peripheral, 0.0, atol=1e-11 * float(np.max(p.exchange)))


# -------------------------------------------------------------------------------- whole courses, random people


@pytest.fixture(scope="module")
def person():
    """Random people of the published model, as one record."""
    people = sample(11, np.arange(PEOPLE), "CRPS-1")
    return population_model("otto2021").individual(people.weight, people.kinetics)


BREAKPOINTS = np.array([0.0, 0.5, 4.0, 4.0 + 2 / 3, 30.0, 34.0])
RATES = np.array([20.0, 5.0, 52.0, 0.0, 10.0])
DOSES = np.array([10.0, 0.0, 0.0, 25.0, 0.0])
DOSE = float(RATES @ np.diff(BREAKPOINTS) + DOSES.sum())
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


def panels(until):
    """Edges of the panels of a quadrature: graded after each change of the pump."""
    growing = np.concatenate([[0.0], 0.02 * 1.5 ** np.arange(25)])
    graded = [b + growing for b in BREAKPOINTS]
    edges = np.concatenate([*graded, BREAKPOINTS, np.arange(36.0, until, 12.0), [until]])
    return np.unique(np.round(edges[edges <= until], 7))


def area_under(curve_at, edges):
    """Integral from the first to the last edge; ``curve_at(times)`` is asked once."""
    half, middle = np.diff(edges) / 2, (edges[:-1] + edges[1:]) / 2
    times = middle[:, None] + half[:, None] * NODES
    values = np.asarray(curve_at(times.ravel())).reshape(*times.shape, -1)
    return np.einsum("p,n,pnx->x", half, WEIGHTS, values)


def parent_and_metabolite(person, times):
    spread = (np.ones(PEOPLE) * RATES[:, None], np.ones(PEOPLE) * DOSES[:, None])
    parent, followers = concentrations(exposure_of(person), BREAKPOINTS, *map(jnp.asarray, spread), times)
    return np.concatenate([np.asarray(parent), np.asarray(followers.sum(axis=1))], axis=1)


def test_clearance_times_area_is_the_dose(person):
    area = area_under(lambda t: parent_and_metabolite(person, t), panels(34.0 + 420.0))
    np.testing.assert_allclose(area[:PEOPLE] * person.parent.clearance, DOSE, rtol=1e-6)


def test_the_metabolite_receives_exactly_what_the_parent_loses(person):
    np.testing.assert_array_equal(person.formation, person.parent.clearance)  # fm = 1
    area = area_under(lambda t: parent_and_metabolite(person, t), panels(34.0 + 420.0))
    np.testing.assert_allclose(area[PEOPLE:] * person.metabolite.clearance, DOSE, rtol=1e-6)


def test_what_is_in_the_body_and_what_was_eliminated_make_up_the_dose(person):
    until = 4.0 + 2 / 3
    given_until = 10.0 + 20.0 * 0.5 + 5.0 * 3.5 + 52.0 * 2 / 3
    edges = panels(until)
    eliminated = area_under(lambda t: parent_and_metabolite(person, t), edges)[:PEOPLE] * person.parent.clearance
    for i in range(0, PEOPLE, 8):
        one = jax.tree.map(lambda leaf, i=i: leaf[..., i], person.parent)
        inside = amounts_by_matrix(one, until).sum()
        assert inside + eliminated[i] == pytest.approx(given_until, rel=1e-6)


def matrix_of(p):
    """The stated flow as a matrix, column by column."""
    n = 1 + len(p.peripheral)
    columns = []
    for unit_vector in np.eye(n):
        out = flow(Amounts(unit_vector[0], jnp.asarray(unit_vector[1:])), 0.0, p)
        columns.append([float(out.central), *map(float, out.peripheral)])
    return np.array(columns).T


def amounts_by_matrix(p, until):
    K, A = matrix_of(p), np.zeros(1 + len(p.peripheral))
    n = len(A)
    for a, b, rate, dose in zip(BREAKPOINTS[:-1], BREAKPOINTS[1:], RATES, DOSES, strict=True):
        if a >= until:
            break
        M = np.zeros((n + 1, n + 1))
        M[:n, :n], M[0, n] = K, rate
        A[0] += dose
        A = (expm(M * (min(b, until) - a)) @ np.append(A, 1.0))[:n]
    return A


def test_the_exact_solution_solves_the_stated_flow(person):
    times = np.array([0.5, 2.0, 4.0, 4.0 + 2 / 3, 12.0, 30.0, 34.0])
    answers = parent_and_metabolite(person, times)[:, :PEOPLE]
    for i in range(0, PEOPLE, 8):
        one = jax.tree.map(lambda leaf, i=i: leaf[..., i], person.parent)
        by_matrix = [amounts_by_matrix(one, t)[0] / float(one.central) for t in times]
        np.testing.assert_allclose(answers[:, i], by_matrix, rtol=1e-8)  # times are rounded to 1e-9 h


@given(disposition(2))
@settings(max_examples=60)
def test_the_gains_of_the_modes_sum_to_one_over_the_volume(p):
    modes = modes_of(p)
    assert float(modes.gain.sum() * p.central) == pytest.approx(1.0, rel=1e-12)


@given(disposition(3))
@settings(max_examples=60)
def test_gain_over_rate_sums_to_one_over_the_clearance(p):
    modes = modes_of(p)
    assert float((modes.gain / modes.rate).sum() * p.clearance) == pytest.approx(1.0, rel=1e-8)
