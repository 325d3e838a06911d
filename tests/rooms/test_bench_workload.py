"""The benchmark's own transcription: its patients, its equations and its reference."""

from __future__ import annotations

import importlib.util
import math
import pathlib
import sys

import numpy as np
import pytest
from scipy.linalg import expm

BENCH = pathlib.Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def workload():
    spec = importlib.util.spec_from_file_location("bench_workload", BENCH / "workload.py")
    module = sys.modules["bench_workload"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_patients_are_drawn_in_the_stated_order(workload):
    rng = np.random.default_rng(20240601)
    weight = 72 * np.exp(0.2 * rng.standard_normal(7))
    clearance = 75 * np.exp(0.3 * rng.standard_normal(7)) * (weight / 70) ** 0.75
    volume = 25 * np.exp(0.3 * rng.standard_normal(7)) * weight / 70
    p = workload.draw("P1", 7).parameters
    np.testing.assert_allclose(p["WT"], weight, rtol=1e-15)
    np.testing.assert_allclose(p["CL"], clearance, rtol=1e-15)
    np.testing.assert_allclose(p["V1"], volume, rtol=1e-15)
    assert list(p)[-9:] == ["KL", "CLF", "VF", "QF", "VF2", "CLS", "VS", "QS", "VS2"]
    drawn = rng.standard_normal((25, 7))  # the others, in their order: those of the metabolites come last
    np.testing.assert_allclose(p["CLF"], 45 * np.exp(0.3 * drawn[17]) * (weight / 70) ** 0.75, rtol=1e-15)
    np.testing.assert_allclose(p["VS2"], 80 * np.exp(0.3 * drawn[24]) * weight / 70, rtol=1e-15)


def test_exact_disposition_equals_the_matrix_exponential(workload):
    patients = workload.draw("P1", 12)
    patients.parameters["KE0"][5] = workload.ExactDisposition(patients.parameters).m[5, 1]  # ke0 equal to a mode
    pk = workload.ExactDisposition(patients.parameters)
    exact = np.stack([np.stack(pk.at(t), -1) for t in patients.times], 1)
    by_matrix = workload.reference(patients)
    assert by_matrix.shape == (12, 337, 4)
    assert workload.worst_error(exact, by_matrix[:, :, :2]) < 1e-12


def test_the_exponential_in_extended_precision_is_that_of_scipy(workload):
    matrix = np.random.default_rng(3).normal(size=(5, 5)) * [1.0, 20.0, 0.1, 3.0, 1.0]
    np.testing.assert_allclose(workload.exponential(matrix).astype(float), expm(matrix), rtol=1e-11)
    small = matrix / 30.0
    back = workload.exponential(small) @ workload.exponential(-small)
    np.testing.assert_allclose(back.astype(float), np.eye(5), atol=1e-15)


def test_the_equations_of_the_metabolites_at_one_point(workload):
    p = {"CL": 7.0, "V1": 2.0, "CLF": 6.0, "VF": 3.0, "QF": 2.0, "VF2": 4.0}
    p |= {"CLS": 5.0, "VS": 2.0, "QS": 1.0, "VS2": 10.0}
    # concentrations 4 of the parent, 3 and 1 of the first, 4 and 2 mg/L of the second
    found = workload.metabolites(np.array([9.0, 4.0, 8.0, 20.0]), 8.0, p)
    np.testing.assert_allclose(found, [28.0 - 18.0 - 4.0, 4.0, 0.4 * 18.0 - 20.0 - 2.0, 2.0], rtol=1e-15)


def test_the_equations_of_the_drug_at_one_point(workload):
    p = {"V1": 2.0, "V2": 4.0, "V3": 5.0, "Q2": 3.0, "Q3": 10.0, "CL": 7.0, "KE0": 0.5}
    # concentrations 4, 2, 1 mg/L: 6 mg/h to the second, 30 to the third, 28 cleared
    found = workload.disposition(np.array([8.0, 8.0, 5.0, 1000.0]), 25.0, p)
    np.testing.assert_allclose(found, [25.0 - 28.0 - 6.0 - 30.0, 6.0, 30.0, 0.5 * 3000.0])


@pytest.fixture
def engine(monkeypatch):
    """The scripts of bench/, which import each other by their bare names."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCH))
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and pathlib.Path(sys.modules[name].__file__).parent == BENCH:
            del sys.modules[name]


def test_the_package_solves_p1_to_rounding_in_any_company(engine):
    workload, own = engine("workload"), engine("own")
    patients = workload.draw("P1", 1030)  # more than a lane
    outputs, _ = own.own_engine(patients)
    assert outputs.shape == (1030, 337, 4)
    kept = np.array([0, 511, 1023, 1024, 1029])
    some = workload.Patients("P1", {name: values[kept] for name, values in patients.parameters.items()})
    assert workload.worst_error(outputs[kept], workload.reference(some)) < 1e-13
    np.testing.assert_array_equal(own.own_engine(some)[0], outputs[kept])


@pytest.mark.parametrize("peer", ["lsoda", "lsoda_odeint"])
def test_lsoda_solves_the_same_p1(engine, peer):
    workload, peers = engine("workload"), engine("peer_lsoda")
    patients = workload.draw("P1", 2)
    run = getattr(peers, peer)(patients, 60.0)
    assert workload.worst_error(run.outputs, workload.reference(patients)) < 1e-5


def test_the_slow_equations_at_one_point(workload):
    p = {"KON": 0.5, "KOFF": 2.0, "EC50": 25.0, "KN": 10.0, "KW": 1.0, "K50": 1.0, "GW": 2.0}
    p |= {"KI": 3.0, "KD": 6.0, "KP": 9.0, "KM": 4.0, "KL": 5.0}
    state = np.array([0.5, 2.0, 1.0, 4.0, 10.0, 0.5, 3.0, 0.25])
    # c = 100, r = 4, r^1.5 = 8, u = 8/9; x = 2 * 0.5 * 1 * 2 * 4 * 0.8 = 6.4
    x4 = 6.4**4
    wanted = [
        0.5 * 100 * 0.5 - 2.0 * 0.5,
        10.0 * (1.0 + 0.3 - 2.0),
        0.05 + 2.0 * x4 / (1.0 + x4) - 1.0,
        3.0 * (1.0 - 4.0),
        6.0 * (0.5 - 10.0),
        9.0 * (8.0 / 9.0 - 0.5),
        4.0 * (1.0 - 3.0),
        5.0 * (1.0 - 0.25),
    ]
    np.testing.assert_allclose(workload.slow(state, 100.0, p), wanted, rtol=1e-14)
    without = workload.slow(state, -1.0, p)
    assert without[0] == -1.0  # a negative effect site gives no drug, and no NaN
    assert without[5] == -4.5


def test_the_slow_reference_agrees_with_all_states_solved_together(workload):
    from scipy.integrate import solve_ivp

    patients = workload.draw("P2", 3)
    exact = workload.reference(patients)
    assert exact.shape == (3, 181, 8)
    p = patients.one(1)
    state = np.array([0.0] * 4 + list(workload.SLOW_START))
    stops = np.union1d(workload.SWITCHES, 24.0 * np.arange(1, 21))
    begin = 0.0
    for end in stops[1:]:
        rate = 25.0 if begin < 217 and begin % 24 < 4 else 0.0

        def flow(t, y, rate=rate):
            return np.concatenate([workload.disposition(y[:4], rate, p), workload.slow(y[4:], y[3], p)])

        state = solve_ivp(flow, (begin, end), state, "DOP853", rtol=1e-10, atol=1e-12).y[:, -1]
        begin = end
    np.testing.assert_allclose(state[4:], exact[1, 20], rtol=1e-7, atol=1e-9)


def test_about_half_of_the_patients_end_in_the_low_state(workload):
    low = workload.reference(workload.draw("P2", 1000)[:40])[:, -1, 2] < 0.5
    assert 0.3 < low.mean() < 0.7


def test_the_worst_error_is_that_of_the_worst_patient(workload):
    exact = np.ones((3, 5, 2))
    exact[2, :, 1] = 4.0
    found = exact.copy()
    found[2, 3, 1] += 0.4
    assert math.isclose(workload.worst_error(found, exact), 0.1)
    found[0] = np.nan
    assert math.isnan(workload.worst_error(found, exact))
