"""Event tables at the doors: written for NONMEM and read back, ADPPK told by its header, blood beside samples."""

import json

import numpy as np
import pytest

from unwound.core.errors import EventTableError
from unwound.core.safety import SIMULATION_ONLY
from unwound.regimen import Regimen, as_person, is_table, read_table, to_nonmem
from unwound.reporting import read

DRIP = ("--drug", "S-ketamine", "--dose", "0.25 mg/kg over 40 min", "--weight", "70 kg")
ADPPK = """USUBJID,AFRLT,FRLTU,AMT,DOSEU,EVID,MDV,AVAL,AVALU,PARAMCD,WTBL,WTBLU,ROUTE
S-001,-0.5,HOURS,,,0,0,0,ng/mL,ESK,70,kg,
S-001,0,HOURS,28,mg,1,1,,,,70,kg,RESPIRATORY (NASAL)
S-001,0.5,HOURS,,,0,0,40.1,ng/mL,ESK,70,kg,
S-002,0,HOURS,56,mg,1,1,,,,80,kg,RESPIRATORY (NASAL)
S-002,2,HOURS,,,0,0,22,ng/mL,ESK,80,kg,
"""
SAMPLED = """ID,TIME,AMT,RATE,EVID,MDV,DV,DVID,WT,AGE
1,0,10,20,1,1,.,.,68,24
1,0.5,.,.,0,0,56,1,68,24
1,1,.,.,0,0,27,1,68,24
1,1,.,.,0,0,23,2,68,24
1,2,.,.,0,0,15.5,1,68,24
"""
SIDECAR = 'AMT = "mg"\nTIME = "h"\nRATE = "mg/h"\nDV = "ng/mL"\nWT = "kg"\nAGE = "y"\nenantiomer = "S"\n'
ANALYTES = '[analytes]\n1 = "S-ketamine"\n2 = "S-norketamine"\n'


@pytest.fixture
def adppk(tmp_path):
    file = tmp_path / "adppk.csv"
    file.write_text(ADPPK, encoding="utf-8")
    return file


def sampled(folder, sidecar=SIDECAR + ANALYTES):
    file = folder / "samples.csv"
    file.write_text(SAMPLED, encoding="utf-8")
    (folder / "samples.csv.units.toml").write_text(sidecar, encoding="utf-8")
    return file


def doses_of(table):
    """(id, hour, mg, hours, enantiomer, route) of everything that is given."""
    return [
        (person.id, float(start), dose.in_base(dose.main), dose.hours, dose.enantiomer, dose.route)
        for person in table
        for occasion in person.occasions
        for dose in occasion.regimen.doses
        for start in dose.starts()
    ]


def test_a_dose_in_one_line_reads_back_to_the_same_dose(unwound, tmp_path):
    file = tmp_path / "doses.csv"
    code, out, _ = unwound("export", "nonmem", *DRIP, "--out", file)
    assert code == 0
    assert SIMULATION_ONLY in out
    assert file.read_text(encoding="utf-8").startswith(f"C {SIMULATION_ONLY}")
    ((who, start, amount, hours, enantiomer, route),) = doses_of(read_table(file))  # the sidecar says the rest
    assert (who, start, enantiomer, route) == ("1", 0.0, "S", "intravenous")
    assert (hours, amount) == (pytest.approx(2 / 3), pytest.approx(17.5))
    assert unwound("validate", file)[0] == 0


def test_a_protocol_with_several_routes_reads_back_to_equal_doses(unwound, tmp_path):
    file = tmp_path / "protocol.toml"
    file.write_text(
        '[patient]\nweight = "80 kg"\n'
        '[[doses]]\nkind = "infusion"\ndrug = "ketamine"\nenantiomer = "S"\nrate = "10 mg/h"\nduration = "4 h"\n'
        'repeat = { count = 3, days = "daily" }\n'
        '[[doses]]\nkind = "bolus"\ndrug = "ketamine"\nenantiomer = "racemic"\nroute = "oral"\namount = "0.5 mg/kg"\n'
        'start = "100 h"\n',
        encoding="utf-8",
    )
    assert unwound("export", "nonmem", file, "--out", tmp_path / "doses.csv")[0] == 0
    found = sorted(doses_of(read_table(tmp_path / "doses.csv")), key=lambda dose: dose[1])
    assert [dose[1] for dose in found] == [0.0, 24.0, 48.0, 100.0]
    assert [dose[4:] for dose in found] == [("S", "intravenous")] * 3 + [("racemic", "oral")]
    assert found[-1][2] == pytest.approx(40.0)


