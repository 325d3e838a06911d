"""Designs, allocation and endpoints of trial files, against cases worked out by hand (nobody is simulated here)."""

import dataclasses
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from unwound.core.errors import InputError
from unwound.trials import Trial, TrialResult
from unwound.trials.allocation import NOBODY, allocate, strata_of
from unwound.trials.analysis import (
    analyze_imputed,
    ancova,
    baseline_carried,
    joined,
    last_carried,
    mmrm,
)
from unwound.trials.dispatch import ANALYSES, Compared, non_inferiority, t_test
from unwound.trials.endpoint import Endpoint
from unwound.trials.endpoint_values import restricted_mean, values_of, weeks_of
from unwound.trials.plan import Rescue
from unwound.trials.ratings import rescued

NAN = np.nan
DOSE = {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "0.2 mg/kg/h", "duration": "4 h"}
REGIMEN = {"setting": "monitored", "doses": [DOSE]}


def trial(**changes):
    data = {
        "name": "made",
        "disorder": "CRPS-1",
        "weeks": 4,
        "arms": [
            {"name": "drug", "patients": 20, "gives": "regimen"},
            {"name": "saline", "patients": 20, "gives": "saline"},
        ],
        "regimen": REGIMEN,
    }
    return Trial.from_dict(data | changes)


def crossover(**changes):
    arms = [{"name": "drug", "gives": "regimen"}, {"name": "saline", "gives": "saline"}]
    swap = {"sequences": [["drug", "saline"], ["saline", "drug"]], "washout": "2 weeks"}
    return trial(**{"design": "crossover", "patients": 4, "arms": arms, "crossover": swap} | changes)


def withdrawal(**changes):
    arms = [{"name": "drug", "gives": "regimen"}, {"name": "saline", "gives": "saline"}]
    run_in = {"duration": "2 weeks", "randomized": "responders"}
    return trial(**{"design": "randomized withdrawal", "patients": 40, "arms": arms, "run_in": run_in} | changes)


def shared_out(plan, replicate=0, strata=None, eligible=None, seed=1):
    n = plan.size
    strata = np.zeros(n, int) if strata is None else strata
    eligible = np.ones(n, bool) if eligible is None else eligible
    return allocate(plan, seed, replicate, strata, eligible)


# ------------------------------------------------------------------------------- allocation


def test_by_order_the_first_people_form_the_first_arm():
    np.testing.assert_array_equal(shared_out(trial()), np.repeat([0, 1], 20))


