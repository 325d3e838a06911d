"""The catalogue of unsafe and wrong doses, part 1: protocols. Each is caught, by field, value, rule and remedy.

The slips are those of the safety contract: factors of 10 and 1000 (g, mg, ug), of 60 (per minute, per hour), of 70
(per kg, per person), of 2.2 (lb), racemate for S, mL/h for mg/h, hydrochloride for base, swapped values, months.
"""

import pytest

from unwound.core.errors import InputError
from unwound.regimen import Regimen, check_limits, compile_regimen

DROP = object()
GOOD = {
    "bolus": {"amount": "15 mg"},
    "infusion": {"rate": "0.3 mg/kg/h", "duration": "4 h"},
    "whole": {"kind": "infusion", "amount": "15 mg", "duration": "40 min"},
    "titration": {
        "start_rate": "2 mg/h",
        "step": "2 mg/h",
        "ceiling": "10 mg/h",
        "every": "2 h",
        "duration": "10 h",
    },
}


def dose(like, **changes):
    said = {"kind": like, "drug": "ketamine", "enantiomer": "racemic", **GOOD[like], **changes}
    return {key: value for key, value in said.items() if value is not DROP}


def complaints(doses, weight=70.0, age=45.0, **whole):
    """Everything that is said about a protocol: the message of its error, or its warnings."""
    try:
        regimen = Regimen.from_dict({"doses": doses, **whole})
        compile_regimen(regimen)
        return "\n".join(str(warning) for warning in check_limits(regimen, weight, age))
    except InputError as error:
        for problem in error.problems:
            assert problem.field
            assert problem.rule
            assert problem.remedy
            assert "\n" not in str(problem)
        return str(error)


# --- a unit slipped, and the dose is beyond a hard limit: the message offers the likelier reading

