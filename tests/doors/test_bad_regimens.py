"""A catalogue of bad protocols: each ends in one clear error with field, value, rule and remedy."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unwound.core.errors import InputError
from unwound.regimen import Regimen, check_limits, compile_regimen, parse_events
from unwound.regimen.event_rows import OPTIONAL, REQUIRED

GOOD = {
    "bolus": {"kind": "bolus", "drug": "ketamine", "enantiomer": "racemic", "amount": "15 mg"},
    "infusion": {
        "kind": "infusion",
        "drug": "ketamine",
        "enantiomer": "racemic",
        "rate": "0.3 mg/kg/h",
        "duration": "4 h",
    },
    "titration": {
        "kind": "titration",
        "drug": "ketamine",
        "enantiomer": "S",
        "start_rate": "2 mg/h",
        "step": "2 mg/h",
        "ceiling": "10 mg/h",
        "every": "2 h",
        "duration": "10 h",
    },
}
DROP = object()


def protocol(kind, changes, **whole):
    dose = {key: value for key, value in {**GOOD[kind], **changes}.items() if value is not DROP}
    return {"doses": [dose], **whole}


def run(data):
    regimen = Regimen.from_dict(data)
    compile_regimen(regimen)
    return check_limits(regimen, 70, 45)


def test_the_good_ones_load():
    for kind in GOOD:
        assert run(protocol(kind, {})) == []


CATALOGUE = [
    ("infusion", {"rate": 20}, ["doses[0].rate = 20", "without a unit", 'rate = "20 mg/h"']),
    ("infusion", {"rate": "20"}, ["doses[0].rate", "without a unit"]),
    ("infusion", {"rate": "20 mg"}, ["'mg' is not of the kind of mg/h or mg/kg/h"]),
    ("infusion", {"rate": "20 mL/h"}, ["mL/h is not mg/h", "strength of the syringe"]),
    ("infusion", {"rate": "0.3 mL/kg/h"}, ["mL/kg/h is not mg/h", "strength of the syringe"]),
    ("infusion", {"rate": "-5 mg/h"}, ["doses[0].rate = '-5 mg/h'", "0 or more", "Regimen.truncate"]),
    ("infusion", {"rate": "nan mg/h"}, ["finite"]),
    ("infusion", {"rate": float("nan")}, ["without a unit"]),
    ("infusion", {"rate": "inf mg/h"}, ["finite"]),
    ("infusion", {"rate": "1e400 mg/h"}, ["finite"]),
    ("infusion", {"rate": "0,3 mg/kg/h"}, ["decimal comma"]),
    ("infusion", {"rate": "20 mgs/fortnite"}, ["unknown unit"]),
    ("infusion", {"rate": ["20 mg/h"]}, ["a text of number and unit"]),
    ("infusion", {"rate": DROP}, ["doses[0].rate = (not given)", "a rate or an amount"]),
    ("infusion", {"amount": "5 mg"}, ["doses[0].amount", "rate or amount, not both", "leave one"]),
    ("infusion", {"duration": DROP}, ["doses[0].duration", "an infusion must end", '"4 h"']),
    ("infusion", {"duration": "inf h"}, ["doses[0].duration", "finite"]),
    ("infusion", {"duration": "0 h"}, ["1 s or more", "bolus"]),
    ("infusion", {"duration": "-4 h"}, ["1 s or more"]),
    ("infusion", {"duration": "500 d"}, ["more than 400 days", "units of duration"]),
    ("infusion", {"start": "-1 h"}, ["doses[0].start", "0 or more"]),
    ("infusion", {"start": "2 y"}, ["more than 400 days"]),
    ("infusion", {"durration": "4 h"}, ["unknown key", "did you mean 'duration'"]),
    ("infusion", {"kind": "infuson"}, ["no such kind", "did you mean 'infusion'"]),
    ("infusion", {"kind": DROP}, ["doses[0].kind", "bolus", "titration"]),
    ("infusion", {"drug": "esketamine"}, ["doses[0].drug = 'esketamine'", 'enantiomer = "S"']),
    ("infusion", {"drug": "S-ketamine"}, ['drug = "ketamine" and enantiomer = "S"']),
    ("infusion", {"drug": "Ketamine hydrochloride"}, ['form = "hydrochloride"']),
    ("infusion", {"drug": "ketamin"}, ["no such drug", "did you mean 'ketamine'"]),
    ("infusion", {"drug": "lidocaine"}, ["no such drug", "choose one of ketamine"]),
    ("infusion", {"drug": 3}, ["no such drug"]),
    ("infusion", {"drug": DROP}, ["doses[0].drug", "required"]),
    ("infusion", {"enantiomer": DROP}, ["doses[0].enantiomer", "required", 'enantiomer = "S"']),
    ("infusion", {"enantiomer": "s"}, ["did you mean 'S'"]),
    ("infusion", {"enantiomer": "racemate"}, ["did you mean 'racemic'"]),
    ("infusion", {"enantiomer": "L"}, ["choose one of racemic, S, R"]),
    ("infusion", {"form": "salt"}, ["no such form", "base, hydrochloride"]),
    ("infusion", {"route": "oral"}, ["doses[0].route", "no input by this route", "intravenous"]),
    ("infusion", {"route": "iv"}, ["no such route"]),
    ("infusion", {"repeat": {"count": 0, "every": "24 h"}}, ["doses[0].repeat.count", "1 or more"]),
    ("infusion", {"repeat": {"count": 2.5, "every": "24 h"}}, ["whole number"]),
    ("infusion", {"repeat": {"count": True, "every": "24 h"}}, ["whole number"]),
    ("infusion", {"repeat": {"count": 3}}, ["doses[0].repeat.every", "rhythm"]),
    ("infusion", {"repeat": {"count": 3, "every": "24 h", "days": "daily"}}, ["not both"]),
    ("infusion", {"repeat": {"count": 3, "days": "sundays"}}, ["no such days", "weekdays"]),
    ("infusion", {"repeat": {"count": 3, "every": "0 h"}}, ["1 min or more"]),
    ("infusion", {"repeat": 3}, ["doses[0].repeat", "table"]),
    ("infusion", {"repeat": {"count": 1000, "days": "weekly"}}, ["more than 400 days"]),
    ("bolus", {"amount": "-1 mg"}, ["doses[0].amount", "0 or more"]),
    ("bolus", {"amount": "3 mL"}, ["mL is not mg", "strength of the ampoule"]),
    ("bolus", {"amount": "15 mg/h"}, ["not of the kind of mg or mg/kg"]),
    ("bolus", {"duration": "4 h"}, ["unknown key"]),
    ("bolus", {"amount": "15 g"}, ["hard limit", 'amount = "15 mg"']),
    ("titration", {"ceiling": "1 mg/h"}, ["doses[0].ceiling", "below start_rate"]),
    ("titration", {"step": "0 mg/h"}, ["doses[0].step", "more than 0"]),
    ("titration", {"step": "0.2 mg/kg/h"}, ["doses[0].step", "one kind of unit"]),
    ("titration", {"step": "2 ug/h"}, ["more than 200 steps", "unit of step"]),
    ("titration", {"every": "10 h"}, ["doses[0].every", "no assessment before the end"]),
    ("titration", {"every": "1 s"}, ["1 min or more"]),
    ("titration", {"every": "1 min", "duration": "300 d"}, ["more than 20000", "slip of the unit"]),
    ("titration", {"step_back": -1}, ["doses[0].step_back", "0 or more"]),
    ("titration", {"step_back": "one"}, ["whole number"]),
    ("titration", {"ceiling": "80 mg/h", "step": "20 mg/h"}, ["hard limit", "doses[0].ceiling"]),
    ("infusion", {"rate": "0.3 mg/kg/min"}, ["hard limit of 1 mg/kg/h", 'rate = "0.3 mg/kg/h"']),
]


@pytest.mark.parametrize(("kind", "changes", "words"), CATALOGUE)
def test_a_bad_dose_is_refused_by_name(kind, changes, words):
    with pytest.raises(InputError) as caught:
        run(protocol(kind, changes))
    for word in words:
        assert word in str(caught.value)
    for problem in caught.value.problems:
        assert problem.field
        assert problem.rule
        assert problem.remedy
        assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, ["regimen", "table"]),
        ([], ["regimen", "table"]),
        ({}, ["doses", "required"]),
        ({"doses": {}}, ["doses", "list"]),
        ({"doses": "none"}, ["doses", "list"]),
        ({"doses": [3]}, ["doses[0]", "table"]),
        ({"doses": [None]}, ["doses[0]", "table"]),
        ({"doses": [], "titel": "x"}, ["titel", "unknown key", "did you mean 'title'"]),
        ({"doses": [], "title": 3}, ["title", "text in quotes"]),
        ({"doses": [], "title": "x" * 1000}, ["title"]),
        ({"doses": [], "setting": "home"}, ["setting", "no such setting", "ward, monitored, icu"]),
        ({"doses": [], 3: 4}, ["key must be a text"]),
        ({"doses": [], "title": "\ud800"}, ["title", "UTF-8"]),
    ],
)
def test_a_bad_regimen_is_refused_by_name(data, words):
    with pytest.raises(InputError) as caught:
        run(data)
    for word in words:
        assert word in str(caught.value)


def test_all_problems_of_a_protocol_are_listed_at_once():
    doses = [{**GOOD["infusion"], "rate": 20, "extra": 1}, {**GOOD["bolus"], "drug": "x"}]
    with pytest.raises(InputError) as caught:
        Regimen.from_dict({"doses": doses, "setting": "home"}, "my.toml")
    assert [p.field for p in caught.value.problems] == [
        "setting",
        "doses[0].rate",
        "doses[0].extra",
        "doses[1].drug",
    ]
    assert str(caught.value).startswith("my.toml: 4 problems")


# --- nothing but our own errors may ever escape -------------------------------------------------------------

UNITED = [
    "mg",
    "mg/h",
    "mg/kg/h",
    "1 mg/h",
    "4 h",
    "nan h",
    "1e999 mg",
    "0.5 mg/kg",
    "24 h",
    "40 min",
    "-1 mg",
]
NAMES = ["S", "racemic", "ketamine", "infusion", "bolus", "titration", "intravenous", "daily", "weekdays"]
words = st.sampled_from([*UNITED, *NAMES])
texts = st.one_of(words, st.text(max_size=30), st.from_regex(r"[0-9.]{1,6} ?[a-zA-Z/%0-9*]{0,12}", fullmatch=True))
scalars = st.one_of(texts, st.integers(), st.floats(), st.booleans(), st.none())
dose_keys = sorted({key for dose in GOOD.values() for key in dose} | {"repeat", "start", "form", "route"})
repeats = st.dictionaries(st.sampled_from(["count", "every", "days"]), st.one_of(scalars, st.integers(1, 9)))
values = st.one_of(scalars, repeats, st.lists(scalars, max_size=2))
mutations = st.dictionaries(st.one_of(st.sampled_from(dose_keys), st.text(max_size=5)), values, max_size=4)
broken_doses = st.builds(lambda kind, change: {**GOOD[kind], **change}, st.sampled_from([*GOOD]), mutations)
anything = st.recursive(scalars, lambda s: st.lists(s, max_size=4) | st.dictionaries(texts, s, max_size=4))


def problems_of(call):
    """The problems of an `InputError`; nothing else may come out of `call`."""
    try:
        call()
    except InputError as error:
        return error.problems
    return ()


@given(st.one_of(anything, st.builds(lambda d: {"doses": d}, st.lists(broken_doses, max_size=3))))
def test_only_our_errors_escape_from_a_regimen(data):
    for problem in problems_of(lambda: run(data)):
        assert problem.field
        assert problem.rule
        assert problem.remedy
        json.dumps(problem.as_dict())


@given(st.one_of(st.text(max_size=60), texts.map(lambda t: f"[[doses]]\nkind = {t}\nrate = '{t}'")))
def test_only_our_errors_escape_from_toml(text):
    try:
        Regimen.from_toml_text(text)
    except InputError:
        pass
    else:
        assert tomllib.loads(text)


cells = st.one_of(
    st.sampled_from(["0", "1", "2", ".", "", "-1", "10", "1e400", "nan", "0,5", '"', "C", "#", "08:00", "70"]),
    st.text(max_size=4),
    st.floats().map(repr),
)
headers = st.one_of(
    st.just(list(REQUIRED)),
    st.just([*REQUIRED, *OPTIONAL]),
    st.lists(st.sampled_from([*REQUIRED, *OPTIONAL, "AMT_UNIT", "X"]), max_size=8),
)
tables = headers.flatmap(
    lambda head: st.lists(st.lists(cells, min_size=len(head), max_size=len(head)), max_size=5).map(
        lambda rows: "\n".join(",".join(row) for row in [head, *rows])
    )
)
units = st.one_of(
    st.just({"AMT": "mg", "TIME": "h", "DV": "ng/mL", "WT": "kg", "AGE": "y"}),
    st.none(),
    st.dictionaries(st.sampled_from(["AMT", "TIME", "DV", "Q"]), scalars),
)


def run_table(text, said):
    for person in parse_events(text, drug="ketamine", enantiomer="S", units=said):
        compile_regimen(person.regimen)
        check_limits(person.regimen, person.weight_kg, person.age_y)


@given(st.one_of(tables, st.text(max_size=60)), units)
def test_only_our_errors_escape_from_an_event_table(text, said):
    for problem in problems_of(lambda: run_table(text, said)):
        assert problem.field
        assert problem.rule
        assert problem.remedy
