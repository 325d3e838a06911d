"""The catalogue of unsafe and wrong doses, part 2: event tables. Each is caught by row, ID, column, rule and remedy."""

import pytest

from unwound.core.errors import EventTableError, InputError
from unwound.regimen import check_limits, compile_regimen, parse_adppk, parse_events, read_events

UNITS = {"AMT": "mg", "TIME": "h", "DV": "ng/mL", "WT": "kg", "AGE": "y"}
HEAD = "ID,TIME,AMT,RATE,EVID,MDV,CMT,DV,WT,AGE,II,ADDL,SS"
WHAT = {"drug": "ketamine", "enantiomer": "S"}


def complaints(text, read=parse_events, **said):
    """What is said about a table, in the message of its error, its warnings and those of the limits."""
    try:
        table = read(text, **{**WHAT, "units": UNITS, **said})
        found = list(table.warnings)
        for person in table:
            for occasion in person.occasions:
                compile_regimen(occasion.regimen)
                found += check_limits(occasion.regimen, person.weight_kg, person.age_y)
        return "\n".join(map(str, found))
    except InputError as error:
        for problem in error.problems:
            assert problem.field
            assert problem.rule
            assert problem.remedy
            assert "\n" not in str(problem)
        return str(error)


# --- one bad row: the message names row 2, ID 1 and the column. Cells in the order of HEAD; . is missing

