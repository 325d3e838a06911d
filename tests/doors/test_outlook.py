"""`unwound outlook` as a user meets it."""

import json

import pytest

from unwound.core.safety import SIMULATION_ONLY

SHORT = """
title = "Two afternoons"
setting = "monitored"

[[doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "S"
rate = "20 mg/h"
duration = "4 h"
repeat = { count = 2, every = "1 week" }

[follow_up]
duration = "5 weeks"
"""
BED = SHORT.replace('"4 h"', '"100 h"').replace("count = 2", "count = 1")


@pytest.fixture
def protocol(tmp_path):
    def written(text=SHORT):
        path = tmp_path / "protocol.toml"
        path.write_text(text)
        return str(path)

    return written


def test_json_tells_every_part_and_the_folder_holds_figure_table_and_manifest(unwound, protocol, tmp_path):
    code, out, err = unwound(
        "outlook", protocol(), "--patients", "6", "--attack-days", "8", "--opioid", "100 mg/d", "--opioid-follows",
        "50 %", "--price-session", "350 EUR", "--out", str(tmp_path / "ahead"), "--json",
    )  # fmt: skip
    assert code == 0, err
    told = json.loads(out)
    assert told["simulation_only"] == SIMULATION_ONLY
    assert told["people"] == 6
    assert len(told["sessions"]) == 2
    assert told["sessions"][1]["share"]["dizziness"] < told["sessions"][0]["share"]["dizziness"]
    assert told["attacks"]["window_start_d"] == [0.0]
    assert told["weekly"]["opioid_mg_per_d"][0] == pytest.approx(100.0)
    assert (told["costs"]["total"], told["costs"]["currency"], told["costs"]["chair_h"]) == (700.0, "EUR", 12.0)
    assert "recreational users (recalled)" in told["harm"]["bladder"]["told"]
    assert not any(one["told"].startswith("0 ") for one in told["harm"]["counted"])
    assert "disability" in told["function"]
    names = {path.name for path in (tmp_path / "ahead").iterdir()}
    assert {"figure.png", "figure.svg", "result.json", "manifest.json", "weekly.parquet"} <= names
    assert unwound("trial", "verify", str(tmp_path / "ahead"))[0] == 0


def test_tables_name_what_is_not_counted(unwound, protocol):
    code, out, err = unwound("outlook", protocol(BED), "--patients", "3", "--until", "3 weeks")
    assert code == 0, err
    said = " ".join(out.split())
    assert "days in bed left out" in said
    assert "--price-day" in said
    assert "attacks are not counted" in said
    assert "liver (enzymes" in said
    assert "bladder: unknown" in said
    assert SIMULATION_ONLY in said


def test_everything_that_is_wrong_is_told_at_once(unwound, protocol):
    code, out, _ = unwound(
        "outlook", protocol(), "--price-session", "lots", "--price-day", "5", "--opioid", "100", "--json"
    )
    assert code == 2
    problems = json.loads(out)["problems"]
    assert [problem["field"] for problem in problems] == ["--price-session", "--price-day", "--opioid"]
    assert all(problem["remedy"] for problem in problems)


def test_a_disorder_of_mood_and_one_that_nobody_knows_are_refused(unwound, protocol, tmp_path):
    code, _, err = unwound("outlook", protocol(), "--disorder", "PTSD", "--out", tmp_path / "ahead")
    assert (code, "unwound mood" in err) == (2, True)
    assert not (tmp_path / "ahead").exists()
    code, _, err = unwound("outlook", protocol(), "--disorder", "gout")
    assert (code, "gout" in err) == (2, True)
