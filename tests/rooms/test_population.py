"""Who takes part: the sampled people have the stated moments, within Monte-Carlo error."""

import numpy as np
import pytest

from unwound.core.errors import InputError, UnknownName
from unwound.population import DISORDERS, disorder, disorder_name, sample

N = 8000


@pytest.fixture(scope="module")
def people():
    return sample(12, np.arange(N), "CRPS-1")


def assert_mean(values, expected, sd):
    """Within four standard errors."""
    assert np.mean(values) == pytest.approx(expected, abs=4 * sd / np.sqrt(len(values)))


def assert_sd(values, expected):
    assert np.std(values) == pytest.approx(expected, abs=4 * expected / np.sqrt(2 * len(values)))


def truncated(mean, sd, least, most):
    """Mean and standard deviation of a cut normal, by its own integral."""
    x = np.linspace(least, most, 20001)
    weight = np.exp(-(((x - mean) / sd) ** 2) / 2)
    weight /= weight.sum()
    middle = (weight * x).sum()
    return middle, np.sqrt((weight * (x - middle) ** 2).sum())


def test_four_in_five_are_women(people):
    assert_mean(np.asarray(people.female), 0.8, 0.4)


@pytest.mark.parametrize(("female", "median", "cv"), [(1.0, 70.0, 0.2), (0.0, 84.0, 0.17)])
def test_weight_is_log_normal_by_sex(people, female, median, cv):
    weight = np.log(np.asarray(people.weight)[np.asarray(people.female) == female])
    sd = np.sqrt(np.log1p(cv**2))
    assert_mean(weight, np.log(median), sd)
    assert_sd(weight, sd)


def test_age_and_baseline_are_normal_and_cut_where_a_trial_would(people):
    age, baseline = np.asarray(people.age), np.asarray(people.baseline)
    mean, sd = truncated(45, 12, 18, 80)
    assert_mean(age, mean, sd)
    assert 18 <= age.min() <= age.max() <= 80
    mean, sd = truncated(7.05, np.sqrt(1.64**2 - 0.9**2), 4, 9.8)
    assert_mean(baseline, mean, sd)
    assert 4 <= baseline.min() <= baseline.max() <= 9.8


def test_nobody_has_been_in_pain_for_longer_than_they_live(people):
    duration = np.asarray(people.duration)
    assert (duration <= np.asarray(people.age)).all()
    assert (duration > 0).all()
    assert np.median(duration) == pytest.approx(7.0, rel=4 * 1.2533 * np.log(3) / np.sqrt(N))


def test_two_thirds_can_be_reached_by_the_drug(people):
    share = np.asarray(people.non_nmda_share)
    assert set(np.unique(share)) == {0.1, 1.0}
    assert_mean(share == 0.1, 0.67, np.sqrt(0.67 * 0.33))


@pytest.mark.parametrize(("field", "cv"), [("input_factor", 0.12), ("latent_factor", 0.3)])
def test_factors_have_mean_one_and_the_stated_spread(people, field, cv):
    values = np.asarray(getattr(people, field))
    assert_mean(values, 1.0, cv)
    assert np.std(values) == pytest.approx(cv, rel=0.06)


def test_random_effects_of_kinetics_have_the_published_covariance(people):
    eta = np.asarray(people.kinetics)
    assert eta.shape == (4, N)
    published = np.zeros((4, 4))
    published[:2, :2] = [[0.084177, 0.02261], [0.02261, 0.026048]]
    published[2:, 2:] = [[0.040426, 0.04456], [0.04456, 0.10319]]
    sizes = np.sqrt(np.outer(np.diag(published), np.diag(published)))
    assert (np.abs(np.cov(eta) - published) < 4 * sizes * np.sqrt(2 / N)).all()
    assert (np.abs(eta.mean(axis=1)) < 4 * np.sqrt(np.diag(published) / N)).all()


def test_a_model_without_random_effects_gives_none():
    assert sample(1, np.arange(3), "CRPS-1", "twocompartment").kinetics.shape == (0, 3)


def test_who_is_drawn_does_not_depend_on_how_many_are():
    few, many = sample(12, np.array([5, 1500]), "CRPS-1"), sample(12, np.arange(2000), "CRPS-1")
    for name in ("weight", "baseline", "placebo_size", "kinetics"):
        np.testing.assert_array_equal(getattr(few, name), getattr(many, name)[..., np.array([5, 1500])])


def test_another_seed_is_other_people(people):
    others = sample(13, np.arange(N), "CRPS-1")
    assert (np.asarray(people.weight) != np.asarray(others.weight)).all()


@pytest.mark.parametrize("name", ["CRPS-1", "crps1", "crps_1", "CRPS"])
def test_a_disorder_is_found_by_its_usual_spellings(name):
    assert disorder_name(name) == "CRPS-1"
    assert DISORDERS["CRPS-1"] == "crps1"


def test_an_unknown_disorder_is_refused():
    with pytest.raises(UnknownName, match="CRPS-1"):
        disorder("gout")


def test_nobody_is_no_population():
    with pytest.raises(InputError, match="at least one"):
        sample(1, np.arange(0), "CRPS-1")
