"""Everything acute at once: what a person feels and a monitor shows while drug is in the blood.

Concentrations (total plasma, uM, by analyte) go in with time as their first axis and people after it; every answer
has the same shape. What happens *now* (a rating, a pressure) follows the concentration now. What may *have happened
so far* (a reported event, a gap in memory) follows the highest intensity so far, with the co-medication of that moment.
Effects with a delay follow the concentration of their effect site when it is given, plasma otherwise.

Source: the pages of the single effects. Leaves out: what they leave out; effects on each other.
"""

from __future__ import annotations

from collections.abc import Mapping

from unwound.core.arrays import Array, jax, jnp
from unwound.core.errors import UnknownName
from unwound.core.units import units_of
from unwound.outcomes import (
    antinociception,
    benzodiazepine,
    cardiac_output,
    consciousness,
    discharge,
    dissociation,
    eeg,
    events,
    haemodynamics,
    high,
    pressure_pain,
    sedation,
    ventilation,
)
from unwound.outcomes.acute import AcuteEffects, AcuteParameters
from unwound.outcomes.effect_site import EffectSites, mixing_warning
from unwound.outcomes.equivalents import checked_analytes, part, s_equivalents
from unwound.outcomes.events import SOMATIC

Concentrations = Mapping[str, Array]
"""Total plasma or effect-site concentration [uM] by analyte, such as "S-ketamine"."""


def site_warnings(sites: Mapping[str, Concentrations], model: str) -> list[str]:
    """What is doubtful about the delays when plasma comes from the pharmacokinetic `model`. Raises `UnknownName`."""
    _checked_sites(sites)
    without = [name for name in EffectSites.prefixes if name not in sites]
    found = [text for name in sites if (text := mixing_warning(name, model))]
    if without:
        found.append(f"without a delay, because no effect site was given: {', '.join(without)}")
    return found


