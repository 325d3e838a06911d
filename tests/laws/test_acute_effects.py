"""Acute effects do not care about units, grow with concentration, and stay on their scales."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unwound.outcomes
from laws.register import Formula, decades, formula_obeys_scaling, fraction, plain, positive, scales, with_unit
from laws.test_scaling import public_functions
from unwound.core.arrays import jax, jnp
from unwound.outcomes import (
    AcuteEffects,
    acute_effects,
    acute_parameters,
    antinociception,
    benzodiazepine,
    cardiac_output,
    consciousness,
    discharge,
    dissociation,
    eeg,
    equivalents,
    events,
    haemodynamics,
    high,
    pressure_pain,
    sedation,
    ventilation,
)

P = acute_parameters()
micromolar = with_unit(st.one_of(st.just(0.0), decades(-4, 2)), "uM")
number = with_unit(positive, "1")
share = with_unit(fraction, "1")


def any_of(kind):
    """Any parameters of a page; rates and switches lie between 0 and 1, a rate below 1."""

    def values(name):
        if name.endswith(("rate", "switch")) and name != "baseline_heart_rate":
            return st.floats(0.0, 0.95)
        if name.endswith("change"):
            return st.floats(-0.5, 0.5)
        return st.floats(1.0, 4.0) if name in ("slope", "hill", "gamma") else positive

    return st.builds(kind, **{f.name: values(f.name) for f in dataclasses.fields(kind)})


def formula(name, function, gives, *arguments, **how):
    return Formula(name, st.tuples(*arguments), lambda *a: function(*(plain(x) for x in a)), gives, (function,), **how)


def _analytes(function):
    def of(s, r, nk, *rest):
        return function({"S-ketamine": s, "R-ketamine": r, "S-norketamine": nk}, *rest)

    return of


def analyte_formula(name, function, gives, *arguments):
    call = _analytes(function)
    every = (micromolar, micromolar, micromolar, *arguments)
    return Formula(name, st.tuples(*every), lambda *a: call(*(plain(x) for x in a)), gives, (function,))


references, somatic = any_of(events.Reference), any_of(events.Event)
dissociations, sedations = any_of(dissociation.Dissociation), any_of(sedation.Sedation)
benzos, minds = any_of(benzodiazepine.Benzodiazepine), any_of(consciousness.Consciousness)
highs, presses = any_of(high.High), any_of(pressure_pain.PressurePain)
tests, bloods = any_of(antinociception.Antinociception), any_of(haemodynamics.Haemodynamics)
hearts, breaths, brains = any_of(cardiac_output.CardiacOutput), any_of(ventilation.Ventilation), any_of(eeg.Eeg)
discharges, stoppings = any_of(discharge.Discharge), any_of(discharge.Stopping)


compiled = jax.jit(acute_effects)


def _everything(s, r, nk, hours, weeks, midazolam, p):
    given_now = {"S-ketamine": jnp.asarray(s), "R-ketamine": jnp.asarray(r), "S-norketamine": jnp.asarray(nk)}
    p = jax.tree.map(lambda x: jnp.asarray(x, float), p)  # plain numbers would count as another program each
    return compiled(given_now, p, since_dose=hours, weeks=weeks, midazolam=midazolam, opioid=0.7)


ACUTE_FORMULAS = (
    analyte_formula("S-equivalents", equivalents.s_equivalents, "uM", number, number),
    Formula(
        "one analyte",
        st.tuples(micromolar),
        lambda c: equivalents.part({"S-ketamine": plain(c)}, "S-ketamine"),
        "uM",
        (equivalents.part,),
    ),
    formula("event: intensity", events.intensity, "1", micromolar, references),
    formula("event: share of the drug", events.drug_share, "1", number, somatic, number),
    formula("event: probability", events.probability, "1", number, somatic, number),
    formula("dissociation: tolerance", dissociation.tolerated, "uM", micromolar, number, dissociations),
    formula("dissociation: latent", dissociation.latent, "1", micromolar, number, number, dissociations, references),
    formula("dissociation: reported", dissociation.reported, "1", number, dissociations),
    formula("dissociation: on scale", dissociation.on_scale, "1", number, dissociations),
    *(
        formula(f"sedation: {function.__name__}", function, "1", number, number, sedations)
        for function in (
            *(sedation.somnolence, sedation.reported, sedation.monitored),
            *(sedation.monitored_by_drug, sedation.amnesia),
        )
    ),
    formula(
        "benzodiazepine: exposure", benzodiazepine.relative_exposure, "1", with_unit(decades(-3, 0), "mg/L"), benzos
    ),
    formula(
        "benzodiazepine: equivalents",
        benzodiazepine.equivalents,
        "mg/L",
        with_unit(decades(-3, 0), "mg/L"),
        with_unit(decades(-3, 0), "mg/L"),
        benzos,
    ),
    formula("benzodiazepine: perception", benzodiazepine.perception_factor, "1", number, benzos),
    formula("benzodiazepine: sedation", benzodiazepine.added_sedation, "1", number, benzos),
    formula("benzodiazepine: amnesia", benzodiazepine.added_amnesia, "1", number, benzos),
    formula("consciousness", consciousness.unconscious, "1", micromolar, micromolar, minds),
    formula("high", high.rating, "points", micromolar, share, highs),
    analyte_formula("pressure pain: equivalents", pressure_pain.equivalent, "uM", presses),
    formula("pressure pain: threshold", pressure_pain.threshold_ratio, "1", micromolar, presses),
    formula("test pain", antinociception.relief, "1", micromolar, with_unit(positive, "uM"), tests),
    formula("haemodynamics: saturation", haemodynamics.saturation, "1", micromolar, bloods),
    formula("haemodynamics: mean", haemodynamics.mean_pressure_ratio, "1", micromolar, bloods),
    formula("haemodynamics: systolic", haemodynamics.systolic_ratio, "1", number, bloods),
    formula("haemodynamics: diastolic", haemodynamics.diastolic_ratio, "1", number, bloods),
    formula("haemodynamics: heart rate", haemodynamics.heart_rate, "1/min", micromolar, bloods),
    formula("cardiac output", cardiac_output.output, "L/min", micromolar, micromolar, hearts, tolerance=1e-6),
    formula("cardiac output: range", cardiac_output.beyond_study, "1", micromolar, hearts),
    formula("ventilation: shift", ventilation.opioid_shift, "1", micromolar, breaths),
    formula("ventilation: sensitivity", ventilation.co2_sensitivity, "1", number, number, breaths),
    formula(
        "ventilation: fast bolus",
        ventilation.fast_bolus,
        "1",
        with_unit(positive, "mg/kg"),
        with_unit(positive, "min"),
        breaths,
    ),
    formula("EEG: drop", eeg.frequency_drop, "1/s", micromolar, micromolar, brains),
    formula("EEG: median frequency", eeg.median_frequency, "1/s", micromolar, micromolar, brains, tolerance=1e-6),
    formula("discharge", discharge.ready, "1", with_unit(positive, "h"), number, share, share, discharges),
    formula("stopping", discharge.stopped, "1", number, with_unit(positive, "week"), stoppings, tolerance=1e-6),
    Formula(
        "all acute effects",
        st.tuples(
            micromolar,
            micromolar,
            micromolar,
            with_unit(positive, "h"),
            with_unit(positive, "week"),
            with_unit(decades(-3, 0), "mg/L"),
            st.just(P),
        ),
        lambda *a: _everything(*(plain(x) for x in a)),
        None,
        (acute_effects,),
        tolerance=1e-6,
    ),
)
"""What the acute effects bring to the register of mechanisms."""

ACUTE_EXCEPTIONS = {
    "acute.acute_parameters": "reads the evidence tables",
    "acute.acute_keys": "names of rows",
    "effect_site.mixing_warning": "a sentence",
    "effects.site_warnings": "sentences",
    "equivalents.checked_analytes": "refuses names",
    "events.share_interval": "counts, without units; see tests/rooms/test_acute_effects.py",
}
"""Functions of these pages that are not under the law of scaling, and why."""


@pytest.mark.parametrize("formula", ACUTE_FORMULAS, ids=lambda f: f.name)
@given(data=st.data(), k=scales)
@settings(max_examples=10)
def test_a_formula_is_the_same_in_any_units(formula, data, k):
    assert formula_obeys_scaling(formula, data.draw(formula.arguments), k)


# ------------------------------------------------------------------------------------------ growth and limits

RISING = (
    *("pressure_pain_threshold", "heat_relief", "pressure_relief", "electrical_relief", "high", "sedated", "amnesia"),
    *("dissociation_reported", "dissociation_on_scale", "somnolence", "sedation_reported", "unconscious", "stopped"),
    *("dizziness", "nausea", "vomiting", "headache", "blurred_vision", "pressure_event"),
    *("mean_arterial_ratio", "systolic_ratio", "diastolic_ratio", "heart_rate", "cardiac_output", "opioid_shift"),
    "co2_sensitivity",
)
PROBABILITIES = (
    *("dissociation_reported", "dissociation_on_scale", "somnolence", "sedation_reported", "sedated", "amnesia"),
    *("dizziness", "nausea", "vomiting", "headache", "blurred_vision", "pressure_event", "unconscious", "stopped"),
    *("heat_relief", "pressure_relief", "electrical_relief", "co2_sensitivity"),
)
any_concentration = st.one_of(st.just(0.0), decades(-6, 6))


def effects_of(s, r=0.0, **how):
    s, r = (jnp.broadcast_to(jnp.asarray(c, float), jnp.shape(s)) for c in (s, r))
    return compiled({"S-ketamine": s, "R-ketamine": r}, P, **{name: float(x) for name, x in how.items()})


@pytest.mark.parametrize("analyte", ["S-ketamine", "R-ketamine"])
@given(st.lists(decades(-4, 3), min_size=4, max_size=4), st.floats(0, 3))
@settings(max_examples=25)
def test_more_drug_is_never_less_effect(analyte, concentrations, other):
    ordered = jnp.asarray(sorted(concentrations))
    fixed = jnp.full_like(ordered, other)
    s, r = (ordered, fixed) if analyte == "S-ketamine" else (fixed, ordered)
    effects = effects_of(s, r, opioid=1.0)
    for name in RISING:
        step = np.diff(np.asarray(getattr(effects, name)))
        assert np.all(step >= -1e-12), name


@given(decades(-4, 3), decades(-4, 3), fraction)
@settings(max_examples=25)
def test_more_of_the_same_mixture_slows_the_eeg_further(low, more, part):
    total = jnp.asarray([low, low + more])
    frequency = np.asarray(effects_of(part * total, (1 - part) * total).eeg_median_frequency)
    assert frequency[1] <= frequency[0] + 1e-12


@given(any_concentration, any_concentration, st.floats(0, 100), st.floats(0, 1), st.floats(0, 50))
@settings(max_examples=50)
def test_everything_stays_on_its_scale(s, r, sessions, midazolam, opioid):
    effects = effects_of(s, r, earlier_sessions=sessions, midazolam=midazolam, opioid=opioid)
    for name in PROBABILITIES:
        assert 0.0 <= float(getattr(effects, name)) <= 1.0, name
    assert 0.0 <= float(effects.high) <= 10.0
    assert float(effects.cardiac_output) >= 0.0
    assert 11.0 - 8.3 - 1e-9 <= float(effects.eeg_median_frequency) <= 11.0
    for field in dataclasses.fields(AcuteEffects):
        assert np.isfinite(float(getattr(effects, field.name))), field.name


def test_limits_at_infinity():
    endless = effects_of(1e9)
    for name in PROBABILITIES:
        if name not in ("headache", "stopped"):
            assert float(getattr(endless, name)) == pytest.approx(1.0, abs=1e-6), name
    assert float(endless.high) == pytest.approx(10.0)
    c, c_ref = P.haemodynamics.half_concentration, P.haemodynamics.reference_concentration
    assert float(endless.mean_arterial_ratio) == pytest.approx(1 + 0.27 * (c + c_ref) / c_ref)
    assert float(endless.eeg_median_frequency) == pytest.approx(11.0 - 8.3)


@given(any_concentration, st.floats(0, 100), st.floats(0, 100))
@settings(max_examples=25)
def test_practice_never_makes_dissociation_more_likely(c, sessions, more):
    now, later = (effects_of(c, earlier_sessions=n) for n in (sessions, sessions + more))
    assert float(later.dissociation_reported) <= float(now.dissociation_reported) + 1e-12
    assert float(later.dizziness) == float(now.dizziness)


@given(any_concentration, decades(-3, 1), decades(-3, 1))
@settings(max_examples=25)
def test_a_benzodiazepine_never_adds_perception_nor_takes_sedation(c, midazolam, more):
    little, much = (effects_of(c, midazolam=m) for m in (midazolam, midazolam + more))
    assert float(much.high) <= float(little.high)
    assert float(much.dissociation_on_scale) <= float(little.dissociation_on_scale) + 1e-12
    assert float(much.sedated) >= float(little.sedated)
    assert float(much.amnesia) >= float(little.amnesia)


def test_every_function_of_these_pages_is_under_the_law_of_scaling():
    pages = {entry.of[0].__module__.split(".")[-1] for entry in ACUTE_FORMULAS} | {"acute", "effect_site"}
    defined = {name for name in public_functions(unwound.outcomes) if name.split(".")[0] in pages}
    under = {f"{f.__module__.split('.')[-1]}.{f.__qualname__}" for entry in ACUTE_FORMULAS for f in entry.of}
    assert defined == under | set(ACUTE_EXCEPTIONS)
