"""Power of trial files: smaller trials are cut from larger ones exactly, and nothing is found where nothing is."""

import dataclasses

import numpy as np
import pytest

from unwound.core.errors import InputError
from unwound.core.safety import SIMULATION_ONLY
from unwound.patient import Setting
from unwound.reporting.publish_power import paragraphs, power_summary
from unwound.reporting.trial_figures import trial_figures
from unwound.reporting.trial_flow import trial_flow
from unwound.reporting.trial_power_figure import trial_power_figure
from unwound.trials import Asked, Trial, conduct, rows_of, trial_power
from unwound.trials.allocation import NOBODY, allocate
from unwound.trials.conduct import visits_of
from unwound.trials.endpoint_rows import comparisons, endpoint_rows
from unwound.trials.power import chosen_endpoint, people_followed, sizes_asked, told
from unwound.trials.subsets import (
    counted,
    first_patients,
    first_visits,
    own_size,
    resized,
    why_anew,
    without_effect,
)

SETTING = Setting(seed=5, hypothesis="H2", metabolites=False)
DOSE = {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "0.3 mg/kg/h", "duration": "24 h"}
ARMS = [
    {"name": "drug", "patients": 12, "gives": "regimen"},
    {"name": "saline", "patients": 12, "gives": "saline"},
]
WEEK_1 = {"measure": "pain NRS change", "at": "1 week", "primary": True}
TIMED = {"measure": "time to relapse", "reduction": "20 %"}


def trial(**changes):
    data = {
        "name": "made", "disorder": "CRPS-1", "weeks": 2, "arms": ARMS,
        "regimen": {"setting": "monitored", "doses": [DOSE]}, "endpoints": [WEEK_1, TIMED],
    }  # fmt: skip
    return Trial.from_dict(data | changes)


def crossover():
    arms = [{"name": "drug", "gives": "regimen"}, {"name": "saline", "gives": "saline"}]
    swap = {"sequences": [["drug", "saline"], ["saline", "drug"]], "washout": "2 weeks"}
    return trial(design="crossover", patients=12, arms=arms, crossover=swap, endpoints=[WEEK_1])


def words(figure):
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
        texts += axes.get_legend().get_texts() if axes.get_legend() else []
    texts += [text for legend in figure.legends for text in legend.get_texts()]
    return "\n".join(text.get_text() for text in texts)


@pytest.fixture(scope="module")
def conducted():
    return conduct(trial(), SETTING, 8)


def made(template, plan, replicates, eligible=1.0):
    """A conducted trial of `plan` with ratings out of a hat; nobody is simulated."""
    rng = np.random.default_rng(plan.size)
    shape = (replicates, plan.size)
    allocation = np.stack(
        [allocate(plan, 1, r, np.zeros(plan.size, int), rng.random(plan.size) < eligible) for r in range(replicates)]
    )
    visits = visits_of(plan)
    ratings = np.where(allocation == NOBODY, np.nan, rng.integers(0, 11, (len(visits), *shape)).astype(float))
    return dataclasses.replace(
        template, trial=plan, replicates=replicates, ratings=ratings, allocation=allocation, visits_h=visits,
        rescues=np.zeros(ratings.shape, bool), events={},
    )  # fmt: skip


@pytest.fixture(scope="module")
def found():
    plan = trial(blinding={"expectancy": "25 %"})
    return trial_power(plan, SETTING, 40, Asked(sizes=(24, 6, 12), target=0.3, visits=True))


# ------------------------------------------------------------------------------------------------- smaller trials


def test_by_order_the_first_patients_of_each_arm_stay(conducted):
    cut = first_patients(conducted, 5)
    assert cut.trial.size == 10
    for arm in ("drug", "saline"):
        np.testing.assert_array_equal(cut.rated(arm), conducted.rated(arm)[:, :, :5])
    nausea = conducted.events["nausea"]
    np.testing.assert_array_equal(cut.events["nausea"], np.concatenate([nausea[:, :5], nausea[:, 12:17]], axis=1))
    assert len(np.asarray(cut.people.weight)) == 8 * 10