ROWS = [
    ("1,0,-5,0,1,.,.,.,.,.,.,.,.", "AMT", "0 or more"),
    ("1,0,nan,0,1,.,.,.,.,.,.,.,.", "AMT", "finite"),
    ("1,0,inf,0,1,.,.,.,.,.,.,.,.", "AMT", "finite"),
    ("1,0,1e400,0,1,.,.,.,.,.,.,.,.", "AMT", "finite"),
    ("1,0,-1e400,0,1,.,.,.,.,.,.,.,.", "AMT", "finite"),
    ("1,0,ten,0,1,.,.,.,.,.,.,.,.", "AMT", "not a number"),
    ("1,0,10mg,0,1,.,.,.,.,.,.,.,.", "AMT", "not a number"),
    ("1,0,1 0,0,1,.,.,.,.,.,.,.,.", "AMT", "not a number"),
    ("1,0,0x1F,0,1,.,.,.,.,.,.,.,.", "AMT", "not a number"),
    ("1,0,1e5000,0,1,.,.,.,.,.,.,.,.", "AMT", "finite"),
    ("1,0,NA,0,1,.,.,.,.,.,.,.,.", "AMT", "not a number"),
    ("1,0,٣,0,1,.,.,.,.,.,.,.,.", "AMT", "not a number"),
    ("1,0,1/2,0,1,.,.,.,.,.,.,.,.", "AMT", "not a number"),
    ('1,0,"0,5",0,1,.,.,.,.,.,.,.,.', "AMT", "decimal comma"),
    ('1,0,"1,000",0,1,.,.,.,.,.,.,.,.', "AMT", "decimal comma"),
    ("1,0,.,.,1,.,.,.,.,.,.,.,.", "AMT", "a dose without an amount"),
    ("1,0,0,0,1,.,.,.,.,.,.,.,.", "AMT", "a dose without an amount"),
    ("1,0,0,0,4,.,.,.,.,.,.,.,.", "AMT", "a dose without an amount"),
    ("1,0,5,0,0,.,.,.,.,.,.,.,.", "AMT", "an amount in a sample"),
    ("1,0,5,0,2,.,.,.,.,.,.,.,.", "AMT", "an amount in a row without dose or sample"),
    ("1,0,5,0,3,.,.,.,.,.,.,.,.", "AMT", "an amount in a reset"),
    ("1,0,5,-1,1,.,.,.,.,.,.,.,.", "RATE", "a model estimates (-1)"),
    ("1,0,5,-2,1,.,.,.,.,.,.,.,.", "RATE", "a model estimates (-2)"),
    ("1,0,5,-20,1,.,.,.,.,.,.,.,.", "RATE", "0 or more"),
    ("1,0,5,fast,1,.,.,.,.,.,.,.,.", "RATE", "not a number"),
    ("1,0,0,5,1,.,.,.,.,.,.,.,.", "RATE", "a rate without an amount"),
    ("1,0,0,5,0,.,.,.,.,.,.,.,.", "RATE", "a rate in a sample"),
    ("1,0,0,5,3,.,.,.,.,.,.,.,.", "RATE", "a rate in a reset"),
    ("1,0,5,1e9,1,.,.,.,.,.,.,.,.", "RATE", "1 s or more"),
    ("1,0,5,1e-320,1,.,.,.,.,.,.,.,.", "RATE", "finite"),
    ("1,.,5,0,1,.,.,.,.,.,.,.,.", "TIME", "missing"),
    ("1,-1,5,0,1,.,.,.,.,.,.,.,.", "TIME", "0 or more"),
    ("1,nan,5,0,1,.,.,.,.,.,.,.,.", "TIME", "finite"),
    ("1,1e400,5,0,1,.,.,.,.,.,.,.,.", "TIME", "finite"),
    ("1,08:30,5,0,1,.,.,.,.,.,.,.,.", "TIME", "a clock time is not read"),
    ("1,8:30:00,5,0,1,.,.,.,.,.,.,.,.", "TIME", "a clock time is not read"),
    ("1,2026-01-01,5,0,1,.,.,.,.,.,.,.,.", "TIME", "a date is not read"),
    ("1,2026-01-01T08:30,5,0,1,.,.,.,.,.,.,.,.", "TIME", "a date is not read"),
    ("1,01/02/2026,5,0,1,.,.,.,.,.,.,.,.", "TIME", "a date is not read"),
    ('1,"0,5",5,0,1,.,.,.,.,.,.,.,.', "TIME", "decimal comma"),
    ("1,0,5,0,.,.,.,.,.,.,.,.,.", "EVID", "missing"),
    ("1,0,5,0,5,.,.,.,.,.,.,.,.", "EVID", "must be 0, 1, 2, 3 or 4"),
    ("1,0,5,0,-1,.,.,.,.,.,.,.,.", "EVID", "must be 0, 1, 2, 3 or 4"),
    ("1,0,5,0,1.5,.,.,.,.,.,.,.,.", "EVID", "must be 0, 1, 2, 3 or 4"),
    ("1,0,5,0,101,.,.,.,.,.,.,.,.", "EVID", "must be 0, 1, 2, 3 or 4"),
    ("1,0,5,0,dose,.,.,.,.,.,.,.,.", "EVID", "not a number"),
    ("1,0,.,.,0,0,.,.,.,.,.,.,.", "DV", "missing although MDV is 0"),
    ("1,0,.,.,0,2,.,9,.,.,.,.,.", "MDV", "0 or 1"),
    ("1,0,.,.,0,-1,.,9,.,.,.,.,.", "MDV", "0 or 1"),
    ("1,0,.,.,0,no,.,9,.,.,.,.,.", "MDV", "not a number"),
    ("1,0,.,.,0,0,.,-9,.,.,.,.,.", "DV", "0 or more"),
    ("1,0,.,.,0,0,.,<5,.,.,.,.,.", "DV", "not a number"),
    ("1,0,.,.,0,0,.,BLQ,.,.,.,.,.", "DV", "not a number"),
    ("1,0,.,.,0,0,.,nan,.,.,.,.,.", "DV", "finite"),
    ("1,0,5,0,1,.,-1,.,.,.,.,.,.", "CMT", "neither a number from 0 on nor a name"),
    ("1,0,5,0,1,.,1.5,.,.,.,.,.,.", "CMT", "neither a number from 0 on nor a name"),
    ("1,0,5,0,1,.,?,.,.,.,.,.,.", "CMT", "neither a number from 0 on nor a name"),
    ("1,0,5,0,1,.,.,.,0,.,.,.,.", "WT", "more than 0"),
    ("1,0,5,0,1,.,.,.,-70,.,.,.,.", "WT", "more than 0"),
    ("1,0,5,0,1,.,.,.,70000,.,.,.,.", "WT", "were it in grams"),
    ("1,0,5,0,1,.,.,.,700,.,.,.,.", "WT", "between 2.5 and 300 kg"),
    ("1,0,5,0,1,.,.,.,1,.,.,.,.", "WT", "between 2.5 and 300 kg"),
    ("1,0,5,0,1,.,.,.,nan,.,.,.,.", "WT", "finite"),
    ("1,0,5,0,1,.,.,.,.,0,.,.,.", "AGE", "more than 0"),
    ("1,0,5,0,1,.,.,.,.,540,.,.,.", "AGE", "did you mean 45 years? (540 months)"),
    ("1,0,5,0,1,.,.,.,.,1980,.,.,.", "AGE", "between 0 and 120 years"),
    ("1,0,5,0,1,.,.,.,.,old,.,.,.", "AGE", "not a number"),
    ("1,0,5,0,1,.,.,.,.,.,.,3,.", "II", "more than 0 when ADDL is"),
    ("1,0,5,0,1,.,.,.,.,.,0,3,.", "II", "more than 0 when ADDL is"),
    ("1,0,5,0,1,.,.,.,.,.,-24,3,.", "II", "0 or more"),
    ("1,0,5,0,1,.,.,.,.,.,0.001,3,.", "II", "1 min or more"),
    ("1,0,5,0,1,.,.,.,.,.,1e400,3,.", "II", "finite"),
    ("1,0,.,.,0,.,.,.,.,.,24,.,.", "II", "an interval in a sample"),
    ("1,0,.,.,3,.,.,.,.,.,24,.,.", "II", "an interval in a reset"),
    ("1,0,5,0,1,.,.,.,.,.,24,2.5,.", "ADDL", "whole number from 0 to 999"),
    ("1,0,5,0,1,.,.,.,.,.,24,-1,.", "ADDL", "whole number from 0 to 999"),
    ("1,0,5,0,1,.,.,.,.,.,24,1e6,.", "ADDL", "whole number from 0 to 999"),
    ("1,0,5,0,1,.,.,.,.,.,24,daily,.", "ADDL", "not a number"),
    ("1,0,.,.,0,.,.,.,.,.,.,3,.", "ADDL", "additional doses in a sample"),
    ("1,0,5,0,1,.,.,.,.,.,.,.,1", "II", "more than 0 when SS is"),
    ("1,0,5,0,1,.,.,.,.,.,0,.,1", "II", "more than 0 when SS is"),
    ("1,0,5,0,1,.,.,.,.,.,0,.,2", "II", "more than 0 when SS is"),
    ("1,0,5,0,1,.,.,.,.,.,-24,.,1", "II", "0 or more"),
    ("1,0,5,0,1,.,.,.,.,.,0.1,.,1", "II", "more than 1000 in all"),
    ("1,0,5,0,1,.,.,.,.,.,1e-300,.,1", "II", "more than 1000 in all"),
    ("1,0,5,0,1,.,.,.,.,.,24,990,1", "II", "more than 1000 in all"),
    ("1,0,0,5,1,.,.,.,.,.,24,.,1", "II", "without beginning is not repeated"),
    ("1,0,0,5,1,.,.,.,.,.,.,3,1", "ADDL", "without beginning is not repeated"),
    ("1,0,0,0,1,.,.,.,.,.,.,.,1", "AMT", "a dose without an amount"),
    ("1,0,5,0,1,.,.,.,.,.,24,.,3", "SS", "0, 1 or 2"),
    ("1,0,5,0,1,.,.,.,.,.,24,.,-1", "SS", "0, 1 or 2"),
    ("1,0,5,0,1,.,.,.,.,.,24,.,0.5", "SS", "0, 1 or 2"),
    ("1,0,.,.,0,.,.,.,.,.,.,.,1", "SS", "steady state in a sample"),
    ("1,0,.,.,3,.,.,.,.,.,.,.,1", "SS", "steady state in a reset"),
]


