"""The benchmark of receptor block: its engines do the same work."""

from __future__ import annotations

import importlib.util
import pathlib
import sys

import numpy as np
import pytest

BENCH = pathlib.Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def work():
    spec = importlib.util.spec_from_file_location("bench_receptor_work", BENCH / "receptor_work.py")
    module = sys.modules["bench_receptor_work"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("condition", "bar"), [("-40 mV, 1 mM Mg", 0.01), ("-66 mV, no Mg", 0.04)])
def test_the_reduced_form_follows_the_full_scheme_at_1_uM_within_its_bar(work, condition, bar):  # noqa: N802
    """Bar and tolerance (0.005) of the specification; the error is measured at eight times after each of 120 pulses."""
    dose = np.array([1.0])
    exact = work.scipy_expm(1.0, condition)
    error = abs(work.own_reduced(condition)(dose)[0] - exact).max()
    assert bar / 2 < error < bar + 0.005
    np.testing.assert_allclose(work.own_full(condition)(dose)[0], exact, atol=1e-9)


def test_lsoda_does_the_same_work(work, monkeypatch):
    monkeypatch.setattr(work, "PULSES", 5)
    condition = "-40 mV, 1 mM Mg"
    found = work.scipy_lsoda(1.0, condition)
    assert len(found) == 5 * len(work.LOOKS)
    np.testing.assert_allclose(found, work.scipy_expm(1.0, condition), atol=1e-6)


def test_block_is_asked_for_at_the_same_times_after_each_pulse(work):
    assert work.STEPS.sum() == pytest.approx(work.PERIOD)
    assert work.LOOKS[0] == work.WIDTH
    assert work.doses(5)[0] == 1.0
