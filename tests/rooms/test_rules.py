"""Rules that change a regimen: each against a case worked out by hand, then in the engine."""

import dataclasses

import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, ProtocolError, UnsafeDose
from unwound.patient import Person, Setting, simulate, simulate_people
from unwound.patient.bedside import clock_of, give
from unwound.patient.blood import Plan, compile_for
from unwound.patient.given_doses import doses_of
from unwound.patient.rulebook import Heard, act, begun, book_of, given, reset_caution
from unwound.pharmacokinetics import routed_model
from unwound.population import sample, simulate_cohort
from unwound.regimen import Regimen, check_limits, compile_regimen, to_nonmem
from unwound.regimen.rule_checks import rule_problems
from unwound.trials import Trial, conduct

S_IN_VEIN = (Plan("S", True, (), ("S-ketamine",)),)
COURSE = {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "10 mg/h", "duration": "10 h"}
DOSE = {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "20 mg/h", "duration": "2 h"}


def regimen(*rules, doses=(COURSE,), setting="monitored"):
    return Regimen.from_dict({"setting": setting, "doses": list(doses), "rules": list(rules)})


def rule(kind, when, start, **more):
    often = {name: more.pop(name) for name in ("every", "count") if name in more}
    return {"kind": kind, "when": when, "assess": {"start": start, **often}, **more}


def heard(pain=0.0, fallen=0.0, felt=0.0, intolerable=0.0):
    return Heard(*(jnp.asarray([value], float) for value in (pain, fallen, felt, intolerable)))


class Bedside:
    """One person of 70 kg whose answers at each assessment are ours to say."""

    def __init__(self, plan):
        compiled = compile_regimen(plan)
        self.book = book_of(compiled, S_IN_VEIN)
        weight, one = jnp.full(1, 70.0), jnp.ones(1)
        self.planned = give((), None, weight, one, one, clock_of(compiled, S_IN_VEIN))
        self.state = begun(self.planned.rates, len(self.book.rules), weight)
        self.weight, self.treated, self.times = weight, one, compiled.times

    def says(self, at, **answers):
        """What is decided when the person answers so `at` [h]: the kinds that act."""
        self.state, acted = reset_caution(self.state), []
        for number, k in self.book.due(at):
            self.state, who = act(self.book, number, k, self.state, heard(**answers), self.weight, self.treated)
            acted += [self.book.rules[number].kind] * bool(who[0])
        return acted

    def rate(self, *hours):
        """What the pump gives [mg/h] at these times."""
        (rates,) = given(self.state, self.planned.rates, self.state.extra_rates)
        closed = np.append(np.asarray(rates)[:, 0], 0.0)  # the clock ends, and the pump with it
        return [float(closed[np.searchsorted(self.times, h, side="right") - 1]) for h in hours]


# ------------------------------------------------------------------------------- what each rule does, by hand


def test_a_rule_that_does_not_act_changes_nothing():
    bed = Bedside(regimen(rule("stop", {"pain_below": "2 points"}, "4 h")))
    assert bed.says(4.0, pain=5.0) == []
    assert bed.rate(1, 5, 9, 11) == [10, 10, 10, 0]


def test_stop_ends_the_course_after_its_delay_and_for_good():
    bed = Bedside(regimen(rule("stop", {"pain_below": "2 points"}, "4 h", delay="1 h")))
    assert bed.says(4.0, pain=1.9) == ["stop"]
    assert bed.rate(3, 4.5, 5.5, 9) == [10, 10, 0, 0]


def test_stop_for_want_of_response_looks_at_the_fall_since_the_start():
    plan = regimen(rule("stop", {"pain_not_fallen_by": "30 %"}, "4 h"))
    assert Bedside(plan).says(4.0, fallen=31.0) == []
    assert Bedside(plan).says(4.0, fallen=29.0) == ["stop"]


def test_hold_shuts_the_pump_and_opens_it_again():
    bed = Bedside(regimen(rule("hold", {"dissociation": "intolerable"}, "2 h", lasts="3 h")))
    assert bed.says(2.0, intolerable=1.1) == ["hold"]
    assert bed.rate(1, 2.5, 4.9, 5.1, 9) == [10, 0, 0, 10, 10]


