"""The equations do not care which units they are written in."""

import importlib
import inspect
import pkgutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unwound.outcomes
import unwound.pharmacokinetics
import unwound.sensitization
from laws.register import (
    AWAITED,
    EXCEPTIONS,
    FORMULAS,
    MECHANISMS,
    NO_EQUATION,
    flow_obeys_scaling,
    formula_obeys_scaling,
    scales,
)
from unwound.core.arrays import Record


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda m: m.name)
@given(data=st.data(), k=scales)
@settings(max_examples=30)
def test_a_flow_is_the_same_in_any_units(mechanism, data, k):
    state, stimulus, p = (data.draw(s) for s in (mechanism.states, mechanism.stimuli, mechanism.parameters))
    assert flow_obeys_scaling(mechanism, state, stimulus, p, k)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.name)
@given(data=st.data(), k=scales)
@settings(max_examples=30)
def test_a_formula_is_the_same_in_any_units(formula, data, k):
    assert formula_obeys_scaling(formula, data.draw(formula.arguments), k)


def public_functions(room):
    """Names, module.function or module.Record.method, of what a room defines."""
    for found in pkgutil.iter_modules(room.__path__):
        module = importlib.import_module(f"{room.__name__}.{found.name}")
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(thing):
                yield f"{found.name}.{name}"
            elif inspect.isclass(thing) and issubclass(thing, Record):
                methods = (n for n in vars(thing) if not n.startswith("_") and callable(getattr(thing, n)))
                yield from (f"{found.name}.{thing.__name__}.{n}" for n in methods)


ROOMS = (unwound.pharmacokinetics, unwound.sensitization, unwound.outcomes)


def test_no_exception_from_the_laws_is_stale():
    defined = {name for room in ROOMS for name in public_functions(room)}
    assert set(EXCEPTIONS) <= defined
    assert {name.split(".")[0] for name in defined} >= AWAITED
    assert not any(name.endswith(NO_EQUATION) for name in EXCEPTIONS)


@pytest.mark.parametrize("room", ROOMS, ids=lambda r: r.__name__)
def test_every_function_of_a_room_of_mechanisms_is_under_the_laws(room):
    under = {f"{f.__module__.split('.')[-1]}.{f.__qualname__}" for entry in (*MECHANISMS, *FORMULAS) for f in entry.of}
    new = (
        name for name in public_functions(room) if name.split(".")[0] not in AWAITED and not name.endswith(NO_EQUATION)
    )
    missing = sorted(name for name in new if name not in under | set(EXCEPTIONS))
    assert not missing, f"join tests/laws/register.py: {', '.join(missing)}"
