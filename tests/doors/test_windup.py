"""`unwound windup` as people use it."""

import json
import subprocess
import sys

import numpy as np
import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.dorsal_horn import calibration, emulator
from unwound.dorsal_horn.calibration import FREE, Member
from unwound.evidence import estimate
from unwound.reporting import read

SHORT = ("windup", "--stimuli", "3")


@pytest.fixture
def members(monkeypatch):
    """Two circuits that stand in for the ensemble: that of the evidence, and one with 10 % more of everything."""
    own = {key: estimate(key).value for keys in FREE.values() for key in keys}
    more = {key: 1.1 * number for key, number in own.items()}
    both = (Member(1, 0.0, (), own), Member(2, 0.4, ("ratio_onset",), more))
    monkeypatch.setattr(calibration, "ensemble", lambda: both)
    return both


@pytest.fixture
def emulated(monkeypatch):
    """An emulator whose every read-out is 10 + 8 tanh(tanh(drive)), drive scaled to -1 .. 1."""
    weights = np.zeros((1, len(emulator.INPUTS)))
    weights[0, 0] = 1.0
    one = emulator.Network(
        into=weights, into_bias=np.zeros(1), between=np.ones((1, 1)), between_bias=np.zeros(1),
        out=np.array([0.4]), out_bias=np.array(0.0), low=np.array(10.0), high=np.array(30.0),
    )  # fmt: skip
    made = emulator.Emulator(dict.fromkeys(emulator.READOUTS, one), dict.fromkeys(emulator.READOUTS, 0.03), {"seed": 1})
    monkeypatch.setattr(emulator, "emulator", lambda: made)
    monkeypatch.setattr("unwound.reporting.horn_summaries.emulator", lambda: made)
    return made


def test_a_drug_is_shown_beside_the_healthy_circuit(unwound, tmp_path):
    code, out, _ = unwound(*SHORT, "--drug", "ketamine", "--concentration", "5 uM", "--json", "--out", tmp_path / "w")
    told = json.loads(out)
    assert code == 0
    assert told["simulation_only"] == SIMULATION_ONLY
    assert len(told["c_spikes"]) == told["stimuli"] == 3
    assert told["windup_ratio"] == pytest.approx(told["c_spikes"][-1] / told["c_spikes"][0])
    assert told["brush_spikes"] == told["outputs"]["wide"]["brush_spikes"]
    assert told["allodynia_index"] == told["outputs"]["lamina_one"]["brush_spikes"]
    assert 0.0 < told["condition"]["block"] == told["drug"]["block"] < 1.0
    assert sum(told["c_spikes"]) < sum(told["healthy"]["wide"]["c_spikes"])
    assert any("assumed" in line for line in told["notes"])
    results = read(tmp_path / "w")
    assert results.json("result")["c_spikes"] == told["c_spikes"]
    assert len(results.table("stimuli")["c_spikes"]) == 2 * 2 * 3
    names = {part.name for part in results.manifest.parts}
    assert {"figure.svg", "figure.png", "result.json", "stimuli.parquet"} <= names
    assert SIMULATION_ONLY in results.bytes("figure.svg").decode()


def test_the_block_of_a_drug_is_that_of_the_receptor_and_grows_with_depolarization():
    from unwound.patient.synaptic_block import synaptic_block
    from unwound.receptor.averages import shares

    rest, depolarized = synaptic_block("ketamine", 1.0), synaptic_block("ketamine", 1.0, -40.0)
    assert 0.0 < rest.block < depolarized.block < 1.0
    mixed = sum(share * rest.by_subtype[subtype] for subtype, share in shares().items()) / sum(shares().values())
    assert rest.block == pytest.approx(mixed)
    assert synaptic_block("ketamine", 0.0).block == pytest.approx(0.0, abs=1e-12)


