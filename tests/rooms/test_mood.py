"""Mood: placebo as a component, exposure that turns improvement over, relapse that follows the state."""

import dataclasses

import diffrax
import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, UnknownName, UnsafeDose
from unwound.outcomes import mood, mood_control, mood_scales
from unwound.outcomes.mood import GAUSS
from unwound.outcomes.mood_control import comparator
from unwound.patient.divergence import doses_of
from unwound.patient.mood import simulate_mood
from unwound.patient.mood_course import MoodSetting
from unwound.patient.mood_exposure import grid_h
from unwound.patient.mood_people import mood_parameters, mood_people, scale_of
from unwound.pharmacokinetics.curves import Given
from unwound.population import sample
from unwound.regimen import Regimen
from unwound.regimen.short import parse_short_dose

P = mood_parameters()
PEOPLE = 60


def infusion(amount="0.5 mg/kg", drug="racemic"):
    dose = parse_short_dose(f"{amount} over 40 min", "ketamine", drug)
    return Regimen(setting="monitored", doses=(dose,))


@pytest.fixture(scope="module")
def course():
    return simulate_mood(infusion(), people=PEOPLE, setting=MoodSetting(comparator="midazolam", until="14 d"))


def at(course, day):
    return int(np.argmin(np.abs(course.time_d - day)))


# --- the latent improvement


def decaying(time, peak=0.8):
    """A stimulus that decays with a half-life of an hour."""
    return peak * np.exp(-np.log(2.0) * 24.0 * time)


def test_the_closed_form_agrees_with_a_differential_equation_solver():
    edges = np.concatenate([np.linspace(0.0, 0.5, 61), np.linspace(0.6, 6.0, 28)])
    points = edges[:-1, None] + np.diff(edges)[:, None] * np.asarray(GAUSS)
    ours = np.asarray(mood.improvement(np.diff(edges), jnp.asarray(decaying(points))[..., None], P.mood))[:, 0]
    on, off = float(P.mood.on_rate), np.log(2.0) / float(P.mood.half_life)

    def flow(t, m, _):
        return on * 0.8 * jnp.exp(-jnp.log(2.0) * 24.0 * t) * (1.0 - m) - off * m

    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(flow), diffrax.Tsit5(), 0.0, 6.0, 1e-3, jnp.asarray(0.0), saveat=diffrax.SaveAt(ts=edges),
        stepsize_controller=diffrax.PIDController(rtol=1e-10, atol=1e-12), max_steps=100_000,
    )  # fmt: skip
    assert np.allclose(ours, np.asarray(solution.ys), rtol=0.0, atol=1e-6)


def test_after_the_drug_improvement_halves_with_its_half_life():
    half = float(P.mood.half_life)
    filled = jnp.ones((1, 2, 1)) * 0.9
    m = np.asarray(mood.improvement(np.array([0.1, half]), jnp.concatenate([filled, 0.0 * filled]), P.mood))[:, 0]
    assert m[2] == pytest.approx(m[1] / 2.0, rel=1e-12)


def test_a_benzodiazepine_takes_from_the_first_day_and_hardly_from_the_third():
    none, day1, day3 = (
        float(mood.benzodiazepine_factor(t, b, P.mood)) for t, b in ((1.0, 0.0), (1.0, 3.0), (3.0, 3.0))
    )
    assert none == 1.0
    assert day1 < 0.9
    assert day3 > 0.97


def test_naltrexone_takes_its_share_and_nothing_unless_switched_on():
    assert float(mood.opioid_factor(0.0, P.mood)) == 1.0
    assert float(mood.opioid_factor(1.0, P.mood)) == pytest.approx(1.0 - float(P.mood.opioid_share))


# --- control arms


def fall(name, day):
    return float(mood_control.response(day, 0.0, 0.0, comparator(name), P.control))


def test_midazolam_improves_more_than_saline_and_a_new_antidepressant_goes_on_to_day_28():
    assert fall("midazolam", 1.0) > fall("saline", 1.0) > fall("nothing", 1.0) == 0.0
    week, month = (fall("placebo spray and new antidepressant", day) for day in (7.0, 28.0))
    assert month > 1.3 * week
    assert fall("saline", 0.0) == 0.0


def test_drug_arms_do_not_differ_between_comparators_on_the_first_day():
    as_drug = [comparator(name).as_background() for name in ("saline", "midazolam")]
    both = [float(mood_control.response(1.0, 0.3, 0.0, arm, P.control)) for arm in as_drug]
    assert both[0] == both[1]