SLIPS = [
    ("ten times the bolus", "bolus", {"amount": "150 mg"}, ["doses[0].amount", "hard limit", 'amount = "15 mg"']),
    ("a comma lost", "bolus", {"amount": "1500 mg"}, ["doses[0].amount", "hard limit"]),
    ("g for mg", "bolus", {"amount": "15 g"}, ["doses[0].amount", "hard limit", 'amount = "15 mg"']),
    ("mg for ug per kg", "bolus", {"amount": "300 mg/kg"}, ["doses[0].amount", "hard limit", '"300 ug/kg"']),
    ("per kg for per person", "bolus", {"amount": "15 mg/kg"}, ["doses[0].amount", "hard limit", '"15 mg"']),
    ("g per kg", "bolus", {"amount": "0.3 g/kg"}, ["doses[0].amount", "hard limit", '"0.3 mg/kg"']),
    ("per minute", "infusion", {"rate": "0.3 mg/kg/min"}, ["doses[0].rate", "hard limit", '"0.3 mg/kg/h"']),
    ("per minute, plain", "infusion", {"rate": "20 mg/min"}, ["doses[0].rate", "hard limit", '"20 mg/h"']),
    ("mg for ug per minute", "infusion", {"rate": "5 mg/kg/min"}, ["doses[0].rate", "hard limit", '"5 ug/kg/min"']),
    ("per kg for per person", "infusion", {"rate": "20 mg/kg/h"}, ["doses[0].rate", "hard limit", '"20 mg/h"']),
    ("g for mg", "infusion", {"rate": "20 g/h"}, ["doses[0].rate", "hard limit", '"20 mg/h"']),
    ("ten times the rate", "infusion", {"rate": "3 mg/kg/h"}, ["doses[0].rate", "hard limit", '"0.3 mg/kg/h"']),
    ("ten times, per 70 kg", "infusion", {"rate": "200 mg/h/70kg"}, ["doses[0].rate", "hard limit"]),
    ("per lb", "infusion", {"rate": "0.9 mg/lb/h"}, ["doses[0].rate", "hard limit", '"0.9 mg/kg/h"']),
    ("seconds for minutes", "whole", {"amount": "35 mg", "duration": "40 s"},
     ["doses[0].amount", "hard limit", 'duration = "40 min"']),
    ("minutes for hours", "whole", {"amount": "280 mg", "duration": "4 min"}, ["doses[0].amount", "hard limit"]),
    ("g for mg over time", "whole", {"amount": "35 g"}, ["doses[0].amount", "hard limit", '"35 mg"']),
    ("per kg over time", "whole", {"amount": "35 mg/kg"}, ["doses[0].amount", "hard limit", '"35 mg"']),
    ("ten times over time", "whole", {"amount": "350 mg"}, ["doses[0].amount", "hard limit", '"35 mg"']),
    ("ceiling per kg", "titration", {"start_rate": "2 mg/kg/h", "step": "2 mg/kg/h", "ceiling": "10 mg/kg/h"},
     ["doses[0].ceiling", "hard limit"]),
    ("ceiling ten times", "titration", {"ceiling": "100 mg/h", "step": "10 mg/h"}, ["doses[0].ceiling", "hard limit"]),
    ("titration per minute", "titration",
     {"start_rate": "2 mg/min", "step": "2 mg/min", "ceiling": "10 mg/min"}, ["doses[0].ceiling", "hard limit"]),
    ("anaesthetic induction on a ward", "bolus", {"amount": "2 mg/kg"}, ["hard limit", 'setting = "icu"']),
    ("anaesthetic rate on a ward", "infusion", {"rate": "1.2 mg/kg/h"}, ["hard limit", 'setting = "icu"']),
    ("no setting allows it", "bolus", {"amount": "50 mg/kg"}, ["hard limit", "No setting allows"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "kind", "changes", "words"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_beyond_a_hard_limit_is_refused(what, kind, changes, words):
    said = complaints([dose(kind, **changes)])
    for word in words:
        assert word in said, said


# --- a slip within the hard limits loads, and is warned of

WARNED = [
    ("racemate for S", [dose("bolus", enantiomer="S", amount="0.15 mg/kg")], {}, ["soft limit", '"racemic"']),
    ("hydrochloride for base", [dose("bolus", amount="0.27 mg/kg")], {}, ["soft limit", '"hydrochloride"']),
    ("ug for mg", [dose("bolus", amount="15 ug")], {}, ["next to nothing", "is ug written for mg"]),
    ("mg for mg/kg per hour", [dose("infusion", rate="0.3 mg/h", duration="30 min")], {}, ["next to nothing"]),
    ("pounds for kg", [dose("bolus")], {"weight": 165.0}, ["patient.weight", "74.84 kg, were it in pounds"]),
    ("months for years", [dose("bolus")], {"weight": 70.0, "age": 4.5}, ["patient.age", "is the age in years"]),
    (
        "a child's weight",
        [dose("bolus", amount="0.2 mg/kg")],
        {"weight": 20.0},
        ["patient.weight", "unusual body weight at 45 years"],
    ),
    ("a minor", [dose("bolus")], {"age": 16.0}, ["patient.age", "for adults, from 18 years"]),
]


@pytest.mark.parametrize(("what", "doses", "patient", "words"), WARNED, ids=[slip[0] for slip in WARNED])
def test_a_slip_within_the_hard_limits_is_warned_of(what, doses, patient, words):
    said = complaints(doses, **patient)
    for word in words:
        assert word in said, said


REFUSED_PEOPLE = [
    ("weight in grams", {"weight": 70_000.0}, ["patient.weight", "70 kg, were it in grams"]),
    ("weight of nobody", {"weight": 0.0}, ["patient.weight", "between 2.5 and 300 kg"]),
    ("negative weight", {"weight": -70.0}, ["patient.weight", "between 2.5 and 300 kg"]),
    ("weight that is no number", {"weight": float("nan")}, ["patient.weight", "between 2.5 and 300 kg"]),
    ("infinite weight", {"weight": float("inf")}, ["patient.weight", "between 2.5 and 300 kg"]),
    ("age in months", {"age": 540.0}, ["patient.age", "did you mean 45 years? (540 months)"]),
    ("negative age", {"age": -45.0}, ["patient.age", "between 0 and 120 years"]),
    ("age that is no number", {"age": float("nan")}, ["patient.age", "between 0 and 120 years"]),
    ("weight and age swapped", {"weight": 2.0, "age": 70.0}, ["patient.weight"]),
]


@pytest.mark.parametrize(("what", "patient", "words"), REFUSED_PEOPLE, ids=[one[0] for one in REFUSED_PEOPLE])
def test_people_who_cannot_be_are_refused(what, patient, words):
    said = complaints([dose("bolus")], **patient)
    for word in words:
        assert word in said, said


# --- doses that add up

TOGETHER = [
    ("three boluses at once", [dose("bolus", amount="10 mg")] * 3,
     ["doses = '3 doses'", "hard limit", "further apart"]),
    ("a train of boluses", [dose("bolus", repeat={"count": 12, "every": "1 min"})], ["doses[0].amount", "hard limit"]),
    ("two infusions at once", [dose("infusion", rate="0.9 mg/kg/h")] * 2, ["doses = '2 doses'", "hard limit"]),
    ("a day of boluses", [dose("bolus", repeat={"count": 140, "every": "10.1 min"})],
     ["doses[0].amount", "hard limit"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "doses", "words"), TOGETHER, ids=[one[0] for one in TOGETHER])
def test_doses_that_add_up_beyond_a_limit_are_refused(what, doses, words):
    said = complaints(doses)
    for word in words:
        assert word in said, said


# --- what is no dose at all

WRONG = [
    ("bolus", {"amount": 15}, ["doses[0].amount = 15", "without a unit", 'amount = "35 mg"']),
    ("bolus", {"amount": "15"}, ["doses[0].amount", "without a unit"]),
    ("bolus", {"amount": "fifteen mg"}, ["doses[0].amount", "no number"]),
    ("bolus", {"amount": "15 mgs/"}, ["doses[0].amount", "unknown unit"]),
    ("bolus", {"amount": "15 MG"}, ["doses[0].amount", "unknown unit"]),
    ("bolus", {"amount": "15 cc"}, ["doses[0].amount", "unknown unit"]),
    ("bolus", {"amount": "0,5 mg/kg"}, ["doses[0].amount", "decimal comma"]),
    ("bolus", {"amount": "1.500,0 mg"}, ["doses[0].amount", "decimal comma"]),
    ("bolus", {"amount": "nan mg"}, ["doses[0].amount", "finite"]),
    ("bolus", {"amount": "1e400 mg"}, ["doses[0].amount", "finite"]),
    ("bolus", {"amount": "-15 mg"}, ["doses[0].amount", "0 or more", "leave the dose out"]),
    ("bolus", {"amount": "3 mL"}, ["doses[0].amount", "mL is not mg", "strength of the ampoule"]),
    ("bolus", {"amount": "15 mg/h"}, ["doses[0].amount", "'mg/h' is not of the kind of mg or mg/kg"]),
    ("bolus", {"amount": "15 mmol"}, ["doses[0].amount", "not of the kind"]),
    ("bolus", {"amount": "15 % "}, ["doses[0].amount", "not of the kind"]),
    ("bolus", {"amount": None}, ["doses[0].amount", "text of number and unit"]),
    ("bolus", {"amount": True}, ["doses[0].amount", "text of number and unit"]),
    ("bolus", {"amount": ["15 mg"]}, ["doses[0].amount", "text of number and unit"]),
    ("bolus", {"amount": "15 mg" + " " * 100}, ["doses[0].amount", "too long"]),
    ("bolus", {"amount": DROP}, ["doses[0].amount", "required"]),
    ("bolus", {"rate": "20 mg/h"}, ["doses[0].rate", "unknown key"]),
    ("bolus", {"amonut": "15 mg"}, ["doses[0].amonut", "did you mean 'amount'"]),
    ("infusion", {"rate": "20 mL/h"}, ["doses[0].rate", "mL/h is not mg/h", "strength of the syringe"]),
    ("infusion", {"rate": "0.3 mL/kg/h"}, ["doses[0].rate", "mL/kg/h is not mg/h"]),
    ("infusion", {"rate": "2 mL/min"}, ["doses[0].rate", "mL/h is not mg/h"]),
    ("infusion", {"rate": "20 mg"}, ["doses[0].rate", "'mg' is not of the kind of mg/h or mg/kg/h"]),
    ("infusion", {"rate": "20 mg/kg"}, ["doses[0].rate", "not of the kind"]),
    ("infusion", {"rate": "20 drops/min"}, ["doses[0].rate", "unknown unit"]),
    ("infusion", {"rate": "-5 mg/h"}, ["doses[0].rate", "0 or more", "Regimen.truncate"]),
    ("infusion", {"rate": "inf mg/h"}, ["doses[0].rate", "finite"]),
    ("infusion", {"rate": DROP}, ["doses[0].rate = (not given)", "a rate or an amount"]),
    ("infusion", {"amount": "35 mg"}, ["doses[0].amount", "rate or amount, not both"]),
    ("infusion", {"duration": DROP}, ["doses[0].duration", "must end"]),
    ("infusion", {"duration": "4"}, ["doses[0].duration", "without a unit"]),
    ("infusion", {"duration": "4 mg"}, ["doses[0].duration", "not of the kind of 'h'"]),
    ("infusion", {"duration": "0 h"}, ["doses[0].duration", "1 s or more", "bolus"]),
    ("infusion", {"duration": "-4 h"}, ["doses[0].duration", "1 s or more"]),
    ("infusion", {"duration": "forever"}, ["doses[0].duration", "no number"]),
    ("infusion", {"duration": "inf h"}, ["doses[0].duration", "finite"]),
    ("infusion", {"duration": "3 y"}, ["doses[0]", "more than 400 days"]),
    ("infusion", {"start": "-1 h"}, ["doses[0].start", "0 or more"]),
    ("infusion", {"start": "08:30"}, ["doses[0].start", "unknown unit"]),
    ("infusion", {"start": "2026-01-01"}, ["doses[0].start"]),
    ("infusion", {"start": "500 d"}, ["doses[0]", "more than 400 days", "units of duration, start and repeat"]),
    ("infusion", {"kind": "infuson"}, ["doses[0].kind", "did you mean 'infusion'"]),
    ("infusion", {"kind": "drip"}, ["doses[0].kind", "no such kind"]),
    ("infusion", {"kind": DROP}, ["doses[0].kind", "required"]),
    ("infusion", {"drug": "esketamine"}, ["doses[0].drug", 'enantiomer = "S"']),
    ("infusion", {"drug": "arketamine"}, ["doses[0].drug", 'enantiomer = "R"']),
    ("infusion", {"drug": "Ketalar"}, ["doses[0].drug", 'enantiomer = "racemic"']),
    ("infusion", {"drug": "ketamine hydrochloride"}, ["doses[0].drug", 'form = "hydrochloride"']),
    ("infusion", {"drug": "ketamine HCl"}, ["doses[0].drug", 'form = "hydrochloride"']),
    ("infusion", {"drug": "ketamin"}, ["doses[0].drug", "did you mean 'ketamine'"]),
    ("infusion", {"drug": "midazolam"}, ["doses[0].drug", "no such drug"]),
    ("infusion", {"drug": DROP}, ["doses[0].drug", "required"]),
    ("infusion", {"enantiomer": DROP}, ["doses[0].enantiomer", "required", 'enantiomer = "S"']),
    ("infusion", {"enantiomer": "racemate"}, ["doses[0].enantiomer", "did you mean 'racemic'"]),
    ("infusion", {"enantiomer": "s"}, ["doses[0].enantiomer", "did you mean 'S'"]),
    ("infusion", {"enantiomer": "both"}, ["doses[0].enantiomer", "did you mean 'racemic'"]),
    ("infusion", {"enantiomer": "+"}, ["doses[0].enantiomer", "racemic, S, R"]),
    ("infusion", {"form": "salt"}, ["doses[0].form", "base, hydrochloride"]),
    ("infusion", {"form": "HCl"}, ["doses[0].form", "base, hydrochloride"]),
    ("infusion", {"route": "iv"}, ["doses[0].route", "no such route"]),
    ("infusion", {"route": "epidural"}, ["doses[0].route", "no such route"]),
    ("infusion", {"repeat": {"count": 3}}, ["doses[0].repeat.every", "rhythm"]),
    ("infusion", {"repeat": {"every": "24 h"}}, ["doses[0].repeat.count", "required"]),
    ("infusion", {"repeat": {"count": 0, "every": "24 h"}}, ["doses[0].repeat.count", "1 or more"]),
    ("infusion", {"repeat": {"count": 1e9, "every": "24 h"}}, ["doses[0].repeat.count", "whole number"]),
    ("infusion", {"repeat": {"count": 5000, "every": "24 h"}}, ["doses[0].repeat.count", "1000 or less"]),
    ("infusion", {"repeat": {"count": float("inf"), "every": "24 h"}}, ["doses[0].repeat.count", "whole number"]),
    ("infusion", {"repeat": {"count": 3, "every": "0 h"}}, ["doses[0].repeat.every", "1 min or more"]),
    ("infusion", {"repeat": {"count": 3, "every": "-24 h"}}, ["doses[0].repeat.every", "1 min or more"]),
    ("infusion", {"repeat": {"count": 3, "every": 24}}, ["doses[0].repeat.every", "without a unit"]),
    ("infusion", {"repeat": {"count": 3, "days": "mondays"}}, ["doses[0].repeat.days", "no such days"]),
    ("infusion", {"repeat": {"count": 3, "every": "24 h", "days": "daily"}}, ["doses[0].repeat.days", "not both"]),
    ("infusion", {"repeat": "daily"}, ["doses[0].repeat", "table"]),
    ("infusion", {"repeat": {"count": 1000, "days": "weekly"}}, ["doses[0]", "more than 400 days"]),
    ("titration", {"step": "0 mg/h"}, ["doses[0].step", "more than 0"]),
    ("titration", {"step": "-2 mg/h"}, ["doses[0].step", "0 or more"]),
    ("titration", {"step": "0.2 mg/kg/h"}, ["doses[0].step", "one kind of unit"]),
    ("titration", {"step": "2 ug/h"}, ["doses[0].step", "200 steps"]),
    ("titration", {"ceiling": "1 mg/h"}, ["doses[0].ceiling", "below start_rate"]),
    ("titration", {"ceiling": "30 mL/h"}, ["doses[0].ceiling", "mL/h is not mg/h"]),
    ("titration", {"ceiling": DROP}, ["doses[0].ceiling", "required"]),
    ("titration", {"every": "10 h"}, ["doses[0].every", "no assessment before the end"]),
    ("titration", {"every": "1 s"}, ["doses[0].every", "1 min or more"]),
    ("titration", {"duration": DROP}, ["doses[0].duration", "must end"]),
    ("titration", {"step_back": -1}, ["doses[0].step_back", "0 or more"]),
    ("titration", {"step_back": 1.5}, ["doses[0].step_back", "whole number"]),
    ("titration", {"every": "1 min", "duration": "300 d"}, ["doses", "more than 20000"]),
]


@pytest.mark.parametrize(("kind", "changes", "words"), WRONG)
def test_what_is_no_dose_is_refused_by_field(kind, changes, words):
    said = complaints([dose(kind, **changes)])
    for word in words:
        assert word in said, said


@pytest.mark.parametrize("kind", GOOD)
def test_the_good_ones_load_without_a_word(kind):
    assert complaints([dose(kind)]) == ""


def test_the_catalogue_of_protocols_is_as_large_as_it_says():
    assert len(SLIPS) + len(WARNED) + len(REFUSED_PEOPLE) + len(TOGETHER) + len(WRONG) >= 125
