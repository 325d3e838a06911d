"""The shared mesh: nothing falls between two steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unwound.patient import Accuracy
from unwound.patient.mesh import LENGTH_BLOCK, STEP_BLOCK, build_mesh

times = st.lists(st.floats(0.01, 200.0), min_size=1, max_size=8).map(lambda t: np.unique(np.round(t, 6)))
accuracies = st.builds(Accuracy, first=st.floats(0.05, 1.0), growth=st.floats(0.1, 1.0), longest=st.floats(1.0, 12.0))


def mesh_of(switches, asked, accuracy):
    switches = np.concatenate([[0.0], switches])
    knots = np.arange(0, max(asked[-1], 24.0) + 24.0, 24.0)
    return switches, knots, build_mesh(switches, knots, asked, accuracy)


def ends_of(mesh):
    return np.cumsum(mesh.lengths[mesh.length_index][: mesh.steps])


@given(times, times, accuracies)
def test_steps_cover_the_time_from_zero_to_the_last_answer(switches, asked, accuracy):
    _, _, mesh = mesh_of(switches, asked, accuracy)
    lengths = mesh.lengths[mesh.length_index]
    assert lengths.sum() == pytest.approx(asked[-1], abs=1e-6)
    assert (lengths[: mesh.steps] > 0).all()
    assert (lengths[mesh.steps :] == 0).all()


@given(times, times, accuracies)
def test_every_pump_switch_knot_and_answer_is_an_edge(switches, asked, accuracy):
    switches, knots, mesh = mesh_of(switches, asked, accuracy)
    edges = np.concatenate([[0.0], ends_of(mesh)])
    for hard in (*switches, *knots, *asked):
        if hard <= asked[-1]:
            assert np.abs(edges - hard).min() < 1e-6


@given(times, times, accuracies)
def test_steps_grow_with_the_time_since_the_last_switch(switches, asked, accuracy):
    switches, _, mesh = mesh_of(switches, asked, accuracy)
    ends = ends_of(mesh)
    starts = ends - mesh.lengths[mesh.length_index][: mesh.steps]
    since = np.array([start - switches[switches <= start + 1e-6].max() for start in starts])
    allowed = np.minimum(np.maximum(accuracy.first, accuracy.growth * since), max(accuracy.longest, accuracy.first))
    assert (ends - starts <= allowed * (1 + 1e-6) + 1e-6).all()


@given(times, times, accuracies)
def test_each_step_knows_its_pump_interval_and_its_place_between_knots(switches, asked, accuracy):
    switches, knots, mesh = mesh_of(switches, asked, accuracy)
    ends = ends_of(mesh)
    starts = ends - mesh.lengths[mesh.length_index][: mesh.steps]
    middles = (starts + ends) / 2
    n = mesh.steps
    np.testing.assert_array_equal(mesh.interval[:n], np.searchsorted(switches, middles, side="right") - 1)
    inside = knots[mesh.knot[:n], None] + 24.0 * mesh.knot_part[:n]
    np.testing.assert_allclose(inside, np.stack([starts, ends], axis=1), atol=1e-6)
    begins = mesh.begins[:n] > 0
    assert begins.sum() == (switches < asked[-1] - 1e-9).sum()


@given(times, times, accuracies)
def test_each_answer_is_written_last_by_the_step_that_ends_there(switches, asked, accuracy):
    _, _, mesh = mesh_of(switches, asked, accuracy)
    ends = ends_of(mesh)
    for slot, time in enumerate(asked):
        last = np.flatnonzero(mesh.slot[: mesh.steps] == slot)[-1]
        assert ends[last] == pytest.approx(time, abs=1e-6)


@given(times, times)
def test_padding_comes_in_whole_blocks(switches, asked):
    _, _, mesh = mesh_of(switches, asked, Accuracy())
    assert len(mesh.slot) % STEP_BLOCK == 0
    assert len(mesh.lengths) % LENGTH_BLOCK == 0
    assert {len(v) for v in (mesh.length_index, mesh.interval, mesh.begins, mesh.knot, mesh.knot_part)} == {
        len(mesh.slot)
    }


def test_a_forty_minute_infusion_gets_steps_of_its_own():
    mesh = build_mesh(np.array([0.0, 50.0, 50.0 + 2 / 3]), np.arange(0, 97, 24.0), np.array([96.0]), Accuracy())
    ends = ends_of(mesh)
    inside = (ends > 50.0) & (ends <= 50.0 + 2 / 3 + 1e-6)
    assert inside.sum() >= 2


def test_twice_as_coarse_is_twice_as_coarse():
    accuracy = Accuracy(0.2, 0.4, 6.0, 1e-6)
    assert accuracy.coarser(2.0) == Accuracy(0.4, 0.8, 12.0, 1e-6)