def test_reduce_multiplies_what_is_left_again_and_again():
    bed = Bedside(regimen(rule("reduce", {"dissociation": "felt"}, "2 h", every="2 h", count=3, to="50 %", at_most=2)))
    assert [bed.says(t, felt=1.5) for t in (2.0, 4.0, 6.0)] == [["reduce"], ["reduce"], []]
    assert bed.rate(1, 3, 5, 9) == [10, 5, 2.5, 2.5]


def test_titrate_adds_a_share_of_the_plan_up_to_the_ceiling():
    up = rule("titrate", {"pain_above": "4 points"}, "2 h", every="2 h", count=4, by="30 %", ceiling="150 %", at_most=4)
    bed = Bedside(regimen(up))
    assert [bed.says(t, pain=6.0) for t in (2.0, 4.0, 6.0)] == [["titrate"]] * 3
    np.testing.assert_allclose(bed.rate(1, 3, 5, 7), [10, 13, 15, 15])


def test_where_dissociation_holds_the_pump_pain_does_not_raise_it():
    up = rule("titrate", {"pain_above": "4 points"}, "2 h", by="50 %", ceiling="200 %")
    hold = rule("hold", {"dissociation": "intolerable"}, "2 h", lasts="1 h")
    bed = Bedside(regimen(up, hold))
    assert bed.says(2.0, pain=8.0, intolerable=2.0) == ["hold"]
    assert bed.rate(2.5, 4) == [0, 10]


def test_a_booster_comes_after_its_delay_at_most_so_often_and_so_far_apart():
    booster = rule(
        "booster", {"pain_above": "5 points"}, "20 h", every="10 h", count=6, delay="4 h", at_most=2,
        at_least_apart="20 h", dose=DOSE,
    )  # fmt: skip
    bed = Bedside(regimen(booster))
    answers = {20.0: 4.0, 30.0: 6.0, 40.0: 6.0, 50.0: 6.0, 60.0: 6.0, 70.0: 6.0}
    acted = [at for at, pain in answers.items() if bed.says(at, pain=pain)]
    assert acted == [30.0, 50.0]  # 40 h is too soon after 30 h, and two are enough
    assert bed.rate(24.5, 34.5, 35.9, 36.1, 44.5, 54.5, 64.5) == [0, 20, 20, 0, 0, 20, 0]


def test_pain_exactly_at_the_threshold_is_not_above_it():
    booster = rule("booster", {"pain_above": "5 points"}, "20 h", dose=DOSE)
    assert Bedside(regimen(booster)).says(20.0, pain=5.0) == []


def test_a_rescue_dose_may_fall_into_a_course_and_adds_to_it():
    bed = Bedside(regimen(rule("rescue", {"pain_above": "8 points"}, "4 h", dose=DOSE)))
    assert bed.says(4.0, pain=9.0) == ["rescue"]
    assert bed.rate(3, 5, 7) == [10, 30, 10]


def test_after_a_stop_no_booster_is_given():
    stop = rule("stop", {"dissociation": "felt"}, "4 h")
    booster = rule("booster", {"pain_above": "5 points"}, "20 h", dose=DOSE)
    bed = Bedside(regimen(stop, booster))
    assert bed.says(4.0, felt=2.0) == ["stop"]
    assert bed.says(20.0, pain=9.0) == []


# ------------------------------------------------------------------------------- in the engine

BOOSTED = rule(
    "booster", {"pain_above": "5 points"}, "3 weeks", every="1 week", count=10, delay="24 h", at_most=2,
    at_least_apart="4 weeks", dose=DOSE | {"duration": "24 h"},
)  # fmt: skip
LONG = COURSE | {"rate": "0.25 mg/kg/h", "duration": "100 h"}
WHO = Person(weight="70 kg", age="45 y", sex="female", pain="7 points", in_pain_for="6 y")
AT = np.arange(0.0, 15 * 168.0 + 1, 24.0)


def cohort(plan, ids, **changes):
    compiled = compile_for(routed_model("otto2021"), plan)
    fixed = dataclasses.replace(compiled, rules=()) if changes.pop("fixed", False) else compiled
    setting = Setting(seed=3, metabolites=False, **changes)
    return simulate_people(sample(3, ids, "CRPS-1"), ids, fixed, AT, setting)


