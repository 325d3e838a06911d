"""The mixed model for repeated measures, transcribed densely: one big matrix per patient, maximized by scipy."""

import numpy as np
import pytest
from scipy import optimize

from unwound.trials.analysis import Fit, compare, mmrm
from unwound.trials.analysis.gaps import fit_with_gaps
from unwound.trials.analysis.inputs import split
from unwound.trials.analysis.mixed import contrast
from unwound.trials.analysis.sequential import visits_of

NAN = np.nan


def a_trial(gaps, seed=1, replicates=2, patients=28, visits=3):
    """Patients who leave the more often the worse they feel; with `gaps`, some miss a visit and come back."""
    rng = np.random.default_rng(seed)
    shape = (replicates, patients)
    arm = np.broadcast_to(np.arange(patients) % 2, shape)
    baseline, person = rng.normal(6.5, 1.5, shape), rng.normal(0, 1.2, shape)
    y = np.stack([1 + 0.7 * baseline + person + rng.normal(0, 1 + 0.2 * j, shape) - 0.5 * arm for j in range(visits)])
    y[2, rng.random(shape) < np.where(y[1] > 5, 0.3, 0.1)] = NAN
    y[1:, :, :2] = NAN
    y[np.where(rng.random(y.shape) < gaps)] = NAN
    return y, arm, baseline, rng.integers(0, 3, shape)


def dense(y, arm, baseline, strata, w):
    """(difference, error by expected information, by observed information, freedom), y (visits, patients)."""
    J, n = y.shape
    Z = np.column_stack([np.ones(n), arm, baseline - baseline.mean(), strata == 1, strata == 2]).astype(float)
    q = Z.shape[1]
    rows = np.tril_indices(J)
    c = np.kron(w, np.eye(q)[1])

    def at(theta):
        L = np.zeros((J, J))
        L[rows] = theta
        information, score, squares, size = np.zeros((J * q, J * q)), np.zeros(J * q), 0.0, 0.0
        for i in range(n):
            seen = np.isfinite(y[:, i])
            if seen.any():
                X, S = np.kron(np.eye(J), Z[i])[seen], (L @ L.T)[np.ix_(seen, seen)]
                W = np.linalg.inv(S)
                information, score = information + X.T @ W @ X, score + X.T @ W @ y[seen, i]
                squares, size = squares + y[seen, i] @ W @ y[seen, i], size + np.linalg.slogdet(S)[1]
        b = np.linalg.solve(information, score)
        restricted = size + np.linalg.slogdet(information)[1] + squares - b @ score
        return restricted, c @ b, c @ np.linalg.solve(information, c)

    best = optimize.minimize(lambda t: at(t)[0], 1.5 * np.eye(J)[rows], method="BFGS", options={"gtol": 1e-6}).x
    step, k = 1e-4 * np.eye(len(best)), len(best)
    slope = np.array([at(best + h)[2] - at(best - h)[2] for h in step]) / 2e-4
    moves = np.array([at(best + h)[1] - at(best - h)[1] for h in step]) / 2e-4
    curvature = np.empty((k, k))
    for a in range(k):
        for b in range(k):
            corners = [sa * sb * at(best + sa * step[a] + sb * step[b])[0] for sa in (1, -1) for sb in (1, -1)]
            curvature[a, b] = sum(corners) / 4e-8
    _, difference, variance = at(best)
    observed = variance + 2 * moves @ np.linalg.solve(curvature, moves)
    return difference, np.sqrt(variance), np.sqrt(observed), variance**2 / (slope @ np.linalg.solve(curvature, slope))


@pytest.mark.parametrize(("gaps", "weights"), [(0.0, None), (0.0, [0.2, 0.3, 0.5]), (0.15, [0.2, 0.3, 0.5])])
def test_the_mixed_model_is_its_dense_transcription(gaps, weights):
    y, arm, baseline, strata = a_trial(gaps, replicates=1)
    found = mmrm(y, arm, baseline, strata, weights)
    assert found.fit[0] == Fit.FINE
    expected = dense(y[:, 0], arm[0], baseline[0], strata[0], contrast(3, weights))
    assert found.difference[0] == pytest.approx(expected[0], abs=2e-5)
    usual = mmrm(y, arm, baseline, strata, weights, information="expected")
    assert usual.error[0] == pytest.approx(expected[1], rel=2e-5)
    assert found.error[0] == pytest.approx(expected[2], rel=1e-4)
    assert found.freedom[0] == pytest.approx(expected[3], rel=1e-3)  # second differences of the transcription


