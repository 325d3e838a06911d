"""Event tables in the style of NONMEM: what is read, what is odd, what is refused."""

import numpy as np
import pytest

from unwound.core.errors import EventTableError, ProtocolError, UnknownName
from unwound.regimen import (
    UNITS_SENTENCE,
    Bolus,
    compile_regimen,
    parse_events,
    parse_units,
    read_events,
    total_mg,
)

UNITS = parse_units("AMT=mg,TIME=h,DV=ng/mL,WT=kg,AGE=y")
TABLE = """ID,TIME,AMT,RATE,EVID,MDV,CMT,DV,WT,AGE,SEX,II,ADDL
7,0,40,10,1,1,1,.,70,45,F,24,9
7,0,.,.,0,0,2,1.5,70,45,F,.,.
7,4,.,.,0,0,2,112.5,70,45,F,.,.
7,5,.,.,0,1,2,.,70,45,F,.,.
8,0,20,0,1,1,1,.,55,.,M,.,.
8,0,30,60,1,1,1,.,55,.,M,.,.
"""


def table(text, units=UNITS, **other):
    return parse_events(text, **{"drug": "ketamine", "enantiomer": "S", "units": units, **other})


def test_a_table_becomes_persons_with_regimens_and_observations():
    events = table(TABLE)
    first, second = events
    assert (first.id, first.weight_kg, first.age_y, first.sex) == ("7", 70, 45, "F")
    assert (second.weight_kg, second.age_y, second.sex) == (55, None, "M")
    assert total_mg(compile_regimen(first.regimen), 70) == {"S": pytest.approx(400)}
    assert first.observed_h.tolist() == [0, 4, 5]
    np.testing.assert_array_equal(first.observed, [1.5, 112.5, np.nan])
    assert events.observed_unit == "ng/mL"
    assert events.warnings == ()
    assert len(events) == 2


def test_a_dose_and_a_sample_and_two_doses_at_one_time_are_legal():
    bolus, infusion = list(table(TABLE))[1].regimen.doses
    assert isinstance(bolus, Bolus)
    assert infusion.duration.value == 0.5


def test_the_rate_says_how_long_an_infusion_takes():
    (dose,) = next(iter(table(TABLE))).regimen.doses
    assert (dose.amount.value, dose.duration.value, dose.repeat.count) == (40, 4, 10)


def test_an_exact_duplicate_counts_and_is_warned_of():
    events = table("ID,TIME,AMT,RATE,EVID\n1,0,10,0,1\n1,0,10,0,1\n")
    assert len(next(iter(events)).regimen.doses) == 2
    assert events.warnings == ("row 3, ID 1: the same as row 2; both count",)


def test_unused_columns_and_changing_covariates_are_warned_of():
    events = table("ID,TIME,AMT,RATE,EVID,WT,SITE\n1,0,10,0,1,70,A\n1,1,0,0,0,71,A\n")
    assert events.warnings == ("columns not used: SITE", "ID 1: WT changes; the first value is used")
    assert next(iter(events)).weight_kg == 70


@pytest.mark.parametrize(
    "text",
    [
        "#ID,TIME,AMT,RATE,EVID\n1,0,10,0,1",
        "CID,TIME,AMT,RATE,EVID\n1,0,10,0,1",
        "C,ID,TIME,AMT,RATE,EVID\nC,1,0,junk,0,1\n.,1,0,10,0,1",
        "id,time,amt,rate,evid\n# a comment\n\n1,0,10,.,1\n",
        "ID\tTIME\tAMT\tRATE\tEVID\r\n1\t0\t10\t\t1\r\n",
        " ID , TIME , AMT , RATE , EVID \n 1 , 0 , 1e1 , 0 , 1 ",
    ],
)
def test_the_dialects_of_the_header_are_read(text):
    (person,) = table(text)
    assert person.regimen.doses[0].amount.value == 10


def test_units_are_converted():
    text = "ID,TIME,AMT,RATE,EVID,DV,WT,AGE\n1,0,10000,500,1,.,154,540\n1,30,0,0,0,0.1,154,540\n"
    (person,) = table(text, parse_units("AMT=ug,TIME=min,DV=mg/L,WT=lb,AGE=month"))
    assert person.regimen.doses[0].amount.value == pytest.approx(10)
    assert person.regimen.doses[0].duration.value == pytest.approx(1 / 3)
    assert person.observed_h.tolist() == [0.5]
    assert person.observed.tolist() == [pytest.approx(100)]
    assert person.weight_kg == pytest.approx(69.85, abs=0.01)
    assert person.age_y == pytest.approx(45)


