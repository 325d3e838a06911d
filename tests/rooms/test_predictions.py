"""Predictions as they are kept: written once, with a range, a date, and what a study printed."""

import math

import pytest

from unwound import evidence
from unwound.core.errors import EvidenceError, UnknownName
from unwound.evidence.prediction_rows import predictions, read_predictions

ONE = """
[[prediction]]
id = "a"
date = 2026-11-26
group = "dose"
statement = "it falls"
quantity = "x"
low = 0.5
why = "because"
study = "price1994"
printed = "fell"
seen = "abstract"
study_high = 0.9
"""


def test_a_prediction_has_a_range_a_date_and_the_result_that_a_study_printed():
    (one,) = read_predictions(ONE, "here")
    assert (one.low, one.high) == (0.5, math.inf)
    assert one.comparable
    assert one.date.isoformat() == "2026-11-26"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("low = 0.5\n", "", "has a range"),
        ("low = 0.5", "low = 0.5\nhigh = 0.4", "has a range"),
        ('seen = "abstract"', 'seen = "surely"', "seen is one of"),
        ('study = "price1994"', 'study = "nobody"', "not in references.bib"),
        ("study_high = 0.9", "", "why_not"),
        ("study_high = 0.9", 'study_high = 0.9\nwhy_not = "none"', "why_not"),
        ('why = "because"', "", "it has id"),
        ('why = "because"', 'why = "because"\nmood = "good"', "nothing else"),
    ],
)
def test_what_is_wrong_with_a_prediction_is_named(old, new, words):
    with pytest.raises(EvidenceError, match=f"here, prediction 1.*{words}"):
        read_predictions(ONE.replace(old, new), "here")


def test_an_id_occurs_once_and_unknown_pages_are_refused():
    with pytest.raises(EvidenceError, match="twice"):
        read_predictions(ONE + ONE, "here")
    with pytest.raises(EvidenceError, match="nothing else"):
        read_predictions('title = "no"', "here")
    with pytest.raises(UnknownName):
        predictions("ventral_horn")


def test_every_prediction_of_the_dorsal_horn_cites_a_source_and_says_what_it_overlaps():
    found = predictions("dorsal_horn")
    assert {one.group for one in found} == {"frequency", "dose", "signs", "plasticity", "normal", "identity"}
    assert any(one.target for one in found)
    assert any(not one.target and one.comparable for one in found)
    assert {one.study for one in found} <= set(evidence.bibliography())
