"""The command `unwound trial power`, and the figures that `unwound trial run` writes beside it."""

import json
import pathlib

import pytest

FILE = """
name = "small"
title = "A day of S-ketamine"
disorder = "CRPS-1"
weeks = 2

[[arms]]
name = "drug"
patients = 12
gives = "regimen"

[[arms]]
name = "saline"
patients = 12
gives = "saline"

[regimen]
setting = "monitored"

[[regimen.doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "S"
rate = "0.3 mg/kg/h"
duration = "24 h"

[[endpoints]]
measure = "pain NRS change"
at = "1 week"
primary = true
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(FILE)
    return str(file)


def test_power_writes_a_folder_and_prints_one_object(unwound, path, tmp_path):
    out = tmp_path / "out"
    code, printed, err = unwound(
        "trial", "power", path, "--sizes", "6,48", "--target", "0.3", "--replicates", "20", "--visits", "--json",
        "--out", str(out),
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(printed)
    assert "not for clinical use" in found["simulation_only"]
    assert [one["size"] for one in found["curves"][0]["sizes"]] == [6, 48]
    assert found["curves"][0]["sample_size"]["size"] <= 48
    assert len(found["visits"]) == 2
    names = {"figure.png", "figure.svg", "sample_size.png", "sample_size.txt", "power.parquet", "result.json"}
    assert names <= {file.name for file in out.iterdir()}
    assert found["sentences"]["difference"] in (out / "sample_size.txt").read_text()
    code, _, err = unwound("trial", "verify", str(out))
    assert code == 0, err


def test_power_is_a_table_for_people(unwound, path):
    code, printed, err = unwound(
        "trial", "power", path, "--sizes", "6,12", "--target", "0.999", "--replicates", "10", "--no-expectancy",
        "--no-effect",
    )  # fmt: skip
    assert code == 0, err
    for phrase in ("patients per arm", "MC error", "95 % interval", "is not reached", "without any effect",
                   "not for clinical use"):  # fmt: skip
        assert phrase in printed


def test_power_refuses_with_a_remedy(unwound, path):
    code, _, err = unwound("trial", "power", path, "--sizes", "20,many,1.5")
    assert code == 2
    assert err.count("no whole number") == 2
    code, _, err = unwound("trial", "power", path, "--endpoint", "4")
    assert code == 2
    assert "1: pain NRS change at 1 week" in err
    code, _, err = unwound("trial", "power", path, "--target", "80")
    assert code == 2
    assert "write 80 % as 0.8" in err


def test_the_help_of_power_teaches(unwound):
    code, printed, _ = unwound("trial", "power", "--help")
    assert code == 0
    for phrase in ("Monte-Carlo", "--sizes", "--target", "--visits", "Example"):
        assert phrase in printed


def test_a_run_writes_and_shows_flow_forest_and_responders(unwound, path, tmp_path):
    out = pathlib.Path(tmp_path / "run")
    code, _, err = unwound("trial", "run", path, "--replicates", "4", "--out", str(out))
    assert code == 0, err
    for name in ("flow", "forest", "responders"):
        assert (out / f"{name}.png").stat().st_size > 10_000
        assert (out / f"{name}.svg").exists()
    page = (out / "report.html").read_text()
    for phrase in ("Patients, differences, responders", "Flow of patients", "Differences between arms"):
        assert phrase in page
