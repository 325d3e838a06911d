"""Metabolites of metabolites: the same laws as the parent, and the matrix exponential as a judge."""

import dataclasses

import numpy as np
import pytest
from scipy.linalg import expm

from laws.register import jax, jnp
from unwound.pharmacokinetics import Disposition, Individual, Metabolite, concentrations, exposure_of, modes_of

BREAKPOINTS = np.array([0.0, 0.5, 4.0, 4.0 + 2 / 3, 30.0, 34.0])
RATES = np.array([20.0, 5.0, 52.0, 0.0, 10.0])
DOSES = np.array([10.0, 0.0, 0.0, 25.0, 0.0])
AT = np.array([0.01, 0.5, 1.0, 4.0, 4.3, 12.0, 30.0, 34.0, 50.0, 120.0])
KE0 = 3.0


def kinetics(clearance, central, *pairs):
    volumes, flows = ([pair[i] for pair in pairs] for i in (0, 1))
    return Disposition(jnp.asarray(clearance), jnp.asarray(central), jnp.array(volumes), jnp.array(flows))


PARENT = kinetics(75.0, 25.0, (60.0, 90.0), (140.0, 40.0))
FIRST = kinetics(45.0, 60.0, (120.0, 60.0))
SECOND = kinetics(30.0, 40.0, (80.0, 25.0))
THIRD = kinetics(12.0, 30.0)


def family(second=SECOND, source=0, third_source=1):
    """Parent, first, a second formed from `source`, and a third formed from `third_source`."""
    later = (
        Metabolite(second, jnp.asarray(18.0), source=source),
        Metabolite(THIRD, jnp.asarray(9.0), source=third_source),
    )
    return Individual(parent=PARENT, formation=PARENT.clearance, metabolite=FIRST, later=later)


def matrix_of(person):
    """Amounts of all analytes, then the effect site [mg/L]; and where each concentration is read."""
    analytes = [(person.parent, None, 0.0), (person.metabolite, 0, float(person.formation))]
    analytes += [(m.disposition, 0 if m.source is None else 1 + m.source, float(m.formation)) for m in person.later]
    size = sum(1 + len(p.peripheral) for p, _, _ in analytes) + 1
    K, where = np.zeros((size, size)), []
    for p, source, formation in analytes:
        here = max((w + n for w, n in where), default=0)
        V = float(p.central)
        K[here, here] -= float(p.clearance) / V
        for n, (volume, flow) in enumerate(zip(map(float, p.peripheral), map(float, p.exchange), strict=True), 1):
            K[here, here] -= flow / V
            K[here + n, here] += flow / V
            K[here, here + n] += flow / volume
            K[here + n, here + n] -= flow / volume
        if source is not None:
            K[here, where[source][0]] += formation / float(analytes[source][0].central)
        where.append((here, 1 + len(p.peripheral)))
    K[-1, 0], K[-1, -1] = KE0 / float(person.parent.central), -KE0
    return K, [(here, float(p.central)) for (here, _), (p, _, _) in zip(where, analytes, strict=True)]


def by_matrix(person, at):
    """(times, parent and analytes) by the exponential of the whole matrix, interval by interval."""
    K, read = matrix_of(person)
    rows = []
    for t in at:
        state = np.zeros(len(K) + 1)
        for a, b, rate, dose in zip(BREAKPOINTS, [*BREAKPOINTS[1:], np.inf], [*RATES, 0], [*DOSES, 0], strict=True):
            if a >= t:
                break
            M = np.zeros((len(K) + 1,) * 2)
            M[:-1, :-1], M[0, -1] = K, rate
            state[0], state[-1] = state[0] + dose, 1.0
            state = expm(M * (min(b, t) - a)) @ state
        rows.append([*(state[here] / volume for here, volume in read), state[len(K) - 1]])
    return np.array(rows)


def by_modes(person, at=AT, rates=RATES, doses=DOSES):
    parent, others = concentrations(exposure_of(person, jnp.asarray(KE0)), BREAKPOINTS, rates, doses, at)
    return np.concatenate([np.asarray(parent)[:, None], others], axis=1)


