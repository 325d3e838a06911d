"""The tables are honest, complete and readable; numbers arrive in the unit asked for."""

import dataclasses
import math
import subprocess
import sys
from itertools import combinations

import pytest

from unwound import evidence
from unwound.core import quantities, units
from unwound.core.errors import EvidenceError, UnitError, UnknownName
from unwound.core.units import unit
from unwound.evidence.bibliography import read_bibliography
from unwound.evidence.estimates import Interval
from unwound.evidence.formula import evaluate, names_in_formula
from unwound.evidence.load import COLUMNS, checked, read_table

ROWS = evidence.all_estimates().values()
FOUR_DIGITS = 5e-4  # a table may print a derived value with four digits, not with fewer


every_table = pytest.mark.parametrize("room", evidence.rooms())
"""Rows go by table: one test for each of them would take longer to count than to run."""


def wrong(room, is_right):
    """The keys of a table whose rows are not right."""
    return [row.key for row in evidence.table(room) if not is_right(row)]


# --- the shipped tables


def test_the_rooms_that_need_numbers_have_a_table():
    wanted = {"pharmacokinetics", "sensitization", "outcomes", "population", "regimen"}
    assert wanted <= set(evidence.rooms())


@every_table
def test_every_number_has_a_source_or_is_an_assumption_with_rationale_and_range(room):
    def told(row):
        if not row.is_assumption:
            return row.cite and set(row.cite) <= set(evidence.bibliography())
        return len(row.note) > 10 and row.spread.kind == "range" and row.spread.interval.low < row.spread.interval.high

    assert evidence.table(room)
    assert not wrong(room, told)


@every_table
def test_every_interval_is_ordered_and_holds_its_value(room):
    def inside(row):
        interval = row.spread and row.spread.interval
        return interval is None or interval.low <= row.value <= interval.high

    assert not wrong(room, inside)


@every_table
def test_what_was_recalled_is_marked_as_not_seen(room):
    assert not wrong(room, lambda row: "recalled" not in row.note or row.seen == "no")


@every_table
def test_every_unit_is_known_to_the_package_and_to_pint(room):
    def known(row):
        return units.exponents(row.unit) is not None and quantities.quantity(1.0, row.unit).magnitude == 1.0

    assert not wrong(room, known)


def test_the_package_and_pint_agree_about_every_unit_of_the_tables():
    labels = sorted({row.unit for row in ROWS})
    assert len(labels) > 5
    for one, other in combinations(labels, 2):
        same_kind = units.exponents(one) == units.exponents(other)
        first, second = quantities.quantity(1.0, one), quantities.quantity(1.0, other)
        assert same_kind == (first.dimensionality == second.dimensionality), (one, other)
        if same_kind:
            assert first.to(second.units).magnitude == pytest.approx(units.factor(one, other), rel=1e-12)


def test_every_derived_number_recomputes_in_its_own_unit():
    derived = {row.key: row.value for row in ROWS if row.formula}
    assert len(derived) > 100
    assert {key: evidence.recompute(key) for key in derived} == pytest.approx(derived, rel=FOUR_DIGITS)


def test_only_derived_numbers_can_be_recomputed():
    with pytest.raises(EvidenceError, match="is fitted and has no formula"):
        evidence.recompute("otto2021.clearance")


def test_every_source_is_used_and_every_citation_is_a_source():
    assert evidence.cited_keys() == set(evidence.bibliography()) | {"assumption"}


def test_keys_are_unique_across_all_tables():
    keys = [row.key for room in evidence.rooms() for row in evidence.table(room)]
    assert len(keys) == len(set(keys)) == len(ROWS)


# --- asking for numbers


def test_a_number_arrives_in_the_unit_asked_for():
    assert evidence.value("otto2021.clearance", "L/h") == 95.2
    assert evidence.value("otto2021.clearance", "mL/min") == pytest.approx(95.2 * 1000 / 60)
    assert evidence.value("turnover.half_life", "h") == pytest.approx(10.9 * 24)


