"""`unwound predict`: planned trials, frozen predictions, scores."""

import json

import pytest

from unwound.trials import ledger
from unwound.trials.ledger import Foreteller

COLUMNS = (
    "arm,endpoint,week,hours,window,unit,statistic,value,spread,spread_kind,low,high,interval_kind,n,observed_text,"
    "provenance,confidence,source,note\n"
)
MADE_UP = (
    "six days,pain NRS,13,2184,week 13,points,mean,5.6,0.4,se,,,,28,5.6 (0.4),read,high,ketcrps2_protocol,made up\n"
    "six days,disability,13,2184,week 13,1,finding,,,,,,,,no difference,read,high,ketcrps2_protocol,made up\n"
)


def test_planned_trials_are_listed_with_what_is_frozen(unwound):
    code, out, _ = unwound("predict", "list")
    assert code == 0
    for word in ("ketcrps2", "not known here", "not for clinical use"):
        assert word in out
    found = json.loads(unwound("predict", "list", "--json")[1])
    assert found["simulation_only"]
    assert found["planned"][0]["results_entered"] is False


@pytest.fixture
def frozen(unwound, tmp_path, monkeypatch):
    """A record of H0 alone: all three take a minute."""
    usual = ledger.table_foretellers

    def only_h0(trial, seed=1, threads=None):
        return tuple(Foreteller(one.name, 1.0, one.settings) for one in usual(trial, seed, threads)[:1])

    monkeypatch.setattr(ledger, "table_foretellers", only_h0)
    code, out, _ = unwound(
        "predict", "freeze", "KetCRPS-2", "--tables", "--replicates", "20", "--out", str(tmp_path), "--json"
    )
    assert code == 0
    return json.loads(out)["written"]["record"]


def test_a_frozen_prediction_is_shown_and_scored_and_never_overwritten(unwound, frozen, tmp_path):
    code, out, _ = unwound("predict", "show", "ketcrps2", "--record", frozen)
    assert code == 0
    for word in ("non-inferiority of pain NRS", "week 13, primary", "average", "Assumed of the protocol", "margin"):
        assert word in out
    results = tmp_path / "results.csv"
    results.write_text(COLUMNS + MADE_UP)
    options = ("--results", str(results), "--record", frozen)
    folder = tmp_path / "scored"
    code, out, _ = unwound("predict", "score", "ketcrps2", *options, "--out", str(folder))
    assert code == 0
    assert "not foretold: six days: disability" in out
    assert (folder / "figure.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads(unwound("predict", "score", "ketcrps2", *options, "--json")[1])
    assert told["simulation_only"]
    assert {total["model"] for total in told["totals"]} == {"average", "H0"}
    code, _, err = unwound("predict", "freeze", "ketcrps2", "--tables", "--replicates", "20", "--out", str(tmp_path))
    assert code == 2
    assert "never overwritten" in err


def test_what_cannot_be_scored_is_refused_in_words(unwound, tmp_path):
    code, _, err = unwound("predict", "score", "ketcrps2")
    assert code == 2
    assert "--results FILE.csv" in err
    bad = tmp_path / "bad.csv"
    bad.write_text("arm,week\nsix days,13\n")
    code, _, err = unwound("predict", "score", "ketcrps2", "--results", str(bad))
    assert code == 2
    assert "columns must be exactly" in err
    code, _, err = unwound("predict", "show", "ketcrps3")
    assert code == 2
    assert "did you mean ketcrps2" in err
