"""Nothing but our own errors may ever escape from a reader of doses, whatever it is given.

`UNWOUND_FUZZ` is the number of examples in all, shared by the readers: 500 by default, 50,000 before a release
(one to two minutes on one core).
"""

import os
import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unwound.core.errors import InputError
from unwound.regimen import (
    Regimen,
    check_limits,
    compile_regimen,
    parse_adppk,
    parse_events,
    parse_units,
    read_events,
    to_nonmem,
)
from unwound.regimen.event_rows import OPTIONAL, REQUIRED

TOTAL = int(os.environ.get("UNWOUND_FUZZ", "500"))
pytestmark = pytest.mark.slow


def share(part):
    """Settings of a test that has `part` of all the examples."""
    return settings(max_examples=max(int(TOTAL * part), 10), database=None)


def only_ours(call):
    """Runs `call`; an `InputError` must be complete, and nothing else may come out."""
    try:
        return call()
    except InputError as error:
        refused = error
    assert len(str(refused)) < 40_000
    for problem in refused.problems:
        assert problem.field
        assert problem.rule
        assert problem.remedy
        assert "\n" not in str(problem)
    return None


NUMBERS = ["0", "1", "2", "4", "5", "10", "24", "70", "0.5", "1e3", "-1", "-2", "1e-320", "1e308", "1e400", "5e-324"]
ODD = [
    ".",
    "",
    "nan",
    "-inf",
    "0,5",
    '"',
    '"0,5"',
    "C",
    "#",
    "08:30",
    "NA",
    "S",
    "racemic",
    "NASAL",
    "\u0663",
    "x\ty",
    "\r",
]
CODES = ["0", "1", "2", "3", "4"]
numbers, odd, codes = st.sampled_from(NUMBERS), st.sampled_from(ODD), st.sampled_from(CODES)
cells = st.one_of(st.sampled_from([*NUMBERS, *NUMBERS, *CODES, *ODD]), st.text(max_size=4))
units = st.one_of(
    st.just({"AMT": "mg", "TIME": "h", "DV": "ng/mL", "WT": "kg", "AGE": "y"}),
    st.just({"AMT": "mg/kg", "TIME": "min", "DV": "points", "WT": "lb", "AGE": "month", "RATE": "ug/kg/min"}),
    st.none(),
    st.dictionaries(
        st.sampled_from(["AMT", "TIME", "DV", "Q"]), st.one_of(cells, st.integers(), st.none()), max_size=3
    ),
)


HEAD = (*REQUIRED, *OPTIONAL)
RIGHT = {
    (*REQUIRED, "MDV", "CMT", "DV", "II", "ADDL", "SS", "OCC", "WT"): [
        ["1", "0", "40", "10", "1", "1", "1", ".", "24", "3", "0", "1", "70"],
        ["1", "2", ".", ".", "0", "0", "2", "55", ".", ".", ".", "1", "70"],
        ["1", "9", "5", "0", "4", "1", "1", ".", "12", "0", "1", "2", "70"],
        ["1", "9", ".", ".", "0", "0", "2", "12", ".", ".", ".", "2", "70"],
        ["2", "0", "0", "2", "1", "1", "1", ".", "0", "0", "1", "1", "60"],
    ],
    (*REQUIRED, "ENANTIOMER", "ROUTE", "DVID", "DV", "AGE"): [
        ["1", "0", "10", "0", "1", "S", "NASAL", ".", ".", "45"],
        ["1", "0", ".", ".", "0", ".", ".", "1", "3", "45"],
        ["1", "6", ".", ".", "3", ".", ".", ".", ".", "45"],
    ],
    ("USUBJID", "AFRLT", "FRLTU", "EVID", "AMT", "DOSEU", "RATE", "DV", "AVALU", "PARAMCD"): [
        ["A", "-0.5", "HOURS", "0", "NA", "mg", "NA", "0", "ng/mL", "SKET"],
        ["A", "0", "HOURS", "1", "28", "mg", "0", "NA", "mg", "DOSE"],
        ["A", "1", "HOURS", "0", "NA", "mg", "NA", "12", "ng/mL", "SKET"],
    ],
}
changes = st.lists(st.tuples(st.integers(0, 64), cells), max_size=4)