def test_the_printed_table_names_both_outputs_and_the_misses(unwound):
    code, out, _ = unwound(*SHORT)
    assert code == 0
    for words in ("lamina I", "deep WDR", "wind-up ratio", "the circuit", "block is constant", SIMULATION_ONLY):
        assert words in out
    assert "healthy" not in out.split("note:")[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--frequency", "10", "--stimuli", "0"), ["2 problems", "frequency", "stimuli"]),
        (("--block", "2", "--opioid", "-1"), ["2 problems", "block = 2.0", "opioid = -1.0", "0 to 1"]),
        (("--block", "0.5", "--drug", "ketamine"), ["2 problems", "--concentration", "one of the two"]),
        (("--concentration", "1 uM"), ["belongs to a drug"]),
        (("--drug", "ketamin", "--concentration", "1"), ["2 problems", "without a unit", "did you mean ketamine"]),
        (("--chloride", "-55"), ["--chloride", "without a unit"]),
        (("--use-dependent",), ["--use-dependent", "belongs to a drug"]),
        (("--targets", "--ensemble", "--voltage", "-40 mV"), ["2 problems", "--targets and --ensemble", "one of them"]),
        (("--targets", "--out", "folder"), ["--targets writes no folder", "--json"]),
    ],
)
def test_wrong_input_is_named(unwound, arguments, words):
    code, out, err = unwound("windup", *arguments)
    assert code == 2
    assert out == ""
    for word in words:
        assert word in err


def test_a_filled_folder_is_refused_before_anything_is_computed(unwound, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    code, _, err = unwound(*SHORT, "--out", tmp_path)
    assert code == 2
    assert "not empty" in err


# ------------------------------------------------------------------------------------------- block that follows use


def test_block_that_follows_use_changes_the_train_and_not_the_healthy_circuit_beside_it(unwound):
    drug = ("--drug", "ketamine", "--concentration", "5 uM", "--json")
    constant, used = (
        json.loads(unwound("windup", "--stimuli", "8", *drug, *more)[1]) for more in ((), ("--use-dependent",))
    )
    assert not constant["drug"]["use_dependent"]
    assert used["drug"]["use_dependent"]
    assert used["condition"]["block"] == constant["condition"]["block"]
    assert used["healthy"] == constant["healthy"]
    assert sum(used["c_spikes"]) < sum(constant["c_spikes"])
    assert any("follows use" in line for line in used["notes"])
    assert not any("block is constant" in line for line in used["notes"])


# --------------------------------------------------------------------------------------------- ensemble and targets


def test_a_member_of_the_ensemble_runs_with_its_own_numbers(unwound, members, tmp_path):
    told = [json.loads(unwound(*SHORT, "--circuit", n, "--json")[1]) for n in ("1", "2")]
    assert [one["circuit"] for one in told] == [1, 2]
    assert told[0]["c_spikes"] != told[1]["c_spikes"]
    assert any("misses wind-up ratio at 0.5 Hz" in line for line in told[1]["notes"])
    assert any("meets all" in line for line in told[0]["notes"])
    assert told[0]["c_spikes"] == json.loads(unwound(*SHORT, "--json")[1])["c_spikes"]
    unwound(*SHORT, "--circuit", "2", "--out", tmp_path / "w")
    assert read(tmp_path / "w").json("result")["circuit"] == 2


def test_a_circuit_that_is_not_there_is_refused(unwound, members):
    code, out, err = unwound(*SHORT, "--circuit", "3")
    assert (code, out) == (2, "")
    for word in ("--circuit", "circuits 1 to 2", "--ensemble"):
        assert word in err


def test_an_installation_without_an_ensemble_says_so(unwound, monkeypatch):
    def missing():
        raise FileNotFoundError

    monkeypatch.setattr(calibration, "ensemble", missing)
    for asked in (("--circuit", "1"), ("--ensemble",)):
        code, _, err = unwound("windup", *asked)
        assert code == 2
        assert "has no ensemble" in err
    code, out, _ = unwound(*SHORT, "--json")
    assert code == 0
    assert any("not on record" in line for line in json.loads(out)["notes"])


def test_the_ensemble_is_listed_with_what_each_circuit_misses_and_how_far_apart_they_are(unwound, members):
    code, out, _ = unwound("windup", "--ensemble", "--json")
    assert code == 0
    told = json.loads(out)
    assert [one["missed"] for one in told["members"]] == [[], ["wind-up ratio at 0.5 Hz"]]
    spread = {one["about"]: one for one in told["spread"]}["adaptation"]
    assert spread["high"] == pytest.approx(1.1 * spread["low"])
    assert spread["unit"] == "pA"
    code, out, _ = unwound("windup", "--ensemble")
    assert code == 0
    assert "wind-up ratio at 0.5 Hz" in out


def test_targets_are_printed_for_both_outputs_and_the_missed_ones_named(unwound, monkeypatch):
    import unwound.dorsal_horn as room
    from unwound.dorsal_horn.targets import Target

    asked = {}

    def judge(seed, given=None):
        asked.update(seed=seed, given=given)
        return (Target("ratio", "wind-up ratio at 1 Hz, 16 stimuli", "lamina_one", "3 to 6", 4.0, True),
                Target("ratio", "wind-up ratio at 1 Hz, 16 stimuli", "wide", "3 to 6", 7.0, False))  # fmt: skip

    monkeypatch.setattr(room, "judge", judge)
    code, out, _ = unwound("windup", "--targets", "--seed", "3")
    assert code == 0
    assert asked == {"seed": 3, "given": None}
    for words in ("lamina I", "deep WDR", "hit", "MISSED", "Missed: wind-up ratio at 1 Hz, 16 stimuli."):
        assert words in out
    told = json.loads(unwound("windup", "--targets", "--json")[1])
    assert [row["output"] for row in told["targets"]] == ["lamina_one", "wide"]
    assert told["missed"] == ["wind-up ratio at 1 Hz, 16 stimuli"]


# --------------------------------------------------------------------------------------------------- the emulator


def test_the_emulator_answers_with_its_error(unwound, emulated):
    code, out, _ = unwound("windup", "--emulated", "--block", "0.5", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["emulated"]
    first = told["outputs"]["wide"]["first"]
    # a made network: 10 + 20 tanh(tanh(x)), x the drive of 0.5 scaled over 0 to 2.5
    assert first["value"] == pytest.approx(10.0 + 20.0 * np.tanh(np.tanh(2.0 * 0.5 / 2.5 - 1.0)) * 0.4)
    assert first["error"] == pytest.approx(0.03 * 20.0)
    assert told["windup_ratio"] == pytest.approx(1.0)
    assert told["brush_spikes"] == told["outputs"]["wide"]["brush"]["value"]
    code, out, _ = unwound("windup", "--emulated")
    assert code == 0
    for words in ("error", "Emulated", "deep WDR"):
        assert words in out


def test_an_installation_without_an_emulator_says_so(unwound, monkeypatch):
    def missing():
        raise FileNotFoundError

    monkeypatch.setattr(emulator, "emulator", missing)
    code, _, err = unwound("windup", "--emulated")
    assert code == 2
    assert "has no emulator" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nmda", "4"), ["nmda (1 - block)", "0 to 2.5"]),
        (("--frequency", "2", "--stimuli", "3"), ["2 problems", "--frequency", "--stimuli", "16 stimuli at 1"]),
        (("--drug", "ketamine", "--concentration", "1 uM", "--use-dependent"), ["--use-dependent", "constant block"]),
    ],
)
def test_the_emulator_says_what_it_does_not_know(unwound, emulated, arguments, words):
    code, out, err = unwound("windup", "--emulated", *arguments)
    assert (code, out) == (2, "")
    for word in words:
        assert word in err


