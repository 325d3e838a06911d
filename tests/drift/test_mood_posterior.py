"""The shipped posterior and scores are of today's rows and sound. To renew: `python scripts/fit_mood.py`."""

import pytest

from unwound.inference import mood_shipped
from unwound.inference.mood_accounts import ACCOUNTS, priors_for
from unwound.inference.mood_data import TRIALS
from unwound.inference.mood_fit import SPREADS
from unwound.inference.mood_scores import by_account, verdict


@pytest.mark.parametrize("name", [mood_shipped.POSTERIOR, mood_shipped.SCORES])
def test_what_is_shipped_was_fitted_to_the_rows_of_today(name):
    assert mood_shipped.record_of(name)["rows_sha256"] == mood_shipped.rows_hash()


def test_the_chains_of_the_shipped_posterior_agree():
    record, draws = mood_shipped.record_of(mood_shipped.POSTERIOR), mood_shipped.mood_draws()
    assert tuple(draws) == (*priors_for("mechanism"), *SPREADS)
    assert len(draws["gain"]) <= 400
    assert all(one["r_hat"] < 1.05 for one in record["diagnostics"].values())
    assert all(one["effective"] > 60 for one in record["diagnostics"].values())
    assert record["divergent"] <= 0.02 * len(draws["gain"])


def test_every_account_is_scored_on_every_trial_and_the_verdict_follows_from_the_table():
    scores, record = mood_shipped.mood_scores(), mood_shipped.record_of(mood_shipped.SCORES)
    scored = {s.account for s in scores}
    assert {"mechanism", "meta-analysis"} <= scored <= set(ACCOUNTS)
    assert {(s.account, s.trial) for s in scores} == {(a, t) for a in scored for t in TRIALS}
    assert all(s.refitted for s in scores if not s.k_hat <= 0.7)
    assert record["verdict"] == verdict(mood_shipped.gap_of("meta-analysis"))
    for name, one in by_account(scores).items():
        assert record["totals"][name] == pytest.approx(one.sum(), rel=1e-4)
