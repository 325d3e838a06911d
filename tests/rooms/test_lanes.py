"""The work may be cut anyhow: same seed, same bytes."""

import dataclasses
import threading

import numpy as np
import pytest

from unwound.core.errors import InputError
from unwound.core.verdicts import Verdict
from unwound.patient import Setting, simulate_people
from unwound.patient.lanes import lanes, map_lanes, thread_count
from unwound.population import sample
from unwound.regimen import compile_regimen
from unwound.trials import Trial

N = 1500
IDS = np.arange(N)
AT = np.array([24.0, 100.0, 168.0, 672.0])
REGIMEN = compile_regimen(Trial.published("SIG09").regimen)


def course(ids=IDS, **setting):
    return simulate_people(sample(1, ids, "CRPS-1"), ids, REGIMEN, AT, Setting(seed=1, **setting))


def arrays(course):
    named = {f.name: getattr(course, f.name) for f in dataclasses.fields(course)}
    plain = {name: values for name, values in named.items() if isinstance(values, np.ndarray)}
    return plain | dict(course.states) | dict(course.concentration_ng_per_mL)


@pytest.fixture(scope="module")
def reference():
    return arrays(course(threads=1))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_same_seed_same_bytes_for_any_number_of_threads(reference, threads):
    for name, values in arrays(course(threads=threads)).items():
        assert np.array_equal(values, reference[name]), name


def test_same_bytes_for_shuffled_people(reference):
    order = np.random.default_rng(0).permutation(N)
    for name, values in arrays(course(order)).items():
        if name != "time_h":
            assert np.array_equal(values, reference[name][..., order]), name


@pytest.mark.parametrize("some", [IDS[37:1400:3], IDS[5:6], IDS[1000:1012]])
def test_same_bytes_for_a_part_of_the_people_even_one_alone(reference, some):
    for name, values in arrays(course(some)).items():
        if name != "time_h":
            assert np.array_equal(values, reference[name][..., some]), name


def test_same_bytes_on_a_second_run(reference):
    for name, values in arrays(course()).items():
        assert np.array_equal(values, reference[name]), name


@pytest.mark.parametrize("chunk", [100, 512, 1024, 1499])
def test_same_bytes_for_any_chunk_size(reference, chunk):
    pieces = [arrays(course(IDS[begin : begin + chunk])) for begin in range(0, N, chunk)]
    for name in reference:
        if name != "time_h":
            joined = np.concatenate([piece[name] for piece in pieces], axis=-1)
            assert np.array_equal(joined, reference[name]), name


# -------------------------------------------------------------------------------- the cutting itself


@pytest.mark.parametrize(("count", "width"), [(1, 16), (16, 16), (17, 16), (1000, 256), (1024, 256)])
def test_lanes_hold_everybody_once_and_repeat_only_the_last(count, width):
    pieces = list(lanes(count, width))
    assert all(len(piece) == width for piece in pieces)
    joined = np.concatenate(pieces)
    np.testing.assert_array_equal(joined[:count], np.arange(count))
    assert (joined[count:] == count - 1).all()


def test_lanes_come_back_in_order_whoever_finishes_first():
    release = threading.Event()

    def work(piece):
        if piece[0] == 0:
            release.wait(5)
        else:
            release.set()
        return int(piece[0])

    assert map_lanes(48, 16, work, threads=2) == [0, 16, 32]


def test_progress_counts_each_person_once():
    heard = []
    map_lanes(40, 16, lambda piece: None, threads=2, progress=heard.append)
    assert sum(heard) == 40


def test_a_failing_lane_stops_the_run():
    def work(piece):
        if piece[0] == 16:
            raise RuntimeError("lane 16")
        return

    with pytest.raises(RuntimeError, match="lane 16"):
        map_lanes(64, 16, work, threads=2)


@pytest.mark.parametrize("threads", [0, -1])
def test_no_threads_are_refused(threads):
    with pytest.raises(InputError, match="threads"):
        thread_count(threads)
    assert thread_count(None) >= 1


# -------------------------------------------------------------------------------- one bad person


def test_one_impossible_person_gets_a_verdict_and_harms_nobody():
    people = sample(1, IDS[:20], "CRPS-1")
    broken = dataclasses.replace(people, weight=np.where(IDS[:20] == 7, np.nan, np.asarray(people.weight)))
    good, bad = (simulate_people(p, IDS[:20], REGIMEN, AT, Setting(seed=1)) for p in (people, broken))
    assert bad.verdicts[7] == Verdict.NOT_FINITE
    assert list(bad.failed()) == [7]
    others = np.delete(np.arange(20), 7)
    np.testing.assert_array_equal(bad.pain_nrs[:, others], good.pain_nrs[:, others])
    assert not good.failed().size


def test_who_needs_a_finer_mesh_gets_one_and_only_they():
    rough = Setting(seed=1).accuracy.coarser(2.0)
    strict = Setting(seed=1, accuracy=dataclasses.replace(rough, tolerance=1e-6))
    loose = Setting(seed=1, accuracy=dataclasses.replace(rough, tolerance=1.0))
    ids = IDS[:200]
    crps = sample(1, ids, "CRPS-1")
    first, second = (simulate_people(crps, ids, REGIMEN, AT, s) for s in (strict, loose))
    again = first.verdicts == Verdict.RETRIED
    assert 0 < again.sum() < 200
    assert (second.verdicts == Verdict.FINE).all()
    np.testing.assert_array_equal(first.pain_nrs[:, ~again], second.pain_nrs[:, ~again])
    assert (first.pain_nrs[:, again] != second.pain_nrs[:, again]).any()