def test_without_a_file_the_table_and_its_sidecar_are_printed_apart(unwound):
    code, out, err = unwound("export", "nonmem", *DRIP)
    assert code == 0
    assert out.splitlines()[-1].startswith(".,1,0,17.5")
    assert 'enantiomer = "S"' in err
    found = json.loads(unwound("export", "nonmem", *DRIP, "--json")[1])
    assert found["text"] == out
    assert 'AMT = "mg"' in found["sidecar"]
    assert found["simulation_only"] == SIMULATION_ONLY


def test_nothing_is_replaced_unasked_not_even_the_sidecar(unwound, tmp_path):
    (tmp_path / "doses.csv.units.toml").write_text("mine", encoding="utf-8")
    code, _, err = unwound("export", "nonmem", *DRIP, "--out", tmp_path / "doses.csv")
    assert code == 2
    assert "the file exists" in err
    assert [path.name for path in tmp_path.iterdir()] == ["doses.csv.units.toml"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--drug", "S-ketamine", "--dose", "0.2 mg/kg"), ["per kg without body weight", "--weight"]),
        (("--drug", "S-ketamine", "--dose", "20 mg/min for 4 h"), ["hard limit"]),
        ((), ["a file or a dose is needed"]),
    ],
)
def test_what_cannot_be_written_is_refused(unwound, arguments, words):
    code, out, err = unwound("export", "nonmem", *arguments)
    assert (code, out) == (2, "")
    for word in words:
        assert word in err


def test_an_adppk_table_is_known_by_its_header_and_written_for_nonmem(unwound, adppk, tmp_path):
    here = ("--enantiomer", "S", "--at-once")
    code, out, _ = unwound("validate", adppk, *here)
    assert code == 0
    assert "event table of 2 people" in out
    assert "S-ketamine 28 mg at once, nasal" in out
    assert unwound("export", "nonmem", adppk, *here, "--out", tmp_path / "nonmem.csv")[0] == 0
    first, again = read_table(adppk, enantiomer="S", at_once=True), read_table(tmp_path / "nonmem.csv")
    assert doses_of(again) == doses_of(first)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(other.observed, one.observed)
        assert other.occasion.analytes == one.occasion.analytes
        assert other.weight_kg == one.weight_kg


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--at-once",), ["--enantiomer", "two-fold"]),
        (("--enantiomer", "S"), ["RATE is missing", "--at-once"]),
        (("--enantiomer", "S", "--columns", "nonmem"), ["TIME"]),
    ],
)
def test_what_an_adppk_table_does_not_say_must_be_said(unwound, adppk, options, words):
    for command in ("validate", "simulate", "pk"):
        code, _, err = unwound(command, adppk, *options)
        assert code == 2
        for word in words:
            assert word in err


def test_a_hard_limit_names_the_person_of_the_table(unwound, tmp_path):
    file = tmp_path / "big.csv"
    file.write_text("ID,TIME,AMT,RATE,EVID\n7,0,9000,0,1\n", encoding="utf-8")
    code, _, err = unwound("validate", file, "--enantiomer", "S", "--units", "AMT=mg,TIME=h")
    assert code == 2
    assert "ID 7, doses[0]" in err


def test_a_protocol_is_no_table():
    assert is_table("x.CSV")
    assert not is_table("x.toml")


def test_a_column_or_the_sidecar_says_the_enantiomer_as_well(tmp_path):
    file = tmp_path / "words.csv"
    file.write_text("ID,TIME,AMT,RATE,EVID,ENANTIOMER\n1,0,20,0,1,R\n", encoding="utf-8")
    (person,) = read_table(file, units={"AMT": "mg", "TIME": "h"})
    assert person.regimen.doses[0].enantiomer == "R"
    file.write_text("ID,TIME,AMT,RATE,EVID\n1,0,20,0,1\n", encoding="utf-8")
    with pytest.raises(EventTableError, match="two-fold"):
        read_table(file, units={"AMT": "mg", "TIME": "h"})


