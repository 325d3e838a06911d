"""Exported SBML, read and integrated by an engine that is not ours (libRoadRunner, CVODE), against our exact one.

Source: libroadrunner (roadrunner.org). The tolerance is the promise of issue 3: 1e-6 of the maximum for linear models.
"""

import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.patient import Person, Setting, simulate
from unwound.patient.divergence import covariates_of, doses_of
from unwound.pharmacokinetics.curves import curves
from unwound.pharmacokinetics.register import ROUTED, routed_model
from unwound.regimen import Bolus, Infusion, Regimen, Repeat
from unwound.reporting.exchange import concentration_name, problems_of, to_sbml

pytest.importorskip("libsbml")
roadrunner = pytest.importorskip("roadrunner")

LINEAR = 1e-6
MEMORY = 1e-5
PERSON = Person(weight="82.5 kg", age="71 y", ancestry="asian")
AT = np.concatenate([[0.013, 0.21, 0.5, 0.9, 1.7], np.arange(1, 60) * 1.93])


def what(enantiomer, route="intravenous", **more):
    return {"drug": "ketamine", "enantiomer": enantiomer, "route": route, **more}


def drip(enantiomer):
    """Overlapping infusions over odd times, on three days, and a push while one runs."""
    daily = Repeat(count=3, days="daily")
    return [
        Infusion(amount="0.1 mg/kg", duration="40 min", start="0.1 h", repeat=daily, **what(enantiomer)),
        Infusion(rate="7 mg/h", duration="100 min", start="20 min", **what(enantiomer)),
        Bolus(amount="5 mg", start="1.3 h", **what(enantiomer)),
        Bolus(amount="5 mg", **what(enantiomer)),
    ]


def one_by(route, enantiomer, amount="28 mg"):
    """The first dose at time 0, the second while much of it is still in the body."""
    return [Bolus(amount=amount, start=start, **what(enantiomer, route)) for start in ("0 h", "72.5 h")]


def form_of(name):
    known = routed_model(name).enantiomers
    return "racemic" if known != ("S",) else "S"


CASES = [(name, "intravenous", drip(form_of(name))) for name in ROUTED if "intravenous" in routed_model(name).routes]
CASES += [("brunette2011", "oral", one_by("oral", "racemic", "100 mg"))]
CASES += [("perezruixo2021", "nasal", one_by("nasal", "S", "56 mg")), ("perezruixo2021", "oral", one_by("oral", "S"))]
CASES += [("simons2022", "film", one_by("sublingual", "S", "50 mg"))]
CASES += [("kamp2020", "nasal", one_by("nasal", "racemic")), ("flint2017", "oral", one_by("oral", "S"))]
CASES += [("otto2021", "intramuscular", one_by("intramuscular", "S", "10 mg"))]
CASES += [("domino1984", "subcutaneous", one_by("subcutaneous", "racemic", "20 mg"))]


def integrated(text, names, at):
    """The columns `names` at times `at` [h] after 0, by libRoadRunner."""
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
    engine = roadrunner.RoadRunner(text)
    engine.setIntegrator("cvode")
    engine.integrator.relative_tolerance = 1e-10
    # one number would be multiplied by the state and vanish with the drug (github.com/sys-bio/roadrunner, issue 1349)
    engine.integrator.absolute_tolerance = [1e-12] * (len(engine.timeCourseSelections) - 1)
    engine.integrator.maximum_num_steps = 1_000_000
    engine.timeCourseSelections = list(names)
    return np.array(engine.simulate(times=[0.0, *at]))[1:]


@pytest.mark.parametrize(("name", "route", "doses"), CASES, ids=[f"{name}-{route}" for name, route, _ in CASES])
def test_another_engine_finds_the_same_concentrations_in_the_exported_model(name, route, doses):
    regimen = Regimen(setting="monitored", doses=doses)
    text = to_sbml(name, regimen, PERSON).text
    assert problems_of(text) == []
    model = routed_model(name)
    given = doses_of(regimen, PERSON.weight_kg)
    ours = curves(model, given, covariates_of(PERSON), jnp.zeros((len(model.random_effects), 1)), AT).concentration
    theirs = integrated(text, [concentration_name(analyte) for analyte in ours], AT)
    for column, values in enumerate(ours.values()):
        expected = values[:, 0]
        assert expected.max() > 1.0  # ng/mL: something was given
        assert np.abs(theirs[:, column] - expected).max() < LINEAR * expected.max()


@pytest.mark.parametrize(
    ("model", "form", "hypothesis"),
    [
        ("otto2021", "S", "H0"),
        ("otto2021", "S", "H1"),
        ("otto2021", "S", "H2"),
        ("kamp2020", "racemic", "H2"),
        ("kamp2020", "racemic", "H0"),
        ("domino1984", "racemic", "H2"),
    ],
)
def test_another_engine_finds_the_same_slow_memory_and_pain(model, form, hypothesis):
    """Of S-ketamine, of two enantiomers (C_S + f C_R), and of a racemate read as a whole."""
    doses = [Infusion(rate="20 mg/h", duration="50 h", **what(form))]
    regimen = Regimen(setting="monitored", doses=doses)
    person = Person(weight="82.5 kg", age="45 y", pain="6.5 points", in_pain_for="3 y")
    course = simulate(person, regimen, "6 weeks", Setting(model=model, hypothesis=hypothesis))
    late = course.time_h > 0.0
    names = {
        "synaptic_gain": "memory_synaptic_gain",
        "latent_memory": "memory_latent",
        "protection": "memory_protection",
        "block": "memory_block",
        "slow_concentration": "memory_slow_concentration",
        "relief": "memory_relief",
    }
    exported = to_sbml(model, regimen, person, hypothesis)
    assert problems_of(exported.text) == []
    columns = [*(names[state] for state in course.states), "pain_nrs"]
    theirs = integrated(exported.text, columns, course.time_h[late])
    ours = np.stack([*(values[late, 0] for values in course.states.values()), course.pain_nrs[late, 0]], -1)
    assert np.ptp(ours[:, -1]) > 0.5  # the drug did something
    scale = np.maximum(np.abs(ours).max(axis=0), 1e-3)
    assert (np.abs(theirs - ours).max(axis=0) < MEMORY * scale).all()


def test_a_person_whose_pain_is_not_said_starts_where_the_simulation_starts():
    regimen = Regimen(doses=[Bolus(amount="5 mg", start="1 h", **what("S"))])
    course = simulate(Person(), regimen, "1 day", Setting(hypothesis="H0"))  # H0 borrows the baseline of H2
    text = to_sbml("otto2021", regimen, Person(), "H0").text
    assert integrated(text, ["pain_nrs"], [0.5])[0, 0] == pytest.approx(course.pain_nrs[0, 0], rel=1e-6)