def test_a_clearance_cannot_be_asked_for_in_litres():
    with pytest.raises(UnitError, match=r"otto2021\.clearance.*it is kept in L/h"):
        evidence.value("otto2021.clearance", "L")


def test_a_misspelt_key_is_refused_with_the_nearest_keys():
    with pytest.raises(UnknownName, match=r"did you mean .*otto2021\.clearance"):
        evidence.estimate("otto2021.clearence")


def test_an_unknown_room_is_refused():
    with pytest.raises(UnknownName, match="pharmacokinetics"):
        evidence.table("pharmacokinetic")


@dataclasses.dataclass(frozen=True)
class SlowPain:
    half_life: float = unit("h")  # the table keeps days
    c50: float = unit("mg/L")  # the table keeps ng/mL
    emax: float = unit("1")
    label: str = "turnover"  # carries no unit, so no row is read


def test_a_record_is_filled_by_the_names_and_in_the_units_of_its_fields():
    filled = evidence.fill(SlowPain, "turnover")
    assert filled.half_life == pytest.approx(261.6)
    assert filled.c50 == pytest.approx(0.0105)
    assert filled.emax == 1.0
    assert filled.label == "turnover"
    assert evidence.keys_of(SlowPain, "turnover") == ("turnover.half_life", "turnover.c50", "turnover.emax")


def test_an_override_replaces_one_field_and_leaves_the_others():
    assert evidence.fill(SlowPain, "turnover", emax=0.7, label="mine") == dataclasses.replace(
        evidence.fill(SlowPain, "turnover"), emax=0.7, label="mine"
    )


def test_an_override_of_no_field_is_refused():
    with pytest.raises(UnknownName, match=r"field of SlowPain .*emax"):
        evidence.fill(SlowPain, "turnover", emx=0.7)


def test_a_field_without_a_row_is_a_defect_of_the_tables():
    with pytest.raises(EvidenceError, match=r"SlowPain\.half_life needs the row 'nobody\.half_life'"):
        evidence.fill(SlowPain, "nobody")


def test_a_field_in_a_unit_of_another_kind_is_a_defect():
    @dataclasses.dataclass(frozen=True)
    class Wrong:
        half_life: float = unit("1/h")

    with pytest.raises(EvidenceError, match=r"Wrong\.half_life: turnover\.half_life"):
        evidence.fill(Wrong, "turnover")


# --- tracing a number


def test_the_papers_behind_a_record_are_listed_once_each():
    cited = evidence.citations(evidence.keys_of(SlowPain, "turnover") * 2)
    assert [c.key for c in cited] == ["dahan2011"]
    assert cited[0].text().startswith("Dahan, Olofsen et al. 2011. European Journal of Pain 15:258-267.")


def test_the_assumptions_behind_a_record_are_listed_with_their_rationale():
    (row,) = evidence.assumptions(evidence.keys_of(SlowPain, "turnover"))
    assert row.key == "turnover.emax"
    assert "not available to us" in row.note


def test_a_derived_number_answers_for_the_sources_of_its_ingredients():
    cited = {c.key for c in evidence.citations(["protected_switch.protection_off"])}
    assert "dahan2011" in cited
    everything = {c.key for c in evidence.citations(["ketamine.base_per_hydrochloride"])}
    assert everything == {"drugbank", "spravato_label"}


def test_reading_dahans_half_life_as_protection_counts_as_an_assumption():
    (row,) = evidence.assumptions(["protected_switch.protection_off"])
    assert row.basis == "derived"


def test_the_search_finds_rows_that_hold_every_word():
    assert "otto2021.clearance" in [row.key for row in evidence.search("Clearance FANTA2015")]
    assert evidence.search("clearance unicorn") == []
    assert evidence.search("  ") == []


def test_a_citation_reads_back_from_its_own_bibtex():
    for citation in evidence.bibliography().values():
        assert read_bibliography(citation.bibtex(), "here") == {citation.key: citation}


