"""The shipped posterior is of today's rows and sound. To renew: `python scripts/fit_mood.py`."""

from unwound.inference import mood_shipped
from unwound.inference.mood_accounts import priors_for
from unwound.inference.mood_fit import SPREADS


def test_the_posterior_was_fitted_to_the_rows_of_today():
    assert mood_shipped.record_of(mood_shipped.POSTERIOR)["rows_sha256"] == mood_shipped.rows_hash()


def test_the_chains_of_the_shipped_posterior_agree():
    record, draws = mood_shipped.record_of(mood_shipped.POSTERIOR), mood_shipped.mood_draws()
    assert tuple(draws) == (*priors_for("mechanism"), *SPREADS)
    assert len(draws["gain"]) <= 400
    assert all(one["r_hat"] < 1.05 for one in record["diagnostics"].values())
    assert all(one["effective"] > 60 for one in record["diagnostics"].values())
    assert record["divergent"] <= 0.02 * len(draws["gain"])
