"""The page of a run: well-formed, whole, honest, and deaf to markup."""

from __future__ import annotations

import base64
import dataclasses
import html
import re
from html.parser import HTMLParser

import pytest

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.patient import Person, Setting, simulate
from unwound.population import simulate_cohort
from unwound.regimen import Regimen
from unwound.reporting import course_report, svg_text, trial_figure, trial_report
from unwound.reporting.report import Told, courses_report
from unwound.reporting.wording import number, of_so_many
from unwound.trials import Simulated, Trial, conduct, rows_of

HOSTILE = "</title><script>alert('x')</script><img src=x onerror=alert(1)> {{ 7 * 7 }} \"quoted\" \x00\ud800"
PROTOCOL = """
title = "One infusion"
setting = "monitored"

[[doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "S"
amount = "0.5 mg/kg"
duration = "30 min"
"""
VOID = {"meta", "img", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """Checks that tags are closed in order, and remembers what it saw."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == [], f"never closed: {self.open}"
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)


@pytest.fixture(scope="module")
def result():
    return conduct(Trial.published("SIG09"), Setting(seed=3), replicates=8)


@pytest.fixture(scope="module")
def rows(result):
    return rows_of(result)


@pytest.fixture(scope="module")
def page(result, rows):
    svg = svg_text(trial_figure({"H2": result}, rows), "trial")
    return trial_report({"H2": result}, rows, svg, command="unwound demo --seed 3 --out 'a b'")


@pytest.fixture(scope="module")
def regimen():
    return Regimen.from_toml_text(PROTOCOL)


@pytest.fixture(scope="module")
def course(regimen):
    return simulate(Person(), regimen, "1 week")


def test_the_page_is_well_formed_and_accessible(page):
    parsed = Page(page)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert all(attributes.get("alt") for tag, attributes in parsed.attributes if tag == "img")
    assert all(attributes.get("scope") for tag, attributes in parsed.attributes if tag == "th")
    assert parsed.tags.count("caption") == parsed.tags.count("table") == 2
    assert parsed.tags.count("h1") == 1
    ids = [attributes["id"] for _, attributes in parsed.attributes if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_page_needs_no_script_and_no_network(page):
    parsed = Page(page)
    assert not {"script", "link", "iframe", "object"} & set(parsed.tags)
    addresses = [a.get("src") or a.get("href") for _, a in parsed.attributes if "src" in a or "href" in a]
    assert all(address.startswith("data:image/svg+xml;base64,") for address in addresses)
    assert "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", page).replace("http-equiv", "")
    assert "default-src 'none'" in html.unescape(page)


def test_the_figure_in_the_page_is_the_figure(page, result, rows):
    encoded = re.search(r"base64,([A-Za-z0-9+/=]+)", page)[1]
    assert base64.b64decode(encoded).decode() == svg_text(trial_figure({"H2": result}, rows), "trial")


def test_the_safety_sentence_is_on_top(page):
    banner = page.index('role="note"')
    assert page.index(SIMULATION_ONLY, banner) < page.index("In plain words")


def test_every_assumption_and_source_is_listed(page, result):
    parsed = Page(page)
    for row in evidence.assumptions(result.keys):
        assert f"<code>{row.key}</code>" in page
        assert " ".join(row.note.split()) in parsed.text
    for citation in evidence.citations(result.keys):
        assert " ".join(citation.text().split()) in parsed.text
    for sentence in result.trial.assumed:
        assert sentence in parsed.text
    assert "<code>judgement.nrs_mean</code>" in page


def test_every_row_is_shown_and_every_miss_is_named(page, rows):
    parsed = Page(page)
    missed = [row for row in rows if row.passed is False]
    assert missed, "this small trial misses at least the overall P value"
    assert page.count(">MISSED</td>") == len(missed)
    assert page.count(">hit</td>") == sum(row.passed is True for row in rows)
    assert page.count(">not judged</td>") == sum(row.passed is None for row in rows)
    for row in missed:
        assert f"{row.hypothesis}, {row.name}: published {row.observed_text}" in parsed.text
    assert f"{len(missed)} {'is' if len(missed) == 1 else 'are'} MISSED" in parsed.text


def test_a_miss_of_one_hypothesis_is_not_hidden_by_another(result, rows):
    other = dataclasses.replace(result, course=dataclasses.replace(result.course, hypothesis="H1"))
    missed = [dataclasses.replace(row, hypothesis="H1", passed=False) for row in rows]
    text = Page(trial_report({"H2": result, "H1": other}, [*rows, *missed], "")).text
    assert f"H1: 0 of {len(missed)} judged rows agree" in text
    assert all(f"H1, {row.name}: published" in text for row in missed)


def test_recalled_numbers_are_marked(page, rows):
    assert page.count("recalled, not read") == sum(row.provenance == "memory" for row in rows)


def test_the_page_warns_against_believing_it(page):
    text = Page(page).text
    for part in ("weak-to-moderate evidence", "is a hypothesis and not a finding", "chosen with this trial in view"):
        assert part in text
    assert "above the soft limit" in text


def test_methods_regimen_and_command_are_told(page, result):
    text = Page(page).text
    assert "dS/dt = kon (1 - S)" in text
    assert "dA1/dt" in text
    assert "unwound demo --seed 3 --out 'a b'" in text
    assert result.trial.regimen.describe()[0] in text
    assert "seed 3; 8 virtual trials of 60 patients" in text
    assert "fine. Solved" in text


def test_the_same_result_gives_the_same_page(page, result, rows):
    svg = svg_text(trial_figure({"H2": result}, rows), "trial")
    assert trial_report({"H2": result}, rows, svg, command="unwound demo --seed 3 --out 'a b'") == page


def test_markup_in_a_title_is_text(result, rows, course, regimen):
    trial = result.trial.model_copy(update={"title": HOSTILE, "assumed": (HOSTILE,)})
    hostile_rows = [dataclasses.replace(row, observed_text=HOSTILE) for row in rows]
    pages = [
        trial_report({"H2": dataclasses.replace(result, trial=trial)}, hostile_rows, "<svg/>", command=HOSTILE),
        course_report(course, regimen, "<svg/>", title=HOSTILE, command=HOSTILE, assumed=[HOSTILE]),
    ]
    for page in pages:
        parsed = Page(page)
        assert "script" not in parsed.tags
        assert not any("onerror" in attributes for _, attributes in parsed.attributes)
        assert "<script" not in page
        assert HOSTILE[:-3] in parsed.text
        page.encode()
        assert "\x00" not in page


def test_a_trial_of_ones_own_has_nothing_to_be_judged_by(result):
    trial = result.trial.model_copy(update={"name": "mine", "cite": "", "title": ""})
    own = dataclasses.replace(result, trial=trial)
    text = Page(trial_report({"H2": own}, rows_of(own), "")).text
    assert "nothing was published to compare with" in text
    assert "A trial was simulated 8 times" in text
    assert "chosen with this trial in view" not in text


def test_a_course_of_one_person_is_told(course, regimen):
    page = course_report(course, regimen, "<svg/>", command="unwound simulate one.toml", seed=5)
    text = Page(page).text
    assert "One person without random effects or flares, under hypothesis H2" in text
    assert regimen.describe()[0] in text
    assert "unwound simulate one.toml" in text
    assert "seed 5" in text
    assert all(f"<code>{row.key}</code>" in page for row in course.assumptions())
    assert all(warning in text for warning in course.warnings)
    assert all(cell in text for row in course.milestones(regimen.end)[1] for cell in row)


def test_a_cohort_gets_bounds_and_not_certainties(regimen):
    cohort = simulate_cohort("CRPS-1", 12, regimen, "1 week", Setting(seed=1))
    none = dataclasses.replace(cohort, psychomimetic=cohort.psychomimetic & False)
    text = Page(course_report(none, regimen, "")).text
    assert "Psychomimetic effects reported by 0 of 12 (up to 23 %)" in text
    assert "12 people, under hypothesis H2" in text


def test_relief_that_outlasts_the_follow_up_is_not_given_an_end(course, regimen):
    pain = course.pain_nrs.copy()
    pain[1:] = 1.0
    relieved = dataclasses.replace(course, pain_nrs=pain)
    assert "counted to the end of the follow-up" in Page(course_report(relieved, regimen, "")).text
    assert "counted to the end of the follow-up" not in Page(course_report(course, regimen, "")).text


def test_several_courses_share_a_page(course, regimen):
    told = [Told("ID 1", course, regimen), Told("ID 2 <b>", course, regimen, "<svg/>")]
    page = courses_report(told, title="doses.csv")
    assert "ID 2 &lt;b&gt;" in page
    assert page.count("<img ") == 1
    Page(page)


def test_a_course_that_failed_is_said_to_have_failed(course, regimen):
    failed = dataclasses.replace(course, verdicts=course.verdicts * 0 + 3)
    assert "No computation succeeded" in Page(course_report(failed, regimen, "")).text


def test_nothing_seen_is_not_never():
    assert of_so_many(0, 101) == "0 of 101 (up to 3 %)"
    assert of_so_many(500, 500) == "500 of 500 (at least 99.4 %)"
    assert of_so_many(30_000, 30_000) == "30,000 of 30,000 (at least 99.99 %)"
    assert of_so_many(499, 500) == "499 of 500 (99.8 %)"
    assert of_so_many(7, 60) == "7 of 60 (12 %)"
    assert of_so_many(0, 0) == "0 of 0 (up to 100 %)"


def test_a_share_that_never_occurred_is_bounded_in_the_table(result, rows):
    never = [
        dataclasses.replace(row, simulated=Simulated(0.0, 0.0, 0.0, 0.0), passed=False)
        for row in rows
        if row.endpoint.startswith("probability") or row.unit == "percent"
    ]
    page = trial_report({"H2": result}, never, "")
    assert "0 of 8 (up to 32 %)" in page
    assert "0 of 240 (up to 2 %)" in page


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (3.2517, "3.25"),
        (-2.77, "-2.77"),
        (76.4, "76.4"),
        (1234.5, "1,234"),
        (0.0123, "0.0123"),
        (1e-7, "1e-07"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert number(value) == text
