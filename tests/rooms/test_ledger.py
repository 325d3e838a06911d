"""The ledger: predictions frozen before a trial reports, never altered, and scored when it has."""

import dataclasses
import json
import math
import pathlib

import numpy as np
import pytest
from scipy import integrate, stats

from unwound.core.errors import InputError, StoreError, UnknownName
from unwound.evidence import TrialRow, bibliography, planned, trial_names
from unwound.patient.simulation import Setting, outcomes_from_evidence
from unwound.reporting.publish_ledger import record_notes
from unwound.trials import Trial, conduct
from unwound.trials.endpoint_rows import endpoint_rows
from unwound.trials.forecast import Cell, Draws, draws_of
from unwound.trials.ledger import AVERAGE, Drawn, Foreteller, check_foretellers, combined, foretell, table_foretellers
from unwound.trials.ledger_record import find_record, freeze, frozen_records, planned_trial, read_record, write_once
from unwound.trials.ledger_score import crps, score

PAIN = Cell("six days", "pain NRS", 13.0, "points", "mean", primary=True)
SHARE = Cell("six days", "responders (30 % less pain)", 13.0, "percent", "share")
FOUND = Cell("difference", "non-inferiority of pain NRS, margin 1 points", 13.0, "1", "chance", primary=True)
TRIAL = "ketcrps2"


def drawn(name, weight, mean, sd, chance=0.5, share=30.0):
    rng = np.random.default_rng(len(name))
    pain = mean + sd * stats.zscore(rng.standard_normal(400))
    draws = {
        PAIN: Draws(pain, np.full(400, 2.0)),
        SHARE: Draws(np.full(400, share)),
        FOUND: Draws((np.arange(400) < 400 * chance).astype(float)),
    }
    return Drawn(name, weight, "made up for a test", {"0": draws, "50": draws})


@pytest.fixture(scope="module")
def record():
    """Nobody conducts a trial here: two made-up models bring their draws."""
    return freeze(TRIAL, (), 400, also=(drawn("early", 1.0, 5.0, 0.4), drawn("late, wide", 3.0, 6.0, 0.8, 0.9, 10.0)))


def result(**other):
    usual = {
        "arm": "six days", "endpoint": "pain NRS", "week": 13.0, "hours": None, "window": "week 13", "unit": "points",
        "statistic": "mean", "value": 5.4, "spread": None, "spread_kind": "", "low": None, "high": None,
        "interval_kind": "", "n": 30, "observed_text": "made up", "provenance": "read", "confidence": "high",
        "source": ("ketcrps2_protocol",), "note": "",
    }  # fmt: skip
    return TrialRow(**usual | other)


# ------------------------------------------------------------------------------------------------ planned trials


def test_a_planned_trial_is_no_published_trial():
    assert TRIAL in planned.planned_names()
    assert not set(planned.planned_names()) & set(trial_names())


def test_the_design_says_what_was_read_and_what_was_assumed():
    trial = planned_trial("KetCRPS-2")
    assert (trial.size, trial.design, trial.control.name) == (60, "non-inferiority", "six days")
    assert bibliography()[trial.cite].fields["doi"] == "10.1186/s12891-023-06258-4"
    for word in ("margin", "rates rise", "thirty people", "every week"):
        assert any(word in text and "assumed" in text for text in trial.assumed), word
    sessions = trial.arm("every two weeks").regimen.doses[0]
    assert (len(sessions.starts()), sessions.duration.text, sessions.ceiling.text) == (6, "6 h", "0.2 mg/kg/h")


def test_results_are_not_known():
    for name in planned.planned_names():
        if (entered := planned.planned_results(name)) is not None:
            assert all(row.source for row in entered)
    with pytest.raises(UnknownName, match="ketcrps2"):
        planned.planned_name("ketcrps9")


def test_every_frozen_prediction_is_as_it_was_frozen():
    for name in planned.planned_names():
        for file, own in frozen_records(name).items():
            assert own.file_name == file
            assert own.data["trial"] == name


# ------------------------------------------------------------------------------------------------- foretelling


def test_the_average_is_the_mixture_by_weight(record):
    own = record.rows[0]["foretold"]["0"]
    assert next(iter(own)) == AVERAGE
    mean = 0.25 * 5.0 + 0.75 * 6.0
    variance = 0.25 * (0.4**2 + 5.0**2) + 0.75 * (0.8**2 + 6.0**2) - mean**2
    assert own[AVERAGE]["mean"] == pytest.approx(mean, abs=1e-3)
    assert own[AVERAGE]["sd"] == pytest.approx(math.sqrt(variance), abs=1e-3)
    assert record.rows[2]["foretold"]["0"][AVERAGE]["mean"] == pytest.approx(0.25 * 0.5 + 0.75 * 0.9)


