"""Named random streams: the same for ever, one per person and purpose."""

import numpy as np
import pytest

from unwound.core.arrays import jax, jnp
from unwound.core.random import number_of, patient_keys, root_key, stream


def test_a_name_has_one_number_for_ever():
    assert [number_of(name) for name in ("flares", "weight", "ratings")] == [699164691, 1613801754, 968881656]


def test_three_draws_of_person_17_are_what_they_always_were():
    """If this fails, every published result changes: say so in the change note."""
    (key,) = patient_keys(root_key(0), jnp.array([17]))
    draws = [float(jax.random.normal(stream(key, name))) for name in ("flares", "weight", "ratings")]
    assert draws == pytest.approx([-0.8176772270595838, -1.0304046711143156, 1.3520692206778955], abs=1e-12)


def test_the_same_person_in_another_batch_has_the_same_key():
    one = jax.random.key_data(patient_keys(root_key(3), jnp.array([5, 17, 2])))
    other = jax.random.key_data(patient_keys(root_key(3), jnp.array([17])))
    np.testing.assert_array_equal(one[1], other[0])


def test_people_purposes_and_seeds_do_not_share_draws():
    draws = {
        float(jax.random.normal(stream(key, name)))
        for seed in range(3)
        for key in patient_keys(root_key(seed), jnp.arange(20))
        for name in ("flares", "weight", "ratings")
    }
    assert len(draws) == 3 * 20 * 3


def test_streams_of_neighbours_are_uncorrelated():
    keys = patient_keys(root_key(9), jnp.arange(2000))
    flares, weights = (
        np.array(jax.vmap(lambda key, n=name: jax.random.normal(stream(key, n)))(keys)) for name in ("flares", "weight")
    )
    for pair in ((flares, weights), (flares[1:], flares[:-1])):
        assert abs(np.corrcoef(*pair)[0, 1]) < 4 / np.sqrt(2000)
