"""Exported models: read off the engine's own equations, complete, with units, and refused when unsafe."""

import math
import re
import sys
import xml.etree.ElementTree as ET

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unwound.core.arrays import jnp
from unwound.core.errors import EvidenceError, InputError, UnsafeDose
from unwound.core.safety import SIMULATION_ONLY
from unwound.core.units import exponents
from unwound.patient import Person
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import ROUTED, routed_model
from unwound.regimen import Bolus, Infusion, Regimen, Titration
from unwound.reporting.exchange import problems_of, to_mrgsolve, to_sbml
from unwound.reporting.exchange.formula import build, compute, number, symbol
from unwound.reporting.exchange.mrgsolve import CPP
from unwound.reporting.exchange.replay import replay
from unwound.reporting.exchange.structure import compartment_name, parameters_of, structure_of, values_of

WHO = {"weight": 82.0, "age": 71.0, "female": 1.0, "asian": 1.0, "japanese": 0.0}
S = {"drug": "ketamine", "enantiomer": "S"}
DRIP = Regimen(doses=[Infusion(amount="9 mg", duration="40 min", start="20 min", **S)])
MATH = "{http://www.w3.org/1998/Math/MathML}"


def matrix_of(name, who, eta=None):
    """(matrix, names) of one enantiomer after another, as the engine has them."""
    model = routed_model(name)
    eta = jnp.zeros(len(model.random_effects)) if eta is None else eta
    for enantiomer in model.enantiomers:
        names = [compartment_name(model, enantiomer, compartment) for compartment in model.compartments()]
        person = Covariates(*(jnp.asarray(value) for value in who.values()))
        yield model.system(person, eta, enantiomer), names


# ---------------------------------------------------------------------------------------------------- formulas

trees = st.recursive(
    st.sampled_from(["a", "b", "c"]).map(symbol) | st.sampled_from([0.0, 1.0, 2.5, -3.0]).map(number),
    lambda inner: (
        st.builds(build, st.sampled_from("+-*"), inner, inner) | st.builds(build, st.just("max"), inner, inner)
    ),
    max_leaves=8,
)


@given(trees)
def test_a_formula_says_in_text_what_it_computes(tree):
    values = {"a": 0.7, "b": -1.3, "c": 2.1}
    text = re.sub(r"\(([^()?]*) > ([^()?:]*) \? \1 : \2\)", r"max(\1, \2)", CPP.write(tree))
    if "?" in text:
        return  # nested choices are C++, not Python
    shouted = {name.upper(): value for name, value in values.items()}
    assert eval(text, {"max": max}, shouted) == pytest.approx(compute(tree, values), abs=1e-9)


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (build("-", symbol("a"), build("-", symbol("b"), symbol("c"))), "A - (B - C)"),
        (build("/", symbol("a"), build("*", symbol("b"), symbol("c"))), "A/(B*C)"),
        (build("*", build("/", symbol("a"), symbol("b")), symbol("c")), "A/B*C"),
        (build("^", build("/", symbol("a"), symbol("b")), symbol("c")), "pow(A/B, C)"),
        (build("*", symbol("a"), build("exp", number(0.0))), "A"),
    ],
)
def test_brackets_stand_where_they_are_needed(tree, text):
    assert CPP.write(tree) == text


# --------------------------------------------------------------------------------------------------- structure


@pytest.mark.parametrize("name", ROUTED)
def test_the_formulas_are_the_matrix_of_the_engine(name):
    structure = structure_of(routed_model(name), WHO)
    values = values_of(structure)
    for system, names in matrix_of(name, WHO):
        built = np.zeros((len(names), len(names)))
        for flow in structure.flows:
            if flow.source in names:
                rate, source = compute(flow.rate, values), names.index(flow.source)
                assert rate > 0
                built[source, source] -= rate
                if flow.target is not None:
                    built[names.index(flow.target), source] += rate
        assert np.allclose(built, system.matrix, rtol=1e-12, atol=0)


def powers(formula, units):
    """Powers of the base dimensions of a formula; fails where unlike things are added."""
    if formula.head in ("number", "symbol"):
        return exponents(units[formula.name]) if formula.name else None  # a number fits anything it is added to
    parts = [powers(part, units) for part in formula.parts]
    if formula.head in ("+", "-", "max"):
        known = [part for part in parts if part is not None]
        assert known[0] == known[-1]
        return known[0]
    one, other = parts[0] or {}, parts[-1] or {}
    if formula.head in ("^", "exp"):
        assert one == other == {}
        return {}
    sign = 1 if formula.head == "*" else -1
    found = {name: one.get(name, 0) + sign * other.get(name, 0) for name in (*one, *other)}
    return {name: power for name, power in found.items() if power}


@pytest.mark.parametrize("name", ROUTED)
def test_every_flow_is_per_hour_and_every_concentration_per_litre(name):
    """libsbml does not look inside powers whose exponent is a parameter; this does."""
    structure = structure_of(routed_model(name), WHO)
    units = {parameter.name: parameter.unit for parameter in structure.parameters}
    for flow in structure.flows:
        assert powers(flow.rate, units) == {"time": -1}, flow
    for readout in structure.readouts:
        assert powers(readout.per_amount, units) == {"volume": -1}


