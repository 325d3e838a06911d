"""What is shipped of the joint fit of pain belongs to this model: the same rows, the same answers, draws within bounds.

Renew with: python scripts/fit_pain.py H2 H1 H0 rivals recovery mechanisms refits together --anew
"""

import numpy as np
import pytest

from unwound.inference.bank import asked
from unwound.inference.pain_parameters import drivers, ends, priors
from unwound.inference.pain_results import skill
from unwound.inference.pain_rows import fit_rows, fitted_trials
from unwound.inference.pain_shipped import draws, fitted_settings, models, record
from unwound.inference.rivals import RIVALS
from unwound.patient.setting import Setting


def test_the_rows_are_those_of_the_page():
    assert record()["trials"] == list(fitted_trials())
    for rows in record()["predicted"].values():
        assert [(row["trial"], row["arm"], row["what"], row["text"]) for row in rows] == [
            (row.trial, row.arm, row.what, row.text) for row in fit_rows()
        ]


@pytest.mark.parametrize("model", ["H0", "H1 tonic", "H2 empirical"])
def test_the_model_still_says_what_it_said_when_it_was_fitted(model):
    first = {name: np.array([value]) for name, value in draws()[model][0].items()}
    found = asked(model.partition(" ")[0], first)[0]
    np.testing.assert_allclose(found, record()["check"][model], rtol=2e-3, atol=2e-3)


def test_every_hypothesis_and_driver_is_there_and_draws_lie_within_their_ends():
    assert set(models()) == {f"{h} {d}".strip() for h in ("H0", "H1", "H2") for d in drivers(h)}
    for model in models():
        hypothesis, _, driver = model.partition(" ")
        for prior, (low, high) in zip(priors(hypothesis), ends(hypothesis, driver), strict=True):
            values = np.array([draw[prior.name] for draw in draws()[model]])
            assert prior.at(np.array(low)) * (1 - 1e-4) <= values.min() + 1e-9
            assert values.max() - 1e-9 <= prior.at(np.array(high)) * (1 + 1e-4)


def test_weights_sum_to_one_and_the_average_shares_out_by_them():
    weights = record()["weights"]
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-4)
    settings = fitted_settings("average", 200, Setting(seed=7))
    assert len(settings) == 200
    assert {setting.seed for setting in settings} == {7}
    for model, weight in weights.items():
        hypothesis, _, driver = model.partition(" ")
        same = [s for s in settings if s.hypothesis == hypothesis and (s.driver == driver or not driver)]
        assert len(same) == pytest.approx(200 * weight, abs=1.0)


def test_the_first_line_is_what_the_scores_say():
    scores, line = record()["scores"], record()["first_line"]
    for rival in RIVALS:
        assert skill(scores, "together", rival) == pytest.approx(line["skill"][rival], rel=1e-3, abs=1e-3)
    total = sum(scores["together"][t] - scores["analysis"][t] for t in fitted_trials())
    assert f"{total:+.1f}" in line["sentence"]


def test_chains_agree_and_the_surrogate_was_good_enough():
    for model in models():
        told = record()["diagnostics"][model]
        assert told["pareto_k"] < 0.7, model
        assert told["effective_draws"] > 40, model
        assert told["r_hat"] < 1.2, model