def test_units_come_from_columns_a_sidecar_or_the_caller(tmp_path):
    said = {"drug": "ketamine", "enantiomer": "racemic"}
    (person,) = table("ID,TIME,AMT,RATE,EVID,AMT_UNIT,TIME_UNIT\n1,90,10,0,1,g,min\n", {})
    assert person.regimen.doses[0].amount.value == 10_000
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xef\xbb\xbfID,TIME,AMT,RATE,EVID\n1,0,10,0,1\n")
    with pytest.raises(EventTableError) as caught:
        read_events(path, **said)
    assert caught.value.problems[0].rule == UNITS_SENTENCE
    (tmp_path / "table.csv.units.toml").write_text('amt = "mg/kg"\ntime = "d"\n')
    (person,) = read_events(path, **said)
    assert person.regimen.doses[0].amount.unit == "mg/kg"
    (person,) = read_events(path, **said, units={"AMT": "ug"})
    assert person.regimen.doses[0].amount.value == pytest.approx(0.01)


def test_a_table_without_units_is_refused_with_the_sentence():
    with pytest.raises(EventTableError) as caught:
        table(TABLE, None)
    (problem,) = caught.value.problems
    assert problem.rule == (
        "NONMEM files carry no units: they come from `--units AMT=mg,TIME=h,DV=ng/mL,WT=kg`, "
        "a sidecar TOML or unit columns"
    )
    assert problem.remedy == "say for example AMT=mg,TIME=h,DV=ng/mL,WT=kg,AGE=y"


HEAD = "ID,TIME,AMT,RATE,EVID,MDV,CMT,DV,WT,AGE,II,ADDL,SS\n"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,0,-5,0,1,.,.,.,.,.,.,.,.", ["row 2, ID 1, AMT", "0 or more"]),
        ("1,0,5,-1,1,.,.,.,.,.,.,.,.", ["RATE", "a model estimates (-1)", "rate of the pump"]),
        ("1,0,nan,0,1,.,.,.,.,.,.,.,.", ["AMT", "finite"]),
        ("1,1e400,5,0,1,.,.,.,.,.,.,.,.", ["TIME", "finite"]),
        ("1,.,5,0,1,.,.,.,.,.,.,.,.", ["TIME", "missing"]),
        ("1,-1,5,0,1,.,.,.,.,.,.,.,.", ["TIME", "0 or more"]),
        ("1,08:30,5,0,1,.,.,.,.,.,.,.,.", ["TIME", "clock time"]),
        ('1,"0,5",5,0,1,.,.,.,.,.,.,.,.', ["TIME", "decimal comma", "write 0.5"]),
        ("1,0,5,0,1,.,.,.,.,.,.,.", ["row 2", "12 values under 13 columns"]),
        ("1,0,0,5,1,.,.,.,.,.,.,.,.", ["RATE", "a rate without an amount"]),
        ("1,0,.,.,1,.,.,.,.,.,.,.,.", ["AMT", "a dose without an amount"]),
        ("1,0,5,0,0,.,.,.,.,.,.,.,.", ["AMT", "an amount in a sample"]),
        ("1,0,0,5,0,.,.,.,.,.,.,.,.", ["RATE", "a rate in a sample"]),
        ("1,0,5,0,.,.,.,.,.,.,.,.,.", ["EVID", "missing"]),
        ("1,0,5,0,5,.,.,.,.,.,.,.,.", ["EVID", "must be 0, 1, 2, 3 or 4"]),
        ("1,0,0,0,0,0,.,.,.,.,.,.,.", ["DV", "missing although MDV is 0"]),
        ("1,0,0,0,0,3,.,9,.,.,.,.,.", ["MDV", "0 or 1"]),
        ("1,0,0,0,0,.,.,-9,.,.,.,.,.", ["DV", "0 or more"]),
        ("1,0,5,0,1,.,.,.,0,.,.,.,.", ["WT", "more than 0"]),
        ("1,0,5,0,1,.,.,.,70000,.,.,.,.", ["WT", "300 kg", "grams"]),
        ("1,0,5,0,1,.,.,.,70,540,.,.,.", ["AGE", "45 years"]),
        ("1,0,5,0,1,.,.,.,.,.,.,3,.", ["II", "more than 0"]),
        ("1,0,5,0,1,.,.,.,.,.,24,2.5,.", ["ADDL", "whole number"]),
        ("1,0,5,0,1,.,.,.,.,.,24,.,3", ["SS", "must be 0, 1 or 2"]),
        ("1,0,5,1e9,1,.,.,.,.,.,.,.,.", ["RATE", "1 s or more"]),
        (".,0,5,0,1,.,.,.,.,.,.,.,.", ["ID", "missing"]),
        ("1,0,five,0,1,.,.,.,.,.,.,.,.", ["AMT", "not a number"]),
    ],
)
def test_a_bad_row_is_named_with_row_id_and_column(row, words):
    with pytest.raises(EventTableError) as caught:
        table(HEAD + row)
    for word in words:
        assert word in str(caught.value)
    assert all(problem.remedy for problem in caught.value.problems)


