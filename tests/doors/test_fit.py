"""`unwound fit` and `unwound arms`: the verdict first, one JSON object, files that can be opened."""

import json

import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from unwound.evidence.arms import read_arms
from unwound.interfaces.cli import app


def run(*words):
    return CliRunner().invoke(app, list(words))


def test_the_posterior_is_shown_beside_its_prior_and_written_with_figures(tmp_path):
    said = run("fit", "mood", "--json", "--out", str(tmp_path / "fit"))
    assert said.exit_code == 0, said.stdout
    found = json.loads(said.stdout)
    gain = next(row for row in found["parameters"] if row["parameter"] == "gain")
    assert gain["low_5"] < gain["median"] < gain["high_95"]
    assert gain["contraction"] > 0.3
    assert found["simulation_only"]
    assert pyarrow.parquet.read_table(tmp_path / "fit" / "draws.parquet").num_rows <= 400
    assert (tmp_path / "fit" / "posterior.png").stat().st_size > 10_000
    assert (tmp_path / "fit" / "correlation.png").exists()


def test_arms_are_filtered_and_written_as_they_are_shipped(tmp_path):
    file = tmp_path / "mood.csv"
    said = run("arms", "--branch", "mood", "--read", "--json", "--out", str(file))
    found = json.loads(said.stdout)
    assert {row["branch"] for row in found["rows"]} == {"mood"}
    assert "memory" not in {row["provenance"] for row in found["rows"]}
    assert len(read_arms(file.read_text(), "back")) == len(found["rows"])


@pytest.mark.parametrize("words", [("--branch", "joy"), ("--trial", "SIG90"), ("--trial", "KIE08B")])
def test_arms_that_are_not_there_are_refused_with_what_is(words):
    said = run("arms", *words)
    assert said.exit_code != 0
    assert said.exception is not None
