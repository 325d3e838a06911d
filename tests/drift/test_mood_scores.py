"""The shipped scores are of today's rows, complete, and shown verdict first. To renew: `python scripts/fit_mood.py`."""

import json

import pytest
from typer.testing import CliRunner

from unwound.inference import mood_shipped
from unwound.inference.mood_accounts import ACCOUNTS
from unwound.inference.mood_data import TRIALS
from unwound.inference.mood_scores import by_account, verdict
from unwound.interfaces.cli import app


def run(*words):
    return CliRunner().invoke(app, list(words))


def test_the_scores_are_of_the_rows_of_today():
    assert mood_shipped.record_of(mood_shipped.SCORES)["rows_sha256"] == mood_shipped.rows_hash()


def test_every_account_is_scored_on_every_trial_and_the_verdict_follows_from_the_table():
    scores, record = mood_shipped.mood_scores(), mood_shipped.record_of(mood_shipped.SCORES)
    scored = {s.account for s in scores}
    assert scored == set(ACCOUNTS)
    assert {(s.account, s.trial) for s in scores} == {(a, t) for a in scored for t in TRIALS}
    assert all(s.refitted for s in scores if not s.k_hat <= 0.7)
    assert record["verdict"] == verdict(mood_shipped.gap_of("meta-analysis"))
    for name, one in by_account(scores).items():
        assert record["totals"][name] == pytest.approx(one.sum(), rel=1e-4)


def test_the_first_line_of_the_scores_says_whether_the_mechanism_beats_the_meta_analysis():
    said = run("fit", "scores")
    assert said.exit_code == 0
    assert "meta-analysis" in said.stdout.splitlines()[0]
    assert said.stdout.startswith("The mechanism")
    found = json.loads(run("fit", "scores", "--json").stdout)
    assert next(iter(found)) == "verdict"
    assert {one["account"] for one in found["accounts"]} == set(ACCOUNTS)