@pytest.mark.parametrize("method", ["simple", "blocked"])
def test_a_trial_cut_from_a_larger_one_is_the_smaller_trial_itself(method):
    """The first replicate holds the same people either way: whoever enters first has the lowest numbers."""
    plan = trial(randomization={"method": method})
    cut = first_patients(conduct(plan, SETTING, 1), 5)
    small = conduct(resized(plan, 5), SETTING, 1)
    np.testing.assert_array_equal(cut.allocation, small.allocation)
    np.testing.assert_array_equal(cut.ratings, small.ratings)
    assert [r.as_dict() for r in endpoint_rows(cut)] == [r.as_dict() for r in endpoint_rows(small)]


def test_a_trial_cut_at_a_visit_has_no_later_ratings(conducted):
    cut = first_visits(conducted, 1)
    assert cut.trial.visit_h == (0.0, 168.0)
    np.testing.assert_array_equal(cut.rated("drug"), conducted.rated("drug")[:2])
    whole = first_visits(conducted, 2)
    timed = conducted.trial.endpoints[1]
    for label, pair in comparisons(whole, timed).items():
        np.testing.assert_array_equal(pair.rejects, comparisons(conducted, timed)[label].rejects)


def test_arms_keep_their_ratio_when_a_trial_changes_its_size():
    plan = trial(arms=[{**ARMS[0], "patients": 30}, {**ARMS[1], "patients": 20}])
    assert (counted(plan), own_size(plan)) == ("patients in the smallest arm", 20)
    assert [arm.patients for arm in resized(plan, 10).arms] == [15, 10]
    assert [arm.patients for arm in resized(plan, 7).arms] == [10, 7]


def test_designs_that_cannot_be_cut_say_why():
    run_in = {"duration": "2 weeks", "randomized": "responders"}
    arms = [{"name": "drug", "gives": "regimen"}, {"name": "saline", "gives": "saline"}]
    withdrawal = trial(design="randomized withdrawal", patients=40, arms=arms, run_in=run_in)
    stratified = trial(randomization={"method": "stratified", "by": ["sex"], "block": 4})
    for plan, word in ((crossover(), "crossover"), (withdrawal, "run-in"), (stratified, "stratified")):
        assert word in why_anew(plan)
        assert "anew at each size" in why_anew(plan)
    assert why_anew(trial()) == ""
    assert counted(crossover()) == "patients who enter"


# ------------------------------------------------------------------------------------------------- power


def test_power_is_the_share_of_virtual_trials_that_reject(found):
    plan = resized(trial(blinding={"expectancy": "25 %"}), 24)
    run = first_patients(conduct(plan, SETTING, 40), 12)
    (pair,) = comparisons(run, plan.endpoints[0]).values()
    point = found.curves[0].points[12]
    assert point.power.share == pytest.approx(np.mean(pair.rejects))
    assert point.power.error == pytest.approx(np.sqrt(point.power.share * (1 - point.power.share) / 40))
    assert point.difference == pytest.approx(pair.difference.mean())


def test_the_curve_rises_and_the_size_for_the_target_is_the_first_that_reaches_it(found):
    (curve,) = found.curves
    shares = [curve.points[size].power.share for size in found.sizes]
    assert found.sizes == (6, 12, 24)
    assert shares[0] < shares[-1]
    assert curve.found is not None
    tried = curve.found.tried
    assert tried[curve.found.per_arm].share >= found.target
    assert tried[curve.found.per_arm - 1].share < found.target
    assert found.at_size == curve.found.per_arm


def test_over_visits_the_visit_of_the_endpoint_has_the_power_of_the_curve(found):
    assert list(found.visits) == [1.0, 2.0]
    tried = found.curves[0].found.tried
    assert found.visits[1.0]["difference"].power == tried[found.at_size]


