"""An event table beside the models: every ID's concentrations under every eligible model, and what was observed.

A sample is compared with the curves of its own analyte. A table does not say whether blood was taken from an artery or
a vein: the caller may (`site`), and then only models of that site, and those that state none, are compared. A sample
whose analyte nobody says is not compared, and a warning says so. A concentration measured in uM is turned into ng/mL
with the molar mass of its analyte.

    ratio = predicted / observed,    bias = exp(mean ln ratio),    spread = exp(sd ln ratio)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.core.strict import Measure
from unwound.evidence import value
from unwound.patient.divergence import Curve, Divergence, diverge
from unwound.patient.protocol import Person
from unwound.regimen import EventTable, Occasion, Regimen
from unwound.regimen.event_people import Person as TablePerson

Site = Literal["venous", "arterial"]
BEFORE_H = 1e-6
"""A sample before a bolus of the same time is read so long before it."""

_SEXES: dict[str, Literal["female", "male"]] = {"m": "male", "male": "male", "f": "female", "female": "female"}
"""Words only: a number that codes a sex is not guessed (no model here asks for it)."""


@dataclass(frozen=True)
class Sample:
    """One measured concentration beside what one model predicts for the typical person."""

    who: str
    time_h: float
    analyte: str
    observed_ng_per_mL: float  # noqa: N815
    model: str
    site: str
    predicted_ng_per_mL: float  # noqa: N815

    @property
    def ratio(self) -> float | None:
        """Predicted over observed; None where nothing was measured or is predicted."""
        both = self.observed_ng_per_mL > 0 and self.predicted_ng_per_mL > 0
        return self.predicted_ng_per_mL / self.observed_ng_per_mL if both else None


@dataclass(frozen=True)
class Agreement:
    """How one model agrees with all samples of one analyte, as ratios predicted over observed."""

    model: str
    analyte: str
    site: str
    samples: int
    bias: float
    spread: float | None
    within_twofold: float

    def as_dict(self) -> dict[str, object]:
        """As every JSON door gives it."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class OnePerson:
    """One ID (and occasion): what was given, the curves, and what was measured [ng/mL] by analyte."""

    name: str
    regimen: Regimen
    blood: Divergence
    observed: dict[str, tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class TableBlood:
    """Everybody of a table, the pairs of observed and predicted, and what could not be compared."""

    people: tuple[OnePerson, ...]
    samples: tuple[Sample, ...]
    agreement: tuple[Agreement, ...]
    warnings: tuple[str, ...]


def blood_of_table(
    table: EventTable, models: Sequence[str] | None = None, *, people: int = 0, seed: int = 1,
    until_h: float | None = None, site: Site | None = None, analyte: str | None = None, beside: Sequence[str] = (),
) -> TableBlood:  # fmt: skip
    """Concentrations of everybody in `table` under `models` (default: all that know their doses).

    `analyte` names samples that the table leaves unnamed. Raises `InputError` for a table of ratings (points) and
    for a model that fits nobody.
    """
    if table.observed_unit == "points":
        rule = "the observations are ratings, not concentrations"
        raise InputError(Problem("DV", "points", rule, "use unwound simulate, which gives pain"))
    warnings: list[str] = []
    doubts: dict[str, list[str]] = {}
    rows: list[OnePerson] = []
    pairs: list[Sample] = []
    for person in table:
        for number, occasion in enumerate(person.occasions, 1):
            if not occasion.regimen.doses:
                warnings.append(f"ID {person.id}: nothing is given, so there is nothing to compute")
                continue
            name = f"ID {person.id}" + (f", occasion {number}" if len(person.occasions) > 1 else "")
            observed = _observed(occasion, table.observed_unit, analyte, name, warnings)
            times = sorted({float(t) for at, _ in observed.values() for t in at})
            blood = diverge(
                occasion.regimen, _written(person), models, people=people, seed=seed, until_h=until_h,
                beside=beside, also_at=times,
            )  # fmt: skip
            for sentence in dict.fromkeys(w for curve in blood.curves for w in curve.warnings):
                doubts.setdefault(sentence, []).append(name)
            rows.append(OnePerson(name, occasion.regimen, blood, observed))
            pairs += _pairs(name, blood.curves, observed, site)
            unmatched = [known for known in observed if known not in {curve.analyte for curve in blood.curves}]
            warnings += [
                f"{name}: no model here gives {known}: its samples are not compared (name it in [analytes] of the "
                "sidecar)"
                for known in unmatched
            ]
    warnings += [f"{', '.join(names)}: {sentence}" for sentence, names in doubts.items()]
    return TableBlood(tuple(rows), tuple(pairs), tuple(_agreement(pairs)), tuple(dict.fromkeys(warnings)))


def _written(person: TablePerson) -> Person:
    """The covariates of a table, as a protocol writes them."""
    return Person(
        weight=None if person.weight_kg is None else Measure.of(person.weight_kg, "kg"),
        age=None if person.age_y is None else Measure.of(person.age_y, "y"),
        sex=_SEXES.get((person.sex or "").strip().lower()),
    )


def _observed(
    occasion: Occasion, unit: str | None, analyte: str | None, who: str, warnings: list[str]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Times [h] and concentrations [ng/mL] by analyte; samples before a bolus lie just before it."""
    found: dict[str, list[tuple[float, float]]] = {}
    unnamed = 0
    rows = zip(occasion.observed_h, occasion.observed, occasion.before_dose, occasion.analytes, strict=True)
    for time, measured, before, name in rows:
        known = name or analyte
        if np.isnan(measured):
            continue
        if known is None:
            unnamed += 1
            continue
        factor = 1.0 if unit == "ng/mL" else 1000.0 * _molar_mass(known)
        found.setdefault(known, []).append((max(float(time) - (BEFORE_H if before else 0.0), 0.0), measured * factor))
    if unnamed:
        warnings.append(f"{who}: nobody says of what {unnamed} samples are: not compared; say it, such as "
                        "--analyte S-ketamine, or DVID and [analytes] in the sidecar")  # fmt: skip
    return {name: (np.array([t for t, _ in own]), np.array([v for _, v in own])) for name, own in found.items()}


def _molar_mass(analyte: str) -> float:
    """Molar mass [mg/umol]. Raises `UnknownName`."""
    return value(f"{analyte.split('-', 1)[-1]}.molar_mass", "mg/umol")


def _pairs(
    who: str, curves: Sequence[Curve], observed: dict[str, tuple[np.ndarray, np.ndarray]], site: Site | None
) -> list[Sample]:
    found = []
    for curve in curves:
        if curve.analyte not in observed or (site is not None and curve.site not in (site, "unstated")):
            continue
        for time, measured in zip(*observed[curve.analyte], strict=True):
            place = int(np.argmin(np.abs(curve.time_h - time)))
            predicted = float(curve.concentration_ng_per_mL[place])
            found.append(Sample(who, float(time), curve.analyte, float(measured), curve.model, curve.site, predicted))
    return found


def _agreement(pairs: Sequence[Sample]) -> list[Agreement]:
    groups: dict[tuple[str, str, str], list[float]] = {}
    for pair in pairs:
        if pair.ratio is not None:
            groups.setdefault((pair.model, pair.analyte, pair.site), []).append(pair.ratio)
    rows = []
    for (model, analyte, site), ratios in groups.items():
        logs = np.log(ratios)
        spread = float(np.exp(logs.std(ddof=1))) if len(logs) > 1 else None
        twofold = float(np.mean(np.abs(logs) <= np.log(2.0) + 1e-12))
        rows.append(Agreement(model, analyte, site, len(logs), float(np.exp(logs.mean())), spread, twofold))
    return sorted(rows, key=lambda row: (row.analyte, abs(np.log(row.bias))))


def samples_as_dicts(pairs: Sequence[Sample]) -> list[dict[str, object]]:
    """As every JSON door gives them."""
    return [{**dataclasses.asdict(pair), "ratio": pair.ratio} for pair in pairs]
