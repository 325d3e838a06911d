"""Cortical glutamate from the command line."""

import json

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import read


def test_the_command_tells_surge_and_loss(unwound):
    code, out, _ = unwound("cortex")
    assert code == 0
    assert "above its drug-free state" in out
    assert "anesthetic, high" in out
    assert SIMULATION_ONLY in out


def test_json_holds_the_concentrations_asked_for_and_people(unwound):
    code, out, _ = unwound("cortex", "--concentration", "5 uM", "--concentration", "400 nM", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["simulation_only"] == SIMULATION_ONLY
    assert [point["concentration_uM"] for point in found["points"]] == [0.4, 5.0]
    assert found["points"][0]["glutamate"] > 1.0 > found["points"][1]["glutamate"]
    assert found["in_people"]["antidepressant"]["low"]["glutamate"] > 1.0
    assert 0.4 < found["lost_uM"] < 5.0
    assert any(words.startswith("disinhibition.feedback") for words in found["assumed"])
    assert any("Moghaddam" in words for words in found["citations"])


def test_a_folder_holds_figure_curve_and_manifest(unwound, tmp_path):
    code, _, _ = unwound("cortex", "--drug", "memantine", "--out", tmp_path / "out", "--json")
    assert code == 0
    stored = read(tmp_path / "out")
    assert stored.manifest.specification["drug"] == "memantine"
    assert (tmp_path / "out" / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert "prediction" in json.loads((tmp_path / "out" / "result.json").read_text())["finding"]


def test_bad_concentrations_and_drugs_are_told_and_leave_no_folder(unwound, tmp_path):
    code, out, _ = unwound("cortex", "--concentration", "5", "--concentration", "3 mV", "--json")
    assert code == 2
    assert len(json.loads(out)["problems"]) == 2
    code, _, err = unwound("cortex", "--concentration", "-1 uM")
    assert code == 2
    assert "concentration" in err
    code, _, err = unwound("cortex", "--drug", "norketamine", "--out", tmp_path / "out")
    assert code == 2
    assert "GluN2C" in err
    assert not (tmp_path / "out").exists()