def test_a_model_that_computes_something_unknown_is_refused_by_name():
    recorded = jax.make_jaxpr(jnp.sin)(1.0)
    with pytest.raises(EvidenceError, match="'sin' cannot be exported"):
        replay(recorded.jaxpr, recorded.consts, [np.array(symbol("x"), object)])


# ---------------------------------------------------------------------------------------------------- mrgsolve


def parts_of(text):
    """The blocks of an mrgsolve text: name -> lines without comments."""
    blocks, name = {}, ""
    for line in text.splitlines():
        if line.startswith("$"):
            name = line.split()[0]
            blocks[name] = []
        elif name != "$PROB" and (bare := line.split("//")[0].strip()):
            blocks[name].append(bare)
    return blocks


def computed(blocks, eta):
    """The numbers that $PARAM and $MAIN define."""
    known = {}
    for line in blocks["$PARAM"]:
        name, value, _ = line.split(" : ", 2)
        known[name] = float(value)
    functions = {"pow": math.pow, "exp": math.exp, "ETA": lambda n: eta[n - 1]}
    for line in blocks["$MAIN"]:
        name, formula = line.removeprefix("double ").rstrip(";").split(" = ", 1)
        formula = re.sub(r"\((\S+ - \S+) > 0\.0 \? \1 : 0\.0\)", r"max(\1, 0.0)", formula)
        known[name] = eval(formula, {**functions, "max": max}, known)
    return known


@pytest.mark.parametrize("name", ROUTED)
def test_mrgsolve_text_has_every_number_with_its_unit_and_meaning(name):
    text = to_mrgsolve(name).text
    for parameter in parameters_of(routed_model(name)):
        found = re.findall(rf"^(?:// )?{parameter.name.upper()} : (\S+) : (.+) \((.+)\)$", text, re.MULTILINE)
        assert len(found) == 1, parameter.name
        (value, about, unit) = found[0]
        assert (float(value), unit) == (parameter.value, parameter.unit)
        assert len(about) > 3
    assert SIMULATION_ONLY in text
    assert name == "twocompartment" or "Source [" in text


@pytest.mark.parametrize("name", ROUTED)
def test_mrgsolve_text_computes_what_the_engine_computes(name):
    model = routed_model(name)
    routes = [route for route in model.routes if route != "inhaled"]
    person = Person(weight="82 kg", age="71 y", sex="female", ancestry="asian")
    blocks = parts_of(to_mrgsolve(name, person, routes).text)
    eta = np.linspace(-0.3, 0.4, len(model.random_effects))
    known = computed(blocks, eta)
    amounts = [line.split(" : ")[0] for line in blocks["$CMT"]]
    slopes = {}
    for line in blocks["$ODE"]:
        target, right = line.rstrip(";").split(" = ")
        slopes[target.removeprefix("dxdt_")] = right.strip()
    assert list(slopes) == amounts
    columns = []
    for one in amounts:
        state = {name: float(name == one) for name in amounts}
        columns.append([eval(slopes[name], {}, known | state) for name in amounts])
    theirs = np.array(columns).T
    for system, names in matrix_of(name, WHO, jnp.asarray(eta)):
        kept = [place for place, name in enumerate(names) if name in amounts]
        at = [amounts.index(names[place]) for place in kept]
        assert np.allclose(
            theirs[np.ix_(at, at)], np.asarray(system.matrix)[np.ix_(kept, kept)], rtol=1e-12, atol=1e-14
        )


def test_mrgsolve_text_knows_how_doses_enter():
    model, eta = routed_model("perezruixo2021"), np.linspace(-0.3, 0.4, 12)
    person = Person(ancestry="japanese")
    known = computed(parts_of(to_mrgsolve("perezruixo2021", person, ["nasal", "oral"], 84.0).text), eta)
    who = Covariates(*(jnp.asarray(v) for v in (70.0, 45.0, 0.0, 1.0, 1.0)))
    for route in ("nasal", "oral"):
        for entry in model.entries(who, jnp.asarray(eta), "S", route, 84.0):
            assert known[f"F_A_{entry.compartment}"] == pytest.approx(float(entry.fraction), rel=1e-12)
            if entry.duration:
                assert known[f"D_A_{entry.compartment}"] == entry.duration


def test_mrgsolve_omega_is_the_covariance_of_the_model():
    lines = parts_of(to_mrgsolve("otto2021").text)["$OMEGA"]
    lower = np.zeros((4, 4))
    for row, line in enumerate(lines):
        lower[row, : row + 1] = [float(number) for number in line.split()]
    covariance = np.asarray(routed_model("otto2021").covariance())
    assert np.array_equal(lower, np.tril(covariance))


# -------------------------------------------------------------------------------------------------------- SBML

