"""Missing ratings: what the question makes of them, and what takes their place."""

import numpy as np
import pytest

from unwound.core.errors import InputError, UnknownName
from unwound.trials.analysis import (
    Estimand,
    Imputation,
    analyze_imputed,
    ancova,
    baseline_carried,
    comparison,
    imputed,
    last_carried,
    mmrm,
    pooled,
    prepare,
)

NAN = np.nan
WEEKS = np.array([1.0, 2.0, 3.0, 4.0])


def one_patient(*values):
    """(visits, 1 replicate, 1 patient)."""
    return np.array(values, dtype=float)[:, None, None]


def asked(**strategies):
    return Estimand("adults with CRPS-1", "pain NRS at week 4", strategies, "difference in means")


def week(when):
    return np.array([[when]], dtype=float)


# --------------------------------------------------------------------------------------------------------- estimands


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("treatment policy", [6, 5, 2, 1]),
        ("hypothetical", [6, 5, NAN, NAN]),
        ("composite", [6, 5, 10, 10]),
        ("while on treatment", [6, 5, 5, 5]),
    ],
)
def test_each_strategy_does_what_its_name_says_to_ratings_after_rescue(strategy, expected):
    found = prepare(asked(rescue=strategy), one_patient(6, 5, 2, 1), WEEKS, {"rescue": week(2.5)}, failure=10.0)
    np.testing.assert_array_equal(found.ratings.ravel(), expected)
    assert found.failed.any() == (strategy == "composite")
    assert found.set_missing.any() == (strategy == "hypothetical")


def test_a_patient_without_the_event_keeps_every_rating():
    for never in (np.inf, NAN):
        found = prepare(asked(rescue="composite"), one_patient(6, 5, 2, 1), WEEKS, {"rescue": week(never)}, 10.0)
        np.testing.assert_array_equal(found.ratings.ravel(), [6, 5, 2, 1])


def test_the_first_event_that_matters_decides():
    question = asked(rescue="composite", stopping="hypothetical", holiday="treatment policy")
    first = {"rescue": week(3), "stopping": week(2), "holiday": week(1)}
    found = prepare(question, one_patient(6, 5, 2, 1), WEEKS, first, 10.0)
    np.testing.assert_array_equal(found.ratings.ravel(), [6, NAN, NAN, NAN])
    together = {"rescue": week(3), "stopping": week(3), "holiday": week(1)}
    found = prepare(question, one_patient(6, 5, 2, 1), WEEKS, together, 10.0)
    np.testing.assert_array_equal(found.ratings.ravel(), [6, 5, 10, 10])  # at one time failure comes first


def test_while_on_treatment_takes_the_last_rating_that_exists():
    found = prepare(asked(stop="while on treatment"), one_patient(6, NAN, 2, 1), WEEKS, {"stop": week(3)})
    np.testing.assert_array_equal(found.ratings.ravel(), [6, NAN, 6, 6])


def test_an_event_without_a_strategy_and_a_strategy_without_an_event_are_refused():
    with pytest.raises(InputError, match="no times of it were given"):
        prepare(asked(rescue="composite"), one_patient(6, 5, 2, 1), WEEKS, {})
    with pytest.raises(InputError, match="not in the estimand"):
        prepare(asked(), one_patient(6, 5, 2, 1), WEEKS, {"rescue": week(2)})
    with pytest.raises(UnknownName, match="did you mean"):
        asked(rescue="hypotetical")
    with pytest.raises(InputError, match="principal stratum"):
        asked(rescue="principal stratum")


def test_an_estimand_reads_as_a_protocol_states_it():
    assert asked(rescue="composite").sentence() == (
        "Population: adults with CRPS-1. Variable: pain NRS at week 4. Intercurrent events: rescue: composite. "
        "Summary: difference in means."
    )


# --------------------------------------------------------------------------------------------------- carried forward


def test_the_last_rating_or_the_baseline_is_carried():
    ratings, baseline = one_patient(NAN, 5, NAN, NAN), np.array([[7.0]])
    np.testing.assert_array_equal(last_carried(ratings, baseline).ravel(), [7, 5, 5, 5])
    np.testing.assert_array_equal(baseline_carried(ratings, baseline).ravel(), [7, 5, 7, 7])


# ------------------------------------------------------------------------------------------------ multiple imputation


def leavers(replicates=3, patients=60, effect=-2.0, seed=5, share=0.4, noise=1.0):
    """Two visits; at the second a share of patients, those in most pain, is gone."""
    rng = np.random.default_rng(seed)
    shape = (replicates, patients)
    arm, baseline = np.broadcast_to(np.arange(patients) % 2, shape), rng.normal(7, 1, shape)
    person = rng.normal(0, 1, shape)
    y = np.stack([baseline + person + effect * arm + rng.normal(0, noise, shape) for _ in range(2)])
    cut = np.quantile(y[0], 1 - share, axis=1, keepdims=True)
    y[1] = np.where(y[0] > cut, NAN, y[1])
    return y, arm, baseline