def test_a_source_can_be_told_in_one_line():
    def told(citation):
        text = citation.text()
        return len(text) > 20 and "\n" not in text and text[0] not in ". " and citation.fields.get("year", "") in text

    assert not [citation.key for citation in evidence.bibliography().values() if not told(citation)]


def test_reading_the_evidence_loads_no_heavy_library():
    program = (
        "import sys, unwound.evidence as e; e.all_estimates(); e.dose_limits(); e.trial_results('SIG09');"
        "print([m for m in ('jax', 'numpy', 'pandas', 'pyarrow', 'pint') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- seeded defects

GOOD = {
    "key": "bath.volume",
    "value": "2",
    "unit": "L",
    "spread_kind": "range",
    "spread": "1..3",
    "about": "volume of the bath",
    "basis": "assumed",
    "cite": "assumption",
    "where": "",
    "seen": "no",
    "note": "as large as a bucket; range chosen by us",
    "formula": "",
}
FITTED = {"basis": "fitted", "cite": "otto2021", "seen": "secondary"}


def page(*rows):
    lines = [",".join(COLUMNS)]
    lines += [",".join((GOOD | row)[column] for column in COLUMNS) for row in rows]
    return "\n".join(lines) + "\n"


def test_a_good_row_is_read_as_it_stands():
    (row,) = read_table(page({}), "tables/bath.csv")
    assert (row.key, row.value, row.unit, row.cite) == ("bath.volume", 2.0, "L", ("assumption",))
    assert row.spread.interval == Interval(1.0, 3.0)
    (plain,) = read_table(page(FITTED | {"spread_kind": "none", "spread": ""}), "tables/bath.csv")
    assert plain.spread is None


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"key": "volume"}, "key", "prefix.field"),
        ({"value": "2 L"}, "value", "not a plain number"),
        ({"value": "nan"}, "value", "not a plain number"),
        ({"value": ""}, "value", "not a plain number"),
        ({"unit": "bucket"}, "unit", "unknown symbol"),
        ({"unit": ""}, "unit", "cannot read"),
        ({"spread_kind": "about"}, "spread_kind", "not one of"),
        ({"spread": "3..1"}, "spread", "inverted"),
        ({"spread": "3..4"}, "spread", "does not contain the value 2"),
        ({"spread": "1-3"}, "spread", "not an interval"),
        ({"spread": "1..2..3"}, "spread", "not an interval"),
        (FITTED | {"spread_kind": "sd", "spread": "-1"}, "spread", "negative"),
        (FITTED | {"spread_kind": "none"}, "spread", "must be empty"),
        ({"about": ""}, "about", "must not be empty"),
        ({"basis": "guessed"}, "basis", "not one of"),
        ({"cite": "otto2021"}, "cite", "cites assumption"),
        ({"cite": ""}, "cite", "must not be empty"),
        ({"cite": "assumption;assumption"}, "cite", "twice"),
        ({"cite": "assumption; otto2021"}, "cite", "cannot be a key"),
        (FITTED | {"cite": "otto2021;assumption"}, "cite", "cannot cite assumption"),
        ({"seen": "maybe"}, "seen", "not one of"),
        ({"seen": "primary"}, "seen", "write no"),
        ({"note": ""}, "note", "rationale"),
        ({"spread_kind": "none", "spread": ""}, "spread_kind", "gives a range"),
        ({"spread_kind": "sd", "spread": "1"}, "spread_kind", "gives a range"),
        ({"formula": "ln2"}, "formula", "no other number has one"),
        (FITTED | {"basis": "derived"}, "formula", "has a formula"),
        (FITTED | {"basis": "derived", "formula": "exec(1)"}, "formula", "not arithmetic"),
        ({"note": " as large as a bucket"}, "note", "blanks around"),
    ],
)
def test_a_defect_is_reported_with_file_row_and_column(change, column, reason):
    with pytest.raises(EvidenceError, match=rf"^tables/bath\.csv, row 3, column '{column}': .*{reason}"):
        read_table(page({"key": "bath.depth"}, change), "tables/bath.csv")