def test_the_typical_person_gets_a_booster_when_pain_has_come_back():
    """Without rules the pain of this person crosses 5 points between two weekly calls; the second one orders it."""
    plain = simulate(WHO, regimen(doses=(LONG,)), "15 weeks")
    calls = 504.0 + 168.0 * np.arange(10)
    crossed = calls[[plain.at(call)[0] > 5 for call in calls]][0]
    course = simulate(WHO, regimen(BOOSTED, doses=(LONG,)), "15 weeks")
    (firing,) = course.firings
    first = int(np.flatnonzero(firing.fired[:, 0])[0])
    assert firing.assessed_h[first] == crossed
    assert firing.acts_h[first] == crossed + 24.0
    assert course.at(crossed)[0] == pytest.approx(plain.at(crossed)[0], abs=1e-4)
    assert course.at(crossed + 48.0)[0] < 4.0 < plain.at(crossed + 48.0)[0]
    total = 0.25 * 70 * 100 + 20 * 24 * firing.fired[:, 0].sum()
    assert float(course.dose_total_mg[0]) == pytest.approx(total)
    assert "booster decided at" in firing.told()[0]


def test_a_run_whose_rules_never_act_is_the_fixed_run_byte_for_byte():
    never = BOOSTED | {"when": {"pain_above": "10 points"}}
    ids = np.arange(40)
    ruled, fixed = cohort(regimen(never, doses=(LONG,)), ids), cohort(regimen(never, doses=(LONG,)), ids, fixed=True)
    assert not ruled.firings[0].fired.any()
    assert ruled.pain_nrs.tobytes() == fixed.pain_nrs.tobytes()
    assert ruled.dose_total_mg.tobytes() == fixed.dose_total_mg.tobytes()
    for name in ruled.states:
        assert ruled.states[name].tobytes() == fixed.states[name].tobytes()


def test_decisions_do_not_depend_on_the_neighbors_in_a_lane_or_on_threads():
    plan = regimen(BOOSTED, doses=(LONG,))
    all_of_them, some = cohort(plan, np.arange(40), threads=2), cohort(plan, np.array([31, 7]), threads=1)
    assert all_of_them.firings[0].fired.any(axis=0).sum() > 5
    assert all_of_them.pain_nrs[:, [31, 7]].tobytes() == some.pain_nrs.tobytes()
    np.testing.assert_array_equal(all_of_them.firings[0].fired[:, [31, 7]], some.firings[0].fired)


def test_nobody_gets_more_boosters_than_allowed_and_never_sooner():
    (firing,) = cohort(regimen(BOOSTED, doses=(LONG,)), np.arange(60)).firings
    assert firing.fired.sum(axis=0).max() == 2
    for person in range(60):
        assert (np.diff(firing.acts_h[firing.fired[:, person]]) >= 4 * 168.0 - 1e-6).all()


def test_a_nasal_booster_needs_no_vein():
    nasal = {"kind": "bolus", "drug": "ketamine", "enantiomer": "S", "amount": "28 mg", "route": "nasal"}
    plan = regimen(BOOSTED | {"dose": nasal}, doses=(LONG | {"duration": "20 h"},))
    course = simulate_cohort("CRPS-1", 8, plan, "15 weeks", Setting(model="perezruixo2021", seed=2))
    count = course.firings[0].fired.sum(axis=0)
    assert count.max() == 2
    weight = np.asarray(sample(2, np.arange(8), "CRPS-1", "perezruixo2021").weight)
    np.testing.assert_allclose(course.dose_total_mg, 0.25 * 20 * weight + 28.0 * count)


# ------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([BOOSTED, BOOSTED | {"when": {"pain_above": "7 points"}}], "two boosters"),
        ([rule("booster", {"pain_above": "5 points"}, "2 h", dose=DOSE)], "inside a course"),
        ([rule("booster", {"pain_above": "5 points"}, "20 h", every="1 h", count=3, at_most=3, dose=DOSE)], "before"),
        (
            [
                rule("titrate", {"pain_above": "5 points"}, "2 h", by="10 %", ceiling="150 %"),
                rule("stop", {"pain_above": "8 points"}, "2 h"),
            ],
            "raises and the other",
        ),
        ([rule("reduce", {"dissociation": "felt"}, "30 h", to="50 %")], "has ended"),
    ],
)
def test_rules_that_contradict_are_refused(rules, words):
    plan = regimen(*rules)
    assert any(words in str(problem) for problem in rule_problems(plan))
    with pytest.raises(ProtocolError, match=words):
        check_limits(plan, 70.0)
    with pytest.raises(ProtocolError, match=words):
        compile_regimen(plan)