def test_imputation_keeps_what_was_seen_and_fills_the_rest():
    y, arm, baseline = leavers()
    sets = list(imputed(y, arm, baseline, how=Imputation(number=3)))
    for completed, fine in sets:
        assert fine.all()
        assert np.isfinite(completed).all()
        np.testing.assert_array_equal(completed[np.isfinite(y)], y[np.isfinite(y)])
    assert not np.array_equal(sets[0][0], sets[1][0])


def test_a_replicate_gets_the_same_draws_alone_and_among_others():
    y, arm, baseline = leavers()
    (together, _), *_ = imputed(y, arm, baseline, how=Imputation(number=2, seed=4))
    (alone, _), *_ = imputed(y[:, 2:], arm[2:], baseline[2:], how=Imputation(number=2, seed=4), first=2)
    np.testing.assert_allclose(together[:, 2:], alone, rtol=1e-10)


def test_many_imputations_missing_at_random_are_the_mixed_model():
    """Both assume the same; what is left is the error of a finite number of imputations."""
    y, arm, baseline = leavers(replicates=40, patients=80)
    many = analyze_imputed(y, arm, baseline, how=Imputation(number=100))
    model = mmrm(y, arm, baseline)
    apart = many.difference - model.difference
    assert abs(apart.mean()) < 0.01
    assert apart.std() < 0.1 * model.error.mean()
    assert many.error.mean() == pytest.approx(model.error.mean(), rel=0.03)
    assert (many.freedom < model.freedom.max() + 1).all()


def test_jump_to_reference_takes_the_benefit_from_those_who_left():
    """Leaving at random, nothing known of a patient: the difference shrinks by the share of treated who left."""
    rng = np.random.default_rng(7)
    shape = (20, 400)
    arm = np.broadcast_to(np.arange(400) % 2, shape)
    y = np.stack([rng.normal(6, 1, shape), rng.normal(6, 1, shape) - 2.0 * arm])
    gone = (arm == 1) & (rng.random(shape) < 0.25)
    y[1] = np.where(gone, NAN, y[1])
    at_random = analyze_imputed(y, arm, how=Imputation(number=5)).difference.mean()
    jumped = analyze_imputed(y, arm, how=Imputation("jump to reference", number=5)).difference.mean()
    assert at_random == pytest.approx(-2.0, abs=0.06)
    assert jumped == pytest.approx(-2.0 * (1 - gone[:, 1::2].mean()), abs=0.06)


def test_copy_reference_lies_between_jump_to_reference_and_missing_at_random():
    """A benefit seen before leaving carries over in part, as far as ratings of a patient resemble each other."""
    y, arm, baseline = leavers(replicates=20, patients=200, noise=0.5)
    found = {
        rule: analyze_imputed(y, arm, baseline, how=Imputation(rule, number=5)).difference.mean()
        for rule in ("missing at random", "copy reference", "jump to reference")
    }
    assert found["missing at random"] < found["copy reference"] < found["jump to reference"] < 0


def test_who_comes_back_keeps_the_later_rating_and_only_the_gap_is_filled():
    y, arm, baseline = leavers()
    y = np.stack([y[0], np.where(np.isfinite(y[1]), y[1], 5.0), y[0]])
    y[1, :, :6] = NAN
    (completed, fine), *_ = imputed(y, arm, baseline, how=Imputation(number=2))
    assert fine.all()
    assert np.isfinite(completed).all()
    np.testing.assert_array_equal(completed[2], y[2])


def test_a_delta_moves_the_treated_who_left_and_nobody_else():
    y, arm, baseline = leavers()
    gone = ~np.isfinite(y[1]) & (arm == 1)
    (plain, _), *_ = imputed(y, arm, baseline, how=Imputation(number=2))
    (moved, _), *_ = imputed(y, arm, baseline, how=Imputation(number=2, delta=1.5))
    np.testing.assert_allclose(moved[1] - plain[1], 1.5 * gone, atol=1e-12)


def test_the_rules_of_rubin_by_hand():
    """Three analyses of one replicate, pooled as the formulas read."""
    q, u, complete = np.array([1.0, 1.4, 0.9]), np.array([0.25, 0.2, 0.3]), 50.0
    found = pooled(
        [comparison(np.array([d]), np.array([np.sqrt(v)]), np.array([complete])) for d, v in zip(q, u, strict=True)]
    )
    between, within = np.var(q, ddof=1), np.mean(u)
    total = within + 4 / 3 * between
    lost = 4 / 3 * between / total
    old, seen = 2 / lost**2, 51 / 53 * 50 * (1 - lost)
    assert found.difference[0] == pytest.approx(1.1)
    assert found.error[0] == pytest.approx(np.sqrt(total))
    assert found.freedom[0] == pytest.approx(old * seen / (old + seen))


def test_with_nothing_missing_imputation_changes_nothing():
    y, arm, baseline = leavers(share=0.0)
    assert np.isfinite(y).all()
    many, one = analyze_imputed(y, arm, baseline, how=Imputation(number=2)), ancova(y[-1], arm, baseline)
    np.testing.assert_allclose(many.difference, one.difference)
    np.testing.assert_allclose(many.error, one.error)


def test_an_unknown_rule_and_a_single_imputation_are_refused():
    with pytest.raises(UnknownName, match="jump to reference"):
        Imputation("jump to referense")
    with pytest.raises(InputError, match="at least two imputations"):
        Imputation(number=1)