@st.composite
def tables(draw):
    """A right table with up to four cells, a column name or a row changed; now and then one of random cells."""
    if draw(st.integers(0, 9)) == 0:
        head = draw(st.one_of(st.just([*REQUIRED]), st.lists(st.sampled_from([*HEAD, "AMT_UNIT", "X"]), max_size=6)))
        return "\n".join(
            [",".join(head), *(",".join(draw(cells) for _ in head) for _ in range(draw(st.integers(0, 2))))]
        )
    head, right = draw(st.sampled_from([*RIGHT.items()]))
    names, rows = [*head], [[*row] for row in right]
    for place, cell in draw(changes):
        rows[place % len(rows)][place // 5 % len(names)] = cell
    change = draw(st.integers(0, 19))
    if change < len(rows):
        rows.insert(0, rows.pop(change))
    elif change < 8:
        names[change] = draw(st.sampled_from([*HEAD, "C", "X", ""]))
    elif change == 8:
        rows[0].pop()
    return "\n".join(",".join(row) for row in [names, *rows])


def follow(table, written=True):
    """What the next rooms do with a table that was read, and what NONMEM gets of it."""
    for person in table:
        for occasion in person.occasions:
            assert occasion.observed_h.shape == occasion.observed.shape == occasion.before_dose.shape
            only_ours(lambda regimen=occasion.regimen: compile_regimen(regimen))
            only_ours(lambda regimen=occasion.regimen, who=person: check_limits(regimen, who.weight_kg, who.age_y))
    if written:
        only_ours(lambda: to_nonmem(table))


@share(0.3)
@given(st.one_of(tables(), st.text(max_size=60)), units)
def test_only_our_errors_escape_from_event_tables(text, said):
    only_ours(lambda: follow(parse_events(text, drug="ketamine", enantiomer="S", units=said)))


words = st.one_of(
    st.none(),
    st.dictionaries(st.one_of(codes, st.integers(0, 3), st.text(max_size=3)), st.one_of(odd, codes), max_size=2),
)


@share(0.1)
@given(tables(), words, words, words, st.one_of(st.none(), odd, st.just("ketamine")), st.one_of(st.none(), odd))
def test_only_our_errors_escape_from_what_is_said_beside_a_table(text, routes, analytes, columns, drug, enantiomer):
    said = {"routes": routes, "analytes": analytes, "columns": columns, "drug": drug, "enantiomer": enantiomer}
    only_ours(lambda: follow(parse_events(text, units={"AMT": "mg", "TIME": "h"}, **said), False))


@share(0.15)
@given(tables(), st.booleans(), st.one_of(st.none(), odd), units)
def test_only_our_errors_escape_from_adppk(text, at_once, time, said):
    read = {"drug": "ketamine", "enantiomer": "R", "units": said, "time": time, "at_once": at_once}
    only_ours(lambda: follow(parse_adppk(text, **read), False))


@share(0.1)
@given(
    st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)), st.one_of(st.none(), st.text(max_size=60))
)
def test_only_our_errors_escape_from_files(content, sidecar):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "table.csv")
        with open(path, "wb") as stream:
            stream.write(content)
        if sidecar is not None:
            with open(f"{path}.units.toml", "w", encoding="utf-8", errors="replace") as stream:
                stream.write(sidecar)
        only_ours(lambda: follow(read_events(path, drug="ketamine", enantiomer="S"), False))


@share(0.1)
@given(
    st.one_of(
        st.text(max_size=60), st.lists(st.tuples(odd, odd)).map(lambda pairs: ",".join(f"{a}={b}" for a, b in pairs))
    )
)
def test_only_our_errors_escape_from_units(text):
    only_ours(lambda: parse_units(text))


quantities = st.one_of(
    st.sampled_from(
        ["15 mg", "0.3 mg/kg/h", "4 h", "24 h", "-1 mg", "1e400 mg", "nan h", "0,5 mg", "20 mL/h", "2 mg/kg/min", "1 y"]
    ),
    st.builds(
        lambda n, u: f"{n} {u}",
        numbers,
        st.sampled_from(["mg", "mg/kg", "mg/h", "mg/kg/h", "h", "min", "d", "ug/kg/min", "mL/h"]),
    ),
    st.text(max_size=12),
    st.floats(),
    st.integers(),
    st.none(),
    st.booleans(),
)
names = st.sampled_from(
    [
        "bolus",
        "infusion",
        "titration",
        "ketamine",
        "S",
        "R",
        "racemic",
        "hydrochloride",
        "nasal",
        "intravenous",
        "daily",
        "weekdays",
    ]
)
repeats = st.fixed_dictionaries(
    {}, optional={"count": st.one_of(st.integers(-1, 2000), quantities), "every": quantities, "days": names}
)
keys = ("amount", "rate", "duration", "start", "step", "start_rate", "ceiling", "every")
doses = st.fixed_dictionaries(
    {"kind": names, "drug": st.one_of(st.just("ketamine"), names), "enantiomer": names},
    optional={
        **dict.fromkeys(keys, quantities),
        "form": names,
        "route": names,
        "repeat": st.one_of(repeats, quantities),
    },
)


def load(data, weight, age):
    regimen = Regimen.from_dict(data)
    only_ours(lambda: compile_regimen(regimen))
    check_limits(regimen, weight, age)


@share(0.12)
@given(
    st.fixed_dictionaries(
        {"doses": st.lists(doses, max_size=3)}, optional={"setting": names, "title": st.text(max_size=5)}
    ),
    st.one_of(st.none(), st.floats()),
    st.one_of(st.none(), st.floats()),
)
def test_only_our_errors_escape_from_protocols(data, weight, age):
    only_ours(lambda: load(data, weight, age))


@share(0.13)
@given(st.one_of(st.text(max_size=80), st.lists(st.tuples(st.sampled_from(keys), quantities)).map(
    lambda pairs: "[[doses]]\n" + "\n".join(f"{key} = {value!r}" for key, value in pairs)
)))  # fmt: skip
def test_only_our_errors_escape_from_toml(text):
    only_ours(lambda: Regimen.from_toml_text(text))
