"""Studies of summation in people on the axis of the circuit: from a printed dose to plasma ketamine, and to block.

    C(t) at the time of testing, racemic total = S + R, typical adult     `kamp2020`, arterial; `clements1981` beside it
    C_free = fu Kp C/M -> block at rest and its exchange with use         `receptor.plasma`, `synaptic_block`

Doses are those printed; where the speed of an injection or the time of testing is not in what we read it is assumed
(summation.csv). Arterial plasma runs ahead of venous plasma for minutes after a bolus; no test here is that early.

Source: summation.csv. Leaves out: norketamine, people who differ, a delay between plasma and spinal cord.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import jnp
from unwound.evidence import all_estimates, value
from unwound.patient.blood import typical_covariates
from unwound.patient.synaptic_block import SynapticBlock, synaptic_block
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import routed_model
from unwound.receptor.plasma import free_concentration

MODEL, RIVAL = "kamp2020", "clements1981"
TIMES = 11
"""Moments within the range of the time of testing."""
USUAL_FREQUENCY, USUAL_STIMULI = 1.0, 16
"""1/s; where a study does not print its train."""
STUDIES = {
    "guirimand2000": "Guirimand 2000", "arendtnielsen1995": "Arendt-Nielsen 1995", "hughes2002": "Hughes 2002",
    "gravennielsen2000": "Graven-Nielsen 2000", "eide1994": "Eide 1994", "nikolajsen1996": "Nikolajsen 1996",
    "klein2007": "Klein 2007",
}  # fmt: skip
"""Key of the bibliography -> name."""


@dataclass(frozen=True)
class SummationStudy:
    """What one study gave, and what was in plasma when it tested."""

    key: str
    name: str
    dose: str
    tested_min: float
    total_ng_per_mL: float  # noqa: N815
    rival_ng_per_mL: float  # noqa: N815
    """The same moment under the other model."""
    least_ng_per_mL: float  # noqa: N815
    most_ng_per_mL: float  # noqa: N815
    """Within the range of the time of testing."""
    frequency: float
    stimuli: int
    block: SynapticBlock


def summation_studies() -> tuple[SummationStudy, ...]:
    """Every study, with the block at rest when it tested."""
    return tuple(_study(key) for key in STUDIES)


def study_keys() -> tuple[str, ...]:
    """The rows of evidence that place the studies."""
    doses = tuple(key for key in all_estimates() if key.partition(".")[0] in STUDIES)
    return (*doses, "summation.weight", "plasma.unbound", "plasma.brain_entry", "ketamine.molar_mass")


def block_of_total(drug: str, total_ng_per_mL: float) -> SynapticBlock:
    """Block at rest by the free share of a total in plasma."""
    return synaptic_block(drug, float(free_concentration(total_ng_per_mL)))


def total_after(model: str, doses: list[Given], at_h: np.ndarray) -> np.ndarray:
    """Total racemic ketamine [ng/mL] in a typical adult of the weight of the evidence."""
    record, who = routed_model(model), typical_covariates()
    who = Covariates(who.weight * value("summation.weight", "kg"), who.age * 40.0, who.female, who.asian, who.japanese)
    found = curves(record, doses, who, jnp.zeros((len(record.random_effects), 1)), at_h).concentration
    parents = [one.name for one in record.analytes if one.is_parent]
    total: np.ndarray = np.sum([np.asarray(found[name]) for name in parents], axis=0)
    return total.reshape(len(at_h))


def _study(key: str) -> SummationStudy:
    rows = all_estimates()
    tested = rows[f"{key}.tested"]
    assert tested.spread is not None
    assert tested.spread.interval is not None
    low, high = tested.spread.interval.low, tested.spread.interval.high
    minutes = np.array([tested.value, *np.linspace(low, high, TIMES)])
    doses = _doses(key, high / 60.0)
    times, places = np.unique(minutes, return_inverse=True)
    totals = total_after(MODEL, doses, times / 60.0)[places]
    rival = float(total_after(RIVAL, doses, np.array([tested.value / 60.0]))[0])
    known = f"{key}.stimuli" in rows
    return SummationStudy(
        key=key, name=STUDIES[key], dose=_spoken(key), tested_min=tested.value, total_ng_per_mL=float(totals[0]),
        rival_ng_per_mL=rival, least_ng_per_mL=float(totals.min()), most_ng_per_mL=float(totals.max()),
        frequency=value(f"{key}.frequency", "1/s") if known else USUAL_FREQUENCY,
        stimuli=round(value(f"{key}.stimuli", "1")) if known else USUAL_STIMULI,
        block=block_of_total("ketamine", float(totals[0])),
    )  # fmt: skip


def _doses(key: str, until_h: float) -> list[Given]:
    weight, lasts = value("summation.weight", "kg"), value(f"{key}.lasts", "h")
    doses = [Given(0.0, weight * value(f"{key}.dose", "mg/kg"), lasts, "racemic", "intravenous")]
    if f"{key}.infusion" in all_estimates() and until_h > lasts:
        amount = weight * value(f"{key}.infusion", "mg/kg/h") * (until_h - lasts)
        doses.append(Given(lasts, amount, until_h - lasts, "racemic", "intravenous"))
    return doses


def _spoken(key: str) -> str:
    dose, lasts = value(f"{key}.dose", "mg/kg"), value(f"{key}.lasts", "min")
    words = f"{dose:g} mg/kg over {lasts:g} min" if lasts > 1 else f"{dose:g} mg/kg at once"
    if f"{key}.infusion" in all_estimates():
        words += f", then {value(f'{key}.infusion', 'mg/kg/h') * 1000 / 60:g} ug/kg/min"
    return words