def test_expectancy_is_told_for_three_shares_and_the_own_share_is_the_trial_itself(found):
    assert [under.share_percent for under in found.expectancy] == [0.0, 25.0, 50.0]
    own = found.expectancy[1].points["difference"].power
    assert own == found.curves[0].found.tried[found.at_size]
    assert set(found.expectancy[0].felt_percent) == {"drug", "saline"}


def test_who_guesses_by_nothing_expects_nothing():
    open_label = trial(blinding={"unblinded_by": "nothing"})
    found = trial_power(open_label, SETTING, 4, Asked(sizes=(6, 12)))
    assert found.expectancy == ()
    assert any("unblinded_by" in note for note in found.notes)


def test_without_any_effect_a_trial_rejects_as_often_as_its_level():
    plan, replicates = without_effect(trial()), 400
    assert all(arm.gives == "saline" for arm in plan.arms)
    assert plan.control.name == "saline"
    result = conduct(resized(plan, 10), SETTING, replicates)
    (pair,) = comparisons(result, plan.endpoints[0]).values()
    assert abs(np.mean(pair.rejects) - 0.05) <= 3 * np.sqrt(0.05 * 0.95 / replicates)


def test_each_dose_group_is_compared_with_the_control():
    arms = [ARMS[0], {**ARMS[0], "name": "again"}, ARMS[1]]
    found = trial_power(trial(arms=arms), SETTING, 4, Asked(sizes=(4, 8), expectancy=False, no_effect=True))
    assert [curve.label for curve in found.curves] == ["drug minus saline", "again minus saline"]
    assert set(found.no_effect) == {"drug minus saline", "again minus saline"}
    assert found.patients(8) == 24


def test_a_crossover_is_conducted_anew_and_counts_who_enters(conducted, monkeypatch):
    sizes = []

    def conducted_anew(plan, setting, replicates, progress):
        sizes.append(plan.size)
        return made(conducted, plan, replicates)

    monkeypatch.setattr("unwound.trials.power.conduct", conducted_anew)
    found = trial_power(crossover(), SETTING, 4, Asked(sizes=(8, 12), target=0.99, expectancy=False, visits=True))
    assert any("crossover is conducted anew" in note for note in found.notes)
    assert found.patients(8) == 8
    assert set(found.curves[0].points) == {8, 12}
    assert sorted(set(sizes)) == [8, 12]
    assert list(found.visits) == [1.0, 2.0]


def test_the_bar_counts_one_large_run_and_one_for_every_other_share():
    assert people_followed(trial(), 10, Asked(sizes=(6, 12, 24))) == 10 * 48 * 3
    assert people_followed(trial(), 10, Asked(sizes=(6, 12, 24), expectancy=False, no_effect=True)) == 10 * 48 * 2
    assert people_followed(crossover(), 10, Asked(sizes=(8, 12), expectancy=False)) == 10 * 20


# ------------------------------------------------------------------------------------------------- what is asked


def test_the_primary_endpoint_is_taken_or_it_is_said_which():
    assert chosen_endpoint(trial(), None) == (trial().endpoints[0], [])
    assert told(chosen_endpoint(trial(), 2)[0]) == "time to relapse (20 %)"
    unmarked = trial(endpoints=[{"measure": "pain NRS", "at": "1 week"}])
    assert "no endpoint is marked" in chosen_endpoint(unmarked, None)[1][0]
    endpoint, (note,) = chosen_endpoint(trial(endpoints=[]), None)
    assert told(endpoint) == "pain NRS at 2 weeks"
    assert "the file tests no endpoint" in note


@pytest.mark.parametrize(
    ("plan", "number", "rule"),
    [
        ({}, 3, "has 2 endpoints"),
        ({"endpoints": [{"measure": "cumulative responders", "at": "1 week"}]}, 1, "never tested"),
        ({"design": "single arm", "arms": ARMS[:1]}, None, "compares nothing"),
    ],
)
def test_what_has_no_power_is_refused(plan, number, rule):
    with pytest.raises(InputError, match=rule):
        chosen_endpoint(trial(**plan), number)


