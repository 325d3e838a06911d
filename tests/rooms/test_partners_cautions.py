"""A flag is a whole sentence with its source; what points the other way stands beside it."""

import pytest

from unwound.core.errors import EvidenceError, UnknownName
from unwound.evidence import bibliography
from unwound.pharmacokinetics.cautions import all_cautions, cautions_for, known_names, read_cautions
from unwound.pharmacokinetics.interactions import READINGS
from unwound.pharmacokinetics.partners import PARTNERS

FLAGGED = (
    *("methadone", "buprenorphine", "naltrexone", "tramadol", "gabapentin", "pregabalin", "gabapentinoids"),
    *("lamotrigine", "MAO inhibitors", "tranylcypromine", "theophylline", "aminophylline", "barbiturates"),
)


@pytest.mark.parametrize("name", FLAGGED)
def test_every_flagged_drug_has_a_sentence_about_it(name):
    assert cautions_for([name])


@pytest.mark.parametrize("caution", all_cautions(), ids=lambda c: c.id)
def test_what_was_read_cites_a_source_and_what_is_recalled_says_so(caution):
    assert caution.text[0].isupper()
    assert caution.text.endswith(".")
    assert (caution.basis == "read") == bool(caution.cite)
    assert set(caution.cite) <= set(bibliography())
    assert caution.as_dict()["cite"] == list(caution.cite)


def test_evidence_that_points_the_other_way_is_not_left_out():
    for name in ("naltrexone", "lamotrigine", "tranylcypromine"):
        assert any(c.text.startswith("Against it") for c in cautions_for([name]))


def test_a_caution_is_given_once_in_the_order_of_the_names():
    ids = [c.id for c in cautions_for(["theophylline", "Methadone", "buprenorphine", " methadone "])]
    assert ids == ["theophylline", "opioids", "methadone", "buprenorphine"]


def test_a_known_drug_may_have_no_caution():
    assert cautions_for(["ondansetron", "ticlopidine"]) == []
    assert cautions_for([]) == []
    assert set(PARTNERS) <= {n.replace(" ", "_") for n in known_names()}
    assert {n.replace("_", " ") for n in READINGS} <= set(known_names())


def test_an_unknown_drug_is_never_met_with_silence():
    with pytest.raises(UnknownName, match=r"metadone.*methadone"):
        cautions_for(["methadone", "metadone"])
    with pytest.raises(UnknownName):
        cautions_for([""])


GOOD = '[[caution]]\nid = "a"\nnames = ["a"]\nconcerns = "b"\ntext = "C."\nbasis = "recalled"\ncite = []\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "caution"),
        ("[[caution", "page"),
        (GOOD.replace('text = "C."', 'text = "C"'), "whole sentence"),
        (GOOD.replace('names = ["a"]', "names = []"), "a name"),
        (GOOD.replace('"recalled"', '"read"'), "cites a source"),
        (GOOD.replace("cite = []", 'cite = ["simons2022"]'), "cites none"),
        (GOOD.replace("cite = []", 'cite = ["nobody1999"]').replace("recalled", "read"), "nobody1999"),
        (GOOD + "colour = 1\n", "whole sentence"),
        (GOOD + GOOD, "twice"),
    ],
)
def test_a_page_in_another_shape_is_refused(text, reason):
    with pytest.raises(EvidenceError, match=rf"page.*{reason}|{reason}"):
        read_cautions(text, "page")
