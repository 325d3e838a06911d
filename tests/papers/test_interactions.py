"""Interactions in the well-stirred liver of Perez-Ruixo 2021, transcribed again and set beside the published folds."""

import numpy as np
import pytest

from unwound import evidence
from unwound.core.arrays import jnp
from unwound.core.random import root_key
from unwound.pharmacokinetics.exposure_ratios import predicted
from unwound.pharmacokinetics.interactions import INTERACTIONS, interaction, perturbed
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import routed_model

MODEL = routed_model("perezruixo2021")
ADULT = Covariates(weight=74.0, age=45.0, female=0.0, asian=0.0, japanese=0.0)

# Perez-Ruixo 2021, Table 3, typed in again
QH, VH, KEL, KMET, FGUT, FRN, LATER = 151.0, 101.0, 1.11, 2.77, 0.64, 0.54, 0.62


def auc(route, m=1.0, g=1.0, qh=QH):
    """AUC per dose [h/L] in the symbols of the paper: CLint = (kel + kmet) Vh, E = CLint/(Qh + CLint), CL = Qh E."""
    clint = m * (KEL + KMET) * VH
    e = clint / (qh + clint)
    fh, fg = 1 - e, min(1.0, g * FGUT)
    frn = FRN * (1 + 2 * LATER) / 3  # three devices
    f = {"intravenous": 1.0, "oral": fg * fh, "nasal": frn + (1 - frn) * fg * fh}[route]
    return f / (qh * e)


def fold(route, m, g=1.0):
    return auc(route, m, g) / auc(route)


def ratio(name, route, amount=84.0, who=ADULT, model=MODEL):
    return predicted(root_key(0), model, interaction(name), route, who, amount, draws=10).auc.value


def test_c15_rifampicin_in_a_vein_and_by_mouth():
    """Check value C15: 2.01 times the hepatic clearance gives 0.86 and 0.50; 0.28 of the gut availability then 0.14."""
    assert fold("intravenous", 2.01) == pytest.approx(0.86, rel=0.02)
    assert fold("oral", 2.01) == pytest.approx(0.50, rel=0.02)
    assert fold("oral", 2.01, 0.28) == pytest.approx(0.14, rel=0.02)


def test_c15_in_the_package():
    rifampicin = interaction("rifampicin_injection")
    assert rifampicin.hepatic.median == pytest.approx(2.01, rel=0.005)
    assert rifampicin.gut.median == pytest.approx(0.28, rel=0.01)
    assert ratio("rifampicin_injection", "intravenous") == pytest.approx(0.86, rel=1e-3)
    assert ratio("rifampicin_injection", "oral") == pytest.approx(0.14, rel=1e-3)
    clearance_only = perturbed(MODEL, rifampicin, jnp.asarray(2.01), jnp.asarray(1.0))
    assert float(areas(clearance_only, "oral")[0] / areas(MODEL, "oral")[0]) == pytest.approx(0.50, rel=0.02)
    assert float(areas(clearance_only, "intravenous")[0] / areas(MODEL, "intravenous")[0]) == pytest.approx(
        0.86, rel=0.02
    )


def areas(model, route, who=ADULT, amount=84.0):
    """AUC of every analyte for `amount` [mg]: the integral of exp(A t) is -A^-1, whatever the rate of the input."""
    eta = jnp.zeros(len(model.random_effects))
    system = model.system(who, eta, "S")
    dose = np.zeros(len(model.compartments()))
    for entry in model.entries(who, eta, "S", route, amount):
        dose[model.compartments().index(entry.compartment)] += amount * float(entry.fraction)
    return np.asarray(system.readout) @ np.linalg.solve(-np.asarray(system.matrix), dose)


@pytest.mark.parametrize("name", INTERACTIONS)
@pytest.mark.parametrize("route", MODEL.routes)
def test_ratios_are_those_of_the_transcription_and_of_the_whole_system(name, route):
    effect = interaction(name)
    found = predicted(root_key(0), MODEL, effect, route, ADULT, 84.0, draws=10)
    assert found.auc.value == pytest.approx(fold(route, effect.hepatic.median, effect.gut.median), rel=1e-9)
    with_it, without = areas(perturbed(MODEL, effect), route), areas(MODEL, route)
    assert found.auc.value == pytest.approx(float(with_it[0] / without[0]), rel=1e-9)
    assert found.metabolite_auc.value == pytest.approx(float(with_it[1] / without[1]), rel=1e-9)


def test_an_old_liver_of_asian_people_is_the_same_in_both_ways():
    who = Covariates(weight=60.0, age=80.0, female=1.0, asian=1.0, japanese=1.0)
    effect = interaction("ticlopidine_oral")
    for route in MODEL.routes:
        found = predicted(root_key(0), MODEL, effect, route, who, 56.0, draws=10).auc.value
        whole = areas(perturbed(MODEL, effect), route, who, 56.0)[0] / areas(MODEL, route, who, 56.0)[0]
        assert found == pytest.approx(float(whole), rel=1e-9)


def test_each_reading_gives_back_the_fold_it_was_made_from():
    made_from = {
        "ticlopidine_oral": ("oral", 2.4),
        "ticlopidine_nasal": ("nasal", 1.29),
        "clarithromycin_liver": ("oral", 2.6),
        "clarithromycin_both": ("oral", 2.6),
        "clarithromycin_nasal": ("nasal", 1.04),
        "grapefruit_juice_liver": ("oral", 3.0),
        "grapefruit_juice_both": ("oral", 3.0),
        "st_johns_wort_liver": ("oral", 0.42),
        "st_johns_wort_gut": ("oral", 0.42),
        "rifampicin_infusion": ("intravenous", 0.90),
        "cyp2b6_1_6_infusion": ("intravenous", 68.1 / 40.6),
        "cyp2b6_6_6_infusion": ("intravenous", 68.1 / 21.6),
    }
    for name, (route, value) in made_from.items():
        assert ratio(name, route) == pytest.approx(value, rel=1e-4), name


def test_no_single_factor_fits_both_studies_of_ticlopidine():
    """The note: 0.42 from the oral study predicts 1.60 for the nasal one; 0.60 from the nasal one, 1.67 by mouth."""
    assert interaction("ticlopidine_oral").hepatic.median == pytest.approx(0.42, abs=0.005)
    assert interaction("ticlopidine_nasal").hepatic.median == pytest.approx(0.60, abs=0.005)
    assert ratio("ticlopidine_oral", "nasal") == pytest.approx(1.60, rel=0.01)
    assert ratio("ticlopidine_nasal", "oral") == pytest.approx(1.67, rel=0.01)


def test_the_gut_alone_cannot_explain_grapefruit_juice():
    """The note: with a gut availability of 0.64 the ceiling is 1.56."""
    assert ratio("grapefruit_juice_gut", "oral") == pytest.approx(1 / 0.64, rel=1e-6)
    assert evidence.value("grapefruit_juice.oral_auc", "1") > 1 / 0.64


def test_half_the_intrinsic_clearance_lowers_the_clearance_by_a_fifth():
    """The note: a 50 % fall of CLint lowers CL by 22 %."""
    assert 1 - 1 / fold("intravenous", 0.5) == pytest.approx(0.22, abs=0.005)


def test_rifampicin_given_by_vein_and_mouth_predicts_the_nasal_label():
    """0.72 is recalled from the label and was not used for the factors."""
    assert ratio("rifampicin_injection", "nasal") == pytest.approx(0.72, rel=0.05)
