"""Drugs are found by their names, say what is not known of them, and show rival numbers; off-targets are listed."""

import pytest

from unwound.core.errors import InputError, UnknownName
from unwound.receptor.allosteric import allosteric
from unwound.receptor.ligands import ALIASES, LIGANDS, ligand
from unwound.receptor.off_targets import TARGETS, off_targets


@pytest.mark.parametrize(
    ("written", "name"),
    [
        *[("esketamine", "S-ketamine"), ("(S)-ketamine", "S-ketamine"), ("S-(+)-ketamine", "S-ketamine")],
        *[("arketamine", "R-ketamine"), ("dizocilpine", "MK-801"), ("mk801", "MK-801"), ("(+)-MK-801", "MK-801")],
        *[("AR-R15896AR", "lanicemine"), ("pcp", "phencyclidine"), ("(2R,6R)-HNK", "(2R,6R)-hydroxynorketamine")],
        *[("Racemic Ketamine", "ketamine"), ("(-)-MK-801", "(-)-MK-801"), ("(R,S)-norketamine", "norketamine")],
    ],
)
def test_a_drug_is_found_by_every_name(written, name):
    assert ligand(written).name == name


def test_every_name_and_alias_is_found_and_every_drug_binds_somewhere():
    for name in (*LIGANDS, *ALIASES):
        drug = ligand(name)
        for subtype in drug.known():
            p = drug.blocker(subtype)
            assert min(p.dissociation, p.on_rate) > 0
            assert 0 <= p.delta <= 1


def test_a_bare_hnk_is_refused_because_its_isomers_differ():
    with pytest.raises(UnknownName, match="no such ligand"):
        ligand("HNK")


def test_a_misspelt_drug_is_offered_its_neighbors():
    with pytest.raises(UnknownName, match="did you mean ketamine"):
        ligand("ketamin")


@pytest.mark.parametrize(
    ("drug", "subtype", "known"),
    [
        ("lanicemine", "GluN2A", "known for lanicemine: native"),
        ("norketamine", "2C", "known for norketamine: GluN2A, GluN2B"),
        ("(2R,6R)-HNK", "2D", "GluN2A"),
    ],
)
def test_what_nobody_measured_is_refused_and_not_invented(drug, subtype, known):
    assert ligand(drug).dissociation(subtype) is None
    with pytest.raises(InputError, match="is not known to us") as refused:
        ligand(drug).blocker(subtype)
    assert known in str(refused.value)


def test_rival_numbers_stand_behind_the_one_that_is_used():
    rows = ligand("ketamine").readings("2A")
    assert rows[0].key == "ketamine.k_2a"
    assert {0.71, 3.31, 1.0} == {row.value for row in rows[1:]}
    assert not ligand("PCP").readings("native")


def test_kinetics_of_its_own_are_told_from_the_common_prior():
    assert [ligand(name).own_kinetics for name in ("ketamine", "memantine", "MK-801", "PCP")] == [
        True,
        True,
        True,
        False,
    ]
    assert "blockers.on_rate" in ligand("PCP").keys("2A")
    assert "memantine.on_rate" in ligand("memantine").keys("2A")


def test_norketamine_is_about_six_times_weaker_than_ketamine_and_its_enantiomers_bracket_it():
    s, both, r = (ligand(name).dissociation("2A") for name in ("S-norketamine", "norketamine", "R-norketamine"))
    assert s < both < r
    assert both / ligand("ketamine").dissociation("2A") == pytest.approx(6.1, abs=0.1)


def test_a_glun2b_drug_says_where_its_potency_is_known():
    assert allosteric("CP-101,606").name == "traxoprodil"
    assert allosteric("ifenprodil").at("2B").half < 0.01 * allosteric("ifenprodil").at("2A").half
    with pytest.raises(InputError, match="known for traxoprodil: GluN2B"):
        allosteric("traxoprodil").at("2A")
    with pytest.raises(UnknownName, match="allosteric drug"):
        allosteric("ketamine")


def test_every_off_target_is_listed_with_its_doubts():
    rows = off_targets()
    assert {each.target for each in rows} == set(TARGETS.values())
    assert {each.target for each in rows if each.contested} == {"dopamine D2High"}
    assert {each.drug for each in rows if each.recalled} == {"S-ketamine", "R-ketamine", "ketamine"}


def test_analgesic_concentrations_hold_few_opioid_receptors():
    """Printed beside Hirota 1999: about 2 % of mu receptors at 1 uM."""
    shares = {each.row.key: each.occupancy(1.0) for each in off_targets()}
    assert shares["ketamine_at.mu_opioid_hirota1999"] == pytest.approx(0.023, abs=0.001)
    assert shares["ketamine_at.d2_high_seeman2005"] > 0.9
    assert all(each.occupancy(0.0) == 0.0 for each in off_targets())
    assert off_targets()[0].occupancy(off_targets()[0].row.value) == 0.5


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_an_impossible_concentration_is_refused(wrong):
    with pytest.raises(InputError, match="concentration"):
        off_targets()[0].occupancy(wrong)
