"""Drivers, antagonists and block in people from the command line."""

import json
from typing import NamedTuple

import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import read

PROTOCOL = """
setting = "monitored"

[[doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "S"
rate = "20 mg/h"
duration = "100 h"

[follow_up]
duration = "3 weeks"
"""


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(unwound):
    return lambda *arguments: Done(*unwound(*arguments))


@pytest.fixture
def protocol(tmp_path):
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL + '[models]\ndriver = "pore"\n')
    return path


def test_a_protocol_names_its_driver_and_the_command_line_another(run, protocol, tmp_path):
    def asked(*arguments):
        done = run("simulate", protocol, "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    own, other = asked("--out", tmp_path / "out"), asked("--driver", "tonic")
    assert (own["driver"], other["driver"]) == ("pore", "tonic")
    assert any(words.startswith("pore_driver.unbound") for words in own["assumed"])
    assert not any(words.startswith(("pore_driver", "empirical")) for words in other["assumed"])
    pain = [result["courses"][0]["pain_nrs"][-1] for result in (own, other)]
    assert pain[0] > 1.5 * pain[1]
    assert read(tmp_path / "out").manifest.specification["driver"] == "pore"
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "H2 driven by pore" in page
    assert "(here: pore)" in page


def test_h0_has_no_driver_and_says_so(run, protocol):
    done = run("simulate", protocol, "--hypothesis", "H0", "--driver", "tonic", "--json")
    assert json.loads(done.stdout)["driver"] == ""
    assert "H0 has no driver" in done.stderr


def test_a_trial_runs_under_a_driver(run):
    done = run("trial", "run", "SIG09", "--replicates", "2", "--driver", "pore-depolarized", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["driver"] == "pore_depolarized"


def test_a_driver_we_do_not_have_is_refused_with_the_nearest(run, protocol, tmp_path):
    done = run("simulate", protocol, "--driver", "por")
    assert done.returncode == 2
    assert "pore" in done.stderr
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(PROTOCOL + '[models]\ndriver = "tonik"\n')
    done = run("simulate", wrong)
    assert done.returncode == 2
    assert "models.driver" in done.stderr
    assert "tonic" in done.stderr


def test_antagonists_stand_side_by_side_with_both_readings_of_a_conflict(run):
    shown = run("receptor", "compare")
    assert shown.returncode == 0, shown.stderr
    for word in ("ketamine", "memantine", "gideons2014", "emnett2013", "conflict:", SIMULATION_ONLY):
        assert word in shown.stdout
    two = json.loads(run("receptor", "compare", "--drug", "PCP", "--drug", "memantine", "--json").stdout)
    assert [one["drug"] for one in two["antagonists"]] == ["phencyclidine", "memantine"]
    assert two["simulation_only"] == SIMULATION_ONLY
    assert run("receptor", "compare", "--drug", "memantin").returncode == 2


def test_block_in_people_is_told_drawn_and_kept(run, tmp_path):
    done = run("receptor", "plasma", "--draws", "200", "--out", tmp_path / "block", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "GluN2A and GluN2B is small" in told["finding"]
    assert len(told["rows"]) == 32
    assert (tmp_path / "block" / "figure.png").stat().st_size > 20_000
    assert run("trial", "verify", tmp_path / "block").returncode == 0
    assert "No human curve" in run("receptor", "plasma", "--draws", "200").stdout


def test_drivers_are_told_with_what_they_imply(run):
    done = run("receptor", "drivers", "--trial", "SIG09", "--replicates", "2", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [row["driver"] for row in told["drivers"]] == ["empirical", "pore", "pore_depolarized", "tonic"]
    assert [verdict["driver"] for verdict in told["verdicts"]] == [row["driver"] for row in told["drivers"]]
    assert all(len(verdict["rows"]) == 4 for verdict in told["verdicts"])
    assert run("receptor", "drivers", "--trial", "SIG10").returncode == 2
