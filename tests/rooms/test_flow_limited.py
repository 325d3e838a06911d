"""Interactions in models without a liver: a factor on clearance, for doses past the liver only."""

import math

import numpy as np
import pytest

from unwound.evidence import value
from unwound.patient.divergence import diverge
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.flow_limited import clearance_factor, factor_of
from unwound.pharmacokinetics.interactions import INTERACTIONS
from unwound.regimen import Regimen
from unwound.regimen.short import parse_short_dose

PERSON = Person(weight="70 kg", age="40 y")
LONG = np.linspace(0.0, 160.0, 3201)


def regimen(text, route="intravenous", enantiomer="S"):
    return Regimen(setting="monitored", doses=(parse_short_dose(text, "ketamine", enantiomer, route),))


def areas_of(found):
    return {(c.model, c.analyte): c.auc_ng_h_per_mL for c in found.curves}


def test_c15_the_printed_area_of_rifampicin_in_a_vein_comes_back():
    """Peltoniemi 2012: 0.86 of the area; the evidence notes compute it with E 0.72 and 2.01 of the enzymes."""
    median, low, high = factor_of(INTERACTIONS["rifampicin_injection"])
    assert 1.0 / median == pytest.approx(0.86, abs=0.002)
    assert 1.0 < low < median < high < 1.0 / value("well_stirred.extraction", "1")  # never above flow itself


def test_half_of_the_enzymes_cost_22_percent_of_clearance():
    assert float(clearance_factor(0.5, 0.72)) == pytest.approx(0.78, abs=0.005)


@pytest.mark.parametrize("e", [0.0, 0.3, 0.72, 1.0])
def test_limits_of_flow_and_of_enzymes(e):
    assert float(clearance_factor(1.0, e)) == pytest.approx(1.0)
    assert float(clearance_factor(3.0, 0.0)) == pytest.approx(3.0)  # enzymes decide
    assert float(clearance_factor(3.0, 1.0)) == pytest.approx(1.0)  # flow decides


@pytest.mark.parametrize(
    ("model", "enantiomer"), [("otto2021", "S"), ("kamp2020", "racemic"), ("domino1984", "racemic")]
)
def test_the_area_of_a_named_model_falls_by_the_factor(model, enantiomer):
    found = diverge(
        regimen("10 mg over 40 min", enantiomer=enantiomer), PERSON, [model], people=0, at=LONG, beside=["rifampicin"]
    )
    areas = areas_of(found)
    for reading in ("rifampicin_injection", "rifampicin_infusion"):
        factor = factor_of(INTERACTIONS[reading])[0]
        for (name, analyte), area in areas.items():
            if name == f"{model} + {reading}":
                expected = areas[model, analyte] * (1.0 if "nor" in analyte else 1.0 / factor)
                assert area == pytest.approx(expected, rel=0.005)
        assert any(name == f"{model} + {reading}" for name, _ in areas)
    assert any("x1.16" in caution and "assumed" in caution for caution in found.cautions)


def test_by_mouth_a_model_without_a_first_pass_is_left_alone():
    found = diverge(regimen("35 mg", route="oral"), PERSON, ["otto2021"], people=0, beside=["rifampicin"])
    assert not any("+" in curve.model for curve in found.curves)
    assert any("no first pass in this model" in caution for caution in found.cautions)


def test_of_all_models_only_the_usual_ones_are_drawn_with_the_interaction():
    found = diverge(regimen("10 mg over 40 min"), PERSON, people=0, beside=["itraconazole"])
    assert {name.split(" + ")[0] for name in (c.model for c in found.curves) if " + " in name} == {
        *("perezruixo2021", "otto2021", "kamp2020"),
    }


def test_simons_2022_takes_the_factor_and_ashraf_2018_the_enzymes_themselves():
    found = diverge(
        regimen("20 mg over 20 min"), PERSON, ["simons2022", "ashraf2018"], people=0, at=LONG,
        beside=["rifampicin"],
    )  # fmt: skip
    areas = {name: area for (name, analyte), area in areas_of(found).items() if analyte == "S-ketamine"}
    factor = factor_of(INTERACTIONS["rifampicin_injection"])[0]
    fold = areas["simons2022 + rifampicin_injection"] / areas["simons2022"]
    assert fold == pytest.approx(1.0 / factor, rel=0.005)
    flow = 3.75 * 70.0**0.75  # Ashraf 2018, its own liver: QH, fu 0.70, Rb 0.50, CLint 301 L/h
    unbound = 301.0 * 0.70 / 0.50
    own, faster = (flow * x / (flow + x) for x in (unbound, 2.01342 * unbound))
    assert areas["ashraf2018 + rifampicin_injection"] / areas["ashraf2018"] == pytest.approx(own / faster, rel=0.005)


def test_a_model_that_can_carry_nothing_says_so():
    found = diverge(regimen("10 mg", route="oral", enantiomer="racemic"), PERSON, ["brunette2011"], people=0,
                    beside=["rifampicin"])  # fmt: skip
    assert any("no model here can carry the interaction" in caution for caution in found.cautions)
    assert math.isfinite(found.curves[0].auc_ng_h_per_mL)
