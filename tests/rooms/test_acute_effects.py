"""Acute effects: the shipped numbers, cases worked out by hand, and what is refused."""

import dataclasses

import numpy as np
import pytest

from unwound import evidence
from unwound.core.arrays import jax, jnp
from unwound.core.errors import InputError, UnknownName
from unwound.core.units import units_of
from unwound.outcomes import (
    AcuteEffects,
    EffectSites,
    acute_effects,
    acute_keys,
    acute_parameters,
    benzodiazepine,
    discharge,
    dissociation,
    effect_site,
    events,
    share_interval,
    site_warnings,
    ventilation,
)
from unwound.outcomes.equivalents import s_equivalents

P = acute_parameters()
NOW = {"S-ketamine": jnp.array([0.0, 0.2, 0.8, 0.3])}
PRINTED = {
    "dizziness": 0.138,
    "nausea": 0.138,
    "vomiting": 0.053,
    "headache": 0.204,
    "blurred_vision": 0.049,
    "pressure_event": 0.040,
    "dissociation_reported": 0.058,
    "somnolence": 0.102,
    "sedation_reported": 0.022,
}


def at(concentration, **how):
    return acute_effects({"S-ketamine": jnp.asarray(concentration)}, P, **how)


# --- without drug


def test_without_drug_only_the_placebo_floors_remain():
    nothing = at(0.0)
    for name, floor in PRINTED.items():
        assert float(getattr(nothing, name)) == pytest.approx(floor)
    for name in ("heat_relief", "pressure_relief", "electrical_relief", "high", "unconscious"):
        assert float(getattr(nothing, name)) == 0.0
    ratios = ("pressure_pain_threshold", "mean_arterial_ratio", "systolic_ratio", "diastolic_ratio", "opioid_shift")
    for name in (*ratios, "co2_sensitivity"):
        assert float(getattr(nothing, name)) == 1.0
    assert float(nothing.heart_rate) == 70.0
    assert float(nothing.cardiac_output) == 6.8
    assert float(nothing.eeg_median_frequency) == 11.0


def test_headache_owes_nothing_to_the_drug():
    """20.3 % under drug and 20.4 % under placebo: a floor, no drug part."""
    assert float(at(50.0).headache) == pytest.approx(0.204)


# --- time and people


def test_a_rating_falls_with_the_drug_and_a_report_is_never_taken_back():
    effects = acute_effects(NOW, P)
    assert np.argmax(effects.high) == 2
    assert np.all(np.diff(effects.nausea) >= 0)
    assert float(effects.nausea[3]) == float(effects.nausea[2])
    assert float(effects.sedated[3]) < float(effects.sedated[2])


def test_every_answer_has_the_shape_of_the_concentrations():
    two = {"S-ketamine": jnp.ones((5, 3)), "R-ketamine": jnp.ones((5, 1))}
    effects = acute_effects(two, P, earlier_sessions=jnp.array([0.0, 3.0, 9.0]), since_dose=jnp.ones((5, 1)))
    assert {getattr(effects, name).shape for name in units_of(AcuteEffects)} == {(5, 3)}
    assert {getattr(at(0.3), name).shape for name in units_of(AcuteEffects)} == {()}


def test_a_population_is_one_record_of_arrays():
    rng = np.random.default_rng(1)
    many = jnp.asarray(rng.exponential(0.4, (4, 6)))
    together = at(many)
    one_by_one = jax.vmap(at, in_axes=1, out_axes=1)(many)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), together, one_by_one)


def test_parameters_may_differ_between_people():
    half = dataclasses.replace(P.high, half_concentration=jnp.array([0.3, 0.6]))
    effects = acute_effects({"S-ketamine": jnp.full((3, 2), 0.3)}, dataclasses.replace(P, high=half))
    np.testing.assert_allclose(effects.high[0], [5.0, 10 / 3])


def test_gradients_are_finite_even_without_drug():
    slope = jax.grad(lambda c: at(c).dissociation_reported + at(c).high + at(c).pressure_pain_threshold)(0.0)
    assert np.isfinite(float(slope))


# --- analytes and sites


def test_r_ketamine_counts_by_its_potency():
    mixed = s_equivalents({"S-ketamine": jnp.asarray(1.0), "R-ketamine": jnp.asarray(2.0)}, 0.25, 0.0)
    assert float(mixed) == 1.5


def test_rounding_below_zero_counts_as_no_drug():
    assert float(at(-1e-18).high) == 0.0


def test_a_metabolite_of_no_known_potency_changes_nothing():
    with_it = acute_effects({**NOW, "S-hydroxynorketamine": jnp.ones(4)}, P)
    np.testing.assert_array_equal(with_it.high, acute_effects(NOW, P).high)


