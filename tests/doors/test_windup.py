"""`unwound windup` as people use it."""

import json
import subprocess
import sys

import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import read

SHORT = ("windup", "--stimuli", "3")


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
    for words in ("lamina I", "deep WDR", "wind-up ratio", "begins too late", SIMULATION_ONLY):
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


@pytest.mark.slow
def test_the_table_of_targets_on_the_page_is_what_is_computed(unwound):
    import pathlib
    import re

    page = (pathlib.Path(__file__).parents[2] / "docs" / "rooms" / "dorsal_horn.md").read_text(encoding="utf-8")
    code, out, _ = unwound("windup", "--targets", "--json")
    assert code == 0
    told = json.loads(out)["targets"]
    assert {target["met"] for target in told} == {True, False}
    for target in told:
        (row,) = re.findall(rf"^\| {re.escape(target['about'])} \| (.+) \|$", page, re.MULTILINE)
        wanted, found, verdict = row.split(" | ")
        assert wanted == target["wanted"]
        assert float(found) == pytest.approx(target["found"], abs=0.006)
        assert verdict == ("hit" if target["met"] else "missed")


def test_help_is_quick():
    code = (
        "import sys; from typer.testing import CliRunner; from unwound.interfaces.cli import app\n"
        "shown = CliRunner().invoke(app, ['windup', '--help'])\n"
        "assert shown.exit_code == 0 and 'unwound windup' in shown.stdout, shown.stdout\n"
        "assert not {'jax', 'pandas', 'pyarrow', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
