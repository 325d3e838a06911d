"""The parameters of all acute effects, and the record of what they come to.

Source: no numbers of its own; each part names its sources.
"""

from __future__ import annotations

from unwound.core.arrays import Array, Record
from unwound.core.units import unit
from unwound.evidence import fill, keys_of
from unwound.outcomes.antinociception import Antinociception
from unwound.outcomes.benzodiazepine import Benzodiazepine
from unwound.outcomes.cardiac_output import CardiacOutput
from unwound.outcomes.consciousness import Consciousness
from unwound.outcomes.discharge import Discharge, Stopping
from unwound.outcomes.dissociation import Dissociation
from unwound.outcomes.eeg import Eeg
from unwound.outcomes.effect_site import EffectSite, EffectSites
from unwound.outcomes.events import SOMATIC, Event, Reference
from unwound.outcomes.haemodynamics import Haemodynamics
from unwound.outcomes.high import High
from unwound.outcomes.pressure_pain import PressurePain
from unwound.outcomes.sedation import Sedation
from unwound.outcomes.ventilation import Ventilation


class AcuteParameters(Record):
    """The parameters of every acute effect."""

    sites: EffectSites
    reference: Reference
    somatic: dict[str, Event]
    dissociation: Dissociation
    sedation: Sedation
    benzodiazepine: Benzodiazepine
    consciousness: Consciousness
    high: High
    pressure_pain: PressurePain
    antinociception: Antinociception
    haemodynamics: Haemodynamics
    cardiac_output: CardiacOutput
    ventilation: Ventilation
    eeg: Eeg
    discharge: Discharge
    stopping: Stopping


_PAGES = (
    *(Reference, Dissociation, Sedation, Benzodiazepine, Consciousness, High, PressurePain, Antinociception),
    *(Haemodynamics, CardiacOutput, Ventilation, Eeg, Discharge, Stopping),
)


def acute_parameters() -> AcuteParameters:
    """All parameters with the values of the evidence tables."""
    return AcuteParameters(
        EffectSites(**{name: fill(EffectSite, prefix) for name, prefix in EffectSites.prefixes.items()}),
        fill(Reference, Reference.prefix),
        {name: fill(Event, name) for name in SOMATIC},
        fill(Dissociation, Dissociation.prefix),
        fill(Sedation, Sedation.prefix),
        fill(Benzodiazepine, Benzodiazepine.prefix),
        fill(Consciousness, Consciousness.prefix),
        fill(High, High.prefix),
        fill(PressurePain, PressurePain.prefix),
        fill(Antinociception, Antinociception.prefix),
        fill(Haemodynamics, Haemodynamics.prefix),
        fill(CardiacOutput, CardiacOutput.prefix),
        fill(Ventilation, Ventilation.prefix),
        fill(Eeg, Eeg.prefix),
        fill(Discharge, Discharge.prefix),
        fill(Stopping, Stopping.prefix),
    )


def acute_keys() -> tuple[str, ...]:
    """The evidence keys that `acute_parameters` reads."""
    sites = [key for prefix in EffectSites.prefixes.values() for key in keys_of(EffectSite, prefix)]
    somatic = [key for name in SOMATIC for key in keys_of(Event, name)]
    return (*sites, *somatic, *(key for page in _PAGES for key in keys_of(page, page.prefix)))


class AcuteEffects(Record):
    """Acute effects over time (first axis) and people. Ratios are relative to a person's drug-free value."""

    pressure_pain_threshold: Array = unit("1")  # ratio
    heat_relief: Array = unit("1")
    pressure_relief: Array = unit("1")
    electrical_relief: Array = unit("1")
    high: Array = unit("points")
    dissociation_reported: Array = unit("1")  # probability, so far
    dissociation_on_scale: Array = unit("1")  # probability, so far
    dizziness: Array = unit("1")  # probability of a report so far, as the next five
    nausea: Array = unit("1")
    vomiting: Array = unit("1")
    headache: Array = unit("1")
    blurred_vision: Array = unit("1")
    pressure_event: Array = unit("1")  # "blood pressure increased" as a reported event
    somnolence: Array = unit("1")  # probability of a report so far
    sedation_reported: Array = unit("1")  # probability, so far
    sedated: Array = unit("1")  # probability that an observer sees it now
    amnesia: Array = unit("1")  # probability, so far
    unconscious: Array = unit("1")  # probability, now
    mean_arterial_ratio: Array = unit("1")
    systolic_ratio: Array = unit("1")
    diastolic_ratio: Array = unit("1")
    heart_rate: Array = unit("1/min")
    cardiac_output: Array = unit("L/min")
    cardiac_output_beyond_study: Array = unit("1")  # true where nobody has looked
    opioid_shift: Array = unit("1")
    co2_sensitivity: Array = unit("1")  # ratio
    eeg_median_frequency: Array = unit("1/s")
    stopped: Array = unit("1")  # probability by the end of the course, for the exposure so far
    ready: Array = unit("1")  # true where the discharge rule is fulfilled