def test_intervals_of_the_average_are_those_of_all_draws_weighed(record):
    one, other = (drawn("early", 1.0, 5.0, 0.4), drawn("late, wide", 3.0, 6.0, 0.8))
    pooled = np.concatenate([one.draws["0"][PAIN].values, np.repeat(other.draws["0"][PAIN].values, 3)])
    told = record.rows[0]["foretold"]["0"][AVERAGE]
    for name, percent in {"low90": 5, "low50": 25, "median": 50, "high50": 75, "high90": 95}.items():
        assert told[name] == pytest.approx(np.percentile(pooled, percent), abs=0.03), name


def small_trial():
    infusion = {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "10 mg/h", "duration": "4 h"}
    return Trial.from_dict({
        "name": "small", "disorder": "CRPS-1", "weeks": 1, "regimen": {"setting": "monitored", "doses": [infusion]},
        "arms": [{"name": "drug", "patients": 4, "gives": "regimen"},
                 {"name": "saline", "patients": 4, "gives": "saline"}],
        "randomization": {"method": "blocked", "block": 4},
        "endpoints": [{"measure": "responders", "at": "1 week", "reduction": "10 %"}],
    })  # fmt: skip


def test_replicates_take_the_settings_of_a_foreteller_in_turn():
    trial = small_trial()
    outcomes = outcomes_from_evidence()
    pain = dataclasses.replace(outcomes.pain, residual_sd=2.5)
    usual = Setting(model="otto2021", hypothesis="H0", metabolites=False, threads=1)
    other = dataclasses.replace(usual, outcomes=outcomes._replace(pain=pain))
    found = foretell(trial, Foreteller("two", 1.0, (usual, other)), 3, shares=(0.0,)).draws["0"]
    alone = [conduct(trial, own, 1, first=n) for n, own in enumerate((usual, other, usual))]
    for cell, draws in found.items():
        expected = [draws_of(one)[cell].values[0] for one in alone]
        np.testing.assert_array_equal(draws.values, expected, err_msg=cell.name)
    named = {row.name: row.simulated.mean for row in endpoint_rows(alone[0])}
    for cell, draws in found.items():
        if cell.kind == "share":
            assert draws.values[0] == pytest.approx(named[cell.name])


def test_a_record_tells_draws_of_a_posterior_apart():
    usual = Setting(model="otto2021", hypothesis="H2")
    outcomes = outcomes_from_evidence()
    other = dataclasses.replace(usual, outcomes=outcomes)
    moved = outcomes._replace(pain=dataclasses.replace(outcomes.pain, power=2.5000001))
    hashes = [
        Foreteller("x", 1.0, settings).about()["settings_sha256"]
        for settings in ((usual,), (usual, usual), (other,), (dataclasses.replace(usual, outcomes=moved),))
    ]
    assert len(set(hashes)) == 4
    threads = dataclasses.replace(usual, threads=2)
    assert Foreteller("x", 1.0, (threads,)).about()["settings_sha256"] == hashes[0]


def test_the_models_of_the_tables_have_equal_weight_and_the_same_people():
    models = table_foretellers(planned_trial(TRIAL), seed=7)
    assert [one.name for one in models] == ["H0", "H1", "H2"]
    assert sum(one.weight for one in models) == pytest.approx(1.0)
    check_foretellers(models)
    other = Foreteller("other", 1.0, (Setting(seed=8),))
    with pytest.raises(InputError, match="the same virtual people"):
        check_foretellers((*models, other))
    with pytest.raises(InputError, match="one setting or more"):
        check_foretellers((Foreteller("empty", 1.0, ()),))


@pytest.mark.parametrize(
    ("names", "weights", "said"),
    [(("a", "a"), (1.0, 1.0), "name of its own"), ((AVERAGE,), (1.0,), "average"), (("a", "b"), (1.0, 0.0), "above 0")],
)
def test_foretellers_that_cannot_be_told_apart_or_weighed_are_refused(names, weights, said):
    with pytest.raises(InputError, match=said):
        combined([drawn(name, weight, 5.0, 1.0) for name, weight in zip(names, weights, strict=True)])


# ----------------------------------------------------------------------------------------------------- records


def test_a_record_says_with_what_it_was_made(record):
    for key in ("date", "replicates", "model_sha256", "evidence_sha256", "protocol_sha256", "versions", "assumed"):
        assert record.data[key], key
    assert record.data["simulation_only"]
    assert record.data["results_known"] is False
    assert record.file_name == f"{record.data['date']}-{record.data['record_sha256'][:12]}.json"


def test_a_record_reads_back_and_is_never_overwritten(record, tmp_path):
    path = write_once(record, tmp_path)
    before = path.read_bytes()
    assert read_record(path.read_text(), path.name).data == record.data
    assert find_record(TRIAL, str(path)).data == record.data
    with pytest.raises(StoreError, match="never overwritten"):
        write_once(record, tmp_path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]  # nothing half-written is left