@pytest.mark.parametrize("field", ["high", "pressure_pain"])
def test_norketamine_does_nothing_to_pain_and_high_unless_switched_on(field):
    both = {**NOW, "S-norketamine": jnp.full(4, 0.5)}
    answer = {"high": "high", "pressure_pain": "pressure_pain_threshold"}[field]
    usual = getattr(acute_effects(NOW, P), answer)
    np.testing.assert_array_equal(getattr(acute_effects(both, P), answer), usual)
    on = dataclasses.replace(P, **{field: dataclasses.replace(getattr(P, field), metabolite_switch=1.0)})
    assert np.all(getattr(acute_effects(both, on), answer) > usual)


def test_the_sign_of_norketamine_on_cardiac_output_is_a_switch():
    both = {**NOW, "S-norketamine": jnp.full(4, 0.673)}
    published = acute_effects(both, P).cardiac_output
    off = dataclasses.replace(P, cardiac_output=dataclasses.replace(P.cardiac_output, norketamine_switch=0.0))
    np.testing.assert_allclose(acute_effects(both, off).cardiac_output - published, 0.25 * 6.8)
    np.testing.assert_allclose(acute_effects(both, off).cardiac_output, acute_effects(NOW, P).cardiac_output)


def test_an_effect_follows_its_own_site_and_others_follow_plasma():
    late = {"S-ketamine": jnp.zeros(4)}
    effects = acute_effects(NOW, P, sites={"pressure_pain": late})
    np.testing.assert_array_equal(effects.pressure_pain_threshold, 1.0)
    np.testing.assert_array_equal(effects.high, acute_effects(NOW, P).high)


def test_a_misspelt_analyte_or_site_is_refused():
    with pytest.raises(UnknownName, match="did you mean S-ketamine"):
        acute_effects({"S_ketamine": jnp.ones(2)}, P)
    with pytest.raises(UnknownName, match="cardiac"):
        acute_effects(NOW, P, sites={"cardiak": NOW})
    with pytest.raises(UnknownName, match="cardiac"):
        site_warnings({"cardiak": NOW}, "otto2021")
    with pytest.raises(UnknownName, match="analyte"):
        acute_effects(NOW, P, sites={"fast": {"ketamine": jnp.ones(2)}})


def test_a_delay_that_follows_another_model_is_said():
    assert effect_site.mixing_warning("cardiac", "kamp2021") == ""
    assert "estimated with the kinetics of dahan2024; here it follows otto2021" in effect_site.mixing_warning(
        "pressure_pain", "otto2021"
    )
    assert "assumed delay" in effect_site.mixing_warning("fast", "otto2021")
    everywhere = dict.fromkeys(EffectSites.prefixes, NOW)
    assert len(site_warnings(everywhere, "kamp2021")) == 2  # fast is assumed, pressure pain is Dahan's
    (nowhere,) = site_warnings({}, "kamp2021")
    assert "without a delay" in nowhere
    assert "pressure_pain" in nowhere


def test_delays_are_in_hours_at_the_rate_and_minutes_at_the_half_life():
    assert P.sites.pressure_pain.half_life == 13.2
    assert P.sites.cardiac.ke0 == pytest.approx(np.log(2) / (2.28 / 60), rel=1e-5)
    assert (
        set(EffectSites.prefixes)
        == set(effect_site.ESTIMATED_WITH)
        == {f.name for f in dataclasses.fields(EffectSites)}
    )


# --- events


def test_a_rate_below_its_placebo_rate_leaves_no_drug_part():
    assert float(events.drug_share(9.0, events.Event(0.1, 0.2))) == 0.0
    assert float(events.probability(9.0, events.Event(0.1, 0.2))) == pytest.approx(0.2)


def test_odds_from_elsewhere_work_without_drug():
    """Floor 0.1, added odds 1: 0.1 + 0.9 / 2."""
    assert float(events.probability(0.0, events.Event(0.3, 0.1), 1.0)) == pytest.approx(0.55)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(0, 101, 0.0, 0.0292), (101, 101, 0.9708, 1.0), (3, 6, 0.188, 0.812), (0, 1, 0.0, 0.95), (6, 101, 0.028, 0.124)],
)
def test_what_a_count_says(k, n, low, high):
    found = share_interval(k, n)
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))


@pytest.mark.parametrize("n", [1, 2, 10, 101, 10_000])
def test_nothing_seen_is_never_nothing(n):
    bound = share_interval(0, n).high
    assert 0.0 < bound < 1.0
    assert (1.0 - bound) ** n == pytest.approx(0.05)
    assert bound <= 3.0 / n


def test_a_wider_confidence_gives_a_wider_interval():
    assert share_interval(5, 20, 0.99).high > share_interval(5, 20).high


