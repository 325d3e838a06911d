"""The slow memory in SBML: H0, H1 or H2 of one person, without flares, driven by S-equivalents of ketamine.

    b   = c / (half_block + c)                          c total plasma S-equivalents [uM]
    N   = (1 - b)(1 - eta Z)(p + gS S + gL L)           dS/dt, dL/dt, dZ/dt as in `unwound.sensitization.switch`
    NRS = 10 / (1 + (10/B - 1) r^-g)                    r = phi + (1 - phi)(1 - e_b b) R / R0

The numbers are those of `wiring_of`; names carry ``memory_`` or ``pain_``. Rates of the memory are per day, the model
is in hours.
"""

from __future__ import annotations

import dataclasses
from typing import cast

from unwound.core.arrays import jnp
from unwound.core.errors import EvidenceError
from unwound.core.units import units_of
from unwound.evidence import all_estimates, fill
from unwound.outcomes import Pain
from unwound.outcomes.pain import HIGHEST, typical_baseline
from unwound.patient.people import People, typical_person
from unwound.patient.protocol import Person
from unwound.patient.wiring import HYPOTHESES, SwitchWiring, TurnoverWiring, hypothesis_name, wiring_of
from unwound.reporting.exchange.document import Document
from unwound.sensitization.drivers import Empirical
from unwound.sensitization.switch import drive

_UNLESS = "piecewise({0}, {0} > {1}, {1})"
_SHIFT = "memory_hours_per_day"


def add_memory(
    document: Document, hypothesis: str, person: Person, concentration: str, felt: str
) -> tuple[str, tuple[str, ...]]:
    """Add the hypothesis, driven by `concentration`, and pain, relieved at once by `felt` (formulas [mg/L]).

    Returns its title and the evidence keys it rests on.
    """
    short = hypothesis_name(hypothesis)
    pain = fill(Pain, Pain.prefix)
    patient = _patient(person, short, pain)
    document.parameter(_SHIFT, "h/d", 24.0, "hours in a day")
    wiring = cast("SwitchWiring | TurnoverWiring", wiring_of(short))
    document.parameter("memory_molar_mass", "mg/umol", float(wiring.slow.molar_mass), "molar mass of ketamine")
    document.parameter("memory_concentration", "uM", None, "S-equivalents of ketamine in plasma", constant=False)
    document.always("memory_concentration", f"({concentration})/memory_molar_mass")
    document.parameter("pain_baseline", "points", float(patient.baseline[0]), "pain before treatment (NRS)")
    document.parameter("pain_non_nmda_share", "1", float(patient.non_nmda_share[0]), "share out of the drug's reach")
    document.parameter("pain_nrs", "points", None, "pain (NRS, 0 to 10)", constant=False)
    acute = _acute(document, pain, felt)
    if isinstance(wiring, TurnoverWiring):
        keys = _turnover(document, wiring)
    else:
        keys = _switch(document, wiring, patient, pain, HYPOTHESES[short][0])
    return HYPOTHESES[short][1], ("ketamine.molar_mass", *keys, *acute)


def _patient(person: Person, short: str, pain: Pain) -> People:
    """The typical person as `simulate` makes one; an unknown baseline is that of the typical drive."""
    nothing_said = person.pain.value if person.pain else 0.0
    patient = typical_person(
        weight=person.weight_kg, baseline=nothing_said, effects=0, age=person.age_y, duration=person.duration_y
    )
    if person.pain is not None:
        return patient
    wiring = cast(SwitchWiring, wiring_of("H2" if short == "H0" else short)).of(patient)
    rest = drive(wiring.start(patient).state, jnp.zeros(1), wiring.switch)
    return dataclasses.replace(patient, baseline=typical_baseline(rest, pain))


def _numbers(document: Document, record: object, prefix: str, into: str, *only: str) -> tuple[str, ...]:
    """Add the numbers of a record (`only` some of them); returns their evidence keys."""
    names = only or tuple(units_of(record))
    keys = tuple(f"{prefix}.{name}" for name in names)
    for name, key in zip(names, keys, strict=True):
        value, about = float(getattr(record, name)), all_estimates()[key].about
        document.parameter(f"{into}_{name}", units_of(record)[name], value, about)
    return keys


