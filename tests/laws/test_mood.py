"""Mood does not care about units, stays on its scales, and grows with the dose."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unwound.outcomes
from laws.register import Formula, decades, formula_obeys_scaling, fraction, plain, positive, scales, with_unit
from laws.test_scaling import public_functions
from unwound.core.arrays import jax, jnp
from unwound.outcomes import mood, mood_control, mood_relapse, mood_scales
from unwound.outcomes.mood import Mood
from unwound.outcomes.mood_control import COMPARATORS, Control
from unwound.outcomes.mood_relapse import Relapse
from unwound.outcomes.mood_scales import Scale
from unwound.patient.mood_people import mood_parameters, scale_of

P = mood_parameters()
MADRS = scale_of("MADRS")
number, share = with_unit(positive, "1"), with_unit(fraction, "1")
days = with_unit(positive, "d")
signed = with_unit(st.floats(-2.0, 2.0), "1")
points = with_unit(st.floats(1.0, 59.0), "points")


def any_of(kind, **given_as):
    return st.builds(kind, **{f.name: given_as.get(f.name, positive) for f in dataclasses.fields(kind)})


minds = any_of(Mood, opioid_share=fraction, responder_share=fraction)
arms = st.sampled_from(list(COMPARATORS.values()))
controls, relapses = any_of(Control, overlap=fraction), any_of(Relapse, steepness=st.floats(0.2, 3.0))
ratings = any_of(Scale, most=st.just(60.0), response_fall=fraction)
lengths = with_unit(st.lists(decades(-2, 0), min_size=3, max_size=3).map(np.array), "d")
stimuli = with_unit(st.lists(fraction, min_size=12, max_size=12).map(lambda x: np.reshape(x, (3, 2, 2))), "1")
run = jax.jit(mood.improvement)


def formula(name, function, gives, *arguments, **how):
    call = how.pop("call", function)
    return Formula(name, st.tuples(*arguments), lambda *a: call(*(plain(x) for x in a)), gives, (function,), **how)


def _run(lengths, stimuli, p):
    p = jax.tree.map(lambda x: jnp.asarray(x, float), p)  # plain numbers would count as another program each
    return run(jnp.asarray(lengths), jnp.asarray(stimuli), p)


def _accumulated(each, hazard):
    return mood_relapse.accumulated(jnp.asarray([0.0, each, 3.0 * each]), jnp.ones((3, 1)) * hazard)


MOOD_FORMULAS = (
    formula("mood: stimulus", mood.stimulus, "1", with_unit(positive, "uM"), minds),
    formula("mood: improvement", mood.improvement, "1", lengths, stimuli, minds, call=_run),
    formula("mood: shift", mood.shift, "1", share, number, minds),
    formula("mood: benzodiazepine", mood.benzodiazepine_factor, "1", days, with_unit(positive, "mg"), minds),
    formula("mood: opioid", mood.opioid_factor, "1", share, minds),
    formula("control: response", mood_control.response, "1", days, signed, signed, arms, controls),
    formula("control: left of the drug", mood_control.drug_left, "1", days, arms, controls),
    formula("scale: score", mood_scales.score, "points", points, signed, signed, ratings),
    formula("scale: observed", mood_scales.observed, "points", points, signed, ratings),
    formula("scale: response", mood_scales.responded, "1", points, points, ratings),
    formula("scale: remission", mood_scales.remitted, "1", points, ratings),
    formula("relapse: hazard", mood_relapse.hazard, "1/d", points, points, with_unit(st.just(60.0), "points"), number,
            relapses),
    formula("relapse: accumulated", mood_relapse.accumulated, "1", days, with_unit(positive, "1/d"), call=_accumulated),
)  # fmt: skip
MOOD_EXCEPTIONS = {
    "mood_control.comparator": "looks up a name",
    "mood_scales.scale_name": "looks up a name",
}


@pytest.mark.parametrize("formula", MOOD_FORMULAS, ids=lambda f: f.name)
@given(data=st.data(), k=scales)
@settings(max_examples=10)
def test_a_formula_is_the_same_in_any_units(formula, data, k):
    assert formula_obeys_scaling(formula, data.draw(formula.arguments), k)


def test_every_function_of_these_pages_is_under_the_law_of_scaling():
    pages = {"mood", "mood_control", "mood_relapse", "mood_scales"}
    defined = {name for name in public_functions(unwound.outcomes) if name.split(".")[0] in pages}
    under = {f"{f.__module__.split('.')[-1]}.{f.__qualname__}" for entry in MOOD_FORMULAS for f in entry.of}
    assert defined == under | set(MOOD_EXCEPTIONS)


@given(stimuli, lengths)
@settings(max_examples=25)
def test_improvement_lies_between_none_and_full(given_as, steps):
    m = np.asarray(_run(plain(steps), plain(given_as), P.mood))
    assert (m >= 0.0).all()
    assert (m <= 1.0 + 1e-6).all()


@given(stimuli, lengths, st.floats(1.0, 3.0))
@settings(max_examples=25)
def test_more_exposure_never_gives_less_improvement(given_as, steps, more):
    less = plain(given_as) * 0.3
    little, much = (np.asarray(_run(plain(steps), e, P.mood)) for e in (less, np.minimum(less * more, 1.0)))
    assert (much >= little - 1e-9).all()


@given(st.floats(1.0, 59.0), st.floats(-5, 20), st.floats(-5, 20), st.floats(-4, 4))
@settings(max_examples=50)
def test_a_rating_never_leaves_its_scale(baseline, drug, control, scatter):
    true = float(mood_scales.score(baseline, drug, control, MADRS))
    assert 0.0 <= true <= 60.0
    assert 0.0 <= float(mood_scales.observed(true, scatter, MADRS)) <= 60.0


@given(st.floats(2.0, 50.0), st.floats(1.0, 9.0))
@settings(max_examples=25)
def test_a_worse_state_never_lowers_the_hazard_of_relapse(score, worse):
    now, later = (float(mood_relapse.hazard(s, 36.0, 60.0, 1.0, P.relapse)) for s in (score, score + worse))
    assert later >= now