def test_a_table_with_other_columns_is_refused():
    with pytest.raises(EvidenceError, match=r"bath\.csv, row 1: the columns must be exactly key,value,unit"):
        read_table("key,value\n", "bath.csv")
    with pytest.raises(EvidenceError, match=r"bath\.csv, row 1"):
        read_table("", "bath.csv")


def test_a_comma_too_many_is_refused():
    with pytest.raises(EvidenceError, match=r"bath\.csv, row 2: 13 cells for 12 columns"):
        read_table(page({"note": "as large, as a bucket"}), "bath.csv")


def derived(key, formula):
    return {"key": key, "basis": "derived", "cite": "otto2021", "seen": "secondary", "formula": formula}


def together(*rows):
    return checked([read_table(page(*rows), "bath.csv")], {"otto2021"})


def test_a_key_that_occurs_twice_is_refused():
    with pytest.raises(EvidenceError, match=r"'bath\.volume' occurs twice"):
        together({}, {})


def test_a_source_that_nobody_knows_is_refused():
    with pytest.raises(EvidenceError, match=r"bath\.volume: 'nobody1999' is not in references\.bib"):
        together(FITTED | {"cite": "nobody1999"})


def test_a_formula_that_names_an_unknown_row_is_refused():
    with pytest.raises(EvidenceError, match=r"bath\.depth: its formula names 'bath\.width'"):
        together(derived("bath.depth", "2 * bath.width"))


def test_formulas_that_run_in_a_circle_are_refused():
    with pytest.raises(EvidenceError, match=r"bath\.depth -> bath\.width -> bath\.depth run in a circle"):
        together(derived("bath.depth", "2 * bath.width"), derived("bath.width", "bath.depth / 2"))


def test_a_formula_is_computed_with_its_units():
    rows = together({}, {"key": "bath.inflow", "unit": "mL/min", "value": "50", "spread": "1..60"})
    assert evaluate("bath.volume / bath.inflow", rows, "min") == pytest.approx(40.0)
    assert evaluate("bath.volume / bath.inflow", rows, "h") == pytest.approx(40 / 60)
    assert evaluate("-(1 - 3) ** 2 * ln2", rows, "1") == pytest.approx(-4 * math.log(2))
    with pytest.raises(EvidenceError, match="does not give L"):
        evaluate("bath.volume / bath.inflow", rows, "L")
    with pytest.raises(EvidenceError, match="does not give L"):
        evaluate("bath.volume + bath.inflow", rows, "L")


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')",
        "bath.volume.real",
        "[1][0]",
        "2 if 1 else 3",
        "bath",
        "'a' * 2",
        "2 ** bath.volume",
        "1 +",
    ],
)
def test_a_formula_is_arithmetic_and_nothing_else(formula):
    with pytest.raises(ValueError, match=r"arithmetic|plain number"):
        names_in_formula(formula)


def test_an_interval_cannot_be_inverted():
    assert 2.0 in Interval(1.0, 3.0)
    assert 4.0 not in Interval(1.0, 3.0)
    with pytest.raises(EvidenceError, match="inverted"):
        Interval(3.0, 1.0)
    with pytest.raises(EvidenceError, match="inverted"):
        Interval(math.nan, 1.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("@article{a2000,\n  year = 2000,\n}\n", "line 1: cannot read '@article"),
        ("@misc{a2000,\n  year = {2000},\n}\n\nstray\n", "line 5: cannot read 'stray'"),
        ("@misc{a2000,\n  year = {2000},\n}\n@misc{a2000,\n  year = {2001},\n}\n", "'a2000' occurs twice"),
        ("@misc{a2000,\n  year = {2000},\n  year = {2001},\n}\n", "a field occurs twice"),
        ("@misc{a2000,\n  colour = {red},\n}\n", "unknown field 'colour'"),
    ],
)
def test_a_bibliography_in_another_shape_is_refused(text, reason):
    with pytest.raises(EvidenceError, match=reason):
        read_bibliography(text, "references.bib")
