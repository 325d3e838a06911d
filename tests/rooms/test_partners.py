"""Partners keep their own kinetics: closed forms, an independent solver, and age or sex where told apart."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from unwound import evidence
from unwound.core.arrays import jnp
from unwound.core.errors import InputError, UnknownName
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.partners import PARTNERS, PartnerDose, partner_concentrations, partner_models

MAN = Covariates(weight=70.0, age=40.0, female=0.0, asian=0.0, japanese=0.0)
AT = np.array([0.1, 0.5, 1.0, 3.0, 6.0, 12.0])
every_partner = pytest.mark.parametrize("name", PARTNERS)


def person(weight=70.0, age=40.0, female=0.0):
    return Covariates(weight=weight, age=age, female=female, asian=0.0, japanese=0.0)


# Each source again, as it prints: V [L], k10, k12, k21, k13, k31 [1/min], ke0 [1/min]; man of 70 kg and 40 years
PRINTED = {
    "midazolam": (7.9, 0.399 / 7.9, 0.19, 0.06, 0.065, 0.0083, 0.11),
    "midazolam_zomorodi": (3.3, 0.5352 / 3.3, 2.0145 / 3.3, 2.0145 / 17.56, 0.8321 / 3.3, 0.8321 / 96.76, None),
    "dexmedetomidine": (1.78, 0.686 / 1.78, 2.98 / 1.78, 2.98 / 30.3, 0.602 / 1.78, 0.602 / 52.0, 0.0428),
    "morphine": (0.075 * 70, 0.3, 0.183, 0.087, 0.29, 0.013, 0.0073),
    "fentanyl": (12.1, 0.632 / 12.1, 2.8 / 12.1, 2.8 / 35.7, 1.55 / 12.1, 1.55 / 224, None),
    "oxycodone": (90.2, 37.4 / 60 / 90.2, 206 / 60 / 90.2, 206 / 60 / 68.9, 0.0, 1.0, None),
}


@pytest.mark.parametrize("name", PRINTED)
def test_an_infusion_agrees_with_an_independent_solver_in_minutes(name):
    v, k10, k12, k21, k13, k31, ke0 = PRINTED[name]

    def slope(t, x):
        a1, a2, a3, ce = x
        rate = 1.0 / 30.0 if t < 30.0 else 0.0
        first = rate - (k10 + k12 + k13) * a1 + k21 * a2 + k31 * a3
        return [first, k12 * a1 - k21 * a2, k13 * a1 - k31 * a3, (ke0 or 0.0) * (a1 / v - ce)]

    at = np.array([0.25, 0.5, 1.0, 4.0])
    first = solve_ivp(slope, (0, 30 - 1e-9), np.zeros(4), t_eval=[15.0, 30 - 1e-9], rtol=1e-10, atol=1e-14)
    later = solve_ivp(slope, (30, 240), first.y[:, -1], t_eval=[60.0, 240.0], rtol=1e-10, atol=1e-14)
    expected = np.concatenate([first.y, later.y], axis=1)
    found = partner_concentrations(name, [PartnerDose(0.0, 1.0, 0.5)], MAN, at)
    np.testing.assert_allclose(found.plasma, 1000 * expected[0] / v, rtol=1e-6)
    if ke0 is None:
        assert found.effect is None
    else:
        np.testing.assert_allclose(found.effect, 1000 * expected[3], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "cl", "v", "f", "ka", "lag"),
    [
        ("lorazepam", 0.063, 0.063 * 14.3 / math.log(2), 0.93, math.log(2) / (22 / 60), 16 / 60),
        ("ondansetron", 0.349, 1.81, 0.57, 2.0, 0.0),
        ("clonidine", 0.18, 2.1, 0.752, 1.2, 0.0),
    ],
)
def test_one_compartment_is_the_closed_form_by_vein_and_by_mouth(name, cl, v, f, ka, lag):
    k, volume = cl / v, v * 70.0
    vein = partner_concentrations(name, [PartnerDose(0.0, 2.0)], MAN, AT)
    np.testing.assert_allclose(vein.plasma, 2000 / volume * np.exp(-k * AT), rtol=1e-4)
    mouth = partner_concentrations(name, [PartnerDose(0.0, 2.0, route="oral")], MAN, AT)
    t = np.maximum(AT - lag, 0.0)
    expected = 2000 * f / volume * ka / (ka - k) * (np.exp(-k * t) - np.exp(-ka * t))
    np.testing.assert_allclose(mouth.plasma, expected, rtol=1e-4, atol=1e-9)


def test_oral_oxycodone_is_half_of_the_area_by_vein():
    at = np.linspace(0.0, 72.0, 3601)
    areas = [
        np.trapezoid(partner_concentrations("oxycodone", [PartnerDose(0.0, 10.0, route=r)], MAN, at).plasma, at)
        for r in ("oral", "intravenous")
    ]
    assert areas[0] / areas[1] == pytest.approx(0.5, rel=0.02)  # the bolus is sampled coarsely
    assert areas[1] == pytest.approx(10_000 / 37.4, rel=0.02)


@every_partner
def test_steady_state_is_rate_over_clearance(name):
    model = partner_models(name)[0]
    clearance = float(model.kinetics.disposition(jnp.asarray(70.0)).clearance)
    found = partner_concentrations(name, [PartnerDose(0.0, 2000.0, 2000.0)], MAN, np.array([1999.0]))
    assert found.plasma[0] == pytest.approx(1000.0 / clearance, rel=1e-6)
    if found.effect is not None:
        assert found.effect[0] == pytest.approx(found.plasma[0], rel=1e-6)


@every_partner
def test_two_half_doses_equal_one_and_nothing_is_negative(name):
    one = partner_concentrations(name, [PartnerDose(0.2, 1.0, 0.5)], MAN, AT)
    two = partner_concentrations(name, [PartnerDose(0.2, 0.5, 0.5)] * 2, MAN, AT)
    np.testing.assert_allclose(one.plasma, two.plasma, rtol=1e-12)
    assert (one.plasma >= 0).all()
    assert one.plasma[0] == 0.0  # before the dose


def test_older_people_get_the_variant_of_their_age():
    ages = np.array([40.0, 64.9, 65.0, 80.0])
    who = Covariates(weight=np.full(4, 70.0), age=ages, female=np.zeros(4), asian=np.zeros(4), japanese=np.zeros(4))
    together = partner_concentrations("midazolam", [PartnerDose(0.0, 2.0)], who, AT)
    alone = [partner_concentrations("midazolam", [PartnerDose(0.0, 2.0)], person(age=a), AT) for a in ages]
    np.testing.assert_allclose(together.plasma, np.stack([c.plasma for c in alone], axis=1), rtol=1e-12)
    np.testing.assert_allclose(together.effect, np.stack([c.effect for c in alone], axis=1), rtol=1e-12)
    assert not np.allclose(together.plasma[:, 1], together.plasma[:, 2])
    assert "midazolam.clearance" in alone[0].keys
    assert "midazolam_old.clearance" not in alone[0].keys
    assert "midazolam.clearance" not in alone[3].keys


def test_ondansetron_lasts_longer_in_each_older_group():
    late = [
        partner_concentrations("ondansetron", [PartnerDose(0.0, 8.0)], person(age=a), np.array([8.0])).plasma[0]
        for a in (30.0, 70.0, 80.0)
    ]
    assert late == sorted(late)


def test_morphine_reaches_its_effect_site_later_in_women():
    man, woman = (partner_concentrations("morphine", [PartnerDose(0.0, 10.0)], person(female=f), AT) for f in (0, 1))
    np.testing.assert_allclose(man.plasma, woman.plasma)
    assert woman.effect[1] < man.effect[1]


def test_weight_counts_only_where_the_source_says_so():
    def first(name, weight):
        return partner_concentrations(name, [PartnerDose(0.0, 1.0)], person(weight=weight), np.array([1e-6])).plasma[0]

    for name in ("midazolam", "midazolam_zomorodi", "oxycodone"):
        assert first(name, 50.0) == pytest.approx(first(name, 100.0))
    for name in ("lorazepam", "ondansetron", "clonidine", "morphine", "fentanyl", "dexmedetomidine"):
        assert first(name, 50.0) == pytest.approx(2.0 * first(name, 100.0), rel=1e-4)


def test_outside_its_people_a_partner_warns():
    found = partner_concentrations("dexmedetomidine", [PartnerDose(0.0, 0.05)], person(weight=130.0, age=75.0), AT)
    assert len(found.warnings) == 2
    assert "75 y is outside 20 to 70 y" in found.warnings[0]


def test_unknown_partners_and_routes_are_refused():
    with pytest.raises(UnknownName, match="midazolam"):
        partner_models("midazolan")
    with pytest.raises(InputError, match="no input by this route"):
        partner_concentrations("fentanyl", [PartnerDose(0.0, 0.1, route="oral")], MAN, AT)
    with pytest.raises(InputError, match="depend on age"):
        partner_concentrations("midazolam", [PartnerDose(0.0, 1.0)], person(age=math.nan), AT)


def test_every_number_of_a_partner_comes_from_a_row_and_recalled_ones_are_assumptions():
    used = set()
    for name in PARTNERS:
        for model in partner_models(name):
            used |= set(model.keys)
    rows = {row.key for row in evidence.table("co_medication")}
    assert rows - used == {"lorazepam.half_life", "lorazepam.oral_half_life"} - used
    assert {"clonidine.clearance", "clonidine.volume", "oxycodone.oral_rate"} <= {
        row.key for row in evidence.assumptions(used)
    }