def test_sizes_and_target_are_checked_together():
    with pytest.raises(InputError) as caught:
        sizes_asked(trial(), Asked(sizes=(1, 20_000), target=80))
    assert len(caught.value.problems) == 3
    assert sizes_asked(trial(), Asked()) == (6, 12, 18, 24)


# ------------------------------------------------------------------------------------------------- what is told


def test_the_paragraph_says_what_was_assumed_and_by_whom(found):
    (text,) = paragraphs(found).values()
    for phrase in (
        "2-arm parallel-group trial", "pain NRS change at 1 week", "drug minus saline", "hypothesis H2",
        "not an observation", f"{found.at_size} patients per arm", f"{2 * found.at_size} patients in all",
        "40 virtual trials", SIMULATION_ONLY,
    ):  # fmt: skip
        assert phrase in text


def test_a_target_out_of_reach_is_said_to_be(found):
    never = dataclasses.replace(found, target=0.999, curves=(dataclasses.replace(found.curves[0], found=None),))
    (text,) = paragraphs(never).values()
    assert "is not reached with up to 24 patients per arm" in text
    assert "not reached" in words(trial_power_figure(never, "Power"))


def test_the_figure_and_the_summary_tell_sizes_visits_and_expectancy(found):
    text = words(trial_power_figure(found, "Power"))
    for phrase in ("patients per arm", "weeks of follow-up", "expectancy", "drug against saline", SIMULATION_ONLY):
        assert phrase in text
    summary = power_summary(found)
    assert [one["size"] for one in summary["curves"][0]["sizes"]] == [6, 12, 24]
    assert summary["curves"][0]["sample_size"]["size"] == found.at_size


# ------------------------------------------------------------------------------------------------- figures of a run


def test_the_flow_of_a_trial_loses_nobody(conducted):
    flow, endpoint = trial_flow(conducted)
    assert endpoint == "pain NRS change at 1 week"
    assert flow.assessed == flow.randomized == 24
    rated = ~np.isnan(conducted.rated("drug"))
    assert flow.arms[0].analyzed == pytest.approx((rated[0] & rated[1]).sum(axis=1).mean())


def test_after_a_run_in_those_who_are_not_randomized_are_excluded(conducted):
    arms = [{"name": "drug", "gives": "regimen"}, {"name": "saline", "gives": "saline"}]
    plan = trial(design="randomized withdrawal", patients=30, arms=arms,
                 run_in={"duration": "2 weeks", "randomized": "responders"})  # fmt: skip
    result = made(conducted, plan, 3, eligible=0.6)
    flow, _ = trial_flow(result)
    assert flow.excluded["not randomized after the run-in"] == pytest.approx(30 - result.randomized.sum(1).mean())


def test_a_run_has_a_flow_a_forest_a_survival_and_a_responder_figure(conducted):
    found = trial_figures({"H2": conducted}, rows_of(conducted))
    assert set(found) == {"flow", "forest_pain", "forest_time_to_event", "survival", "responders"}
    texts = {name: words(figure) for name, (_, figure) in found.items()}
    assert "favors drug" in texts["forest_pain"]
    assert "Means over 8 virtual trials" in texts["flow"]
    assert "drug against saline: P < 0.05 in" in texts["survival"]
    assert "share without relapse" in texts["survival"]
    assert all(SIMULATION_ONLY in text for text in texts.values())


def test_a_single_arm_has_no_forest(conducted):
    alone = conduct(trial(design="single arm", arms=ARMS[:1], endpoints=[WEEK_1]), SETTING, 3)
    assert set(trial_figures({"H2": alone}, rows_of(alone))) == {"flow", "responders"}