# ------------------------------------------------------------------------------------------------- predictions


def test_predictions_are_printed_with_their_verdicts_and_published(unwound, monkeypatch, tmp_path):
    from unwound.patient import horn_runs as room

    little = room.Effort(frequencies=(1.0, 2.0), totals=(300.0, 3000.0), substeps=5, stimuli=4)
    ran = room.horn_runs(effort=little)
    monkeypatch.setattr(room, "horn_runs", lambda given, seed: ran)
    code, out, _ = unwound("windup", "--predictions", "--out", tmp_path / "p", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["simulation_only"] == SIMULATION_ONLY
    assert {one["verdict"] for one in told["predictions"]} == {"held", "missed"}
    assert len(told["studies"]) == 7
    results = read(tmp_path / "p")
    assert results.json("result")["title"] == told["title"]
    assert len(results.table("predictions")["found"]) == sum(len(one["found"]) for one in told["predictions"])
    assert "Guirimand 2000" in results.bytes("figure.svg").decode()
    code, out, _ = unwound("windup", "--predictions")
    assert code == 0
    for words in ("Guirimand 2000", "MISSED", "cannot be compared", "by construction", SIMULATION_ONLY):
        assert words in out


def test_help_is_quick():
    code = (
        "import sys; from typer.testing import CliRunner; from unwound.interfaces.cli import app\n"
        "shown = CliRunner().invoke(app, ['windup', '--help'])\n"
        "assert shown.exit_code == 0 and 'unwound windup' in shown.stdout, shown.stdout\n"
        "assert not {'jax', 'pandas', 'pyarrow', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
