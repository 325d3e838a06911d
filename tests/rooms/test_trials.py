"""Trials: designs, the arithmetic of their analysis at its edges, and who is in which arm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from unwound.core.errors import InputError, ProtocolError, UnknownName
from unwound.patient import Setting
from unwound.trials import Trial, conduct, published_trials, rows_of
from unwound.trials.analysis import compare, mean_and_sd, two_sided_p

NAN = np.nan

# -------------------------------------------------------------------------------- analysis


def _varied(ratings):
    """Not all the same: where no variance is left rounding decides, and the edges have tests of their own."""
    return np.std(ratings) > 1e-3


@given(
    st.lists(st.floats(0, 10), min_size=3, max_size=12).filter(_varied),
    st.lists(st.floats(0, 10), min_size=3, max_size=12).filter(_varied),
)
@settings(max_examples=60)
def test_the_t_test_is_that_of_scipy(first, second):
    ours = compare(np.array([first]), np.array([second]))
    expected = stats.ttest_ind(first, second)
    assert ours.difference[0] == pytest.approx(np.mean(first) - np.mean(second), abs=1e-9)
    assert ours.p[0] == pytest.approx(expected.pvalue, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("freedom", [1, 2, 5, 58, 1000])
@pytest.mark.parametrize("t", [0.0, 0.3, -1.96, 5.0, 40.0])
def test_p_is_the_two_sided_tail_of_student(t, freedom):
    p = two_sided_p(np.array([t]), np.array([freedom]))[0]
    assert p == pytest.approx(2 * stats.t.sf(abs(t), freedom), rel=1e-9, abs=1e-300)


def test_without_any_variance_equal_means_are_no_finding_and_unequal_ones_are():
    same = compare(np.array([[5.0, 5.0, 5.0]]), np.array([[5.0, 5.0]]))
    apart = compare(np.array([[5.0, 5.0, 5.0]]), np.array([[7.0, 7.0]]))
    assert (same.difference[0], same.p[0]) == (0.0, 1.0)
    assert (apart.difference[0], apart.p[0]) == (-2.0, 0.0)


def test_missing_ratings_are_left_out():
    with_gaps = compare(np.array([[5.0, NAN, 6.0, 9.0]]), np.array([[NAN, 2.0, 3.0, NAN]]))
    without = stats.ttest_ind([5.0, 6.0, 9.0], [2.0, 3.0])
    assert with_gaps.p[0] == pytest.approx(without.pvalue)
    mean, sd = mean_and_sd(np.array([5.0, NAN, 6.0, 9.0]))
    assert (mean, sd) == (pytest.approx(20 / 3), pytest.approx(np.std([5, 6, 9], ddof=1)))


def test_each_replicate_is_analysed_on_its_own():
    rng = np.random.default_rng(2)
    arm, control = rng.normal(5, 2, (40, 30)), rng.normal(6, 2, (40, 25))
    ours, expected = compare(arm, control), stats.ttest_ind(arm, control, axis=1)
    np.testing.assert_allclose(ours.p, expected.pvalue, rtol=1e-9)


# -------------------------------------------------------------------------------- designs


def small(**changes):
    """A small trial as plain data."""
    data = {
        "name": "small",
        "disorder": "CRPS-1",
        "weeks": 2,
        "arms": [
            {"name": "drug", "patients": 4, "gives": "regimen"},
            {"name": "none", "patients": 3, "gives": "saline"},
        ],
        "regimen": {
            "setting": "monitored",
            "doses": [
                {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "0.2 mg/kg/h", "duration": "4 h"}
            ],
        },
    }
    return data | changes


def test_the_published_trial_is_the_published_design():
    trial = Trial.published("SIG09")
    assert (trial.size, trial.treated.patients, trial.control.patients, trial.weeks) == (60, 30, 30, 12)
    (dose,) = trial.regimen.doses
    np.testing.assert_allclose(70 * dose.levels(), 5.04 * np.arange(1, 7))  # mg/h per 70 kg, the last near 30
    assert dose.hours == 100.0
    assert trial in published_trials()
    assert Trial.published("sigtermans2009") == trial


def test_an_unknown_trial_is_refused():
    with pytest.raises(UnknownName, match="sigtermans2009"):
        Trial.published("sigterman2009")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arms": small()["arms"][:1]}, "two arms"),
        ({"arms": [a | {"gives": "saline"} for a in small()["arms"]]}, "two arms"),
        ({"arms": [a | {"name": "one"} for a in small()["arms"]]}, "one name"),
        ({"arms": [small()["arms"][0], small()["arms"][1] | {"name": "difference"}]}, "difference"),
        ({"weeks": 0}, "1 or more"),
        ({"colour": "blue"}, "colour"),
        ({"name": "a b"}, "name"),
    ],
)
def test_a_design_that_makes_no_sense_is_refused(changes, words):
    with pytest.raises(ProtocolError, match=words):
        Trial.from_dict(small(**changes))


def test_an_unknown_disorder_is_refused():
    with pytest.raises(UnknownName, match="CRPS-1"):
        Trial.from_dict(small(disorder="crsp-1"))


# -------------------------------------------------------------------------------- conduct


@pytest.fixture(scope="module")
def result():
    return conduct(Trial.from_dict(small()), Setting(seed=5), 6)


def test_ratings_have_one_row_per_visit_and_whole_points(result):
    assert result.ratings.shape == (3, 6, 7)
    kept = result.ratings[~np.isnan(result.ratings)]
    assert set(np.unique(kept)) <= set(range(11))


def test_arms_share_out_every_replicate(result):
    whose = np.arange(42)
    drug, none = (result.of_arm(name, whose) for name in ("drug", "none"))
    assert drug.shape == (6, 4)
    assert none.shape == (6, 3)
    np.testing.assert_array_equal(np.concatenate([drug, none], axis=1), whose.reshape(6, 7))


def test_only_the_treated_arm_receives_drug(result):
    assert (result.of_arm("drug", result.course.dose_total_mg) > 0).all()
    assert (result.of_arm("none", result.course.dose_total_mg) == 0).all()
    weight = result.of_arm("drug", np.asarray(result.people.weight))
    np.testing.assert_allclose(result.of_arm("drug", result.course.dose_total_mg), 0.8 * weight)


def test_the_order_of_the_arms_is_only_an_order():
    """Arms are slices of the same people: the first arm holds the first of them, whatever it gives."""
    trial = Trial.from_dict(small(arms=small()["arms"][::-1]))
    turned = conduct(trial, Setting(seed=5), 2)
    assert (turned.of_arm("none", turned.course.dose_total_mg) == 0).all()
    assert turned.of_arm("none", turned.course.dose_total_mg).shape == (2, 3)


def test_more_replicates_begin_with_the_same_ones(result):
    more = conduct(Trial.from_dict(small()), Setting(seed=5), 8)
    np.testing.assert_array_equal(more.ratings[:, :6], result.ratings)


def test_a_trial_of_ones_own_has_rows_without_observations(result):
    rows = rows_of(result)
    assert {row.week for row in rows} == {0, 1, 2}
    assert all(row.observed is None and row.passed is None and row.simulated is not None for row in rows)
    power = [row for row in rows if row.endpoint.startswith("probability of P")]
    assert len(power) == 3
    assert all(0 <= row.simulated.low <= row.simulated.mean <= row.simulated.high <= 1 for row in power)


def test_every_row_can_be_written_as_json(result):
    import json

    keys = {
        "arm",
        "endpoint",
        "week",
        "window",
        "unit",
        "observed",
        "observed_text",
        "provenance",
        "rule",
        "simulated",
        "pass",
    }
    for row in rows_of(result):
        assert keys <= set(json.loads(json.dumps(row.as_dict())))


@pytest.mark.parametrize("replicates", [0, -3, 10**9])
def test_an_impossible_number_of_replicates_is_refused(replicates):
    with pytest.raises(InputError, match="replicates"):
        conduct(Trial.from_dict(small()), Setting(), replicates)
