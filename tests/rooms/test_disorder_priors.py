"""Disorders as priors over the same mechanisms: named mechanisms, graded evidence, nothing promoted."""

import pytest

from unwound.core.errors import EvidenceError
from unwound.evidence import all_estimates, recompute
from unwound.evidence.disorder_notes import disorder_notes, read_notes
from unwound.patient.chronification import CAUSES
from unwound.population import DISORDERS, population
from unwound.population.priors import prior_of
from unwound.sensitization.mechanisms import NAMES

PAIN = [name for name in DISORDERS if population(name).scale.name == "NRS"]


def test_every_disorder_has_a_prior_and_no_other_has():
    assert set(disorder_notes()) == set(DISORDERS.values())
    assert prior_of("my own population") is None


@pytest.mark.parametrize("name", DISORDERS)
def test_causes_and_mechanisms_are_those_of_the_slow_memory(name):
    note = prior_of(name).note
    assert set(note.causes) <= set(CAUSES)
    assert set(note.mechanisms) <= set(NAMES)
    assert bool(note.causes) is (name in PAIN)  # mood is a branch of its own


@pytest.mark.parametrize("name", DISORDERS)
def test_its_numbers_are_assumed_or_derived_from_assumed_ones_and_have_ranges(name):
    prior = prior_of(name)
    assert (prior.input_factor is not None) is (name in PAIN)
    for row in filter(None, (prior.input_factor, prior.reachable_share)):
        assert row.is_assumption
        assert row.spread.kind == "range"
    assert recompute(prior.reachable_share.key) == pytest.approx(prior.reachable_share.value, rel=1e-5)
    assert 0.0 <= prior.reachable_share.value <= 1.0


def test_a_grade_is_never_shown_without_its_certainty_and_that_both_are_recalled():
    told = "\n".join(prior_of("CRPS-1").told())
    assert "grade B, certainty low to moderate (grade and certainty recalled, not seen)" in told
    for name in DISORDERS:
        shown = prior_of(name).as_dict()["guideline"]
        assert (shown["grade"] is None) == (shown["certainty"] is None)
        assert shown["grade_seen"] in (None, "no")
        assert "grade" not in prior_of(name).told()[-1] or shown["grade"]


def test_outside_crps_no_disorder_is_said_to_have_lasting_relief():
    best = [name for name in PAIN if prior_of(name).note.grade == "B"]
    assert best == ["CRPS-1"]


def test_no_prior_is_read_by_a_population():
    for name in DISORDERS:
        assert not any(key.startswith("prior_") for key in population(name).keys)
    assert any(key.startswith("prior_") for key in all_estimates())


GOOD = """[x]
causes = []
mechanisms = []
why = "w"
recommendation = "r"
grade = ""
certainty = ""
seen = "secondary"
cite = ["cohen2018"]
"""


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (('why = "w"\n', ""), "why is missing"),
        (('why = "w"', 'why = "w"\nhope = "h"'), "hope is no field"),
        (("causes = []", 'causes = "injury"'), "causes is not a list of texts"),
        (('seen = "secondary"', 'seen = "primary"'), "nobody has read the guideline"),
        (('cite = ["cohen2018"]', 'cite = ["nobody1999"]'), "not in references.bib"),
    ],
)
def test_a_defect_of_the_page_names_entry_and_field(change, rule):
    assert read_notes(GOOD, "page")["x"].why == "w"
    with pytest.raises(EvidenceError, match=f"page, x: .*{rule}"):
        read_notes(GOOD.replace(*change), "page")