def same(found, wanted, tolerance):
    np.testing.assert_array_less(np.abs(found - wanted) / np.abs(wanted).max(axis=0), tolerance)


@pytest.mark.parametrize(("source", "third_source"), [(0, 1), (0, 0), (None, 1), (None, None)])
def test_a_family_of_metabolites_is_that_of_the_matrix_exponential(source, third_source):
    person = family(source=source, third_source=third_source)
    same(by_modes(person), by_matrix(person, AT), 1e-9)  # times are rounded to 1e-9 h


@pytest.mark.parametrize("apart", [0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3])
@pytest.mark.parametrize("meets", ["its source", "the parent", "both"])
def test_a_metabolite_that_meets_the_rates_before_it_is_still_exact(apart, meets):
    """The textbook's sum of exponentials divides by zero here."""
    first = kinetics(float(modes_of(PARENT).rate[1]) * 60.0, 60.0) if meets == "both" else FIRST
    rate = float(modes_of(PARENT if meets != "its source" else first).rate[1])
    person = dataclasses.replace(family(kinetics(rate * (1 + apart) * 40.0, 40.0)), metabolite=first)
    same(by_modes(person), by_matrix(person, AT), 1e-9)


def test_three_of_a_kind_in_series_are_a_gamma_curve():
    """Parent and two metabolites with one rate k: a bolus gives k^n t^n exp(-k t) / n!."""
    alike, k = kinetics(20.0, 40.0), 0.5
    person = Individual(alike, alike.clearance, alike, (Metabolite(alike, alike.clearance),))
    edges, t = np.array([0.0, 1.0]), np.array([0.3, 1.0, 2.0, 7.0, 30.0])
    parent, others = concentrations(exposure_of(person), edges, np.zeros(1), np.array([100.0]), t)
    for n, found in enumerate([parent, others[:, 0], others[:, 1]]):
        expected = 100.0 / 40.0 * (k * t) ** n * np.exp(-k * t) / [1, 1, 2][n]
        np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_each_metabolite_receives_its_share_of_what_its_source_loses():
    """Under a constant infusion: what is formed is what is cleared."""
    edges = np.array([0.0, 5000.0])
    parent, others = concentrations(exposure_of(family()), edges, np.array([20.0]), np.zeros(1), edges[1:])
    first, second, third = np.asarray(others[0])
    assert 75.0 * float(parent[0]) == pytest.approx(20.0, rel=1e-12)
    assert 45.0 * first == pytest.approx(20.0, rel=1e-12)
    assert 30.0 * second == pytest.approx(18.0 * first, rel=1e-12)
    assert 12.0 * third == pytest.approx(9.0 * second, rel=1e-12)


def test_mass_is_neither_made_nor_lost_along_the_family():
    """Area under each curve times its clearance: the dose, and shares of it."""
    total = RATES @ np.diff(BREAKPOINTS) + DOSES.sum()
    nodes, weights = np.polynomial.legendre.leggauss(8)
    growing = np.concatenate([[0.0], 0.01 * 1.5 ** np.arange(28)])
    edges = np.unique(np.round([b + g for b in BREAKPOINTS for g in growing if b + g < 600.0] + [600.0], 7))
    middle, half = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    curve = by_modes(family(), (middle[:, None] + half[:, None] * nodes).ravel()).reshape(len(half), 8, -1)
    area = np.einsum("p,n,pnx->x", half, weights, curve)
    shares = np.array([1.0, 1.0, 18.0 / 45.0, 18.0 / 45.0 * 9.0 / 30.0])
    np.testing.assert_allclose(area[:4] * [75.0, 45.0, 30.0, 12.0], total * shares, rtol=1e-6)


def test_two_doses_give_the_sum_of_each_alone():
    person = family()
    both = by_modes(person)
    alone = by_modes(person, doses=0 * DOSES) + by_modes(person, rates=0 * RATES)
    same(both, alone, 1e-14)


def test_no_boluses_may_be_left_out():
    person = family()
    np.testing.assert_allclose(by_modes(person, doses=None), by_modes(person, doses=0 * DOSES), rtol=1e-14)


