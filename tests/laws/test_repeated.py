"""Repeated exposure under the laws: other units change nothing, states keep their range, more drug is never safer."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unwound.outcomes
from laws.register import (
    Edge,
    Formula,
    Mechanism,
    decades,
    flow_obeys_scaling,
    flow_points_inwards,
    formula_obeys_scaling,
    fraction,
    plain,
    positive,
    scales,
    with_unit,
)
from laws.test_scaling import public_functions
from unwound.outcomes import affect, attacks, cost, hazards, opioid_hyperalgesia, session_events
from unwound.outcomes.affect import Affect
from unwound.outcomes.cost import Cost
from unwound.outcomes.hazards import Liver, LiverHazard
from unwound.outcomes.opioid_hyperalgesia import OpioidHyperalgesia
from unwound.outcomes.session_events import SessionEvent, SessionReference
from unwound.patient.safety_over_time import liver_risk


def any_of(kind, **given_as):
    return st.builds(kind, **{f.name: given_as.get(f.name, positive) for f in dataclasses.fields(kind)})


levels = with_unit(decades(0, 3), "ng/mL")
livers = any_of(Liver)


def _threshold(daily, own_share):
    return attacks.threshold(np.asarray(daily), own_share)


liver_hazards = any_of(LiverHazard)
LIVER = Mechanism(
    "liver", livers, levels, liver_hazards, lambda state, c, p: hazards.flow(state, plain(c), p), "h",
    tuple(Edge(name, 0.0, +1) for name in ("burden", "fresh", "ripening", "ripe", "remembered")), (hazards.flow,),
)  # fmt: skip
MECHANISMS = (LIVER,)


def formula(name, function, gives, *arguments, **how):
    call = how.pop("call", function)
    return Formula(name, st.tuples(*arguments), lambda *a: call(*(plain(x) for x in a)), gives, (function,), **how)


FORMULAS = [
    formula("liver: exposure", hazards.exposure, "1", levels, liver_hazards),
    formula("liver: sensitization", hazards.sensitization, "1", with_unit(positive, "h"), liver_hazards),
    formula("liver: probability", hazards.probability, "1", with_unit(positive, "1")),
]
opioids, share, hours = (
    any_of(OpioidHyperalgesia, preventable=fraction),
    with_unit(fraction, "1"),
    with_unit(positive, "h"),
)
opioid_levels, ketamine = with_unit(positive, "mg/L"), with_unit(positive, "uM")
FORMULAS += [
    formula("opioid: level", opioid_hyperalgesia.level_after, "mg/L", opioid_levels, with_unit(positive, "mg/kg/h"),
            hours, opioids),
    formula("opioid: occupancy", opioid_hyperalgesia.occupancy, "1", opioid_levels, opioids),
    formula("opioid: prevention", opioid_hyperalgesia.prevention, "1", ketamine, opioids),
    formula("opioid: tolerance", opioid_hyperalgesia.tolerance_after, "1", share, share, ketamine, hours, opioids),
    formula("opioid: area", opioid_hyperalgesia.area, "1", share, share, opioids),
    formula("opioid: shift", opioid_hyperalgesia.shift, "1", with_unit(st.floats(0.0, 0.9), "1")),
]  # fmt: skip
points = with_unit(st.floats(0.0, 10.0), "points")
week = st.lists(st.floats(0.0, 10.0), min_size=14, max_size=14).map(lambda x: np.reshape(x, (7, 2)))
sessions = st.lists(decades(-2, 1), min_size=3, max_size=3).map(np.array)
FORMULAS += [
    formula("affect: detached", affect.detached, "1", with_unit(positive, "1")),
    formula("affect: unpleasantness", affect.unpleasantness, "points", points, share, any_of(Affect)),
    formula("attacks: threshold", attacks.threshold, "points", with_unit(week, "points"), share, call=_threshold),
    formula("sessions: intensity", session_events.intensity, "1", with_unit(sessions, "uM"), any_of(SessionReference)),
    formula("sessions: share", session_events.in_session, "1", with_unit(sessions, "1"), any_of(SessionEvent)),
    formula("sessions: ever", session_events.ever_by, "1", with_unit(sessions, "1"), any_of(SessionEvent)),
    formula("cost: in bed", cost.in_bed, "1", hours, any_of(Cost)),
    formula("cost: chair", cost.chair_time, "h", hours, hours, any_of(Cost)),
]  # fmt: skip
EXCEPTIONS = {
    **dict.fromkeys(("attacks.attack_days", "attacks.beginnings"), "compares; by hand in tests/rooms"),
    **dict.fromkeys(("attacks.per_week", "attacks.per_month"), "days of 24 h by definition, as flares have them"),
    "cost.days_in_bed": "days of 24 h by definition",
    "hazards.never_exposed": "zeros",
}
PAGES = {"affect", "attacks", "cost", "hazards", "opioid_hyperalgesia", "session_events"}


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda m: m.name)
@given(data=st.data(), k=scales)
@settings(max_examples=10)
def test_a_flow_is_the_same_in_any_units_and_never_leaves_its_range(mechanism, data, k):
    state, stimulus, p = (data.draw(s) for s in (mechanism.states, mechanism.stimuli, mechanism.parameters))
    assert flow_obeys_scaling(mechanism, state, stimulus, p, k)
    assert flow_points_inwards(mechanism, state, stimulus, p)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.name)
@given(data=st.data(), k=scales)
@settings(max_examples=10)
def test_a_formula_is_the_same_in_any_units(formula, data, k):
    assert formula_obeys_scaling(formula, data.draw(formula.arguments), k)


def test_every_function_of_these_pages_is_under_the_laws():
    defined = {name for name in public_functions(unwound.outcomes) if name.split(".")[0] in PAGES}
    under = {f"{f.__module__.split('.')[-1]}.{f.__qualname__}" for entry in (*MECHANISMS, *FORMULAS) for f in entry.of}
    assert defined == under | set(EXCEPTIONS)


HOURS = np.arange(0.0, 24.0 * 40.0, 12.0)


@given(st.lists(st.floats(0.0, 400.0), min_size=len(HOURS), max_size=len(HOURS)), st.floats(1.0, 3.0))
@settings(max_examples=15)
def test_more_drug_is_never_safer_for_the_liver_and_harm_never_shrinks(given_as, more):
    level = np.array(given_as)[:, None]
    less, much = liver_risk(HOURS, level), liver_risk(HOURS, more * level)
    assert (np.diff(less.probability, axis=0) >= -1e-12).all()
    assert (much.probability >= less.probability - 1e-9).all()
    assert (less.low <= less.probability + 1e-12).all()
    assert (less.probability <= less.high + 1e-12).all()
    assert ((less.sensitization >= 0.0) & (less.sensitization <= 1.0)).all()


@given(opioids, fraction, fraction, positive, positive)
@settings(max_examples=25)
def test_tolerance_stays_a_share_and_ketamine_never_raises_it(p, before, occupied, beside, time):
    alone = float(opioid_hyperalgesia.tolerance_after(before, occupied, 0.0, time, p))
    with_it = float(opioid_hyperalgesia.tolerance_after(before, occupied, beside, time, p))
    assert -1e-12 <= with_it <= alone + 1e-12 <= 1.0 + 1e-9


@given(opioids, fraction, fraction, positive, positive)
@settings(max_examples=25)
def test_tolerance_in_two_steps_is_tolerance_in_one(p, before, occupied, beside, time):
    half = opioid_hyperalgesia.tolerance_after(before, occupied, beside, time, p)
    twice = opioid_hyperalgesia.tolerance_after(half, occupied, beside, time, p)
    once = opioid_hyperalgesia.tolerance_after(before, occupied, beside, 2.0 * time, p)
    np.testing.assert_allclose(twice, once, rtol=1e-9, atol=1e-12)


@given(st.floats(0.0, 10.0), fraction, st.floats(0.0, 2.0), fraction)
@settings(max_examples=30)
def test_unpleasantness_stays_on_its_scale_and_detachment_never_raises_it(nrs, some, delta, more):
    p = Affect(1.0, delta)
    less, least = (float(affect.unpleasantness(nrs, d, p)) for d in (some, min(some + more, 1.0)))
    assert 0.0 <= least <= less + 1e-9 <= nrs + 1e-8


@given(sessions, any_of(SessionEvent), st.floats(1.0, 3.0))
@settings(max_examples=20)
def test_ever_is_never_less_than_in_a_session_and_grows(felt, event, more):
    here, ever = (np.asarray(f(felt, event)) for f in (session_events.in_session, session_events.ever_by))
    assert (ever >= here - 1e-9).all()
    assert (np.diff(ever) >= -1e-12).all()
    assert (np.asarray(session_events.in_session(more * felt, event)) >= here - 1e-12).all()
