"""`unwound fit pain`, and planned trials foretold by what was fitted."""

import json

import pytest

from unwound.inference.foretell import fitted_foretellers, foretold_by_analysis
from unwound.inference.pain_rows import fitted_trials
from unwound.inference.pain_shipped import record
from unwound.trials.ledger import combined, foretell
from unwound.trials.ledger_record import planned_trial


def test_the_verdict_against_the_meta_analysis_is_the_first_line(unwound):
    code, out, _ = unwound("fit", "pain")
    assert code == 0
    assert out.splitlines()[0] == record()["first_line"]["sentence"]
    for trial in fitted_trials():
        assert trial in out
    assert "KIE08B, not fitted" not in out  # told under a model, not under the average


def test_a_model_shows_its_numbers_and_the_four_non_responders(unwound, tmp_path):
    code, out, _ = unwound("fit", "pain", "--model", "H2 empirical", "--out", tmp_path / "fit")
    assert code == 0
    assert "KIE08B, not fitted" in out
    assert "half_block" in out
    assert {"scores.png", "rows.png", "posterior.png", "rows.csv", "result.json"} <= {
        path.name for path in (tmp_path / "fit").iterdir()
    }
    found = json.loads((tmp_path / "fit" / "result.json").read_text())
    assert "simulation_only" in found
    assert len(found["rows"]) == 25
    text = (tmp_path / "fit" / "rows.csv").read_text().splitlines()
    assert text[0].endswith("simulation_only")
    assert "research" in text[1]


def test_json_holds_scores_of_every_model_and_rival(unwound):
    _, out, _ = unwound("fit", "pain", "--json")
    found = json.loads(out)
    assert {"H0", "H1 tonic", "H2 empirical", "analysis", "decay", "placebo", "together"} <= set(found["scores"])
    assert set(found["effects"]["average"]) == {"0", "25", "50"}
    full, half = (found["effects"]["average"][share]["mean"] for share in ("0", "50"))
    assert half == pytest.approx(full / 2, rel=1e-3)


def test_an_unknown_model_is_refused_with_the_names(unwound):
    code, _, err = unwound("fit", "pain", "--model", "H2 empirica")
    assert code == 2
    assert "H2 empirical" in err


def test_a_planned_trial_is_foretold_by_what_was_fitted_and_by_the_meta_analysis():
    trial = planned_trial("ketcrps2")
    foretellers = fitted_foretellers(trial)
    assert sum(one.weight for one in foretellers) <= 1.0
    assert all(setting.own for one in foretellers for setting in one.settings)
    drawn = [foretell(trial, foretellers[0], 2, (0.0,)), foretold_by_analysis(trial, 3)]
    rows = combined(drawn)
    week = next(row for row in rows if row["endpoint"] == "pain NRS" and row["week"] == 1 and row["arm"] == "six days")
    for name in ("average", foretellers[0].name, drawn[1].name):
        assert 0.0 <= week["foretold"]["0"][name]["mean"] <= 10.0