@pytest.mark.parametrize(("row", "column", "rule"), ROWS)
def test_a_bad_row_is_named(row, column, rule):
    said = complaints(f"{HEAD}\n{row}\n")
    assert f"row 2, ID 1, {column}" in said
    assert rule in said


# --- a dose that can be read and must not be given

UNSAFE = [
    ("g for mg", "1,0,40,0,1,.,.,.,70,45,.,.,.", {"units": {**UNITS, "AMT": "g"}}, "hard limit"),
    ("per kg for per person", "1,0,20,0,1,.,.,.,70,45,.,.,.", {"units": {**UNITS, "AMT": "mg/kg"}}, "hard limit"),
    ("ten times the bolus", "1,0,150,0,1,.,.,.,70,45,.,.,.", {}, "hard limit"),
    ("minutes for hours", "1,0,40,10,1,.,.,.,70,45,.,.,.", {"units": {**UNITS, "TIME": "min"}}, "hard limit"),
    ("weeks for hours", "1,0,5,2,1,.,.,.,70,45,.,.,.", {"units": {**UNITS, "TIME": "week"}}, "next to nothing"),
    ("ug for mg", "1,0,40,10,1,.,.,.,70,45,.,.,.", {"units": {**UNITS, "AMT": "ug"}}, "next to nothing"),
    ("pounds for kg", "1,0,5,0,1,.,.,.,165,45,.,.,.", {}, "were it in pounds"),
    ("weight and age swapped", "1,0,2,0,1,.,.,.,25,70,.,.,.", {}, "swapped"),
    ("amount and rate swapped", "1,0,10,4000,1,.,.,.,70,45,.,.,.", {}, "soft limit"),
    ("amount in ug and time swapped", "1,10000,0.5,0,1,.,.,.,70,45,.,.,.", {}, "more than 400 days"),
    ("an infinite series", "1,0,40,0,1,.,.,.,70,45,24,999,.", {}, "more than 400 days"),
    ("a series every minute", "1,0,10,0,1,.,.,.,70,45,0.017,900,.", {}, "hard limit"),
    ("a steady state every hour", "1,0,15,0,1,.,.,.,70,45,0.8,.,1", {}, "hard limit"),
    ("a steady state of an anaesthetic", "1,0,0,200,1,.,.,.,70,45,.,.,1", {}, "hard limit"),
    ("racemate for S", "1,0,15,0,1,.,.,.,70,45,.,.,.", {"enantiomer": "S"}, "hard limit"),
    ("months for years", "1,0,5,0,1,.,.,.,70,4.5,.,.,.", {}, "is the age in years"),
    ("a year late", "1,9000,10,0,1,.,.,.,70,45,.,.,.", {"units": {**UNITS, "TIME": "d"}}, "more than 400 days"),
]


