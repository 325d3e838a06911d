"""The dorsal-horn circuit against Brian2: the same equations, written anew, in another simulator.

Brian2's counts are frozen in `dorsal_horn_brian2.json`; `bash scripts/oracle` runs it again and renews them. One run
makes the steps of the circuit (conductances decay exactly, the rest by Euler, 0.1 ms): there both have to agree spike
for spike, up to rounding. The other is Brian2's own second-order method at 0.05 ms.
"""

import json
import pathlib

import numpy as np
import pytest

from unwound.core.errors import InputError
from unwound.dorsal_horn import OUTPUTS, exported, windup

FROZEN = json.loads((pathlib.Path(__file__).parent / "dorsal_horn_brian2.json").read_text(encoding="utf-8"))
RECORD, TRAINS, CONDITIONS = FROZEN["record"], FROZEN["trains"], FROZEN["conditions"]
STEPS, FINE = FROZEN["runs"]
BAR = 0.05
HEALTHY = {"nmda": 1.0, "block": 0.0, "inhibition": 1.0, "opioid": 0.0, "substance_p": 1.0}
RENEW = "the numbers of the circuit have changed since Brian2 ran: renew its counts with `bash scripts/oracle`"


@pytest.fixture(scope="module")
def inputs():
    return exported(CONDITIONS, TRAINS, seed=RECORD["seed"])


@pytest.fixture(scope="module", autouse=True)
def the_frozen_counts_belong_to_these_numbers(inputs):
    if inputs.fingerprint != RECORD["inputs"]:
        pytest.fail(RENEW)


def run(inputs, train, names, substeps, touch, precision="double"):
    """The circuit under the conditions called `names`."""
    conditions = [inputs.about["conditions"][name] for name in names]
    columns = {word: [one[word] for one in conditions] for word in conditions[0]}
    return windup(*TRAINS[train], seed=RECORD["seed"], substeps=substeps, touch=touch, precision=precision, **columns)


def theirs(counts, train, names, output, read):
    return np.array([counts[train][name][output][read] for name in names])


def agree(found, expected):
    """C spikes over the train and after its last stimulus, within the bar, under every condition."""
    np.testing.assert_allclose(found.sum(axis=1), expected.sum(axis=1), rtol=BAR)
    np.testing.assert_allclose(found[:, -1], expected[:, -1], rtol=BAR)


@pytest.mark.parametrize("train", ["1 Hz", pytest.param("0.5 Hz", marks=pytest.mark.slow)])
def test_the_circuit_fires_as_brian2_does_with_the_same_steps(inputs, train):
    found = run(inputs, train, CONDITIONS, 10, touch=train == "1 Hz")
    same = []
    for output in OUTPUTS:
        expected = {read: theirs(STEPS["counts"], train, CONDITIONS, output, read) for read in ("a", "c", "after")}
        agree(found.c_spikes[output], expected["c"])
        same += [
            np.isclose(found.c_spikes[output], expected["c"]),
            np.isclose(found.a_spikes[output], expected["a"]),
            np.isclose(found.after_discharge[output][:, None], expected["after"]),
        ]
        if train == "1 Hz":
            brush = theirs(STEPS["counts"], "brush", CONDITIONS, output, "brush")[:, 0]
            np.testing.assert_allclose(found.brush_spikes[output], brush, rtol=BAR, atol=0.2)
    assert np.concatenate([one.ravel() for one in same]).mean() > 0.9  # windows with exactly the same count


def test_in_single_precision_as_people_run_it_the_circuit_agrees_too(inputs):
    found = run(inputs, "1 Hz", CONDITIONS, 10, touch=False, precision="single")
    for output in OUTPUTS:
        agree(found.c_spikes[output], theirs(STEPS["counts"], "1 Hz", CONDITIONS, output, "c"))


@pytest.mark.slow
@pytest.mark.parametrize("train", TRAINS)
def test_with_finer_steps_the_circuit_and_another_method_of_brian2_meet(inputs, train):
    names = ("control", "block 0.5", "opioid 0.5")
    found = run(inputs, train, names, 20, touch=False)
    for output in OUTPUTS:
        agree(found.c_spikes[output], theirs(FINE["counts"], train, names, output, "c"))


def test_the_time_step_of_the_circuit_is_fine_enough():
    """A train has the same C spikes at 0.1 ms by the circuit's steps and at 0.05 ms by a method of second order."""
    for train in TRAINS:
        for output in OUTPUTS:
            coarse, fine = (theirs(one["counts"], train, CONDITIONS, output, "c") for one in (STEPS, FINE))
            np.testing.assert_allclose(coarse.sum(axis=1), fine.sum(axis=1), rtol=BAR)


def test_brian2_ran_every_condition_under_every_protocol():
    assert len(CONDITIONS) == 8
    assert (STEPS["method"], STEPS["dt_ms"], FINE["dt_ms"]) == ("circuit", 0.1, 0.05)
    for one in (STEPS, FINE):
        assert set(one["counts"]) == {*TRAINS, "brush"}
        for conditions in one["counts"].values():
            assert list(conditions) == list(CONDITIONS)


# ------------------------------------------------------------------------------------------ what is handed over


def test_the_inputs_are_the_circuit(inputs):
    """Each connection has its evidence row; the conditions are told in full; every stimulus has its three volleys."""
    about, arrays = inputs.about, inputs.arrays
    assert about["parameters"]["membrane.capacitance"] == [200.0, "pF"]
    assert about["conditions"]["block 0.5"] == {
        **HEALTHY,
        "block": 0.5,
        "chloride": about["conditions"]["control"]["chloride"],
    }
    fibers = sum(about["afferents"].values())
    assert len(arrays["1 Hz.times"]) == 16 * fibers
    assert arrays["0.5 Hz.times"].max() == pytest.approx(30_000.0, abs=1000.0)
    assert arrays["noise"].shape == (32_000, sum(about["populations"].values()))
    assert arrays["connection.c_to_wide.ampa"].shape == (about["afferents"]["c"], about["populations"]["wide"])


def test_the_fingerprint_feels_every_kind_of_number_but_no_rounding(inputs):
    def changed(name, by):
        return type(inputs)(inputs.about, {**inputs.arrays, name: inputs.arrays[name] + by}).fingerprint

    for name in ("noise", "1 Hz.times", "connection.pv_to_wide.inhibitory", "kind.opioid"):
        assert changed(name, 1e-2) != inputs.fingerprint
        assert changed(name, 1e-13) == inputs.fingerprint
    other = {**inputs.about, "parameters": {**inputs.about["parameters"], "membrane.leak": [8.1, "nS"]}}
    assert type(inputs)(other, inputs.arrays).fingerprint != inputs.fingerprint


def test_what_is_written_can_be_read_without_this_package(inputs, tmp_path):
    inputs.save(tmp_path / "inputs.npz")
    with np.load(tmp_path / "inputs.npz") as file:
        assert str(file["fingerprint"]) == inputs.fingerprint
        assert json.loads(str(file["about"])) == inputs.about
        np.testing.assert_array_equal(file["noise"], inputs.arrays["noise"])


def test_words_that_are_no_condition_are_named():
    with pytest.raises(InputError) as error:
        exported({"a": {"blok": 0.5}, "b": {"ketamine": 1.0}}, {"brush": (1.0, 2)})
    assert [problem.field for problem in error.value.problems] == ["a.blok", "b.ketamine", "trains"]
