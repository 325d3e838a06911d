"""The model of patient-controlled morphine under the laws: other units change nothing, and nothing leaves its range."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unwound.outcomes.patient_controlled import (
    PatientControlled,
    Pump,
    Surgical,
    felt,
    pressed,
    reversal,
    tolerance,
    unrelieved,
)

positive = st.floats(0.01, 100.0)
share = st.floats(0.0, 1.0)
people = st.builds(
    Surgical, pain_start=st.floats(2.0, 10.0), pain_rest=st.floats(0.0, 2.0), threshold=st.floats(1.0, 6.0),
    c50=positive, tolerance=st.floats(1.0, 5.0),
)  # fmt: skip
models = st.builds(
    PatientControlled, pain_half_life=positive, hill=st.floats(0.5, 4.0), reversal_rate=positive,
    reversal_half=positive, return_half_life=positive,
)  # fmt: skip


@given(people, models, positive, positive, positive, share, share, positive, positive)
@settings(max_examples=60, deadline=None)
def test_hours_and_concentrations_may_be_written_in_other_units(
    who, p, time, morphine, ketamine, relief, share_reversed, hour, amount
):
    """`hour` and `amount` are what an hour and a unit of concentration are called in other units."""
    other = PatientControlled(p.pain_half_life * hour, p.hill, p.reversal_rate / hour, p.reversal_half * amount,
                              p.return_half_life * hour)  # fmt: skip
    them = Surgical(who.pain_start, who.pain_rest, who.threshold, who.c50 * amount, who.tolerance)
    np.testing.assert_allclose(
        reversal(share_reversed, ketamine * amount, time * hour, other), reversal(share_reversed, ketamine, time, p),
        rtol=1e-9,
    )  # fmt: skip
    np.testing.assert_allclose(unrelieved(time * hour, them, other), unrelieved(time, who, p), rtol=1e-9)
    np.testing.assert_allclose(
        felt(time * hour, morphine * amount, relief, share_reversed, them, other),
        felt(time, morphine, relief, share_reversed, who, p), rtol=1e-9, atol=1e-12,
    )  # fmt: skip


@given(people, models, positive, positive, positive, share, share)
@settings(max_examples=60, deadline=None)
def test_states_stay_in_their_range_and_go_the_way_they_should(
    who, p, time, morphine, ketamine, relief, reversed_share
):
    later = float(reversal(reversed_share, ketamine, time, p))
    assert -1e-12 <= later <= 1.0 + 1e-12
    assert float(reversal(reversed_share, 2.0 * ketamine, time, p)) >= later - 1e-12
    assert 1.0 <= float(tolerance(reversed_share, who)) <= float(who.tolerance) + 1e-12
    pain = float(unrelieved(time, who, p))
    low, high = min(who.pain_rest, who.pain_start), max(who.pain_rest, who.pain_start)
    assert low - 1e-9 <= pain <= high + 1e-9
    eased = float(felt(time, morphine, relief, reversed_share, who, p))
    assert 0.0 <= eased <= pain + 1e-12
    assert float(felt(time, 2.0 * morphine, relief, reversed_share, who, p)) <= eased + 1e-12


@given(people, models, positive, share)
@settings(max_examples=40, deadline=None)
def test_reversal_in_two_steps_is_reversal_in_one(who, p, ketamine, reversed_share):
    half = reversal(reversed_share, ketamine, 1.5, p)
    np.testing.assert_allclose(
        reversal(half, ketamine, 1.5, p), reversal(reversed_share, ketamine, 3.0, p), rtol=1e-9, atol=1e-12
    )


@given(people, st.floats(0.0, 48.0), st.floats(0.0, 10.0), positive, positive)
@settings(max_examples=60, deadline=None)
def test_a_bolus_needs_pain_above_the_threshold_and_the_lockout_over(who, time, pain, lockout, hour):
    pump = Pump(bolus=2.0, lockout=lockout, titration_lockout=lockout / 3.0, titration_time=1.0)
    scaled = Pump(2.0, lockout * hour, lockout / 3.0 * hour, hour)
    assert not bool(pressed(time, pain, 0.0, who, pump))
    assert bool(pressed(time, pain, math.inf, who, pump)) == (pain > who.threshold)
    assert not bool(pressed(-0.1, 10.0, math.inf, who, pump))
    held = lockout / 3.0 if time < 1.0 else lockout
    assert bool(pressed(time, 10.0, 0.9 * held, who, pump)) is False
    assert bool(pressed(time * hour, pain, 2.0 * lockout * hour, who, scaled)) == bool(
        pressed(time, pain, 2.0 * lockout, who, pump)
    )