def acute_effects(
    concentrations: Concentrations,
    parameters: AcuteParameters,
    *,
    sites: Mapping[str, Concentrations] | None = None,
    since_dose: Array | float = 0.0,
    earlier_sessions: Array | float = 0.0,
    weeks: Array | float = 4.0,
    midazolam: Array | float = 0.0,
    opioid: Array | float = 0.0,
) -> AcuteEffects:
    """All acute effects of total plasma `concentrations` [uM] by analyte, shape (times, *people).

    `sites` gives effect-site concentrations by the names of `EffectSites`, in the same form. Everything else
    broadcasts against the concentrations: `since_dose` [h] after the last dose, `earlier_sessions` (a number), `weeks`
    of the whole course, `midazolam` (or its equivalent) in plasma [mg/L], `opioid` relative to its own C50 for CO2
    sensitivity. Raises `UnknownName` for an analyte or a site that nobody knows.
    """
    p, sites = parameters, sites or {}
    _checked_sites(sites)
    for given in (concentrations, *sites.values()):
        checked_analytes(given)
    shape = jnp.broadcast_shapes(*(jnp.shape(c) for c in concentrations.values()))
    fast, cardiac, norketamine, pain = (sites.get(name, concentrations) for name in EffectSites.prefixes)

    def seen(at: Concentrations, r_potency: Array) -> Array:
        return jnp.broadcast_to(s_equivalents(at, r_potency), shape)

    benzo = benzodiazepine.relative_exposure(jnp.asarray(midazolam, float), p.benzodiazepine)
    perception = benzodiazepine.perception_factor(benzo, p.benzodiazepine)
    more_sedation = benzodiazepine.added_sedation(benzo, p.benzodiazepine)
    more_amnesia = benzodiazepine.added_amnesia(benzo, p.benzodiazepine)

    somatic_now = seen(fast, p.reference.r_potency)

    def so_far(now: Array) -> Array:
        """The highest value up to each time (the first axis of the concentrations); a single moment has no past."""
        return jax.lax.cummax(now, axis=now.ndim - len(shape)) if shape else now

    body = events.intensity(so_far(somatic_now), p.reference)
    somatic = {name: events.probability(body, p.somatic[name]) for name in SOMATIC}
    detached_now = dissociation.latent(
        seen(fast, p.dissociation.r_potency), earlier_sessions, perception, p.dissociation, p.reference
    )
    detached = so_far(_spread(detached_now, shape))  # a benzodiazepine that comes later takes no report back
    sleepy = events.intensity(seen(fast, p.sedation.r_potency), p.reference)
    hypnotic = seen(fast, p.consciousness.r_potency)
    unconscious = consciousness.unconscious(so_far(hypnotic), hypnotic, p.consciousness)
    mean_pressure = haemodynamics.mean_pressure_ratio(seen(fast, p.haemodynamics.r_potency), p.haemodynamics)
    volunteer_pain = seen(pain, p.antinociception.r_potency)
    heart = seen(cardiac, p.cardiac_output.r_potency)
    metabolite = jnp.broadcast_to(part(norketamine, "S-norketamine"), shape)
    shift = ventilation.opioid_shift(seen(concentrations, p.ventilation.r_potency), p.ventilation)
    sedated_by_drug = sedation.monitored_by_drug(sleepy, more_sedation, p.sedation)
    high_from = s_equivalents(fast, p.high.r_potency, p.high.metabolite_switch * p.high.norketamine_potency)
    pressed = pressure_pain.equivalent(pain, p.pressure_pain)
    effects = AcuteEffects(
        pressure_pain_threshold=pressure_pain.threshold_ratio(pressed, p.pressure_pain),
        heat_relief=antinociception.relief(volunteer_pain, p.antinociception.heat_half, p.antinociception),
        pressure_relief=antinociception.relief(volunteer_pain, p.antinociception.pressure_half, p.antinociception),
        electrical_relief=antinociception.relief(volunteer_pain, p.antinociception.electrical_half, p.antinociception),
        high=high.rating(high_from, perception, p.high),
        dissociation_reported=dissociation.reported(detached, p.dissociation),
        dissociation_on_scale=dissociation.on_scale(detached, p.dissociation),
        **somatic,
        somnolence=so_far(_spread(sedation.somnolence(sleepy, more_sedation, p.sedation), shape)),
        sedation_reported=so_far(_spread(sedation.reported(sleepy, more_sedation, p.sedation), shape)),
        sedated=sedation.monitored(sleepy, more_sedation, p.sedation),
        amnesia=so_far(_spread(sedation.amnesia(sleepy, more_amnesia, p.sedation), shape)),
        unconscious=unconscious,
        mean_arterial_ratio=mean_pressure,
        systolic_ratio=haemodynamics.systolic_ratio(mean_pressure, p.haemodynamics),
        diastolic_ratio=haemodynamics.diastolic_ratio(mean_pressure, p.haemodynamics),
        heart_rate=haemodynamics.heart_rate(seen(fast, p.haemodynamics.r_potency), p.haemodynamics),
        cardiac_output=cardiac_output.output(heart, metabolite, p.cardiac_output),
        cardiac_output_beyond_study=cardiac_output.beyond_study(heart, p.cardiac_output),
        opioid_shift=shift,
        co2_sensitivity=ventilation.co2_sensitivity(jnp.asarray(opioid, float), shift, p.ventilation),
        eeg_median_frequency=eeg.median_frequency(part(fast, "S-ketamine"), part(fast, "R-ketamine"), p.eeg),
        stopped=discharge.stopped(body, jnp.asarray(weeks, float), p.stopping),
        ready=discharge.ready(jnp.asarray(since_dose, float), mean_pressure, sedated_by_drug, unconscious, p.discharge),
    )
    return AcuteEffects(
        **{name: _spread(getattr(effects, name), shape) for name in units_of(AcuteEffects)},
    )


def _spread(answer: Array, shape: tuple[int, ...]) -> Array:
    """`answer` over all times and people, and over whatever else it was asked for."""
    return jnp.broadcast_to(answer, jnp.broadcast_shapes(shape, jnp.shape(answer)))


def _checked_sites(sites: Mapping[str, Concentrations]) -> None:
    for name in sites:
        if name not in EffectSites.prefixes:
            raise UnknownName("effect site", name, tuple(EffectSites.prefixes))