def test_a_record_that_came_after_the_results_says_so_and_is_no_default(record, monkeypatch):
    monkeypatch.setattr(planned, "planned_results", lambda name: (result(),))
    late = freeze(TRIAL, (), 400, also=(drawn("early", 1.0, 5.0, 0.4),))
    assert late.data["results_known"] is True
    shipped = {"1.json": record.text(), "2.json": late.text()}
    monkeypatch.setattr(planned, "frozen_texts", lambda name: shipped)
    assert find_record(TRIAL, "").data == record.data
    assert find_record(TRIAL, "2").data == late.data
    assert any("no prediction" in note for note in record_notes(late))


def test_of_the_records_of_one_day_that_of_the_installed_model_is_the_default(record, monkeypatch):
    monkeypatch.setattr("unwound.trials.ledger_record.model_hash", lambda: "0" * 64)
    before = freeze(TRIAL, (), 400, also=(drawn("early", 1.0, 5.0, 0.4),))
    monkeypatch.undo()
    for shipped in ((before, record), (record, before)):
        texts = {f"{n}.json": one.text() for n, one in enumerate(shipped)}
        monkeypatch.setattr(planned, "frozen_texts", lambda name, own=texts: own)
        assert find_record(TRIAL, "").data == record.data


def test_a_change_of_heart_is_found_out(record, tmp_path):
    path = write_once(record, tmp_path)
    data = json.loads(path.read_text())
    data["rows"][0]["foretold"]["0"]["early"]["mean"] += 0.1
    with pytest.raises(StoreError, match="altered after it was frozen"):
        read_record(json.dumps(data), "mended.json")
    with pytest.raises(StoreError, match="no frozen prediction"):
        read_record("{}", "empty.json")


def test_numbers_of_the_ledger_do_not_change_the_hash_of_the_model(tmp_path):
    from unwound.trials import frozen

    assert frozen._shown_only("evidence/ledger/ketcrps2/results.csv")
    assert not frozen._shown_only("evidence/planned.py")
    assert frozen.model_hash() != frozen.evidence_hash()
    assert pathlib.PurePath("trials/ledger.py").parts[0] not in frozen.SHOWN_ONLY


# ------------------------------------------------------------------------------------------------------ scores


def test_a_mixture_is_scored_as_by_integration():
    mixed = [(0.25, {"mean": 5.0, "sd": 0.4}), (0.75, {"mean": 6.0, "sd": 0.8})]

    def gap(x, y):
        below = sum(weight * stats.norm.cdf(x, own["mean"], own["sd"]) for weight, own in mixed)
        return (below - (x >= y)) ** 2

    for y in (4.0, 5.4, 7.5):
        parts = [integrate.quad(gap, *ends, args=(y,))[0] for ends in ((-5.0, y), (y, 20.0))]
        assert crps("mean", y, mixed) == pytest.approx(sum(parts), abs=1e-6)
    assert crps("chance", 1.0, [(1.0, {"mean": 0.7})]) == pytest.approx(0.09)


def test_log_scores_are_densities_and_probabilities(record):
    rows = [
        result(),
        result(endpoint=SHARE.endpoint, unit="percent", value=20.0, n=30),
        result(arm="difference", endpoint=FOUND.endpoint, unit="1", value=1.0, n=None),
    ]
    found = {(one.name.split(",")[0], one.model): one for one in score(record, rows).rows}
    early, late = stats.norm.pdf(5.4, 5.0, 0.4), stats.norm.pdf(5.4, 6.0, 0.8)
    pain = "six days: pain NRS"
    assert found[pain, "early"].log_score == pytest.approx(math.log(early), abs=2e-3)
    assert found[pain, AVERAGE].log_score == pytest.approx(math.log(0.25 * early + 0.75 * late), abs=2e-3)
    k = stats.binom.pmf(6, 30, (0.3, 0.1))
    share = "six days: responders (30 % less pain)"
    assert found[share, AVERAGE].log_score == pytest.approx(math.log(0.25 * k[0] + 0.75 * k[1]), abs=1e-3)
    finding = found["difference: non-inferiority of pain NRS", "late, wide"]
    assert finding.log_score == pytest.approx(math.log(0.9), abs=2e-3)
    assert finding.in90 is None


def test_coverage_is_counted_and_the_average_stands_first(record):
    found = score(record, [result(), result(value=9.0), result(week=99.0, window="week 99")])
    assert found.totals[0].model == AVERAGE
    early = next(total for total in found.totals if total.model == "early")
    assert (early.rows, early.in90, early.with_interval) == (2, 1, 2)
    assert found.not_foretold == ("six days: pain NRS, week 99",)
    assert early.log_score == pytest.approx(sum(row.log_score for row in found.rows if row.model == "early"))