@given(st.integers(0, 2**31), st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_allocation_is_a_function_of_seed_and_replicate(seed, replicate):
    plan = trial(randomization={"method": "blocked"})
    first, again = (shared_out(plan, replicate, seed=seed) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_replicates_and_seeds_are_allocated_differently():
    plan = trial(randomization={"method": "simple"})
    lists = [tuple(shared_out(plan, r, seed=s)) for r in range(5) for s in range(3)]
    assert len(set(lists)) == 15


@given(st.integers(0, 500), st.sampled_from([(1, 1), (2, 1), (1, 3)]))
@settings(max_examples=30, deadline=None)
def test_every_permuted_block_holds_the_ratio(replicate, ratio):
    parts = sum(ratio)
    plan = withdrawal(randomization={"method": "blocked", "block": 2 * parts, "ratio": list(ratio)})
    group = shared_out(plan, replicate)
    for begin in range(0, 40 - 2 * parts + 1, 2 * parts):
        counts = Counter(group[begin : begin + 2 * parts].tolist())
        assert counts == {0: 2 * ratio[0], 1: 2 * ratio[1]}


def test_each_stratum_is_balanced_by_blocks_of_its_own():
    plan = trial(randomization={"method": "stratified", "by": ["sex"], "block": 4})
    strata = np.array([0] * 12 + [1] * 28)
    group = shared_out(plan, 3, strata=strata)
    assert Counter(group[strata == 0].tolist()) == {0: 6, 1: 6}
    assert Counter(group[strata == 1].tolist()) == {0: 14, 1: 14}


def test_simple_randomization_follows_the_ratio_on_average_only():
    plan = withdrawal(randomization={"method": "simple", "ratio": [3, 1]})
    sizes = np.array([(shared_out(plan, r) == 0).sum() for r in range(300)])
    assert sizes.mean() == pytest.approx(30, abs=0.6)
    assert sizes.std() == pytest.approx(np.sqrt(40 * 0.75 * 0.25), abs=0.5)


def test_who_is_not_eligible_is_in_no_group():
    eligible = np.arange(40) % 3 == 0
    group = shared_out(withdrawal(randomization={"method": "blocked"}), eligible=eligible)
    assert (group[~eligible] == NOBODY).all()
    assert (group[eligible] != NOBODY).all()


def test_strata_count_every_combination():
    plan = trial(randomization={"method": "stratified", "by": ["sex", "duration"], "duration_above": "5 y", "block": 2})
    strata = strata_of(plan, np.array([0, 0, 1, 1]), np.array([2, 9, 2, 9]), np.array([7, 7, 7, 7]))
    np.testing.assert_array_equal(strata, [0, 1, 2, 3])


# ------------------------------------------------------------------------------- who receives what


def test_a_crossover_gives_each_sequence_its_regimen_in_its_period():
    plan = crossover()
    first, second = (plan.regimen_of(group) for group in plan.groups)
    assert [group.name for group in plan.groups] == ["drug, then saline", "saline, then drug"]
    assert (first.doses[0].starts()[0], second.doses[0].starts()[0]) == (0.0, 6 * 168.0)


def test_after_a_run_in_the_arms_begin_where_it_ends():
    plan = withdrawal()
    drug, saline = (plan.regimen_of(group) for group in plan.groups)
    assert [dose.starts()[0] for dose in drug.doses] == [0.0, 336.0]
    assert [dose.starts()[0] for dose in saline.doses] == [0.0]
    assert plan.regimen_of(None) == saline


def test_rules_of_an_arm_move_with_its_period():
    booster = {
        "kind": "booster", "when": {"pain_above": "5 points"}, "assess": {"start": "1 week"}, "dose": DOSE,
    }  # fmt: skip
    plan = crossover(regimen=REGIMEN | {"rules": [booster]})
    assert plan.regimen_of(plan.groups[1]).rules[0].acts()[0] == 7 * 168.0


def test_three_arms_need_no_more_than_their_regimens():
    arms = [
        {"name": "high", "patients": 5, "gives": "regimen"},
        {"name": "low", "patients": 5, "gives": "regimen", "regimen": {"doses": [DOSE | {"rate": "0.1 mg/kg/h"}]}},
        {"name": "none", "patients": 5, "gives": "saline"},
    ]
    plan = trial(arms=arms)
    assert (plan.control.name, plan.treated.name, plan.size) == ("none", "high", 15)
    assert len(plan.told_regimens()) == 2


# ------------------------------------------------------------------------------- of_arm, rated


def result_of(plan, ratings, allocation, rescues=None, events=None):
    """A result with these ratings, (visits, replicates, patients), and nothing else."""
    visits = [0.0] * (plan.run_in is not None) + [
        plan.start_h + n * plan.period_h + v for n in range(len(plan.groups[0].arms)) for v in plan.visit_h
    ]
    ratings, allocation = np.asarray(ratings, float), np.asarray(allocation)
    assert len(visits) == len(ratings)
    taken = np.zeros(ratings.shape, bool) if rescues is None else np.asarray(rescues, bool)
    return TrialResult(
        plan, None, ratings.shape[1], None, None, ratings, (), (), allocation, np.array(visits), taken, events or {}
    )


def test_arms_of_unequal_size_are_filled_up_with_nothing():
    plan = withdrawal(patients=4, weeks=1, randomization={"method": "simple"})
    result = result_of(plan, np.zeros((3, 2, 4)), [[0, 1, 0, 0], [1, -1, 0, 1]])
    values = np.arange(8.0)
    np.testing.assert_array_equal(result.of_arm("drug", values), [[0, 2, 3], [6, NAN, NAN]])
    np.testing.assert_array_equal(result.of_arm("saline", values), [[1, NAN], [4, 7]])
    np.testing.assert_array_equal(result.of_arm("saline", values > 0), [[True, False], [True, True]])


def test_in_a_crossover_people_keep_their_places_and_change_their_arm():
    plan = crossover(weeks=1)
    first, second = [[7, 8, 6, 9], [3, 4, 5, 6]], [[7, 7, 7, 7], [6, 6, 2, 2]]
    result = result_of(plan, np.array([*first, *second])[:, None, :], [[0, 0, 1, 1]])
    np.testing.assert_array_equal(result.rated("drug")[1, 0], [3, 4, 2, 2])
    np.testing.assert_array_equal(result.rated("saline")[1, 0], [6, 6, 5, 6])


# ------------------------------------------------------------------------------- endpoints


def two_arms(ratings, **changes):
    """A trial of two people, one per arm, with weekly ratings of the first."""
    plan = withdrawal(patients=4, weeks=len(ratings) - 2, **changes)
    rows = np.full((len(ratings), 1, 4), 7.0)
    rows[:, 0, 0] = ratings
    return result_of(plan, rows, [[0, 1, 0, 1]])


def of_drug(result, **endpoint):
    found = values_of(result, Endpoint(**endpoint), "drug")
    return found.values[0, 0], None if found.event is None else bool(found.event[0, 0])


def test_change_and_response_look_at_the_right_start():
    """8 before the run-in, 4 at randomization, 5 two weeks later: one point up, and still 37 % below the start."""
    result = two_arms([8, 4, 4, 5])
    assert of_drug(result, measure="pain NRS change", at="2 weeks")[0] == 1.0
    assert of_drug(result, measure="responders", at="2 weeks", reduction="30 %")[0] == 1.0
    assert of_drug(result, measure="responders", at="2 weeks", reduction="50 %")[0] == 0.0


def test_time_to_loss_of_response_is_the_first_visit_above_the_line():
    """30 % below 8 is 5.6: 6 at week 2 is above."""
    assert of_drug(two_arms([8, 4, 5, 6, 4]), measure="time to loss of response", reduction="30 %") == (2.0, True)
    assert of_drug(two_arms([8, 4, 5, 5, 5]), measure="time to loss of response", reduction="30 %") == (3.0, False)
    assert of_drug(two_arms([8, 4, 5, NAN, NAN]), measure="time to loss of response") == (1.0, False)


def test_time_to_relapse_is_relative_to_randomization_and_a_point_at_least():
    assert of_drug(two_arms([8, 4, 5, 6]), measure="time to relapse", reduction="30 %") == (2.0, True)
    assert of_drug(two_arms([8, 1, 1, 2]), measure="time to relapse", reduction="50 %") == (2.0, True)
    assert of_drug(two_arms([8, 0, 0, 0]), measure="time to relapse", reduction="50 %") == (2.0, False)


def test_area_under_the_curve_is_a_mean_level_over_what_was_rated():
    assert of_drug(two_arms([9, 4, 6, 8]), measure="area under the curve")[0] == pytest.approx(6.0)
    assert of_drug(two_arms([9, 4, 6, NAN]), measure="area under the curve")[0] == pytest.approx(5.0)
    assert of_drug(two_arms([9, 4, NAN, 8]), measure="area under the curve")[0] == pytest.approx(6.0)
    assert np.isnan(of_drug(two_arms([9, 4, NAN, NAN]), measure="area under the curve")[0])


def test_opioids_follow_pain_as_far_as_the_file_says():
    result = two_arms([9, 8, 4, 8], opioid={"at_start": "60 mg/d", "follows": "50 %"})
    assert of_drug(result, measure="opioid equivalents", at="1 week")[0] == pytest.approx(45.0)
    assert of_drug(result, measure="opioid equivalents", at="2 weeks")[0] == pytest.approx(60.0)


def test_the_estimand_decides_about_rescue_and_dropout():
    plan = trial(weeks=2, rescue={"medicine": "x", "above": "8 points", "lowers": "1 points", "lasts": "1 week"})
    ratings, taken = np.full((3, 1, 40), 3.0), np.zeros((3, 1, 40), bool)
    ratings[0] = 9.0
    taken[0, 0, 0] = True  # the first person takes rescue after the first visit
    ratings[2, 0, 1] = NAN  # the second is lost before the last
    result = result_of(plan, ratings, [np.repeat([0, 1], 20)], taken)

    def people(intercurrent, at):
        endpoint = Endpoint(measure="responders", at=at, estimand={"intercurrent": intercurrent})
        return values_of(result, endpoint, "drug").values[0, :3].tolist()

    assert people("while on treatment", "1 week") == [1, 1, 1]
    assert np.isnan(people("hypothetical", "1 week")[0])  # its rating was made under rescue
    assert people("composite", "2 weeks") == [0, 0, 1]
    assert np.isnan(people("while on treatment", "2 weeks")[1])


def test_restricted_mean_time_is_the_area_under_kaplan_and_meier():
    """Two of four have the event at week 1 and one is lost after it: 1 week + a half + a half x (1 - 1/1)."""
    values = dataclasses.replace(
        values_of(two_arms([8, 4, 5, 5, 5]), Endpoint(measure="time to relapse"), "drug"),
        values=np.array([[1.0, 1.0, 1.0, 2.0]]),
        event=np.array([[True, True, False, True]]),
    )
    assert restricted_mean(values, np.array([0.0, 1.0, 2.0, 3.0]))[0] == pytest.approx(1.0 + 0.5 + 0.0)
    assert list(weeks_of(two_arms([8, 4, 5]))) == [0.0, 1.0]


def test_rescue_is_taken_above_its_threshold_and_lowers_while_it_lasts():
    rescue = Rescue(medicine="x", above="7 points", lowers="2 points", lasts="1 week")
    ratings = np.array([[8.0], [8.0], [10.0], [NAN]])
    found, taken = rescued(ratings, 168.0 * np.arange(4), rescue)
    np.testing.assert_array_equal(found[:, 0], [8, 6, 10, NAN])
    np.testing.assert_array_equal(taken[:, 0], [True, False, True, False])
    same, none = rescued(ratings, 168.0 * np.arange(4), None)
    assert same is ratings
    assert not none.any()


# ------------------------------------------------------------------------------- analyses


def compared(arm, control, **more):
    arm, control = np.array([arm], float), np.array([control], float)
    return Compared(arm, control, arm[None], control[None], 0, np.zeros(1), **more)


def test_a_crossover_is_analyzed_within_people():
    arm, control = [3, 4, 2, 6, NAN], [5, 6, 5, 6, 4]
    found = t_test(compared(arm, control, paired=True))
    expected = stats.ttest_rel(arm[:4], control[:4])
    assert found.p[0] == pytest.approx(expected.pvalue)
    assert found.difference[0] == pytest.approx(-1.75)


@given(st.lists(st.floats(0, 10), min_size=6, max_size=9), st.floats(0.2, 3))
@settings(max_examples=40, deadline=None)
def test_non_inferiority_is_the_interval_below_the_margin(arm, margin):
    arm = np.array(arm) + np.linspace(0, 1, len(arm))
    control = np.linspace(4, 7, 8)
    found = non_inferiority(compared(arm, control, margin=margin))
    high = stats.ttest_ind(arm, control).confidence_interval(0.95).high
    if abs(high - margin) > 1e-6:
        assert (found.p[0] < 0.025) == (high < margin)
    assert found.difference[0] == pytest.approx(arm.mean() - control.mean())


def test_every_analysis_of_the_file_is_that_of_the_room_of_analyses():
    rng = np.random.default_rng(3)
    ratings = 6.0 + rng.normal(size=(4, 5, 40)).cumsum(axis=0)
    ratings[2:, :, ::7] = np.nan
    arm, control = ratings[..., :20] - np.array([0.0, 1.0, 1.0, 1.0])[:, None, None], ratings[..., 20:]
    given = Compared(
        arm=arm[2], control=control[2], arm_ratings=arm, control_ratings=control, visit=2, weeks=np.arange(4.0)
    )
    both, index = joined(arm, control)
    expected = {
        "ANCOVA": ancova(both[2], index, both[0]),
        "MMRM": mmrm(both[1:3], index, both[0]),
        "multiple imputation": analyze_imputed(both[1:3], index, both[0]),
        "LOCF": ancova(last_carried(both, both[0])[2], index, both[0]),
        "BOCF": ancova(baseline_carried(both, both[0])[2], index, both[0]),
    }
    for name, one in expected.items():
        found = ANALYSES[name](given)
        np.testing.assert_allclose(found.difference, one.difference)
        np.testing.assert_allclose(found.p, one.p)
        assert (found.difference < 0.0).all()
    assert set(ANALYSES) == {*expected, "t test", "non-inferiority", "log-rank"}


def test_times_of_the_file_are_compared_by_log_rank():
    rng = np.random.default_rng(5)
    arm, control = rng.exponential(8.0, (6, 30)), rng.exponential(3.0, (6, 30))
    events = [np.minimum(one, 10.0) < 10.0 for one in (arm, control)]
    given = Compared(
        arm=np.minimum(arm, 10.0), control=np.minimum(control, 10.0), arm_ratings=np.zeros((1, 6, 30)),
        control_ratings=np.zeros((1, 6, 30)), visit=0, weeks=np.zeros(1), arm_event=events[0], control_event=events[1],
    )  # fmt: skip
    found = ANALYSES["log-rank"](given)
    assert (found.difference < 0.0).all()  # the logarithm of the hazard ratio
    assert found.rejects().mean() > 0.5


def test_an_analysis_between_people_is_refused_in_a_crossover():
    with pytest.raises(InputError, match="within people"):
        crossover(weeks=2, endpoints=[{"measure": "pain NRS", "at": "2 weeks", "analysis": "MMRM"}])