def test_disorder_is_an_error_within_an_id_only():
    head = "ID,TIME,AMT,RATE,EVID\n"
    assert len(table(head + "1,5,1,0,1\n2,0,1,0,1\n")) == 2
    with pytest.raises(EventTableError, match="row 3, ID 1, TIME = '4': earlier than row 2 of the same ID"):
        table(head + "1,5,1,0,1\n1,4,1,0,1\n")
    with pytest.raises(EventTableError, match="the ID comes again after others"):
        table(head + "1,5,1,0,1\n2,0,1,0,1\n1,6,1,0,1\n")


def test_several_compartments_are_refused_not_mixed():
    head = "ID,TIME,AMT,RATE,EVID,CMT,DV\n"
    with pytest.raises(EventTableError, match="doses in several compartments"):
        table(head + "1,0,1,0,1,1,.\n1,1,1,0,1,2,.\n")
    with pytest.raises(EventTableError, match="samples in several compartments"):
        table(head + "1,0,0,0,0,2,5\n1,1,0,0,0,3,5\n")


def test_all_problems_of_a_table_are_listed_at_once_but_never_thousands():
    rows = "".join(f"{n},0,-1,0,1\n" for n in range(1000))
    with pytest.raises(EventTableError) as caught:
        table("ID,TIME,AMT,RATE,EVID\n" + rows)
    assert len(caught.value.problems) == 51
    assert "950 more" in str(caught.value)


def test_rate_and_amount_must_both_be_per_weight_or_neither():
    units = {"AMT": "mg/kg", "TIME": "h", "RATE": "mg/h"}
    with pytest.raises(EventTableError, match="say both per kg, or neither"):
        table("ID,TIME,AMT,RATE,EVID\n1,0,5,1,1\n", units)


def test_scores_are_observations_too():
    text = "ID,TIME,AMT,RATE,EVID,DV\n1,0,5,0,1,.\n1,1,0,0,0,{}\n"
    events = table(text.format("7.2"), {"AMT": "mg", "TIME": "week", "DV": "points"})
    assert events.observed_unit == "points"
    with pytest.raises(EventTableError, match="between 0 and 10"):
        table(text.format("72"), {"AMT": "mg", "TIME": "week", "DV": "points"})


def test_two_units_in_one_column_are_refused():
    text = "ID,TIME,AMT,RATE,EVID,AMT_UNIT\n1,0,5,0,1,mg\n2,0,5,0,1,g\n3,0,5,0,1,mL\n"
    with pytest.raises(EventTableError) as caught:
        table(text, {"TIME": "h"})
    assert "two units in one column" in str(caught.value)
    assert "row 4, ID 3, AMT_UNIT = 'mL'" in str(caught.value)


def test_drug_and_enantiomer_must_be_known():
    with pytest.raises(UnknownName, match='enantiomer = "S"'):
        table(TABLE, drug="esketamine")
    with pytest.raises(UnknownName, match="did you mean 'racemic'"):
        table(TABLE, enantiomer="racemate")


def test_units_that_are_none_are_refused():
    for text, word in (("AMT", "COLUMN=unit"), ("AMT=", "COLUMN=unit")):
        with pytest.raises(EventTableError, match=word):
            parse_units(text)
    with pytest.raises(EventTableError, match=r"units.AMT = 'mL': not a unit of the kind of mg or mg/kg"):
        table(TABLE, {**UNITS, "AMT": "mL"})
    with pytest.raises(EventTableError, match="did you mean 'TIME'"):
        table(TABLE, {**UNITS, "TIEM": "h"})


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"\x00\x01", "binary"),
        (b"ID,TIME\xff", "UTF-8"),
        (b"ID;TIME;AMT\n1;0;5", "semicolons"),
        (b"ID,TIME,AMT,RATE,EVID\n", "no rows"),
        (b"ID,TIME,AMNT,RATE,EVID\n1,0,1,0,1", "AMT is missing; did you mean 'AMNT'"),
        (b"ID,TIME,AMT,RATE,EVID,AMT\n1,0,1,0,1,1", "twice"),
        (b"ID,TIME,AMT,RATE,EVID\n" + b"9" * 200_000, "not CSV"),
    ],
)
def test_bad_files_have_one_clear_error(tmp_path, content, word):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(EventTableError, match=word):
        read_events(path, drug="ketamine", enantiomer="S", units=UNITS)
    with pytest.raises(EventTableError, match="no such file"):
        read_events(tmp_path / "none.csv", drug="ketamine", enantiomer="S")


def test_a_bad_sidecar_is_named(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    (tmp_path / "table.csv.units.toml").write_text("AMT = mg")
    with pytest.raises(ProtocolError, match=r"units.toml.*not TOML"):
        read_events(path, drug="ketamine", enantiomer="S")
    (tmp_path / "table.csv.units.toml").write_text("AMT = 3\n[TIME]\nunit = 'h'")
    with pytest.raises(EventTableError, match=r"units.AMT = 3"):
        read_events(path, drug="ketamine", enantiomer="S")