@pytest.mark.parametrize(("k", "n", "sure"), [(1, 0, 0.95), (-1, 5, 0.95), (6, 5, 0.95), (1, 5, 1.0), (1, 5, 0.0)])
def test_impossible_counts_are_refused(k, n, sure):
    with pytest.raises(InputError, match="must lie between"):
        share_interval(k, n, sure)


# --- benzodiazepine, tolerance


def test_a_benzodiazepine_takes_perception_and_adds_sedation():
    without, with_it = at(0.5), at(0.5, midazolam=0.030)
    assert float(with_it.high) == pytest.approx(float(without.high) / 1.67)
    assert float(with_it.dissociation_on_scale) < float(without.dissociation_on_scale)
    for name in ("sedated", "somnolence", "sedation_reported", "amnesia"):
        assert float(getattr(with_it, name)) > float(getattr(without, name))
    assert float(with_it.mean_arterial_ratio) == float(without.mean_arterial_ratio)


def test_a_benzodiazepine_alone_sedates_but_lets_nobody_dissociate():
    alone, nothing = at(0.0, midazolam=0.030), at(0.0)
    assert float(alone.sedated) > float(nothing.sedated)
    assert float(alone.dissociation_on_scale) == float(nothing.dissociation_on_scale)


def test_the_midazolam_of_the_study_is_one_unit():
    assert float(benzodiazepine.relative_exposure(0.030, P.benzodiazepine)) == pytest.approx(1.0)


def test_tolerance_grows_with_sessions_and_ends():
    later = [float(dissociation.tolerated(1.0, n, P.dissociation)) for n in (0, 1, 4, 1000)]
    assert later[0] == 1.0
    assert later == sorted(later, reverse=True)
    assert later[-1] == pytest.approx(0.5)


# --- discharge, breathing


def test_nobody_is_ready_before_the_time_or_while_sedated():
    hours = jnp.array([0.0, 1.9, 2.0, 5.0])
    np.testing.assert_array_equal(at(jnp.zeros(4), since_dose=hours).ready, [False, False, True, True])
    assert not np.any(at(jnp.full(4, 1.0), since_dose=hours).ready)
    assert not np.any(at(jnp.zeros(4)).ready)  # no time was given


def test_each_part_of_the_rule_counts():
    rule = P.discharge
    assert bool(discharge.ready(3.0, 1.0, 0.0, 0.0, rule))
    assert not bool(discharge.ready(3.0, 1.06, 0.0, 0.0, rule))
    assert not bool(discharge.ready(3.0, 0.94, 0.0, 0.0, rule))
    assert not bool(discharge.ready(3.0, 1.0, 0.11, 0.0, rule))
    assert not bool(discharge.ready(3.0, 1.0, 0.0, 0.11, rule))


def test_a_longer_course_stops_more_people():
    year, half = (float(discharge.stopped(1.0, weeks, P.stopping)) for weeks in (52.0, 26.0))
    assert year == pytest.approx(0.095)
    assert (1 - half) ** 2 == pytest.approx(1 - year)
    assert float(discharge.stopped(1.0, 0.0, P.stopping)) == 0.0


@pytest.mark.parametrize(
    ("dose", "minutes", "marked"), [(1.0, 0.2, True), (1.0, 1.0, False), (0.2, 0.2, False), (0.35, 0.5, True)]
)
def test_a_large_bolus_within_a_minute_is_marked(dose, minutes, marked):
    assert bool(ventilation.fast_bolus(dose, minutes, P.ventilation)) is marked


def test_cardiac_output_beyond_what_was_studied_is_marked():
    np.testing.assert_array_equal(at(jnp.array([1.3, 1.4])).cardiac_output_beyond_study, [False, True])


def test_cardiac_output_never_falls_below_zero():
    icu = acute_effects({"S-ketamine": jnp.zeros(1), "S-norketamine": jnp.array([9.0])}, P)
    assert float(icu.cardiac_output[0]) == 0.0


# --- evidence


def test_every_parameter_has_a_row_and_every_row_is_known():
    keys = acute_keys()
    assert len(keys) == len(set(keys)) > 80
    assert set(keys) <= set(evidence.all_estimates())
    leaves = len(jax.tree.leaves(P))
    assert leaves == len(keys)


def test_the_papers_behind_the_acute_effects_can_be_listed():
    cited = {c.key for c in evidence.citations(acute_keys())}
    assert {"dahan2024", "simons2022_effects", "aspire_pooled", "langsjo2005", "jonkman2018", "kamp2021"} <= cited
    assert len(evidence.assumptions(acute_keys())) > 20


def test_no_assumption_passes_for_a_measurement():
    for row in evidence.assumptions(acute_keys()):
        assert row.basis in ("assumed", "derived")
        assert row.spread is not None
