"""The page of the models says what the records say: a section for each, all its numbers, all its assumptions."""

import pathlib
import re
import sys

import pytest

from unwound.evidence import all_estimates, estimate
from unwound.pharmacokinetics.register import ROUTED, routed_model

DOCS = pathlib.Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def pages():
    sys.path.insert(0, str(DOCS))
    try:
        import generate_models
    finally:
        sys.path.remove(str(DOCS))
    return generate_models


@pytest.fixture(scope="module")
def parts(pages):
    return pages.model_parts()


@pytest.fixture(scope="module")
def page():
    return (DOCS / "rooms" / "pk_models.md").read_text(encoding="utf-8")


def test_the_page_shows_everything_that_is_generated(parts, page):
    for name in parts:
        assert f"generated/parts/{name}" in page
    assert "model_parts()" in (DOCS / "generate.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(ROUTED))
def test_every_model_has_a_section_after_its_equations(pages, page, name):
    equations = page.index(f"parts/{pages.module_of(routed_model(name))}.md")
    assert equations < page.index(f"parts/pk_{name}.md")
    assert f"\n## {name}\n" in page


@pytest.mark.parametrize("name", list(ROUTED))
def test_a_section_shows_numbers_and_differences(parts, name):
    text, model = parts[f"pk_{name}.md"], routed_model(name)
    for mark in ("- Samples: ", "- Routes: ", "- People differ in: ", "- Envelope: ", "**Numbers**"):
        assert mark in text or name == "twocompartment"
    ends = re.compile(r".*\.(age|weight|dose)_(least|most)")
    rows = [r for r in all_estimates().values() if r.key.startswith(f"{name}.") and not ends.fullmatch(r.key)]
    assert rows
    for row in rows:
        assert re.search(rf"`{re.escape(row.key)}` .*\n  - {re.escape(f'{row.value:g}')}\n", text), row.key
    _, differences = text.split("**Differences from the paper**")
    assert re.search(r"^- \S", differences, re.MULTILINE)
    for row in rows:
        if row.is_assumption:
            assert f"`{row.key.removeprefix(name + '.')}`" in differences
    assert all(analyte.name in text for analyte in model.analytes)


def test_a_clause_about_another_model_is_not_said_of_this_one(parts):
    assert "flint2017" not in parts["pk_herd2007.md"]
    assert "clements1981" not in parts["pk_domino1984.md"]
    assert "drifts with time" in parts["pk_flint2017.md"]


def test_the_symbol_of_the_paper_stands_in_its_own_column(pages):
    table = pages.numbers([estimate("perezruixo2021.gut_fraction")])
    assert "* - Fgut\n  - `perezruixo2021.gut_fraction` share" in table
    assert "(Fgut)" not in table


def test_the_comparison_is_computed_and_names_sites(parts):
    rows = {row.split("`")[1]: row for row in parts["pk_compared.md"].splitlines()[2:]}
    assert set(rows) == set(ROUTED) - {"brunette2011"}  # by mouth only: no 35 mg into a vein
    assert rows["otto2021"].endswith("| venous | S-ketamine | 158 | 79 | 60 | 27 |")
    assert rows["kamp2020"].endswith("| arterial | racemate | 253 | 74 | 54 | 27 |")