@pytest.mark.parametrize(
    "broken",
    [
        rule("booster", {"pain_above": "5 points", "pain_below": "2 points"}, "20 h", dose=DOSE),
        rule("booster", {}, "20 h", dose=DOSE),
        rule("booster", {"pain_above": "5 points"}, "20 h", count=3, dose=DOSE),
        rule("booster", {"pain_above": "5 points"}, "20 h", dose=DOSE | {"start": "3 h"}),
        rule("booster", {"pain_above": "5 points"}, "20 h"),
        rule("hold", {"dissociation": "much"}, "2 h", lasts="1 h"),
        rule("raise", {"pain_above": "5 points"}, "2 h"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(broken):
    with pytest.raises(ProtocolError, match="rules"):
        regimen(broken)


def test_dose_limits_hold_for_the_most_that_rules_may_give():
    """0.2 mg/kg/h raised to eight times as much is 1.6, above every hard limit."""
    plan = regimen(
        rule("titrate", {"pain_above": "5 points"}, "2 h", by="100 %", ceiling="800 %"),
        doses=(COURSE | {"rate": "0.2 mg/kg/h"},),
    )
    assert not any("rules" in w.rule for w in check_limits(plan.planned(), 70.0))
    with pytest.raises(UnsafeDose, match="the most they may"):
        check_limits(plan, 70.0)


def test_rescue_doses_that_could_pile_up_are_judged_together():
    bolus = {"kind": "bolus", "drug": "ketamine", "enantiomer": "S", "amount": "0.2 mg/kg"}
    once = rule("rescue", {"pain_above": "8 points"}, "1 h", every="5 min", count=12, dose=bolus)
    check_limits(regimen(once), 70.0)
    with pytest.raises(UnsafeDose, match="rules"):
        check_limits(regimen(once | {"at_most": 12}), 70.0)


def test_a_regimen_with_rules_survives_its_toml():
    plan = regimen(BOOSTED, rule("stop", {"dissociation": "felt"}, "4 h"), doses=(LONG,))
    assert Regimen.from_toml_text(plan.to_toml()) == plan
    assert "booster" in " ".join(plan.describe())


@pytest.mark.parametrize("verb", ["truncate", "rounded"])
def test_what_rules_will_give_cannot_be_cut_or_rounded(verb):
    plan = regimen(BOOSTED, doses=(LONG,))
    with pytest.raises(InputError, match="rules"):
        plan.truncate("50 h") if verb == "truncate" else plan.rounded(weight="70 kg")


def test_a_table_of_doses_and_a_question_about_blood_refuse_rules():
    plan = regimen(BOOSTED, doses=(LONG,))
    with pytest.raises(InputError, match="a rule, not a dose"):
        to_nonmem({"one": plan})
    with pytest.raises(InputError, match="rules"):
        doses_of(plan, 70.0)
    assert len(doses_of(plan.planned(), 70.0)) == 1


def test_an_arm_with_rules_and_saline_by_the_same_rules():
    """Both arms are asked; only the drug arm is given anything, and both are told how often the rule acted."""
    arms = [{"name": "drug", "patients": 6, "gives": "regimen"}, {"name": "saline", "patients": 6, "gives": "saline"}]
    plan = regimen(BOOSTED, doses=(LONG,)).to_dict()
    trial = Trial.from_dict({"name": "ruled", "disorder": "CRPS-1", "weeks": 14, "arms": arms, "regimen": plan})
    result = conduct(trial, Setting(seed=4, metabolites=False), 2)
    acts = result.course.firings[0].fired.sum(axis=0).astype(float)
    weight = np.asarray(result.people.weight)
    expected = 25.0 * weight + 480.0 * acts
    drug = result.of_arm("drug", result.course.dose_total_mg)
    np.testing.assert_allclose(drug, result.of_arm("drug", expected))
    assert (result.of_arm("saline", result.course.dose_total_mg) == 0).all()
    assert result.of_arm("saline", acts).sum() > 0
