"""What a person reports stays on the scale, follows the drive, and owes nothing to the drug under placebo."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws.register import (
    fraction,
    jnp,
    micromolar,
    pain_room,
    pains,
    placebo_room,
    placebos,
    positive,
    psychomimetic_room,
    psychomimetics,
)

many = settings(max_examples=100)
any_drive = st.one_of(st.just(0.0), st.floats(0, 1e6), st.floats(0, 2))
baselines = st.floats(0.1, 9.9)
shifts = st.floats(-50, 50)


def on_the_scale(nrs):
    return bool(np.isfinite(float(nrs)) and 0.0 <= float(nrs) <= 10.0)


@given(baselines, any_drive, fraction, shifts, pains)
@many
def test_pain_stays_between_0_and_10_for_any_input(baseline, drive, share, shift, p):
    assert on_the_scale(pain_room.intensity(baseline, drive, share, p))
    assert on_the_scale(pain_room.lowered(pain_room.intensity(baseline, drive, share, p), shift))
    assert on_the_scale(pain_room.lowered(pain_room.proportional(baseline, share, share), shift))


@given(st.floats(-20, 30), st.floats(-40, 40), pains)
@many
def test_a_rating_is_a_whole_number_of_grains_on_the_scale(nrs, scatter, p):
    rating = float(pain_room.observed(nrs, scatter, p))
    grains = rating / p.grain
    assert on_the_scale(rating)
    assert grains == pytest.approx(round(grains), abs=1e-9) or rating == 10.0


@given(baselines, fraction, pains)
@many
def test_a_person_at_rest_reports_their_own_baseline(baseline, share, p):
    assert float(pain_room.intensity(baseline, 1.0, share, p)) == pytest.approx(baseline)
    assert float(pain_room.proportional(baseline, 0.0, share)) == pytest.approx(baseline)
    assert float(pain_room.lowered(baseline, 0.0)) == pytest.approx(baseline)


@given(baselines, st.lists(st.floats(0, 3), min_size=2, max_size=5), fraction, pains)
@many
def test_more_drive_is_never_less_pain(baseline, drives, share, p):
    pain = np.asarray(pain_room.intensity(baseline, jnp.sort(jnp.array(drives)), share, p))
    assert (np.diff(pain) >= -1e-12).all()


@given(baselines, any_drive, pains)
@many
def test_drug_cannot_reach_the_pain_of_a_complete_non_responder(baseline, drive, p):
    assert float(pain_room.intensity(baseline, drive, 1.0, p)) == pytest.approx(baseline)
    assert float(pain_room.proportional(baseline, 1.0, 1.0)) == pytest.approx(baseline)


@given(positive, pains)
@many
def test_the_typical_baseline_is_the_bounded_response_of_the_field(drive, p):
    """10 R^g / (R^g + K^g)."""
    expected = 10 * drive**p.power / (drive**p.power + p.half_drive**p.power)
    assert float(pain_room.typical_baseline(drive, p)) == pytest.approx(expected)


@given(positive, positive, pains)
@many
def test_a_typical_person_follows_one_curve_through_their_baseline(rest, relative, p):
    """With K fixed by the person's own baseline, NRS is 10 R^g / (R^g + K^g) at any drive."""
    baseline = pain_room.typical_baseline(rest, p)
    if not 0.01 < float(baseline) < 9.99:
        return
    expected = pain_room.typical_baseline(rest * relative, p)
    assert float(pain_room.intensity(baseline, relative, 0.0, p)) == pytest.approx(float(expected), rel=1e-6)


@given(st.floats(-100, 400), st.floats(-2, 3), fraction, placebos)
@many
def test_placebo_does_nothing_before_treatment_and_is_bounded_by_its_size(time, size, noticed, p):
    response = float(placebo_room.response(time, size, noticed, p))
    assert abs(response) <= abs(size) * (1 + p.expectancy_gain * noticed) * (1 + 1e-12)
    if time <= 0:
        assert response == 0


@given(st.floats(0, 400), st.floats(-2, 3), st.booleans(), placebos)
@many
def test_without_an_expectancy_gain_noticing_the_drug_changes_nothing(time, size, noticed, p):
    blind = dataclasses.replace(p, expectancy_gain=0.0)
    assert float(placebo_room.response(time, size, noticed, blind)) == float(
        placebo_room.response(time, size, False, blind)
    )


@given(micromolar, positive, fraction, psychomimetics, positive)
@many
def test_a_higher_peak_is_never_noticed_less(peak, sensitivity, chance, p, more):
    low = bool(psychomimetic_room.reported(peak, sensitivity, chance, p))
    high = bool(psychomimetic_room.reported(peak + more, sensitivity, chance, p))
    assert high >= low


@given(positive, fraction, psychomimetics)
@many
def test_without_drug_only_the_placebo_floor_reports(sensitivity, chance, p):
    assert bool(psychomimetic_room.reported(0.0, sensitivity, chance, p)) == (chance < p.placebo_floor)
    assert not bool(psychomimetic_room.intolerable(0.0, sensitivity, p))