pytest_sbml = pytest.mark.skipif("not __import__('importlib').util.find_spec('libsbml')", reason="needs python-libsbml")


@pytest_sbml
def test_a_wrong_unit_would_be_found():
    text = to_sbml("otto2021", DRIP, hypothesis="H2").text
    assert problems_of(text) == []
    for unit, another in (("L_per_h", "L"), ("per_d", "per_h"), ("umol_per_L", "L_per_h")):
        wrong = text.replace(f'units="{unit}"', f'units="{another}"', 1)
        assert wrong != text
        assert problems_of(wrong)


@pytest_sbml
def test_a_file_says_what_it_is_and_where_it_comes_from():
    text = to_sbml("otto2021", DRIP, hypothesis="H2").text
    for said in (SIMULATION_ONLY, "Source [otto2021]", "Assumed: protected_switch.threshold", "One typical person"):
        assert said in text
    assert f'model="otto2021" version="0.1.0" simulation_only="{SIMULATION_ONLY}"' in text
    assert text == to_sbml("otto2021", DRIP, hypothesis="H2").text  # same bytes


@pytest_sbml
def test_numbers_come_back_to_the_last_digit():
    root = ET.fromstring(to_sbml("otto2021", DRIP).text)
    times = [float(e.text) for t in root.iter() if t.tag.endswith("trigger") for e in t.iter(f"{MATH}cn")]
    assert times == [round(1 / 3, 9), 1.0]
    rates = [float(e.text) for t in root.iter() if t.tag.endswith("eventAssignment") for e in t.iter(f"{MATH}cn")]
    assert rates[0] == 9.0 / (times[1] - times[0])  # on a clock of 1e-9 h the amount is kept
    values = {e.get("id"): e.get("value") for e in root.iter() if e.tag.endswith("}parameter")}
    for parameter in parameters_of(routed_model("otto2021")):
        if parameter.name in values:
            assert float(values[parameter.name]) == parameter.value


@pytest_sbml
@settings(max_examples=25)
@given(st.floats(1e-3, 12.0), st.floats(0.02, 40.0))
def test_any_dose_and_time_gives_a_consistent_file(amount, start):
    dose = Bolus(amount=f"{amount!r} mg", start=f"{start!r} h", **S)
    assert problems_of(to_sbml("twocompartment", Regimen(doses=[dose])).text) == []


@pytest_sbml
def test_a_dose_at_the_start_stands_in_the_initial_values():
    doses = [Bolus(amount="5 mg", **S), Infusion(rate="7 mg/h", duration="2 h", **S)]
    root = ET.fromstring(to_sbml("otto2021", Regimen(doses=doses)).text)
    amounts = {e.get("id"): e.get("initialAmount") for e in root.iter() if e.tag.endswith("}species")}
    assert float(amounts["A_central"]) == 5.0
    (rate,) = (e.get("value") for e in root.iter() if e.get("id") == "input_A_central")
    assert float(rate) == 7.0
    assert len([e for e in root.iter() if e.tag.endswith("}event")]) == 1  # the end of the infusion


@pytest_sbml
def test_nothing_given_is_a_model_of_nothing():
    text = to_sbml("simons2022", Regimen(doses=[])).text
    assert problems_of(text) == []
    assert "<event " not in text


@pytest_sbml
def test_a_titration_is_written_as_if_tolerated_and_says_so():
    steps = {"start_rate": "5 mg/h", "step": "5 mg/h", "ceiling": "15 mg/h", "every": "1 h", "duration": "4 h"}
    exported = to_sbml("otto2021", Regimen(doses=[Titration(**steps, **S)]))
    assert any("as if every step were tolerated" in warning for warning in exported.warnings)
    assert problems_of(exported.text) == []


@pytest_sbml
@pytest.mark.parametrize(
    ("model", "dose", "hypothesis", "error", "says"),
    [
        ("otto2022", {}, None, InputError, "did you mean otto2021"),
        ("otto2021", {"enantiomer": "racemic"}, None, InputError, "describes S only"),
        ("simons2022", {"route": "nasal"}, None, InputError, "no input by this route"),
        ("otto2021", {"amount": "5 g"}, None, UnsafeDose, "hard limit"),
        ("otto2021", {}, "H7", InputError, "no such hypothesis"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_a_reason(model, dose, hypothesis, error, says):
    regimen = Regimen(doses=[Bolus(**{**S, "amount": "5 mg", **dose})])
    with pytest.raises(error, match=says):
        to_sbml(model, regimen, hypothesis=hypothesis)


def test_mrgsolve_refuses_a_route_the_model_does_not_have():
    with pytest.raises(InputError, match="no input by this route"):
        to_mrgsolve("simons2022", routes=["nasal"])
    with pytest.raises(InputError, match="body weight lies between"):
        to_mrgsolve("otto2021", Person(weight="700 kg"))


def test_without_the_extra_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "libsbml", None)
    with pytest.raises(InputError, match=r'pip install "unwound\[sbml\]"'):
        to_sbml("otto2021", DRIP)