def test_closed_form_and_iteration_agree_where_both_apply():
    y, arm, baseline, strata = a_trial(0.0, replicates=5)
    closed = mmrm(y, arm, baseline, strata)
    difference, variance, added, freedom, fit = fit_with_gaps(
        visits_of(y, arm, baseline, strata), contrast(3, None), steps=2000
    )
    assert not fit.any()
    np.testing.assert_allclose(closed.difference, difference, atol=1e-7)
    assert (added > 0).all()
    np.testing.assert_allclose(closed.error, np.sqrt(variance + added), rtol=1e-7)
    np.testing.assert_allclose(closed.freedom, freedom, rtol=1e-6)


def test_a_replicate_that_has_not_settled_says_so_and_finds_nothing():
    y, arm, baseline, _ = a_trial(0.15)
    found = mmrm(y, arm, baseline, steps=2)
    assert (found.fit == Fit.NOT_CONVERGED).all()
    assert np.isnan(found.difference).all()
    assert not found.rejects().any()
    assert "settled" in Fit.NOT_CONVERGED.message


def test_one_replicate_that_cannot_be_estimated_does_not_spoil_the_others():
    y, arm, baseline, _ = a_trial(0.0, replicates=3)
    y[:, 1, 1::2] = NAN  # nobody of the treated arm is seen
    found = mmrm(y, arm, baseline)
    assert found.fit.tolist() == [Fit.FINE, Fit.NOT_ESTIMABLE, Fit.FINE]
    alone = mmrm(y[:, 2:], arm[2:], baseline[2:])
    assert found.difference[2] == pytest.approx(alone.difference[0], rel=1e-12)


def test_the_error_by_observed_information_is_the_spread_over_trials_and_by_expected_information_too_small():
    """The numbers of the page on analysis: of 80 patients the 40 % in most pain leave, over 1,000 trials."""
    rng = np.random.default_rng(5)
    shape = (1000, 80)
    arm, baseline, person = np.broadcast_to(np.arange(80) % 2, shape), rng.normal(7, 1, shape), rng.normal(0, 1, shape)
    y = np.stack([baseline + person - 2.0 * arm + rng.normal(0, 1.0, shape) for _ in range(2)])
    y[1] = np.where(y[0] > np.quantile(y[0], 0.6, axis=1, keepdims=True), NAN, y[1])
    observed, expected = mmrm(y, arm, baseline), mmrm(y, arm, baseline, information="expected")
    spread = observed.difference.std()
    assert spread == pytest.approx(0.450, abs=0.001)
    assert observed.error.mean() == pytest.approx(0.449, abs=0.001)
    assert expected.error.mean() == pytest.approx(0.420, abs=0.001)
    held = [((found.low < -2) & (found.high > -2)).mean() for found in (observed, expected)]
    assert held == [pytest.approx(0.954, abs=0.001), pytest.approx(0.940, abs=0.001)]


def test_a_mixed_model_uses_what_leavers_showed_before_they_left():
    """When the worst leave, the mean of those who stay is too good; the mixed model puts it back."""
    rng = np.random.default_rng(3)
    shape, arm = (200, 100), np.broadcast_to(np.arange(100) % 2, (200, 100))
    person = rng.normal(0, 2, shape)
    y = np.stack([6 + person + rng.normal(0, 0.5, shape), 6 + person + rng.normal(0, 0.5, shape) - 2.0 * arm])
    y[1, (arm == 0) & (y[0] > 7)] = NAN  # only controls in pain leave
    stayed, model = compare(*split(y[1], arm)).difference.mean(), mmrm(y, arm).difference.mean()
    assert stayed > -1.2
    assert model == pytest.approx(-2.0, abs=0.05)