def test_answers_come_in_the_order_they_were_asked_for():
    person, order = family(), np.array([7, 2, 2, 9, 0])
    np.testing.assert_array_equal(by_modes(person, AT[order])[:3], by_modes(person, AT[order])[[0, 2, 1]])
    same(by_modes(person, AT[order]), by_modes(person)[order], 1e-13)
    assert by_modes(person, np.zeros(0)).shape == (0, 5)
    assert (by_modes(person, np.zeros(2)) == 0).all()


def test_a_curve_does_not_depend_on_what_else_was_asked():
    person = family()
    same(by_modes(person, AT[::3]), by_modes(person)[::3], 1e-12)


def test_neighbours_in_a_chunk_do_not_change_a_byte():
    rng, count = np.random.default_rng(5), 64

    def spread(leaf):
        leaf = jnp.asarray(leaf)
        return leaf[..., None] * np.exp(0.3 * rng.standard_normal((*leaf.shape, count)))

    people = jax.tree.map(spread, family())
    shuffled = np.concatenate([rng.permutation(count)[: count // 2], np.zeros(count // 2, int)])
    given = RATES[:, None] * np.ones(count), DOSES[:, None] * np.ones(count)

    @jax.jit
    def exact(people):
        return exposure_of(people, jnp.full(count, KE0))

    everybody = concentrations(exact(people), BREAKPOINTS, *given, AT)
    others = concentrations(exact(jax.tree.map(lambda leaf: leaf[..., shuffled], people)), BREAKPOINTS, *given, AT)
    for one, other in zip(everybody, others, strict=True):
        np.testing.assert_array_equal(np.asarray(one)[..., shuffled], other)


@jax.jit
def _second_metabolite(person):
    exposure = exposure_of(person)
    return concentrations(exposure, BREAKPOINTS[:2], RATES[:1], None, np.array([2.0, 12.0]))[1][:, 1].sum()


_slopes = jax.jit(jax.grad(_second_metabolite))


@pytest.mark.parametrize("meets", [False, True])
def test_slopes_are_those_of_small_differences(meets):
    """Of the second metabolite, by every clearance and volume of the family, also where rates meet."""
    second = kinetics(float(modes_of(FIRST).rate[0]) * 40.0, 40.0) if meets else kinetics(30.0, 40.0)
    flat, tree = jax.tree.flatten(dataclasses.replace(family(second), later=family(second).later[:1]))
    slopes = jax.tree.leaves(_slopes(jax.tree.unflatten(tree, flat)))
    for which, leaf in enumerate(flat):
        step = 1e-4 * leaf
        ends = [[*flat[:which], leaf + sign * step, *flat[which + 1 :]] for sign in (1, -1)]
        more, less = (float(_second_metabolite(jax.tree.unflatten(tree, end))) for end in ends)
        assert float((slopes[which] * leaf).sum()) == pytest.approx((more - less) / 2e-4, rel=1e-5, abs=1e-12)


def test_step_by_step_is_the_whole_course():
    """What the batch engine does, to the third metabolite: a bolus, a rate, and two intervals without."""
    exposure = exposure_of(family(), jnp.asarray(KE0))
    lengths, rates, doses = [0.7, 2.0, 0.1], jnp.array([3.0, 0.0, 0.0]), jnp.array([5.0, 0.0, 0.0])
    times = np.concatenate([[0.0], np.cumsum(lengths)])
    parent, followers = concentrations(exposure, times, rates, doses, times[1:])
    state, steps = exposure.empty(), exposure.steps(jnp.asarray(lengths))
    for n in range(3):
        state = exposure.moved(
            exposure.given(state, doses[n]), jax.tree.map(lambda leaf, n=n: leaf[n], steps), rates[n]
        )
        reading = exposure.read(state)
        assert float(reading.parent) == pytest.approx(float(parent[n]), rel=1e-13)
        np.testing.assert_allclose(reading.followers, followers[n], rtol=1e-12)


def test_a_metabolite_must_come_after_its_source():
    wrong = Individual(PARENT, PARENT.clearance, None, (Metabolite(SECOND, jnp.asarray(18.0)),))
    with pytest.raises(ValueError, match="formed from metabolite 0, and 0 come before it"):
        exposure_of(wrong)
