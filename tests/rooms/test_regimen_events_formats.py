"""ADPPK data sets in, NONMEM-ready tables out."""

import dataclasses

import numpy as np
import pytest

from unwound.core.errors import EventTableError, InputError
from unwound.core.safety import SIMULATION_ONLY
from unwound.regimen import Bolus, Infusion, Regimen, Titration, parse_adppk, read_adppk, read_events, to_nonmem

ADPPK = (
    """STUDYID,USUBJID,AFRLT,NFRLT,FRLTU,EVID,AMT,DOSEU,RATE,MDV,DV,AVALU,PARAMCD,CMT,ROUTE,WTBL,WTBLU,AGE,AGEU,SEX
X,X-001,-0.5,0,HOURS,0,NA,mg,NA,0,0,ng/mL,SKET,2,,70,kg,45,YEARS,F
X,X-001,0,0,HOURS,1,28,mg,0,1,NA,mg,DOSE,1,NASAL,70,kg,45,YEARS,F
X,X-001,30,30,HOURS,0,NA,mg,NA,0,12.5,ng/mL,SKET,2,,70,kg,45,YEARS,F
X,X-001,30,30,HOURS,0,NA,mg,NA,0,9.5,ng/mL,SNOR,3,,70,kg,45,YEARS,F
X,X-002,0,0,HOURS,1,40,mg,20,1,NA,mg,DOSE,1,INTRAVENOUS DRIP,70,LB,540,YEARS,M
""".replace("LB", "kg")
    .replace("154", "70")
    .replace("540", "54")
)
WHAT = {"drug": "ketamine", "enantiomer": "S"}
NAMES = {"SKET": "S-ketamine", "SNOR": "S-norketamine"}


def test_an_adppk_data_set_is_an_event_table():
    events = parse_adppk(ADPPK, analytes=NAMES, **WHAT)
    first, second = events
    assert (first.id, first.weight_kg, first.age_y, first.sex) == ("X-001", 70, 45, "F")
    assert events.observed_unit == "ng/mL"
    assert first.regimen.doses[0].route == "nasal"
    assert second.regimen.doses[0].route == "intravenous"
    assert second.regimen.doses[0].hours == 2
    assert first.occasion.analytes == ("S-ketamine", "S-ketamine", "S-norketamine")


def test_a_sample_before_the_first_dose_begins_the_clock():
    occasion = next(iter(parse_adppk(ADPPK, **WHAT))).occasion
    assert occasion.lead_h == 0.5
    assert occasion.observed_h.tolist() == [0, 30.5, 30.5]
    assert occasion.regimen.doses[0].start.value == 0.5
    assert occasion.analytes == ("SKET", "SKET", "SNOR")


def test_the_nominal_time_can_be_asked_for():
    assert next(iter(parse_adppk(ADPPK, time="nfrlt", **WHAT))).occasion.lead_h == 0
    with pytest.raises(EventTableError, match=r"columns\.TIME = 'NFRTL': no such column"):
        parse_adppk(ADPPK, time="NFRTL", **WHAT)


def test_a_data_set_without_rates_must_be_said_to_be_of_boluses():
    text = ADPPK.replace(",RATE", ",SPEED")
    with pytest.raises(EventTableError, match="say at_once=True"):
        parse_adppk(text, **WHAT)
    assert isinstance(list(parse_adppk(text, at_once=True, **WHAT))[1].regimen.doses[0], Bolus)


def test_a_unit_without_a_column_must_be_said(tmp_path):
    path = tmp_path / "adppk.csv"
    path.write_text(ADPPK.replace("DOSEU", "OTHER"))
    with pytest.raises(EventTableError, match="NONMEM files carry no units"):
        read_adppk(path, **WHAT)
    assert len(read_adppk(path, units={"AMT": "mg"}, **WHAT)) == 2
    with pytest.raises(EventTableError) as caught:
        parse_adppk(ADPPK.replace("30,30,HOURS,0,NA", "x,30,HOURS,0,NA"), **WHAT)
    assert "row 4, ID X-001, TIME (AFRLT) = 'x': not a number" in str(caught.value)


def test_a_table_for_nonmem_says_what_it_is(tmp_path):
    infusion = Infusion(drug="ketamine", enantiomer="racemic", rate="0.35 mg/kg/h", duration="4 h").weekdays(10)
    spray = Bolus(drug="ketamine", enantiomer="S", form="hydrochloride", amount="28 mg", route="nasal").daily(3)
    regimen = Regimen(doses=(infusion, spray))
    with pytest.raises(InputError, match=r"ID 1, doses\[0\].*a dose per kg without body weight"):
        to_nonmem(regimen)
    person = next(iter(read_back(to_nonmem(Regimen(doses=(spray,)), {"1": ([1, 2], [5, np.nan])}, "ng/mL"), tmp_path)))
    assert person.regimen.doses[0].repeat.count == 3
    with pytest.raises(InputError, match='say for example observed_unit="ng/mL"'):
        to_nonmem(person)
    files = to_nonmem([dataclasses.replace(person, id="CRPS-017", weight_kg=70.0, sex="F")], observed_unit="ng/mL")
    lines = str(files).splitlines()
    assert lines[0] == f"C {SIMULATION_ONLY}"
    assert lines[3] == "C,ID,TIME,AMT,RATE,II,ADDL,EVID,MDV,CMT,DV,WT,SEX"
    assert lines[4] == ".,1,0,28,0,24,2,1,1,1,.,70,2"
    assert SIMULATION_ONLY in files.sidecar
    (again,) = read_back(files, tmp_path)
    assert (again.id, again.weight_kg, again.sex) == ("CRPS-017", 70, "2")
    assert again.regimen.doses == person.regimen.doses


def test_weekdays_and_met_series_are_written_one_by_one(tmp_path):
    infusion = Infusion(drug="ketamine", enantiomer="racemic", rate="0.35 mg/kg/h", duration="4 h").weekdays(7)
    (person,) = read_back(
        to_nonmem({"1": Regimen(doses=(Bolus(drug="ketamine", enantiomer="S", amount="1 mg"),))}), tmp_path
    )
    occasion = dataclasses.replace(person.occasion, regimen=Regimen(doses=(infusion,)))
    (again,) = read_back(to_nonmem(dataclasses.replace(person, occasions=(occasion,), weight_kg=60.0)), tmp_path)
    assert [dose.start.value for dose in again.regimen.doses] == infusion.starts().tolist()
    assert [dose.amount.value for dose in again.regimen.doses] == [pytest.approx(84)] * 7


def test_what_cannot_be_written_is_refused():
    climb = Titration(
        drug="ketamine",
        enantiomer="S",
        start_rate="2 mg/h",
        step="2 mg/h",
        ceiling="10 mg/h",
        every="2 h",
        duration="9 h",
    )
    with pytest.raises(InputError, match="a titration is a rule, not a dose"):
        to_nonmem(Regimen(doses=(climb,)))
    with pytest.raises(InputError, match="observations of a name that has no regimen"):
        to_nonmem({"a": Regimen(doses=())}, {"b": ([1], [2])})
    with pytest.raises(InputError, match="as many times as values"):
        to_nonmem({"a": Regimen(doses=())}, {"a": ([1, 2], [2])})
    with pytest.raises(InputError, match="bring their own observations"):
        to_nonmem(parse_adppk(ADPPK, **WHAT), {"a": ([1], [2])})


def read_back(files, folder):
    files.write(folder / "table.csv")
    return read_events(folder / "table.csv")
