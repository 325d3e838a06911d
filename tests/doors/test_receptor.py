"""`unwound receptor` as people use it."""

import json
import subprocess
import sys

import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import read

ASKED = (
    *("receptor", "--drug", "ketamine", "--concentration", "1 uM", "--magnesium", "1 mM", "--voltage", "-66 mV"),
    *("--subtype", "GluN2A"),
)


def test_one_number_comes_with_its_context(unwound):
    code, out, _ = unwound(*ASKED, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["simulation_only"] == SIMULATION_ONLY
    assert told["inhibition"] == pytest.approx(0.154, abs=0.005)
    assert set(told) >= {"ic50_uM", "occupancy", "k_uM", "k_magnesium_mM", "notes", "assumed", "citations"}
    printed = unwound(*ASKED)[1]
    assert "inhibition" in printed
    assert "note: " in printed
    assert SIMULATION_ONLY in printed


def test_several_drugs_share_one_pore(unwound):
    alone = json.loads(unwound(*ASKED, "--json")[1])
    both = json.loads(unwound(*ASKED, "--with", "norketamine 3 uM", "--json")[1])
    assert both["inhibition"] > alone["inhibition"]
    assert both["occupancy"]["ketamine"] < alone["occupancy"]["ketamine"]
    assert set(both["ic50_uM"]) == {"ketamine", "norketamine"}


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        (("curve", "--subtype", "GluN2A", "--subtype", "GluN2B"), "ic50_uM"),
        (("onset", "--duration", "20 s"), "time_to_half_s"),
        (("recovery", "--duration", "40 s"), "rate_per_s"),
        (("trapping", "--subtype", "GluN2A"), "trapped"),
        (("train", "--pulses", "5"), "first_pulse_ratio"),
        (("epsc", "--duration", "1 s"), "decay_ms"),
        (("iv",), "largest_inward_current_mV"),
        (("unblock", "--duration", "0.2 s"), "fraction_of_final_current"),
        (("attribution", "--share", "GluN2A 0.5", "--share", "GluN2B=0.5"), "effect_lost_if_spared"),
    ],
)
def test_every_experiment_writes_a_folder_and_one_json_object(unwound, tmp_path, arguments, number):
    code, out, _ = unwound("receptor", *arguments, "--json", "--out", tmp_path / "there")
    told = json.loads(out)
    assert code == 0
    assert number in told
    assert told["experiment"] == arguments[0]
    results = read(tmp_path / "there")
    assert results.json("result")[number] == told[number]
    names = {part.name for part in results.manifest.parts}
    assert {"figure.svg", "figure.png", "result.json"} <= names
    for panel in told["panels"]:
        assert {f"{panel['name']}.parquet", f"{panel['name']}.csv"} <= names
        table = results.table(panel["name"])
        assert len(table["curve"]) == sum(len(next(v for k, v in c.items() if k != "label")) for c in panel["curves"])
    assert SIMULATION_ONLY in results.bytes("figure.svg").decode()


def test_drugs_and_schemes_are_listed(unwound):
    code, out, _ = unwound("receptor", "list", "--json")
    told = json.loads(out)
    assert code == 0
    drugs = {one["name"]: one for one in told["drugs"]}
    assert drugs["ketamine"]["k_uM"]["GluN2A"] == 0.33
    assert drugs["ifenprodil"]["acts"] == "on opening"
    assert {one["default"] for one in told["schemes"]} >= {"GluN2A", "GluN2B", "GluN2C", "GluN2D"}
    assert "erreger2005_2a" in unwound("receptor", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--concentration", "1", "--voltage", "66", "--temperature", "23", "--subtype", "2E", "--drug", "ketamin"),
            ["5 problems", "without a unit", "37 C", "GluN2A", "S-ketamine"],
        ),
        (("--concentration", "200 ng/mL"), ["not of the kind of 'uM'"]),
        (("--concentration", "-1 uM"), ["out of range"]),
        (("--magnesium", "1 mV"), ["--magnesium", "not of the kind"]),
        (("--with", "norketamine"), ["norketamine 0.5 uM"]),
        (("--drug", "lanicemine"), ["not known", "native"]),
        (("--drug", "ketamine", "onset"), ["--drug", "after the experiment"]),
        (("onset", "--glutamate", "0 uM"), ["no gate opens", "100 uM"]),
        (("onset", "--duration", "-1 s"), ["--duration", "more than 0"]),
        (("train", "--pulses", "0", "--period", "1 ms", "--pulse", "2 ms"), ["2 problems", "shorter than the period"]),
        (("trapping", "--wash", "0 s", "--escape-time", "-3 s"), ["--escape-time"]),
        (("attribution", "--share", "GluN2A"), ["GluN2A 0.35"]),
        (("attribution", "--share", "GluN9 1"), ["GluN9"]),
        (("iv", "--from", "20 mV", "--to", "-20 mV"), ["lower one first"]),
        (("curve", "--drug", "ketamine", "--subtype", "GluN2B", "--magnesium", "-1 mM"), ["magnesium", "out of range"]),
    ],
)
def test_wrong_input_is_named(unwound, arguments, words):
    code, out, err = unwound("receptor", *arguments)
    assert code == 2
    assert out == ""
    for word in words:
        assert word in err


def test_wrong_input_is_an_object_with_json(unwound):
    code, out, _ = unwound("receptor", "--concentration", "1", "--json")
    assert code == 2
    assert json.loads(out)["problems"][0]["field"] == "--concentration"


def test_a_filled_folder_is_refused_before_anything_is_computed(unwound, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    code, _, err = unwound(*ASKED, "--out", tmp_path)
    assert code == 2
    assert "not empty" in err


def test_help_is_quick_and_shows_examples():
    code = (
        "import sys; from typer.testing import CliRunner; from unwound.interfaces.cli import app\n"
        "for words in (['receptor', '--help'], ['receptor', 'train', '--help'], ['receptor', 'iv', '--help']):\n"
        "    shown = CliRunner().invoke(app, words)\n"
        "    assert shown.exit_code == 0 and 'unwound receptor' in shown.stdout, shown.stdout\n"
        "assert not {'jax', 'pandas', 'pyarrow', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
