"""The command line as people use it: right input, wrong input, Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import read

PROTOCOL = """
title = "Four hours"
setting = "monitored"

[patient]
weight = "70 kg"
pain = "7 points"

[[doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "S"
rate = "20 mg/h"
duration = "4 h"

[follow_up]
duration = "2 weeks"
"""

EVENTS = """ID,TIME,AMT,RATE,EVID,WT,DV
1,0,10,20,1,68,.
1,0.5,.,.,0,68,56
1,1,.,.,0,68,27
2,0,20,10,1,80,.
2,4,.,.,0,80,.
"""
UNITS = "AMT=mg,TIME=h,DV=ng/mL,WT=kg"


@pytest.fixture
def protocol(tmp_path):
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL)
    return path


ROW_KEYS = {
    "arm",
    "endpoint",
    "week",
    "window",
    "unit",
    "observed",
    "observed_text",
    "provenance",
    "rule",
    "simulated",
    "pass",
}


def test_the_demo_prints_every_observed_row_as_json(unwound):
    code, out, _ = unwound("demo", "--replicates", "20", "--json")
    result = json.loads(out)
    assert code == 0
    assert result["simulation_only"] == SIMULATION_ONLY
    rows = result["rows"]
    assert all(set(row) >= ROW_KEYS for row in rows)
    seen = {(row["arm"], row["endpoint"], row["week"]) for row in rows}
    assert {("S-ketamine", "pain NRS", 0), ("placebo", "pain NRS", 1), ("difference", "pain NRS", 1)} <= seen
    assert {row["pass"] for row in rows} <= {True, False, None}
    for row in rows:
        if row["simulated"] is not None:
            assert row["simulated"]["low"] <= row["simulated"]["mean"] <= row["simulated"]["high"]
    overall = next(row for row in rows if row["observed_text"] == "P<0.001")
    assert overall["observed"] is None
    assert 0 <= overall["simulated"]["mean"] <= 1
    assert result["assumed"]
    assert result["citations"]


def test_the_three_hypotheses_stand_side_by_side(unwound):
    code, out, _ = unwound("demo", "--replicates", "8", "--hypothesis", "all", "--json")
    assert code == 0
    assert {row["hypothesis"] for row in json.loads(out)["rows"]} == {"H0", "H1", "H2"}


def test_a_missed_row_changes_the_exit_code_only_when_asked(unwound):
    code, out, _ = unwound("demo", "--replicates", "20")
    assert code == 0
    assert "known miss: H2 difference: probability of P < 0.001" in out
    assert "assumed (" in out
    assert SIMULATION_ONLY in out
    assert unwound("demo", "--replicates", "20", "--strict")[0] == 3


def test_the_demo_writes_a_whole_folder_that_verifies(unwound, tmp_path):
    code, _, _ = unwound("demo", "--replicates", "8", "--out", tmp_path / "first")
    assert code == 0
    results = read(tmp_path / "first")
    assert {"report.html", "figure.png", "figure.svg", "rows.parquet", "visits_H2.parquet"} <= {
        part.name for part in results.manifest.parts
    }
    assert unwound("trial", "verify", tmp_path / "first")[0] == 0
    (tmp_path / "first" / "result.json").write_text("{}")
    code, _, err = unwound("trial", "verify", tmp_path / "first")
    assert code == 2
    assert "result.json" in err


def test_the_same_seed_gives_the_same_result_hash_for_any_number_of_threads(unwound, tmp_path):
    hashes = set()
    for name, threads in (("one", 1), ("two", 2)):
        arguments = ("trial", "run", "SIG09", "--replicates", 40, "--threads", threads, "--out", tmp_path / name)
        assert unwound(*arguments)[0] == 0
        parts = {p.name: p.sha256 for p in read(tmp_path / name).manifest.parts}
        hashes.add((parts["visits_H2.parquet"], parts["patients_H2.parquet"], parts["rows.parquet"]))
    assert len(hashes) == 1


def test_one_person_is_simulated_with_named_units(unwound, protocol):
    code, out, _ = unwound("simulate", protocol, "--json")
    course = json.loads(out)["courses"][0]
    assert code == 0
    assert len(course["time_h"]) == len(course["pain_nrs"]) == len(course["concentration_ng_per_mL"]["S-ketamine"])
    assert course["pain_nrs"][0] == pytest.approx(7)
    assert course["dose_total_mg"] == pytest.approx(80)
    assert max(course["concentration_ng_per_mL"]["S-ketamine"]) == pytest.approx(course["peak_ng_per_mL"], rel=1e-9)


def test_many_people_are_simulated_with_bands(unwound, protocol, tmp_path):
    code, out, _ = unwound("simulate", protocol, "--patients", 30, "--json", "--out", tmp_path / "many")
    course = json.loads(out)["courses"][0]
    assert code == 0
    assert course["people"] == 30
    assert set(course["pain_nrs"]) == {"mean", "p05", "p95"}
    assert len(read(tmp_path / "many").table("people")["verdict"]) == 30


def test_an_event_table_gives_one_course_per_id(unwound, tmp_path):
    table = tmp_path / "events.csv"
    table.write_text(EVENTS)
    code, out, _ = unwound("simulate", table, "--units", UNITS, "--enantiomer", "S", "--json")
    courses = json.loads(out)["courses"]
    assert code == 0
    assert [course["name"] for course in courses] == ["ID 1", "ID 2"]
    at = courses[0]["time_h"].index(0.5)
    assert courses[0]["concentration_ng_per_mL"]["S-ketamine"][at] == pytest.approx(50.9, rel=0.01)


def test_evidence_and_cite_trace_a_number(unwound):
    code, out, _ = unwound("evidence", "otto2021.clearance")
    assert code == 0
    assert "95.2" in out
    assert "L/h" in out
    assert "Otto" in out
    assert "otto2021" in unwound("cite", "otto2021.clearance")[1]
    assert unwound("cite", "otto2021", "--bibtex")[1].startswith("@")
    rows = json.loads(unwound("evidence", "--assumed", "--json")[1])["rows"]
    assert rows
    assert all("assumption" in row["cite"] for row in rows)


def test_validate_lists_every_problem_and_warns(unwound, protocol, tmp_path):
    code, out, _ = unwound("validate", protocol)
    assert code == 0
    assert "20 mg/h" in out
    bad = tmp_path / "bad.toml"
    bad.write_text(PROTOCOL.replace("20 mg/h", "20").replace('pain = "7 points"', 'pian = "7 points"'))
    code, _, err = unwound("validate", bad)
    assert code == 2
    assert "2 problems" in err
    assert "doses[0].rate" in err
    assert "patient.pian" in err


def test_trials_are_listed_and_schemas_printed(unwound):
    assert "sigtermans2009" in unwound("trial", "list")[1]
    assert json.loads(unwound("schema", "trial")[1])["title"] == "Trial"


DOSE = 'rate = "20 mg/h"'
BAD_PROTOCOLS = {
    "unknown key": (DOSE, DOSE + '\nspeed = "3 h"', ["doses[0].speed", "unknown key"]),
    "missing unit": (DOSE, "rate = 20", ["doses[0].rate", "20", "without a unit", '"20 mg/h"']),
    "negative rate": (DOSE, 'rate = "-5 mg/h"', ["doses[0].rate", "-5 mg/h", "0 or more"]),
    "NaN rate": (DOSE, 'rate = "nan mg/h"', ["doses[0].rate", "finite"]),
    "endless infusion": ('duration = "4 h"', "", ["doses[0].duration", "an infusion must end"]),
    "volume rate": (DOSE, 'rate = "20 mL/h"', ["doses[0].rate", "mL/h", "strength"]),
    "unknown drug": ('drug = "ketamine"', 'drug = "ketamin"', ["doses[0].drug", "ketamine"]),
    "unknown hypothesis": ("[follow_up]", '[models]\nhypothesis = "H7"\n[follow_up]', ["models.hypothesis", "H7"]),
    "unknown model": (
        "[follow_up]", '[models]\npharmacokinetics = "kamp"\n[follow_up]', ["models.pharmacokinetics", "kamp2020"]
    ),
    "racemate for S-only model": (
        'enantiomer = "S"', 'enantiomer = "racemic"', ["enantiomer", "racemic", "otto2021", "S-ketamine only"]
    ),
    "per minute for per hour": (DOSE, 'rate = "20 mg/min"', ["doses[0].rate", "hard limit", "mg/h"]),
    "milligrams for micrograms": (DOSE, 'rate = "4.8 mg/kg/min"', ["doses[0].rate", "hard limit", "ug/kg/min"]),
    "per kg for per 70 kg": (DOSE, 'rate = "20 mg/kg/h"', ["doses[0].rate", "hard limit"]),
    "pounds for kilograms": ('weight = "70 kg"', 'weight = "350 kg"', ["patient.weight", "pounds"]),
    "weight in grams": ('weight = "70 kg"', 'weight = "70000 kg"', ["patient.weight", "grams"]),
    "age in months": ('weight = "70 kg"', 'weight = "70 kg"\nage = "540 y"', ["patient.age", "months"]),
    "follow-up without unit": ('duration = "2 weeks"', "duration = 2", ["follow_up.duration", "without a unit"]),
}  # fmt: skip


@pytest.mark.parametrize("slip", BAD_PROTOCOLS)
def test_a_bad_protocol_is_refused_with_field_value_rule_and_remedy(unwound, tmp_path, slip):
    old, new, words = BAD_PROTOCOLS[slip]
    assert old in PROTOCOL
    path = tmp_path / "bad.toml"
    path.write_text(PROTOCOL.replace(old, new))
    code, out, err = unwound("simulate", path)
    assert code == 2
    assert out == ""
    for word in words:
        assert word in err


def test_wrong_input_is_json_too_when_json_is_asked_for(unwound, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(PROTOCOL.replace(DOSE, "rate = 20"))
    code, out, _ = unwound("simulate", path, "--json")
    assert code == 2
    assert json.loads(out)["problems"][0]["field"] == "doses[0].rate"


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (b"\x00\x01\x02", "binary"), (b"a = " + b"[" * 900 + b"]" * 900, "deep"), (b"a = ", "TOML")],
)
def test_a_file_that_is_no_protocol_is_refused(unwound, tmp_path, content, word):
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    code, _, err = unwound("simulate", path)
    assert code == 2
    assert word in err


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        (EVENTS, ("--enantiomer", "S"), ["units"]),
        (EVENTS, ("--units", UNITS), ["--enantiomer"]),
        (EVENTS.replace("2,0,20", "2,5,20"), ("--units", UNITS, "--enantiomer", "S"), ["ID 2", "TIME"]),
        (EVENTS.replace("0,10,20", "0,-10,20"), ("--units", UNITS, "--enantiomer", "S"), ["AMT", "-10"]),
        (EVENTS.replace("0,10,20", "0,900,1800"), ("--units", UNITS, "--enantiomer", "S"), ["ID 1", "hard limit"]),
    ],
)
def test_a_bad_event_table_is_refused(unwound, tmp_path, text, arguments, words):
    path = tmp_path / "events.csv"
    path.write_text(text)
    code, _, err = unwound("simulate", path, *arguments)
    assert code == 2
    for word in words:
        assert word in err


def test_names_we_do_not_have_are_refused_with_the_nearest(unwound, protocol):
    for arguments, word in (
        (("trial", "run", "SIG08"), "sig09"),
        (("demo", "--hypothesis", "swich"), "switch"),
        (("evidence", "otto2021.clearence"), "otto2021.clearance"),
        (("cite", "otto2020"), "otto2021"),
        (("simulate", protocol, "--patients", "5", "--disorder", "crsp-1"), "CRPS-1"),
        (("simulate", protocol, "--model", "kamp2021"), "kamp2020"),
    ):
        code, _, err = unwound(*arguments)
        assert code == 2
        assert word in err


def test_a_result_is_never_overwritten_nor_written_where_it_cannot_be(unwound, protocol, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "thesis.txt").write_text("mine")
    code, _, err = unwound("simulate", protocol, "--out", tmp_path / "old")
    assert code == 2
    assert "exists" in err
    assert (tmp_path / "old" / "thesis.txt").read_text() == "mine"
    (tmp_path / "file").write_text("a file")
    code, _, err = unwound("simulate", protocol, "--out", tmp_path / "file" / "inside")
    assert code == 2
    assert "cannot be written" in err


def test_ctrl_c_leaves_nothing_behind(tmp_path):
    command = [sys.executable, "-c", "from unwound.interfaces.cli import main; main()"]
    command += ["demo", "--replicates", "40000", "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ})
    time.sleep(8)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"interrupted" in err
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []
