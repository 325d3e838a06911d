"""Ashraf 2018, placebo phase: gut wall and liver written out again as in the paper's control stream."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from unwound.core.arrays import jnp
from unwound.evidence import fill
from unwound.pharmacokinetics.ashraf2018 import Ashraf2018, without_cyp2b6
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Covariates

MODEL = fill(Ashraf2018, "ashraf2018")
WHO = Covariates(weight=66.0, age=25.0, female=1.0, asian=0.0, japanese=0.0)
AT = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 24.0])


def transcription(weight, dose, infused=0.0, zeta=1.0):
    """Concentrations [ng/mL] (ketamine, norketamine) at `AT`; `infused` [mg] over the first 2 minutes of 0.03333 h."""
    ka, vc, q1, vp1, q2, vp2 = 1.76, 14.4, 287, 102, 22.4, 180
    clh, clgw, clp = 301 * zeta, 1.19, 4.1
    vn, qn, vpn, clhn, clgwn = 88.4, 19.9, 88.9, 73.5, 44.4
    qh = 3.75 * weight**0.75
    qpv, qha = 0.75 * qh, 0.25 * qh
    qvi = 0.6 * 0.8 * 0.4 * qh
    fub, fubn = 0.70 / 0.50, 0.50 / 1
    qgut = qvi * clp / (qvi + clp)
    fg = qgut / (qgut + clgw)
    eh = clh * fub / (qh + clh * fub)
    fgn, fhn = qvi / (qvi + clgwn), qh / (qh + clhn * fubn)

    def slope(t, x):
        depot, c, p1, p2, n, np1 = x
        gut = ka * depot / qvi
        portal = (qvi * fg * gut + qpv / vc * c) / qpv
        liver = (qha / vc * c + qpv * portal) / qh
        gut_n = (1 - fg) * gut
        portal_n = (qvi * gut_n * fgn + qpv / vn * n) / qpv
        liver_n = (qha / vn * n + qpv * portal_n + qh * eh * liver) / qh
        rate = infused / 0.03333 if t < 0.03333 else 0.0
        return [
            -ka * depot,
            rate + (1 - eh) * qh * liver - qh / vc * c - q1 / vc * c + q1 / vp1 * p1 - q2 / vc * c + q2 / vp2 * p2,
            q1 / vc * c - q1 / vp1 * p1,
            q2 / vc * c - q2 / vp2 * p2,
            fhn * qh * liver_n - qh / vn * n - qn / vn * n + qn / vpn * np1,
            qn / vn * n - qn / vpn * np1,
        ]

    start, begin, parts = np.array([dose, 0, 0, 0, 0, 0.0]), 0.0, []
    for end in (0.03333, AT[-1]):
        wanted = AT[(begin < AT) & (end >= AT)]
        done = solve_ivp(
            slope, (begin, end), start, t_eval=np.unique([*wanted, end]), method="LSODA", rtol=1e-10, atol=1e-12
        )
        parts.append(done.y[:, : len(wanted)])
        start, begin = done.y[:, -1], end + 1e-12
    y = np.concatenate(parts, axis=1)
    return 1000 * y[1] / vc, 1000 * y[4] / vn


@pytest.mark.parametrize("route", ["oral", "intravenous"])
def test_both_analytes_agree_with_the_transcription(route):
    dose = 20.0 if route == "oral" else 7.0
    given = Given(0.0, dose, 0.0 if route == "oral" else 0.03333, "S", route)
    found = curves(MODEL, [given], WHO, jnp.zeros(5), AT).concentration
    expected = transcription(66.0, dose, 0.0) if route == "oral" else transcription(66.0, 0.0, dose)
    np.testing.assert_allclose(found["S-ketamine"], expected[0], rtol=1e-6)
    np.testing.assert_allclose(found["S-norketamine"], expected[1], rtol=1e-6)


def area(model, compartment):
    system = model.system(WHO, jnp.zeros(5), "S")
    dose = np.eye(6)[model.compartments().index(compartment)]
    return np.asarray(system.readout) @ np.linalg.solve(-np.asarray(system.matrix), dose)


def test_the_gut_wall_does_a_253rd_of_the_liver():
    assert MODEL.hepatic / MODEL.gut_wall == pytest.approx(253, rel=0.005)


def test_bioavailability_lies_between_fanta_and_perez_ruixo():
    """0.08 and 0.18; ours to know, as the paper's own is not among what we have read."""
    assert 0.08 < area(MODEL, "stomach")[0] / area(MODEL, "central")[0] < 0.18


def test_losing_all_cyp2b6_is_the_limit_of_ticlopidine():
    """63 % of the metabolism lost: 2.7 times by mouth, above the 2.4 observed; 0 % lost is the model itself."""
    limit = area(without_cyp2b6(MODEL), "stomach")[0] / area(MODEL, "stomach")[0]
    assert limit == pytest.approx(1 / 0.37, rel=1e-9)
    assert area(without_cyp2b6(MODEL), "central")[0] / area(MODEL, "central")[0] < limit
    assert without_cyp2b6(MODEL, 1.0).hepatic == MODEL.hepatic


def test_the_spread_is_that_of_the_printed_variances():
    np.testing.assert_allclose(np.diag(MODEL.covariance()), [0.42, 0.045, 0.25, 2.1, 0.10])


def test_heavier_people_have_more_liver_flow_and_nothing_else():
    light, heavy = (MODEL.system(Covariates(w, 30.0, 0.0, 0.0, 0.0), jnp.zeros(5), "S") for w in (50.0, 90.0))
    np.testing.assert_allclose(light.readout, heavy.readout)
    assert float(heavy.matrix[1, 1]) < float(light.matrix[1, 1])
