"""Records that people write: quantities with units, unknown keys, all problems at once."""

from typing import Annotated, Literal

import pytest
from pydantic import Field

from unwound.core.errors import InputError, ProtocolError, UnitError
from unwound.core.strict import Measure, Quantity, Several, Strict, validated


class Visit(Strict):
    kind: Literal["visit"] = "visit"
    after: Annotated[Measure, Quantity("h", above="0 h", example="2 h")]
    name: Annotated[str, Field(examples=["week 1"])]


class Call(Strict):
    kind: Literal["call"] = "call"
    minutes: Annotated[int, Field(ge=1)]


class Plan(Strict):
    contacts: Several[Annotated[Visit | Call, Field(discriminator="kind")]]


def problems(data):
    with pytest.raises(ProtocolError) as caught:
        validated(Plan, data, "plan.toml")
    return {problem.field: problem for problem in caught.value.problems}


def test_a_measure_keeps_what_was_typed_and_what_it_means():
    measure = Quantity("h").read(" 90  min ")
    assert (measure.text, measure.value, measure.unit) == ("90 min", 1.5, "h")
    assert measure == Quantity("h").read("1.5 h")


def test_a_measure_made_of_a_number_reads_back_as_the_same_number():
    for value in (0.1 + 0.2, 1e-7, 1e20, 20.0, 1 / 3):
        assert Quantity("mg").read(Measure.of(value, "mg").text).value == value


def test_alternative_kinds_are_told_apart_by_body_weight():
    rate = Quantity("mg/h or mg/kg/h")
    assert rate.read("20 mg/h").unit == "mg/h"
    assert rate.read("0.6 ug/kg/min") == Measure("", pytest.approx(0.036), "mg/kg/h")
    assert rate.read("70 mg/h/70kg").value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (4, "a number without a unit"),
        ("4", "a number without a unit"),
        (True, "a quantity is a text"),
        (None, "a quantity is a text"),
        ("4 mg", "not of the kind of 'h'"),
        ("4 mg", "not of the kind"),
        ("4 blurb", "unknown unit"),
        ("nan h", "finite"),
        ("-inf h", "finite"),
        ("1e999 h", "finite"),
        ("0,5 h", "decimal comma"),
        ("four h", "no number"),
        ("1 h" + " " * 100_000, "too long"),
        (Measure("4 mg", 4.0, "mg"), "not in h"),
    ],
)
def test_what_is_no_quantity_is_refused_with_an_example(text, rule):
    with pytest.raises(UnitError) as caught:
        Quantity("h", example="2 h").read(text, "after")
    (problem,) = caught.value.problems
    assert problem.field == "after"
    assert rule in problem.rule
    assert 'after = "2 h"' in problem.remedy


@pytest.mark.parametrize(
    ("marks", "text", "rule"),
    [
        ({"above": "0 h"}, "0 h", "must be more than 0"),
        ({"at_least": "1 min"}, "1 s", "must be 1 min or more"),
        ({"at_most": "2 d"}, "49 h", "must be 2 d or less"),
    ],
)
def test_bounds_are_said_in_their_own_unit(marks, text, rule):
    with pytest.raises(UnitError, match=rule):
        Quantity("h", **marks).read(text)


def test_all_problems_of_a_file_are_listed_with_their_paths():
    found = problems(
        {
            "contacts": [
                {"kind": "visit", "after": "0 h", "nam": "x"},
                {"kind": "call", "minutes": 0},
                {"kind": "fax"},
                {},
                3,
            ],
            "contact": 1,
        }
    )
    assert found["contacts[0].after"].rule == "must be more than 0"
    assert found["contacts[0].name"].remedy == 'write for example name = "week 1"'
    assert found["contacts[0].nam"].remedy == "did you mean 'name'?"
    assert found["contacts[1].minutes"].rule == "must be 1 or more"
    assert "visit, call" in found["contacts[2].kind"].remedy
    assert "visit" in found["contacts[3].kind"].remedy
    assert "table" in found["contacts[4]"].rule
    assert found["contact"].remedy == "did you mean 'contacts'?"
    assert len(found) == 8


def test_numbers_are_not_made_of_texts_nor_texts_of_numbers():
    found = problems({"contacts": [{"kind": "call", "minutes": "3"}, {"kind": "visit", "after": "1 h", "name": 3}]})
    assert found["contacts[0].minutes"].rule == "must be a whole number"
    assert found["contacts[1].name"].rule == "must be a text in quotes"


def test_odd_keys_are_quoted_in_the_path():
    assert "'a b\\n'" in problems({"contacts": [], "a b\n": 1})
    assert problems({"contacts": [], 7: 1})


def test_data_that_holds_itself_is_refused():
    loop: dict = {}
    loop["contacts"] = [loop]
    assert "nested deeper" in problems(loop)["plan"].rule


def test_a_record_typed_in_python_raises_our_own_error():
    with pytest.raises(InputError, match="minutes = 0: must be 1 or more"):
        Call(minutes=0)


def test_a_record_is_frozen():
    with pytest.raises(Exception, match="frozen"):
        Call(minutes=3).minutes = 4


def test_the_json_schema_describes_quantities_as_texts():
    schema = Plan.model_json_schema()["$defs"]["Visit"]
    after = schema["properties"]["after"]
    assert after["type"] == "string"
    assert "kind of h, more than 0" in after["description"]
    assert after["examples"] == ["2 h"]
    assert schema["additionalProperties"] is False


def test_a_record_is_written_as_it_was_typed():
    data = {"contacts": [{"kind": "visit", "after": "90 min", "name": "x"}]}
    assert validated(Plan, data).model_dump(mode="json") == data
