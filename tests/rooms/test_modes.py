"""Linear kinetics as independent modes, and the grid of times they are asked at."""

import numpy as np
import pytest

from unwound.core.arrays import jax, jnp
from unwound.pharmacokinetics import Disposition, Individual, concentrations, exposure_of, modes_of
from unwound.pharmacokinetics.grid import merged_grid

ONE = Disposition(
    clearance=jnp.asarray(90.0), central=jnp.asarray(60.0), peripheral=jnp.zeros(0), exchange=jnp.zeros(0)
)
TWO = Disposition(
    clearance=jnp.asarray(90.0),
    central=jnp.asarray(70.0),
    peripheral=jnp.array([160.0]),
    exchange=jnp.array([100.0]),
)


def test_one_compartment_is_one_mode():
    modes = modes_of(ONE)
    assert float(modes.rate[0]) == pytest.approx(90 / 60)
    assert float(modes.gain[0]) == pytest.approx(1 / 60)


def test_two_compartments_are_the_textbook_formula():
    """alpha + beta = k10 + k12 + k21, alpha beta = k10 k21."""
    modes = modes_of(TWO)
    k10, k12, k21 = 90 / 70, 100 / 70, 100 / 160
    assert float(modes.rate.sum()) == pytest.approx(k10 + k12 + k21, rel=1e-14)
    assert float(modes.rate.prod()) == pytest.approx(k10 * k21, rel=1e-13)
    beta, alpha = np.sort(np.asarray(modes.rate))
    expected = (alpha - k21) / (alpha - beta) / 70, (k21 - beta) / (alpha - beta) / 70
    np.testing.assert_allclose(np.sort(modes.gain), np.sort(expected), rtol=1e-12)


def test_a_population_is_solved_as_each_of_its_people():
    rng = np.random.default_rng(1)
    many = Disposition(
        clearance=jnp.asarray(rng.uniform(50, 120, 7)),
        central=jnp.asarray(rng.uniform(50, 150, 7)),
        peripheral=jnp.asarray(rng.uniform(50, 200, (2, 7))),
        exchange=jnp.asarray(rng.uniform(20, 200, (2, 7))),
    )
    together = modes_of(many)
    for i in range(7):
        alone = modes_of(Disposition(many.clearance[i], many.central[i], many.peripheral[:, i], many.exchange[:, i]))
        np.testing.assert_allclose(together.rate[:, i], alone.rate, rtol=1e-12)
        np.testing.assert_allclose(together.gain[:, i], alone.gain, rtol=1e-12)


def with_effect_site():
    return exposure_of(Individual(parent=TWO, formation=TWO.clearance), jnp.array(0.5))


def moved(exposure, state, length, rate):
    step = jax.tree.map(lambda leaf: leaf[0], exposure.steps(jnp.array([length])))
    return exposure.moved(state, step, jnp.asarray(rate))


def test_an_interval_of_no_length_does_nothing():
    exposure = with_effect_site()
    state = exposure.given(exposure.empty(), jnp.asarray(3.0))
    for before, after in zip(jax.tree.leaves(state), jax.tree.leaves(moved(exposure, state, 0.0, 7.0)), strict=True):
        np.testing.assert_array_equal(before, after)


def test_two_intervals_are_one_of_their_sum():
    exposure = with_effect_site()
    state = exposure.given(exposure.empty(), jnp.asarray(3.0))
    parts = moved(exposure, moved(exposure, state, 0.4, 7.0), 1.1, 7.0)
    for part, whole in zip(jax.tree.leaves(parts), jax.tree.leaves(moved(exposure, state, 1.5, 7.0)), strict=True):
        np.testing.assert_allclose(part, whole, rtol=1e-12)


def test_a_person_without_metabolite_and_effect_site_has_no_followers():
    exposure = exposure_of(Individual(parent=TWO, formation=TWO.clearance))
    assert exposure.analytes == ()
    parent, followers = concentrations(
        exposure, np.array([0.0, 1.0]), jnp.array([20.0]), jnp.zeros(1), np.array([0.5, 1.0])
    )
    assert followers.shape == (2, 0)
    assert float(parent[1]) > float(parent[0]) > 0


def test_the_grid_merges_pump_and_questions_and_closes_the_pump():
    grid = merged_grid(np.array([0.0, 2.0, 5.0]), np.array([1.0, 2.0, 7.0]))
    ends = np.cumsum(grid.lengths[grid.length_index])
    np.testing.assert_allclose(ends, [1.0, 2.0, 5.0, 7.0])
    np.testing.assert_array_equal(grid.interval, [0, 0, 1, 2])  # 2: after the clock, where callers append zero
    np.testing.assert_array_equal(grid.begins, [True, False, True, True])
    np.testing.assert_array_equal(grid.answers, [1, 2, 4])


def test_times_that_differ_by_rounding_noise_are_one():
    grid = merged_grid(np.array([0.0, 0.1 + 0.2, 1.0]), np.array([0.3, 1.0]))
    assert len(grid.interval) == 2
