"""Every routed model once more, each in the symbols of its paper, integrated by LSODA at a tolerance of 1e-10.

Nothing of the transcriptions reads the package: numbers are typed from the publications (Perez-Ruixo 2021 and Simons
2022 as transcribed in nlmixr2lib, Kamp 2020 and the classical models as in opentiva, stanpumpR and the abstracts).
A model is a function (person, effects) -> Transcription: its differential equations, the states into which a dose by
each route goes, and what is read off. Bioavailabilities and rates of the generic routes are those of the route table.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from unwound.core.arrays import jnp
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import ROUTED, routed_model

MW_K, MW_NK, MW_HNK = 237.73, 223.70, 239.70  # g/mol


class Person(NamedTuple):
    WT: float
    AGE: float
    Asian: int
    Japanese: int


class Into(NamedTuple):
    """A share of the dose goes into a state, evenly over `hours` (None: as the pump gives it)."""

    state: int
    share: float
    hours: float | None


@dataclass(frozen=True)
class Transcription:
    derivatives: Callable  # state -> its rate of change, mg/h
    size: int
    routes: dict  # route -> function of the dose [mg] -> list of Into
    concentrations: dict  # analyte -> function of the state


# ------------------------------------------------------------------------------------------------ Perez-Ruixo 2021


def perezruixo(person, eta):
    """Table 3; hours. States: nose, swallowed, oral, central, two peripherals, hepato-portal, noresketamine, its own.

    eta: ka_n, ka_sw, ka_po, Vc, Vp1, Qh, Vh, kel, Vcn, CLn, kmet (log), FRn (logit).
    """
    ka_n, ka_sw, ka_po = 2.93 * np.exp(eta[0]), 1.45 * np.exp(eta[1]), 0.97 * np.exp(eta[2])
    Dsw, Dpo, Fgut = 0.53, 0.32, 0.64
    Vc, Vp1, Vp2, Q1, Q2 = 192 * np.exp(eta[3]), 143 * np.exp(eta[4]), 417.0, 84.3, 37.6
    # the order of the age effect and of eta is told in two ways: no test person has both
    Qh = (151 - 2.19 * max(person.AGE - 60, 0)) * np.exp(eta[5])
    Vh = 101 * np.exp(eta[6])
    kel = 1.11 * np.exp(eta[7]) * 0.36**person.Asian
    Vcn, CLn = 70.0 * np.exp(eta[8]), 38.0 * np.exp(eta[9]) * 0.81**person.Asian
    kmet = 2.77 * np.exp(eta[10])
    Vpn, Q3 = 115.0, 26.1
    # likewise of the Japanese factor and of eta
    FR1 = 1 / (1 + np.exp(-(np.log(0.54 / 0.46) + eta[11]))) * 1.34**person.Japanese

    def derivatives(x):
        nose, swallowed, oral, c, p1, p2, h, n, np_ = x
        C, H = c / Vc, h / Vh
        return [
            -ka_n * nose,
            -ka_sw * swallowed,
            -ka_po * oral,
            ka_n * nose - Q1 * (C - p1 / Vp1) - Q2 * (C - p2 / Vp2) - Qh * (C - H),
            Q1 * (C - p1 / Vp1),
            Q2 * (C - p2 / Vp2),
            ka_sw * swallowed + ka_po * oral + Qh * (C - H) - (kel + kmet) * h,
            kmet * h - CLn * n / Vcn - Q3 * (n / Vcn - np_ / Vpn),
            Q3 * (n / Vcn - np_ / Vpn),
        ]

    def nasal(dose):
        devices = int(np.ceil(dose / 28 - 1e-9))
        FRn = FR1 * (1 + 0.62 * (devices - 1)) / devices
        return [Into(0, FRn, 0.0), Into(1, (1 - FRn) * Fgut, Dsw)]

    routes = {
        "intravenous": lambda dose: [Into(3, 1.0, None)],
        "nasal": nasal,
        "oral": lambda dose: [Into(2, Fgut, Dpo)],
    }
    read = {"S-ketamine": lambda x: 1000 * x[3] / Vc, "S-norketamine": lambda x: 1000 * x[7] / Vcn}
    return Transcription(derivatives, 9, routes, read)


# ----------------------------------------------------------------------------------------------------- Simons 2022


def simons(person, eta):
    """Table 4; minutes and umol, turned into hours at the end. States: mouth, gut, gut to liver, K1-3, two of the
    chain K to NK, NK1-2, two of the chain NK to HNK, HNK1-2.

    eta: VK1, CLK1, CLK3, CLN1, MTT K->NK, VH1, CLH1, CLH2 (log).
    """
    clearance, volume = (person.WT / 70) ** 0.75, person.WT / 70
    F1, D1, KA1, F2, D2, KA2, MTTG = 0.263, 13.1, 0.040, 1.16, 29.9, 0.049, 10.7
    VK1, VK2, VK3 = 11.6 * volume * np.exp(eta[0]), 39.0 * volume, 174 * volume
    CLK1, CLK2, CLK3 = 1.48 * clearance * np.exp(eta[1]), 2.43 * clearance, 1.21 * clearance * np.exp(eta[2])
    MTT_K_NK, fm_NK = 20.1 * np.exp(eta[4]), 0.80
    VN1, VN2, CLN1, CLN2 = VK1, 221 * volume, 1.00 * clearance * np.exp(eta[3]), 2.63 * clearance
    MTT_NK_HNK, fm_HNK = 1.12, 0.70
    VH1, VH2 = 4.4 * volume * np.exp(eta[5]), 87.5 * volume
    CLH1, CLH2 = 0.933 * clearance * np.exp(eta[6]), 1.70 * clearance * np.exp(eta[7])
    k1, k2 = 2 / MTT_K_NK, 2 / MTT_NK_HNK

    def per_minute(x):
        mouth, gut, delay, K1, K2, K3, M1, M2, N1, N2, L1, L2, H1, H2 = x
        return [
            -KA1 * mouth,
            -KA2 * gut,
            KA2 * gut - delay / MTTG,
            KA1 * mouth - CLK1 * K1 / VK1 - CLK2 * (K1 / VK1 - K2 / VK2) - CLK3 * (K1 / VK1 - K3 / VK3),
            CLK2 * (K1 / VK1 - K2 / VK2),
            CLK3 * (K1 / VK1 - K3 / VK3),
            delay / MTTG + CLK1 * K1 / VK1 - k1 * M1,
            k1 * (M1 - M2),
            fm_NK * k1 * M2 - CLN1 * N1 / VN1 - CLN2 * (N1 / VN1 - N2 / VN2),
            CLN2 * (N1 / VN1 - N2 / VN2),
            CLN1 * N1 / VN1 - k2 * L1,
            k2 * (L1 - L2),
            fm_HNK * k2 * L2 - CLH1 * H1 / VH1 - CLH2 * (H1 / VH1 - H2 / VH2),
            CLH2 * (H1 / VH1 - H2 / VH2),
        ]

    umol = 1000 / MW_K  # per mg: states are umol, doses mg
    routes = {
        "intravenous": lambda dose: [Into(3, umol, None)],
        "sublingual": lambda dose: [Into(0, F1 * umol, D1 / 60), Into(1, F2 * umol, D2 / 60)],
    }
    read = {  # umol/L is nmol/mL
        "S-ketamine": lambda x: MW_K * x[3] / VK1,
        "S-norketamine": lambda x: MW_NK * x[8] / VN1,
        "S-hydroxynorketamine": lambda x: MW_HNK * x[12] / VH1,
    }
    return Transcription(lambda x: 60 * np.array(per_minute(x)), 14, routes, read)


# ----------------------------------------------- intravenous models, the other routes through a depot of their own

GENERIC = {  # bioavailability, absorption rate constant per hour
    "intramuscular": (0.93, 6.0),
    "subcutaneous": (0.95, 3.0),
    "sublingual": (0.29, 3.0),
    "rectal": (0.30, 1.5),
    "oral": (0.23, 1.5),
    "nasal": (0.45, 3.0),
    "inhaled": (0.70, 20.0),
}


def with_depots(size, disposition, read):
    """States: seven depots, then those of `disposition`, whose first receives everything."""
    ka = np.array([rate for _, rate in GENERIC.values()])

    def derivatives(x):
        depots, rest = x[:7], x[7:]
        change = np.array(disposition(rest))
        change[0] += np.sum(ka * depots)
        return np.concatenate([-ka * depots, change])

    routes = {name: lambda dose, n=n, F=F: [Into(n, F, None)] for n, (name, (F, _)) in enumerate(GENERIC.items())}
    routes["intravenous"] = lambda dose: [Into(7, 1.0, None)]
    return Transcription(derivatives, 7 + size, routes, {k: lambda x, f=f: f(x[7:]) for k, f in read.items()})


def otto(person, eta):
    """Table 3 (parent of Fanta 2015). eta: V1, CL, Vm, CLm (log)."""
    clearance, volume = (person.WT / 70) ** 0.75, person.WT / 70
    V1, CL = 133 * volume * np.exp(eta[0]), 95.2 * clearance * np.exp(eta[1])
    V2, Q2, V3, Q3 = 187.0, 23.2, 98.8, 157.0
    Vm, CLm, Vmp, Qm = 98.638 * volume * np.exp(eta[2]), 57.72 * clearance * np.exp(eta[3]), 160.04, 42.778

    def disposition(x):
        A1, A2, A3, M1, M2 = x
        C, Cm = A1 / V1, M1 / Vm
        return [
            -CL * C - Q2 * (C - A2 / V2) - Q3 * (C - A3 / V3),
            Q2 * (C - A2 / V2),
            Q3 * (C - A3 / V3),
            CL * C - CLm * Cm - Qm * (Cm - M2 / Vmp),
            Qm * (Cm - M2 / Vmp),
        ]

    read = {"S-ketamine": lambda x: 1000 * x[0] / V1, "S-norketamine": lambda x: 1000 * x[3] / Vm}
    return with_depots(5, disposition, read)


def kamp(person, eta, enantiomer):
    """25, 56, 157 L; 84, 161, 79 L/h per 70 kg; both enantiomers share volumes and flows.

    CL_R = 0.86 CL_S with the harmonic mean 84, so CL_S = 42 (1 + 1/0.86) = 90.837 and CL_R = 78.12, to the digits
    given. eta: V1, CL (log).
    """
    clearance, volume = (person.WT / 70) ** 0.75, person.WT / 70
    CL = {"S": 90.837, "R": 78.12}[enantiomer] * clearance * np.exp(eta[1])
    V1, V2, V3 = 25 * volume * np.exp(eta[0]), 56 * volume, 157 * volume
    Q2, Q3 = 161 * clearance, 79 * clearance

    def disposition(x):
        A1, A2, A3 = x
        C = A1 / V1
        return [
            -CL * C - Q2 * (C - A2 / V2) - Q3 * (C - A3 / V3),
            Q2 * (C - A2 / V2),
            Q3 * (C - A3 / V3),
        ]

    return with_depots(3, disposition, {f"{enantiomer}-ketamine": lambda x: 1000 * x[0] / V1})


def domino(person, eta):
    """V1 0.063 L/kg; k10 .438, k12 .592, k13 .590, k21 .247, k31 .0146 per minute."""
    V1 = 0.063 * person.WT
    k10, k12, k13, k21, k31 = (60 * k for k in (0.438, 0.592, 0.590, 0.247, 0.0146))

    def disposition(x):
        A1, A2, A3 = x
        return [-(k10 + k12 + k13) * A1 + k21 * A2 + k31 * A3, k12 * A1 - k21 * A2, k13 * A1 - k31 * A3]

    return with_depots(3, disposition, {"ketamine": lambda x: 1000 * x[0] / V1})


def clements(person, eta):
    """V1 1.7522 L/kg; k10 .0109, k12 .0186, k21 .0137 per minute."""
    V1 = 1.7522 * person.WT
    k10, k12, k21 = (60 * k for k in (0.0109, 0.0186, 0.0137))

    def disposition(x):
        A1, A2 = x
        return [-(k10 + k12) * A1 + k21 * A2, k12 * A1 - k21 * A2]

    return with_depots(2, disposition, {"ketamine": lambda x: 1000 * x[0] / V1})


def two_compartments(V1, V2, CL, Q, analyte):
    def disposition(x):
        A1, A2 = x
        return [-CL * A1 / V1 - Q * (A1 / V1 - A2 / V2), Q * (A1 / V1 - A2 / V2)]

    return with_depots(2, disposition, {analyte: lambda x: 1000 * x[0] / V1})


def per_70_kg(V1, V2, CL, Q, analyte="ketamine", etas=lambda eta: (0, 0, 0, 0)):
    def transcription(person, eta):
        size, e = person.WT / 70, np.exp(etas(eta))
        flow = size**0.75
        return two_compartments(V1 * size * e[0], V2 * size * e[1], CL * flow * e[2], Q * flow * e[3], analyte)

    return transcription


def brunette(person, eta):
    """F 0.45, absorption half-time 59 min (its BSV of 148 % in the covariance); disposition of Herd 2007.

    eta: V1, V2, CL, Q, absorption half-time (log).
    """
    size, e = person.WT / 70, np.exp(eta)
    V1, V2, CL, Q = 38.7 * size * e[0], 102 * size * e[1], 90 * size**0.75 * e[2], 215 * size**0.75 * e[3]
    ka = np.log(2) / (59 / 60 * e[4])

    def derivatives(x):
        D, A1, A2 = x
        return [-ka * D, ka * D - CL * A1 / V1 - Q * (A1 / V1 - A2 / V2), Q * (A1 / V1 - A2 / V2)]

    return Transcription(
        derivatives, 3, {"oral": lambda dose: [Into(0, 0.45, None)]}, {"ketamine": lambda x: 1000 * x[1] / V1}
    )


MODELS = {  # model -> enantiomer (or form) -> transcription
    "perezruixo2021": {"S": perezruixo},
    "otto2021": {"S": otto},
    "simons2022": {"S": simons},
    "kamp2020": {which: lambda person, eta, which=which: kamp(person, eta, which) for which in "SR"},
    "domino1984": {"racemic": domino},
    "clements1981": {"racemic": clements},
    "herd2007": {"racemic": per_70_kg(38.7, 102, 90, 215, etas=lambda eta: eta)},
    "brunette2011": {"racemic": brunette},
    "sherwin2015": {"racemic": per_70_kg(20.5, 220, 87.9, 87.3)},
    "elkomy2015": {"racemic": per_70_kg(57.3, 152, 60.6, 73.2)},
    "hornik2018": {"racemic": per_70_kg(32.8, 152, 38.9, 54.9)},
    "flint2017": {"S": per_70_kg(7.73, 545, 112, 196, "S-ketamine", lambda eta: (0, 0, eta[0], 0))},
    "twocompartment": {"S": lambda person, eta: two_compartments(70.0, 160.0, 90.0, 100.0, "S-ketamine")},
}


# -------------------------------------------------------------------------------------------------- the comparison


def integrated(model, doses, at):
    """{analyte: ng/mL at times `at`}; a sample at the time of a bolus is taken before it."""
    boluses, pumps = [], []
    for dose in doses:
        for state, share, hours in model.routes[dose.route](dose.amount):
            length = dose.duration if hours is None else max(hours, dose.duration)
            if length > 0:
                pumps.append((dose.start, dose.start + length, state, share * dose.amount / length))
            else:
                boluses.append((dose.start, state, share * dose.amount))
    edges = sorted({0.0, *at, *(t for t, *_ in boluses), *(t for begin, end, *_ in pumps for t in (begin, end))})
    x, held = np.zeros(model.size), {0.0: np.zeros(model.size)}
    scale = sum(dose.amount for dose in doses)
    for begin, end in itertools.pairwise(edges):
        for t, state, amount in boluses:
            x[state] += amount if t == begin else 0.0
        u = np.zeros(model.size)
        for start, stop, state, rate in pumps:
            u[state] += rate if start <= (begin + end) / 2 < stop else 0.0
        solved = solve_ivp(
            lambda _, y, u=u: np.asarray(model.derivatives(y)) + u,
            (begin, end),
            x,
            "LSODA",
            rtol=1e-10,
            atol=1e-12 * scale,
        )
        assert solved.success
        x, held[end] = solved.y[:, -1].copy(), solved.y[:, -1]
    return {name: np.array([read(held[t]) for t in at]) for name, read in model.concentrations.items()}


def drawn(name, seed):
    """A person, covariates for the package, random effects within two standard deviations."""
    rng, model = np.random.default_rng(seed), routed_model(name)
    asian = int(rng.integers(0, 2))
    person = Person(rng.uniform(10, 130), rng.uniform(18, 86), asian, asian * int(rng.integers(0, 2)))
    effects = len(model.random_effects)
    root = np.linalg.cholesky(np.asarray(model.covariance())) if effects else np.zeros((0, 0))
    eta = root @ np.clip(rng.standard_normal(effects), -2, 2)
    if name == "perezruixo2021":  # see there: two readings of what nobody printed, agreeing where one effect is zero
        eta[5] *= person.AGE <= 60
        eta[11] *= not person.Japanese
    columns = (person.WT, person.AGE, rng.integers(0, 2), person.Asian, person.Japanese)
    return model, person, Covariates(*(jnp.asarray(float(x)) for x in columns)), eta


ROUTES = [(name, route) for name in ("perezruixo2021", "simons2022") for route in routed_model(name).routes]
SEQUENCES = [name for name in MODELS if name not in ("perezruixo2021", "simons2022", "brunette2011")]
AT = np.array([0.1, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.25, 5.0, 8.0, 12.0, 24.0])


def agree(name, seed, doses, at):
    """All concentrations of the package and of the transcription, to 1e-6 of the largest."""
    model, person, who, eta = drawn(name, seed)
    found = curves(model, doses, who, jnp.asarray(eta), at).concentration
    compared = set()
    for form, transcription in MODELS[name].items():
        own = [
            Given(d.start, d.amount / 2 if d.enantiomer != form else d.amount, d.duration, form, d.route)
            for d in doses
            if d.enantiomer in (form, "racemic")
        ]
        for analyte, expected in integrated(transcription(person, eta), own, at).items():
            assert expected.max() > 0
            np.testing.assert_allclose(found[analyte], expected, rtol=0, atol=1e-6 * expected.max())
            compared.add(analyte)
    assert compared == set(found)


def test_every_model_is_transcribed():
    """Here; Ashraf 2018 is transcribed with the interactions it is there for."""
    assert set(ROUTED) - {"ashraf2018"} == set(MODELS)


@pytest.mark.parametrize(("name", "route"), ROUTES)
@pytest.mark.parametrize("seed", range(4))
def test_the_equations_of_the_paper_give_the_same_curves(name, route, seed):
    doses = [
        Given(0.0, 28.0, 0.0, "S", route),
        Given(1.5, 84.0, 0.0, "S", route),
        Given(4.0, 20.0, 1.25, "S", route),
    ]
    agree(name, seed, doses, AT)


@pytest.mark.parametrize("seed", range(4))
def test_brunette_2011_by_mouth(seed):
    doses = [Given(0.0, 100.0, 0.0, "racemic", "oral"), Given(4.0, 150.0, 0.0, "racemic", "oral")]
    agree("brunette2011", seed, doses, AT)


def test_brunette_2011_as_printed():
    """45 % arrives, half of it within 59 min, and children differ in that time by 148 %."""
    model, child = routed_model("brunette2011"), Covariates(*(jnp.asarray(x) for x in (20.0, 5.0, 0.0, 0.0, 0.0)))
    found = curves(model, [Given(0.0, 100.0, 0.0, "racemic", "oral")], child, jnp.zeros(5), np.array([59 / 60]))
    assert found.amounts["racemic"][0, 0] == pytest.approx(45.0 / 2)
    assert np.sqrt(np.expm1(float(model.covariance()[4, 4]))) == pytest.approx(1.48)


@pytest.mark.parametrize("name", SEQUENCES)
@pytest.mark.parametrize("seed", range(2))
def test_the_equations_of_the_paper_give_the_same_curves_by_all_routes(name, seed):
    """One route after the other in one course, at once and over 45 minutes in turn; enantiomers in turn."""
    forms = ("S", "R", "racemic") if name == "kamp2020" else tuple(MODELS[name])
    doses = [
        Given(1.5 * n, 20.0 + 3.0 * n, 0.75 * (n % 2), forms[n % len(forms)], route)
        for n, route in enumerate(("intravenous", *GENERIC))
    ]
    agree(name, seed, doses, np.arange(0.5, 18.0, 0.625))