def _acute(document: Document, pain: Pain, felt: str) -> tuple[str, ...]:
    """Relief that ends with the drug."""
    keys = _numbers(document, pain, pain.prefix, "pain", "acute_block", "acute_half")
    row = all_estimates()["psychomimetic.r_potency"]
    document.parameter("pain_r_potency", "1", row.value, row.about)
    document.parameter("pain_concentration", "uM", None, "S-equivalents that relieve at once", constant=False)
    document.always("pain_concentration", f"({felt})/memory_molar_mass")
    document.parameter("pain_acute", "1", None, "share of the drive taken away at once", constant=False)
    document.always("pain_acute", "pain_acute_block*pain_concentration/(pain_acute_half + pain_concentration)")
    return (*keys, row.key)


def _turnover(document: Document, wiring: TurnoverWiring) -> tuple[str, ...]:
    keys = _numbers(document, wiring.turnover, wiring.turnover.prefix, "memory")
    document.parameter("memory_slow_concentration", "uM", 0.0, "slow concentration Ce", constant=False)
    decay = f"ln({document.number(2.0, '1')})/(memory_half_life*{_SHIFT})"
    document.changes("memory_slow_concentration", f"{decay}*(memory_concentration - memory_slow_concentration)")
    document.parameter("memory_relief", "1", None, "share of the pain that is relieved", constant=False)
    slow = "memory_slow_concentration"
    document.always("memory_relief", f"memory_emax*{slow}/({slow} + memory_half_effect)")
    one = document.number(1.0, "1")
    left = f"({one} - memory_relief)*({one} - pain_acute)"
    document.always("pain_nrs", f"pain_baseline*({one} - ({one} - pain_non_nmda_share)*({one} - {left}))")
    return keys


def _switch(document: Document, wiring: SwitchWiring, patient: People, pain: Pain, prefix: str) -> tuple[str, ...]:
    if not isinstance(wiring.driver, Empirical):
        raise EvidenceError("only the empirical driver of the memory can be exported yet")
    start = wiring.of(patient).start(patient).state
    keys = _numbers(document, wiring.switch, prefix, "memory")
    keys += _numbers(document, wiring.driver, wiring.driver.prefix, "memory")
    keys += _numbers(document, pain, pain.prefix, "pain", "power")
    S, L, Z, b = "memory_synaptic_gain", "memory_latent", "memory_protection", "memory_block"
    for name, value, about in (
        (S, float(start.gain[0]), "synaptic gain S"),
        (L, float(start.latent[0]), "latent pain memory L"),
        (Z, 0.0, "drug-induced protection Z"),
    ):
        document.parameter(name, "1", value, about, constant=False)
    one, zero = document.number(1.0, "1"), document.number(0.0, "1")
    between = {
        b: ("block b", "memory_concentration/(memory_half_block + memory_concentration)"),
        "memory_drive": ("drive to pain R", f"memory_input + memory_gain*{S} + memory_latent_gain*{L}"),
        "memory_signal": ("plasticity N", f"({one} - {b})*({one} - memory_protection_strength*{Z})*memory_drive"),
    }
    for name, (about, formula) in between.items():
        document.parameter(name, "1", None, about, constant=False)
        document.always(name, formula)
    N = f"{_UNLESS.format('memory_signal', zero)}^memory_hill"
    on = f"memory_activation*({one} - {S})*{N}/({N} + memory_threshold^memory_hill)"
    document.changes(S, f"({on} - memory_decay*{S})/{_SHIFT}")
    filled = f"piecewise({S}/memory_latent_saturation, {S} < memory_latent_saturation, {one})"
    document.changes(L, f"({filled} - {L})/(memory_latent_time*{_SHIFT})")
    document.changes(Z, f"(memory_protection_on*{b}*({one} - {Z}) - memory_protection_off*{Z})/{_SHIFT}")
    document.parameter("memory_drive_at_rest", "1", None, "drive before treatment R0")
    document.initially("memory_drive_at_rest", f"memory_input + memory_gain*{S} + memory_latent_gain*{L}")
    document.parameter("pain_relative_drive", "1", None, "drive relative to that before treatment r", constant=False)
    share, top = "pain_non_nmda_share", document.number(HIGHEST, "points")
    relative = f"({one} - pain_acute)*memory_drive/memory_drive_at_rest"
    document.always("pain_relative_drive", f"{share} + ({one} - {share})*{relative}")
    document.always("pain_nrs", f"{top}/({one} + ({top}/pain_baseline - {one})*pain_relative_drive^(-pain_power))")
    return keys