@pytest.mark.parametrize(("what", "row", "said", "word"), UNSAFE, ids=[one[0] for one in UNSAFE])
def test_an_unsafe_dose_of_a_table_is_named(what, row, said, word):
    assert word in complaints(f"{HEAD}\n{row}\n", **said)


# --- whole tables: headers, files, units, order, codes

SHORT = "ID,TIME,AMT,RATE,EVID"
TABLES = [
    ("empty", "", {}, ["file", "the file is empty"]),
    ("blank", "\n\n  \n", {}, ["the file is empty"]),
    ("only comments", "# nothing\nC nothing, really\n", {}, ["the file is empty"]),
    ("no rows", SHORT + "\n", {}, ["no rows under the header"]),
    ("only rows that are commented out", f"C,{SHORT}\nC,1,0,5,0,1\n", {}, ["no rows under the header"]),
    ("semicolons", SHORT.replace(",", ";") + "\n1;0;5;0;1\n", {}, ["header", "separated by semicolons"]),
    ("spaces", SHORT.replace(",", " ") + "\n1 0 5 0 1\n", {}, ["header", "column ID is missing", "column EVID"]),
    ("no header", "1,0,5,0,1\n1,2,5,0,1\n", {}, ["header", "the column ID is missing"]),
    ("a misspelt header", "ID,TIME,AMNT,RATE,EVID\n1,0,5,0,1\n", {}, ["AMT is missing", "did you mean 'AMNT'"]),
    ("a column twice", SHORT + ",AMT\n1,0,5,0,1,6\n", {}, ["header = 'AMT'", "the column occurs twice"]),
    ("no rate", "ID,TIME,AMT,EVID\n1,0,5,1\n", {}, ["header", "the column RATE is missing", "add the column RATE"]),
    ("decimal commas unquoted", SHORT + "\n1,0,0,5,0,1\n", {}, ["row 2", "6 values under 5 columns", "write 0.5"]),
    ("a short row", SHORT + "\n1,0,5\n", {}, ["row 2", "3 values under 5 columns"]),
    ("columns shifted", HEAD + "\n0,5,0,1,.,.,.,70,45,.,.,.\n", {}, ["row 2", "12 values under 13 columns"]),
    ("time and ID swapped", SHORT + "\n0,1,5,0,1\n2,1,5,0,1\n0,2,5,0,1\n", {},
     ["row 4, ID 0, ID", "again after others"]),
    ("evid and amount swapped", SHORT + "\n1,0,1,0,40\n", {}, ["row 2, ID 1, EVID", "must be 0, 1, 2, 3 or 4"]),
    ("ID missing", SHORT + "\n.,0,5,0,1\n", {}, ["row 2, ID ., ID", "every row belongs to a person"]),
    ("an ID that comes again", SHORT + "\n1,0,5,0,1\n2,0,5,0,1\n1,9,5,0,1\n", {},
     ["row 4, ID 1, ID", "again after others"]),
    ("the same ID in two ways", SHORT + "\n1,0,5,0,1\n2,0,5,0,1\n1.0,9,5,0,1\n", {}, ["row 4, ID 1, ID"]),
    ("a row twice", SHORT + "\n1,0,5,0,1\n1,0,5,0,1\n", {}, ["row 3, ID 1: the same as row 2; both count"]),
    ("disorder", SHORT + "\n1,5,5,0,1\n1,4,5,0,1\n", {}, ["row 3, ID 1, TIME", "earlier than row 2 of the same ID"]),
    ("disorder within an occasion", SHORT + ",OCC\n1,5,5,0,1,1\n1,4,5,0,1,1\n", {},
     ["row 3, ID 1, TIME", "another OCC"]),
    ("disorder at steady state", HEAD + "\n1,5,5,0,1,.,.,.,.,.,.,.,.\n1,4,5,0,1,.,.,.,.,.,24,.,1\n", {},
     ["row 3, ID 1, TIME", "earlier than row 2"]),
    ("a sample between two boluses", SHORT + "\n1,5,5,0,1\n1,5,.,.,0\n1,5,5,0,1\n", {},
     ["row 3, ID 1, TIME", "between two doses of one time"]),
    ("a reset during an infusion", SHORT + "\n1,0,40,10,1\n1,2,.,.,3\n1,3,.,.,0\n", {},
     ["row 3, ID 1", "cuts off doses"]),
    ("an idle interval", HEAD + "\n1,0,5,0,1,.,.,.,.,.,24,.,.\n", {}, ["row 2, ID 1", "II without ADDL or SS"]),
    ("no units", SHORT + "\n1,0,5,0,1\n", {"units": None}, ["none for AMT, TIME", "NONMEM files carry no units"]),
    ("no unit of time", SHORT + "\n1,0,5,0,1\n", {"units": {"AMT": "mg"}}, ["none for TIME", "TIME=h"]),
    ("no unit of weight", SHORT + ",WT\n1,0,5,0,1,70\n", {"units": {"AMT": "mg", "TIME": "h"}},
     ["none for WT", "WT=kg"]),
    ("amounts in mL", SHORT + "\n1,0,5,0,1\n", {"units": {**UNITS, "AMT": "mL"}}, ["units.AMT = 'mL'", "mg or mg/kg"]),
    ("rates in mL/h", SHORT + "\n1,0,5,5,1\n", {"units": {**UNITS, "RATE": "mL/h"}},
     ["units.RATE = 'mL/h'", "mg/h or"]),
    ("concentrations in mg", SHORT + ",DV\n1,0,.,.,0,5\n", {"units": {**UNITS, "DV": "mg"}}, ["units.DV = 'mg'"]),
    ("times in mg", SHORT + "\n1,0,5,0,1\n", {"units": {**UNITS, "TIME": "mg"}}, ["units.TIME = 'mg'"]),
    ("weights in years", SHORT + "\n1,0,5,0,1\n", {"units": {**UNITS, "WT": "y"}}, ["units.WT = 'y'"]),
    ("a unit that is a number", SHORT + "\n1,0,5,0,1\n", {"units": {**UNITS, "AMT": 3}}, ["units.AMT = 3"]),
    ("a unit of no column", SHORT + "\n1,0,5,0,1\n", {"units": {**UNITS, "AMNT": "mg"}},
     ["units.AMNT", "did you mean 'AMT'"]),
    ("rate per kg of a plain amount", SHORT + "\n1,0,5,1,1\n", {"units": {**UNITS, "RATE": "mg/kg/h"}},
     ["row 2, ID 1, RATE", "RATE is in mg/kg/h while AMT is in mg"]),
    ("two units in one column", SHORT + ",AMT_UNIT\n1,0,5,0,1,mg\n2,0,5,0,1,g\n", {}, ["column AMT_UNIT", "two units"]),
    ("a unit column of no unit", SHORT + ",AMT_UNIT\n1,0,5,0,1,vial\n", {}, ["row 2, ID 1, AMT_UNIT = 'vial'"]),
    ("doses in two compartments", SHORT + ",CMT\n1,0,5,0,1,1\n1,1,5,0,1,2\n", {},
     ["row 3, ID 1, CMT", "several compartments"]),
    ("samples of two analytes", SHORT + ",DV,DVID\n1,0,.,.,0,5,1\n1,1,.,.,0,5,2\n", {},
     ["row 3, ID 1, DVID", "analytes="]),
    ("a compartment without a route", SHORT + ",CMT\n1,0,5,0,1,3\n", {"routes": {1: "nasal"}},
     ["row 2, ID 1, CMT = '3'", "no route is said for this compartment"]),
    ("a dose without a compartment", SHORT + ",CMT\n1,0,5,0,1,.\n", {"routes": {1: "nasal"}},
     ["row 2, ID 1, CMT = '.'", "the compartment is not said"]),
    ("an analyte without a name", SHORT + ",DV,DVID\n1,0,.,.,0,5,2\n", {"analytes": {1: "S-ketamine"}},
     ["row 2, ID 1, DVID = '2'", "no analyte is said for this code"]),
    ("a route that is none", SHORT + "\n1,0,5,0,1\n", {"routes": {1: "epidural"}}, ["routes.1", "no such route"]),
    ("a route that is a number", SHORT + "\n1,0,5,0,1\n", {"routes": {1: 2}}, ["routes.1", "stands for a route"]),
    ("routes that are a list", SHORT + "\n1,0,5,0,1\n", {"routes": ["nasal"]}, ["routes", "table of codes"]),
    ("a word that is none", SHORT + "\n1,0,5,0,1\n", {"routes": {1: {"roote": "nasal"}}},
     ["routes.1.roote", "'route'"]),
    ("an analyte that is a number", SHORT + "\n1,0,5,0,1\n", {"analytes": {1: 2}}, ["analytes.1", "must be a name"]),
    ("a column that is not there", SHORT + "\n1,0,5,0,1\n", {"columns": {"DV": "CONC"}}, ["columns.DV = 'CONC'"]),
    ("a column of no meaning", SHORT + "\n1,0,5,0,1\n", {"columns": {"DOSE": "AMT"}},
     ["columns.DOSE", "not a column that is read"]),
    ("racemate in the row, S in the argument", SHORT + ",ENANTIOMER\n1,0,5,0,1,racemic\n", {},
     ["row 2, ID 1, ENANTIOMER = 'racemic'", "the argument 'S'"]),
    ("an enantiomer that is none", SHORT + ",ENANTIOMER\n1,0,5,0,1,racemate\n", {},
     ["row 2, ID 1, ENANTIOMER", "did you mean 'racemic'"]),
    ("another drug", SHORT + ",DRUG\n1,0,5,0,1,lidocaine\n", {}, ["row 2, ID 1, DRUG", "no such drug"]),
    ("the salt in the drug", SHORT + ",DRUG\n1,0,5,0,1,Ketamine hydrochloride\n", {},
     ["row 2, ID 1, DRUG", "hydrochloride"]),
    ("a salt that is none", SHORT + ",SALT\n1,0,5,0,1,sulfate\n", {}, ["row 2, ID 1, SALT", "no such salt form"]),
    ("a route of no kind", SHORT + ",ROUTE\n1,0,5,0,1,SPINAL\n", {}, ["row 2, ID 1, ROUTE", "no such route"]),
    ("the enantiomer unsaid", SHORT + "\n1,0,5,0,1\n", {"enantiomer": None},
     ["row 2, ID 1, ENANTIOMER", "is not said"]),
    ("the drug unsaid", SHORT + "\n1,0,5,0,1\n", {"drug": None}, ["row 2, ID 1, DRUG", "is not said"]),
    ("the drug misnamed", SHORT + "\n1,0,5,0,1\n", {"drug": "esketamine"}, ["drug = 'esketamine'", 'enantiomer = "S"']),
    ("the enantiomer misnamed", SHORT + "\n1,0,5,0,1\n", {"enantiomer": "racemate"}, ["did you mean 'racemic'"]),
    ("a form of no kind", SHORT + "\n1,0,5,0,1\n", {"form": "HCl"}, ["form = 'HCl'", "base, hydrochloride"]),
    ("a half-life without unit", SHORT + "\n1,0,5,0,1\n", {"slowest_half_life": "24"},
     ["slowest_half_life", "without a unit"]),
    ("a half-life of years", SHORT + "\n1,0,5,0,1\n", {"slowest_half_life": "1 y"},
     ["slowest_half_life", "300 h or less"]),
    ("a pain score of 72", SHORT + ",DV\n1,0,.,.,0,72\n", {"units": {**UNITS, "DV": "points"}},
     ["row 2, ID 1, DV", "0 and 10"]),
    ("a weight that changes", SHORT + ",WT\n1,0,5,0,1,70\n1,1,.,.,0,80\n", {}, ["ID 1: WT changes"]),
    ("a column nobody reads", SHORT + ",DUR\n1,0,5,0,1,4\n", {}, ["columns not used: DUR"]),
    ("time beyond all numbers", SHORT + "\n1,1e307,.,.,0\n", {"units": {**UNITS, "TIME": "y"}},
     ["row 2, ID 1, TIME", "finite"]),
    ("not CSV", SHORT + "\n" + "9" * 200_000, {}, ["row 2", "not CSV"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "said", "words"), TABLES, ids=[one[0] for one in TABLES])
def test_a_wrong_table_is_refused_or_warned_of(what, text, said, words):
    message = complaints(text, **said)
    for word in words:
        assert word in message, message


ADPPK = "USUBJID,AFRLT,FRLTU,EVID,AMT,DOSEU,RATE,MDV,DV,AVALU,PARAMCD"
DATA_SETS = [
    ("no rates", ADPPK.replace("RATE,", "") + "\nA,0,HOURS,1,28,mg,1,.,mg,DOSE\n", ["RATE is missing", "at_once=True"]),
    ("no subject", ADPPK.replace("USUBJID", "SUBJECT") + "\nA,0,HOURS,1,28,mg,0,1,.,mg,DOSE\n",
     ["column ID is missing"]),
    ("a dose in mL", ADPPK + "\nA,0,HOURS,1,28,mL,0,1,.,mg,DOSE\n", ["row 2, ID A, AMT_UNIT (DOSEU) = 'mL'"]),
    ("two units of dose", ADPPK + "\nA,0,HOURS,1,28,mg,0,1,.,mg,DOSE\nA,1,HOURS,1,28,ug,0,1,.,mg,DOSE\n",
     ["two units"]),
    ("a sample in mg", ADPPK + "\nA,0,HOURS,0,.,mg,.,0,5,mg,KET\n", ["row 2, ID A, DV_UNIT (AVALU) = 'mg'"]),
    ("times in words", ADPPK + "\nA,predose,HOURS,0,.,mg,.,0,5,ng/mL,KET\n",
     ["row 2, ID A, TIME (AFRLT)", "not a number"]),
    ("a time of no kind", ADPPK + "\nA,0,VISITS,1,28,mg,0,1,.,mg,DOSE\n",
     ["row 2, ID A, TIME_UNIT (FRLTU) = 'VISITS'"]),
    ("a number below", ADPPK + "\nA,0,HOURS,1,-28,mg,0,1,.,mg,DOSE\n", ["row 2, ID A, AMT", "0 or more"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "words"), DATA_SETS, ids=[one[0] for one in DATA_SETS])
def test_a_wrong_data_set_is_refused_by_row_and_column(what, text, words):
    message = complaints(text, parse_adppk, units=None)
    for word in words:
        assert word in message, message


FILES = [
    (b"", "empty"),
    (b"\x00\x01", "binary"),
    (b"ID,TIME,AMT,RATE,EVID\n1,0,\xe9,0,1\n", "not UTF-8 text (line 2)"),
    ("ID,TIME,AMT,RATE,EVID\n1,0,5,0,1\n".encode("utf-16"), "binary"),
    (b"PK\x03\x04 a spreadsheet\x00", "binary"),
]


@pytest.mark.parametrize(("content", "word"), FILES)
def test_a_file_that_is_no_table_is_refused(tmp_path, content, word):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(EventTableError) as caught:
        read_events(path, units=UNITS, **WHAT)
    assert word in str(caught.value)
    assert str(path) in str(caught.value)


def test_what_looks_wrong_and_is_right_is_read(tmp_path):
    """A byte-order mark, CRLF, tabs or commas, quotes, a comment, an exponent, a leading sign."""
    path = tmp_path / "table.csv"
    path.write_bytes(b'\xef\xbb\xbfC a, comment\r\n"ID",TIME,AMT,RATE,EVID\r\n1,+0,"0.5e1",.,1\r\n')
    assert len(read_events(path, units=UNITS, **WHAT)) == 1
    assert complaints("#ID\tTIME\tAMT\tRATE\tEVID\n1\t0\t5\t\t1\n") == ""


def test_the_catalogue_of_tables_is_as_large_as_it_says():
    assert len(ROWS) + len(UNSAFE) + len(TABLES) + len(DATA_SETS) + len(FILES) >= 185
