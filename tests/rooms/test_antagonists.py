"""NMDA antagonists side by side: numbers, sentences, and conflicts with both readings."""

import pytest

from unwound import evidence
from unwound.core.errors import EvidenceError, UnknownName
from unwound.evidence.shipped import text_of
from unwound.receptor.antagonists import (
    COMPARED,
    PAGE,
    compare,
    conflicts,
    facts_about,
    keys_of_comparison,
    read_page,
)


@pytest.fixture(scope="module")
def found():
    return {one.drug: one for one in compare()}


def test_every_antagonist_on_record_is_compared(found):
    assert tuple(found) == COMPARED


def test_magnesium_takes_the_pore_of_glun2a_from_memantine_and_ketamine_sixteenfold(found):
    for drug in ("ketamine", "memantine"):
        one = found[drug]
        ratio = one.half_in_magnesium["GluN2A"] / one.half_without_magnesium["GluN2A"]
        assert ratio == pytest.approx(1 + 1 / 0.065, rel=1e-9)


def test_ketamine_is_trapped_more_than_memantine_and_that_more_than_lanicemine(found):
    assert found["ketamine"].trapped > found["memantine"].trapped > found["lanicemine"].trapped


def test_under_treatment_ketamine_counts_free_drug_and_the_others_at_most_all_of_it(found):
    ketamine, memantine = found["ketamine"], found["memantine"]
    assert ketamine.free_uM == pytest.approx(0.55 * 185 / 237.73)
    assert not ketamine.at_most
    assert memantine.at_most
    assert memantine.free_uM == memantine.treatment_uM
    for one in (ketamine, memantine):
        for subtype, share in one.block_at_treatment.items():
            assert share == pytest.approx(one.free_uM / (one.free_uM + one.half_in_magnesium[subtype]))


def test_what_no_source_gives_is_left_blank(found):
    assert found["lanicemine"].half_in_magnesium == {}
    assert found["dextromethorphan"].treatment_uM is None
    assert found["MK-801"].trapped is None
    assert found["CNS-5161"].half_without_magnesium == {}


def test_off_rates_from_the_shared_prior_say_so(found):
    assert found["ketamine"].kinetics == "own"
    assert found["phencyclidine"].kinetics == "prior"


def test_an_allosteric_drug_knows_no_magnesium(found):
    assert found["traxoprodil"].half_in_magnesium == found["traxoprodil"].half_without_magnesium == {"GluN2B": 0.01}


def test_rival_constants_are_shown_and_not_used(found):
    assert any("0.71 uM" in words for words in found["ketamine"].rivals["GluN2A"])
    assert found["ketamine"].half_without_magnesium["GluN2A"] == 0.33


def test_a_conflict_of_evidence_keeps_both_readings():
    (synapses,) = [c for c in conflicts() if "synaptic" in c.question]
    cited = [set(reading.cite) for reading in synapses.readings]
    assert {"gideons2014", "xia2010"} in cited
    assert {"emnett2013"} in cited
    assert all(len(conflict.readings) >= 2 for conflict in conflicts())


def test_what_is_recalled_cites_nothing_and_what_was_read_does():
    said = [fact for drug in COMPARED for fact in facts_about(drug)]
    assert len(said) > 15
    for one in (*said, *(reading for c in conflicts() for reading in c.readings)):
        assert bool(one.cite) == (one.basis == "read")


def test_names_are_found_in_any_spelling_and_strangers_are_refused():
    assert [one.drug for one in compare(["esketamine", "PCP", "cns-5161", "Traxoprodil"])] == [
        "S-ketamine",
        "phencyclidine",
        "CNS-5161",
        "traxoprodil",
    ]
    with pytest.raises(UnknownName, match="memantin"):
        compare(["memantin"])


def test_the_comparison_knows_what_it_rests_on(found):
    keys = keys_of_comparison(tuple(found.values()))
    assert {"mealing1999", "zanos2018"} <= {citation.key for citation in evidence.citations(keys)}
    assert "therapeutic.memantine" in {row.key for row in evidence.assumptions(keys)}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('topic = "kinetics"', 'topic = "gossip"', "fact 1"),
        ('basis = "read"', 'basis = "heard"', "fact 1"),
        ('cite = ["gilling2009", "mealing1999"]', "cite = []", "cites a source"),
        ('cite = ["gilling2009", "mealing1999"]', 'cite = ["nobody2000"]', "nobody2000"),
        ("as ketamine does?", "as ketamine does", "conflict 1"),
        ("[[conflict]]", "[[strife]]", "nothing else"),
        ('drug = "ketamine"', 'drug = "ketamine', "antagonists.toml"),
    ],
)
def test_a_defect_of_the_page_is_named(old, new, complaint):
    with pytest.raises(EvidenceError, match=complaint):
        read_page(text_of(PAGE).replace(old, new), PAGE)