def test_an_unknown_comparator_or_scale_names_the_known_ones():
    with pytest.raises(UnknownName, match="midazolam"):
        comparator("midazolan")
    with pytest.raises(UnknownName, match="MADRS"):
        mood_scales.scale_name("madras")
    assert mood_scales.scale_name("ham-a") == "HAM-A"


# --- the course


def test_without_drug_the_course_is_that_of_the_comparator():
    course = simulate_mood(Regimen(setting="monitored", doses=()), people=PEOPLE, setting=MoodSetting(until="7 d"))
    assert (course.improvement == 0.0).all()
    assert np.allclose(course.score, course.control_score, rtol=0.0, atol=1e-12)


def test_improvement_comes_within_a_day_and_fades_within_weeks(course):
    m = course.improvement.mean(axis=1)
    assert m[at(course, 1.0)] > 0.3
    assert m[at(course, 14.0)] < 0.4 * m[at(course, 1.0)]
    assert course.difference[at(course, 1.0)] < -3.0
    assert abs(course.difference[at(course, 14.0)]) < abs(course.difference[at(course, 1.0)])


def test_ratings_are_whole_points_within_the_scale_and_one_first_rating_serves_both_arms(course):
    for rating in (course.rating, course.control_rating):
        assert np.array_equal(rating, np.round(rating))
        assert ((rating >= 0) & (rating <= 60)).all()
    assert np.array_equal(course.rating[0], course.control_rating[0])


def test_what_may_be_unblinding_leaves_less_to_the_drug(course):
    day = at(course, 1.0)
    whole, three, half = (course.own_difference(w)[day] for w in (0.0, 0.25, 0.5))
    assert whole == pytest.approx(course.difference[day])
    assert whole < three < half


def test_only_responders_can_relapse_and_they_do_so_after_the_landmark(course):
    assert np.isnan(course.relapse_d[~course.responded]).all()
    assert (course.relapse_d[course.responded] >= 0.0).all()
    held = course.still_well()
    assert np.isnan(held[0])
    assert (np.diff(held[~np.isnan(held)]) <= 0.0).all()


def test_person_17_is_the_same_among_few_and_among_many():
    few, many = (mood_people(5, ids, scale_of("MADRS"), P) for ids in (np.arange(17, 19), np.arange(40)))
    for field in dataclasses.fields(few):
        assert float(getattr(few, field.name)[0]) == float(getattr(many, field.name)[17])


def test_baselines_of_a_population_are_taken_as_they_are():
    own = np.array([30.0, 41.0])
    people = mood_people(1, np.arange(2), scale_of("MADRS"), P, own)
    assert np.array_equal(np.asarray(people.baseline), own)


def test_a_dose_per_kg_is_each_persons_own_in_a_population():
    ids = np.arange(2)
    people = dataclasses.replace(
        sample(1, ids, "CRPS-1", "kamp2020"), weight=np.array([50.0, 100.0]), baseline=np.array([30.0, 41.0])
    )
    course = simulate_mood(infusion(), people=people, setting=MoodSetting(until="2 d"))
    assert np.allclose(course.score[0], [30.0, 41.0])
    assert (course.improvement[at(course, 1.0)] > 0.3).all()
    per_kg = doses_of(infusion(), np.array([50.0, 100.0]))
    assert np.allclose(per_kg[0].amount, [25.0, 50.0])


def test_steps_are_fine_after_a_dose_and_never_longer_than_two_days():
    edges = grid_h(
        [Given(0.0, 35.0, 2 / 3, "racemic", "intravenous"), Given(72.0, 35.0, 2 / 3, "racemic", "intravenous")], 500.0
    )
    assert np.diff(edges).max() <= 48.0
    for start in (0.0, 72.0):
        assert ((edges >= start) & (edges < start + 2.0)).sum() >= 8
    assert edges[0] == 0.0
    assert edges[-1] == 500.0


def test_an_unsafe_dose_is_refused():
    with pytest.raises(UnsafeDose):
        simulate_mood(infusion("50 mg/kg"), people=2)


def test_a_model_that_does_not_know_the_drug_is_refused_with_those_that_do():
    with pytest.raises(InputError, match="kamp2020"):
        simulate_mood(infusion(), people=2, setting=MoodSetting(model="perezruixo2021"))


def test_a_landmark_beyond_the_course_is_refused():
    with pytest.raises(InputError, match="follow longer"):
        simulate_mood(infusion(), people=2, setting=MoodSetting(until="3 d", landmark="5 d"))
