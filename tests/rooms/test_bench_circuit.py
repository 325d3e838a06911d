"""The benchmark of the dorsal-horn circuit: its work, and who counts as failed."""

import importlib.util
import json
import pathlib
import subprocess
import sys

import pytest

BENCH = pathlib.Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def bench():
    """The module, without holding this process to one core as it does for its own run."""
    found = {}
    sys.modules["comparison"] = type(sys)("comparison")
    sys.modules["comparison"].hold_to_one_thread = lambda: None
    try:
        for name in ("circuit", "circuit_own"):
            spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
            found[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(found[name])
    finally:
        del sys.modules["comparison"]
    return found["circuit"]


def ran(spikes, seconds):
    return {
        "cpu_seconds": seconds,
        "set_up_seconds": 0.0,
        "compile_seconds": 1.0,
        "peak_MB": 100.0,
        "c_spikes": {"lamina_one": spikes, "wide": spikes},
    }


def test_conditions_differ_and_lie_in_their_ranges(bench):
    drawn = bench.drawn(128)
    for word, (low, high) in bench.RANGES.items():
        assert len(set(drawn[word])) > 100
        assert low <= min(drawn[word]) < max(drawn[word]) <= high


def test_speed_is_conditions_times_simulated_seconds_per_cpu_second(bench):
    row = bench.judged("unwound", ran([10.0, 20.0], 2.0), ran([10.0, 20.0], 4.0))
    assert row["condition_seconds_per_cpu_second"] == pytest.approx(2 * 5.0 / 2.0)  # 3 s of stimuli, 2 s after
    assert (row["worst_difference"], row["failed"]) == (0.0, 0)


def test_a_condition_with_other_spikes_or_none_that_are_finite_has_failed(bench):
    row = bench.judged("unwound", ran([10.0, 20.0, float("nan"), 20.9], 1.0), ran([10.0, 22.0, 5.0, 20.0], 1.0))
    assert row["failed"] == 2
    assert row["worst_difference"] == pytest.approx(1 - 20 / 22)


def test_our_engine_does_the_work_in_a_process_of_its_own(tmp_path):
    work = {"frequency": 2.0, "stimuli": 1, "seed": 0, "conditions": {"block": [0.0, 1.0, 0.5]}}
    (tmp_path / "work.json").write_text(json.dumps(work))
    command = [sys.executable, str(BENCH / "circuit_own.py"), str(tmp_path / "work.json"), "2", "single"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    row = json.loads(done.stdout.splitlines()[-1])
    healthy, blocked = row["c_spikes"]["wide"]
    assert healthy > blocked > 0.0
    assert row["cpu_seconds"] > 0.0