def test_nobody_is_given_nothing_in_a_written_table():
    assert len(to_nonmem(as_person(Regimen(doses=()))).csv.splitlines()) == 5


# ------------------------------------------------------------------------------------------ blood beside samples


def test_samples_stand_beside_the_curves_of_their_analyte_and_site(unwound, tmp_path):
    file, folder = sampled(tmp_path), tmp_path / "blood"
    arguments = ("pk", file, "--models", "otto2021,kamp2020", "--site", "venous", "--people", 0)
    code, out, _ = unwound(*arguments, "--json", "--out", folder)
    found = json.loads(out)
    assert code == 0
    assert {pair["model"] for pair in found["observed"]} == {"otto2021"}  # kamp2020 is arterial
    assert {(pair["analyte"], pair["time_h"]) for pair in found["observed"]} == {
        *(("S-ketamine", 0.5), ("S-ketamine", 1.0), ("S-ketamine", 2.0), ("S-norketamine", 1.0)),
    }
    printed = {
        ("S-ketamine", 0.5): 50.9,
        ("S-ketamine", 1.0): 27.3,
        ("S-ketamine", 2.0): 15.4,
        ("S-norketamine", 1.0): 20.9,
    }  # fmt: skip  independent computation of the evidence notes
    for pair in found["observed"]:
        assert pair["predicted_ng_per_mL"] == pytest.approx(printed[pair["analyte"], pair["time_h"]], rel=0.01)
        assert pair["ratio"] == pytest.approx(pair["predicted_ng_per_mL"] / pair["observed_ng_per_mL"])
    parent = next(row for row in found["agreement"] if row["analyte"] == "S-ketamine")
    ratios = [pair["ratio"] for pair in found["observed"] if pair["analyte"] == "S-ketamine"]
    assert parent["bias"] == pytest.approx(np.exp(np.log(ratios).mean()))
    assert (parent["samples"], parent["within_twofold"]) == (3, 1.0)
    tables = read(folder)
    assert set(tables.table("observed")["model"]) == {"otto2021"}
    assert set(tables.table("curves")["who"]) == {"ID 1"}
    assert (folder / "figure.png").stat().st_size > 10_000
    assert "Observed beside predicted" in unwound(*arguments)[1]


def test_a_sample_of_nobody_knows_what_is_not_compared(unwound, tmp_path):
    text = SIDECAR + '[analytes]\n1 = "ESK"\n2 = "S-norketamine"\n'
    code, out, _ = unwound("pk", sampled(tmp_path, text), "--models", "otto2021", "--people", 0, "--json")
    found = json.loads(out)
    assert code == 0
    assert {pair["analyte"] for pair in found["observed"]} == {"S-norketamine"}
    assert any("no model here gives ESK" in warning for warning in found["warnings"])


def test_an_unnamed_sample_is_named_by_the_caller(unwound, tmp_path):
    file = tmp_path / "plain.csv"
    file.write_text("ID,TIME,AMT,RATE,EVID,MDV,DV\n1,0,10,20,1,1,.\n1,1,.,.,0,0,0.1136\n", encoding="utf-8")
    arguments = ("pk", file, "--enantiomer", "S", "--units", "AMT=mg,TIME=h,DV=uM", "--models", "otto2021")
    found = json.loads(unwound(*arguments, "--people", 0, "--json")[1])
    assert found["observed"] == []
    assert any("nobody says of what 1 samples are" in warning for warning in found["warnings"])
    (pair,) = json.loads(unwound(*arguments, "--analyte", "S-ketamine", "--people", 0, "--json")[1])["observed"]
    assert pair["observed_ng_per_mL"] == pytest.approx(27.0, rel=0.001)  # 0.1136 nmol/mL of 237.73 g/mol


def test_ratings_are_no_concentrations(unwound, tmp_path):
    file = tmp_path / "pain.csv"
    file.write_text("ID,TIME,AMT,RATE,EVID,MDV,DV\n1,0,10,20,1,1,.\n1,1,.,.,0,0,6\n", encoding="utf-8")
    code, _, err = unwound("pk", file, "--enantiomer", "S", "--units", "AMT=mg,TIME=h,DV=points")
    assert code == 2
    assert "ratings, not concentrations" in err
