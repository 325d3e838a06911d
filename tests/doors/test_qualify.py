"""Qualification from the command line."""

import json

import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import verify

SMALL = ("qualify", "--trials", "NOP11,MUR13,PAT12", "--replicates", "4")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("qualify") / "out"


def test_rows_are_kept_as_they_come_and_used_again(unwound, place, monkeypatch):
    code, out, _ = unwound(*SMALL, "--out", place, "--json")
    first = json.loads(out)
    assert code == 0  # misses do not change the code
    assert first["simulation_only"] == SIMULATION_ONLY
    assert [trial["id"] for trial in first["trials"]] == ["NOP11", "MUR13"]
    assert first["not_simulated"][0]["id"] == "PAT12"
    assert first["missed"]
    assert verify(place) == []

    def never(*_):
        raise AssertionError("a page that is there is not computed again")

    monkeypatch.setattr("unwound.trials.qualify.page_of", never)
    code, out, err = unwound(*SMALL, "--out", place, "--json")
    assert code == 0
    assert "NOP11 is there already" in err
    second = json.loads(out)
    assert second["totals"] == first["totals"]


def test_the_table_names_misses_and_totals_by_branch(unwound, place):
    code, out, _ = unwound(*SMALL, "--out", place)
    assert code == 0
    assert out.index("MISSED") < out.index("Totals by branch")
    assert "not simulated: PAT12" in out
    assert SIMULATION_ONLY in out


def test_strict_makes_a_miss_an_exit_code(unwound, place):
    code, _, _ = unwound(*SMALL, "--out", place, "--strict", "--json")
    assert code == 3


def test_a_failed_numerical_verdict_is_told_and_gives_3(unwound, place, tmp_path):
    other = tmp_path / "failed"
    other.mkdir()
    for file in place.glob("rows_*.json"):
        found = json.loads(file.read_text())
        found["page"]["failed"] = 2 if found["page"]["id"] == "NOP11" else 0
        (other / file.name).write_text(json.dumps(found))
    code, out, _ = unwound(*SMALL, "--out", other)
    assert code == 3
    assert "numbers that must not be used: NOP11, 2 people" in out


def test_the_report_stands_alone_and_puts_misses_first(unwound, place):
    unwound(*SMALL, "--out", place, "--json")
    page = (place / "report.html").read_text()
    assert page.index('id="missed"') < page.index('id="totals"') < page.index('id="trials"')
    assert "default-src 'none'" in page
    assert 'src="http' not in page
    assert "expectancy 0 / 25 / 50 %" in page
    assert "<svg" in page
    assert "PAT12" in page
    assert SIMULATION_ONLY in page


def test_pages_of_other_settings_are_refused_and_kept(unwound, place):
    before = (place / "rows_NOP11.json").read_bytes()
    code, _, err = unwound("qualify", "--trials", "NOP11", "--replicates", "5", "--out", place)
    assert code == 2
    assert "replicates" in err
    assert "choose another --out" in err
    assert (place / "rows_NOP11.json").read_bytes() == before


def test_a_folder_with_something_else_and_a_wrong_name_are_refused(unwound, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    code, _, err = unwound(*SMALL, "--out", tmp_path)
    assert code == 2
    assert "something else" in err
    code, _, err = unwound("qualify", "--trials", "SIG99")
    assert code == 2
    assert "did you mean sig09" in err
