"""How far good models differ for the same dose: every eligible one, with bands, and why the others are not.

A model is eligible when it knows the drug form and every route of the doses. Its applicability envelope warns, it does
not exclude. Averages are taken only within one sampling site, analyte and drug form: an arterial and a venous
concentration are never pooled. Bands are 5 to 95 % of the layers asked for (`bands`): people, observations, or the
uncertainty of the typical curve; a layer that a source does not have is named in a note.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from unwound.core.arrays import jnp
from unwound.core.errors import InputError, Problem, UnknownName
from unwound.patient.bands import BAND_KINDS, NO_BANDS, Bands, bands_of
from unwound.patient.given_doses import covariates_of, doses_of
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.cautions import cautions_for
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.envelopes import envelope_warnings
from unwound.pharmacokinetics.flow_limited import PAST_THE_LIVER, carried, factor_of
from unwound.pharmacokinetics.interactions import Interaction, perturbed, readings
from unwound.pharmacokinetics.mammillary import Mammillary
from unwound.pharmacokinetics.model import RoutedModel
from unwound.pharmacokinetics.perezruixo2021 import PerezRuixo2021
from unwound.pharmacokinetics.register import ROUTED, routed_model
from unwound.regimen import Regimen

USUAL_IN_A_VEIN = ("otto2021", "kamp2020")
"""Models without a liver in which an interaction is drawn when nobody names models."""

LEAST_TAIL_H = 24.0
"""Hours after the last dose that are looked at, at least."""


@dataclass(frozen=True)
class Curve:
    """One analyte of one model: the typical person, a band of people, and what is read off the curve."""

    model: str
    title: str
    analyte: str
    site: str
    time_h: np.ndarray
    concentration_ng_per_mL: np.ndarray  # noqa: N815
    low_ng_per_mL: np.ndarray | None  # noqa: N815  5 % of the band
    high_ng_per_mL: np.ndarray | None  # noqa: N815  95 % of the band
    cmax_ng_per_mL: float  # noqa: N815
    tmax_h: float
    auc_ng_h_per_mL: float  # noqa: N815  over the time looked at
    half_life_h: float | None
    """Of the last decline looked at; None where the curve does not fall."""
    warnings: tuple[str, ...]
    layers: tuple[str, ...] = ()
    """What the band holds: between patients, between occasions, residual error, uncertainty of typical values."""
    notes: tuple[str, ...] = ()
    """Layers that were asked for and that the source does not have."""

    def as_dict(self) -> dict[str, object]:
        """The curve as every JSON door gives it."""
        lists = {name: list(getattr(self, name)) for name in ("warnings", "layers", "notes")}
        return {**self.__dict__, **lists}


@dataclass(frozen=True)
class Divergence:
    """All curves, the models that were left out and why, and the averages that are allowed."""

    curves: tuple[Curve, ...]
    not_eligible: dict[str, str]
    averages: tuple[Curve, ...]
    cautions: tuple[str, ...] = ()
    """What co-medication calls for, in sentences."""
    bands: str = "people"
    """Which layers the bands were asked to hold."""


def why_not(model: RoutedModel, given: Sequence[Given]) -> str:
    """Why a model cannot answer for these doses; empty when it can."""
    known = set(model.enantiomers)
    for dose in given:
        split = dose.enantiomer == "racemic" and {"S", "R"} <= known
        if dose.enantiomer not in known and not split:
            form = {"racemic": "the racemate"}.get(dose.enantiomer, f"{dose.enantiomer}-ketamine")
            return f"describes {' and '.join(model.enantiomers)} only, not {form}"
        if dose.route not in model.routes:
            return f"has no {dose.route} input"
    return ""


def diverge(
    regimen: Regimen, person: Person, models: Sequence[str] | None = None, *, people: int = 200, seed: int = 1,
    until_h: float | None = None, at: np.ndarray | None = None, beside: Sequence[str] = (),
    also_at: Sequence[float] = (), bands: str = "people",
) -> Divergence:  # fmt: skip
    """Concentrations of `regimen` in `person` under `models` (default: all).

    `beside` names co-medication: cautions for all of it, and for inhibitors and inducers one more curve per rival
    reading of the interaction: in the well-stirred model (perezruixo2021), and by a factor on clearance in models that
    have no liver (`flow_limited`; of all models only otto2021 and kamp2020, so that the picture can be read).
    `also_at` are more times [h] beside the usual ones, such as those of samples.
    `people` (or replicates of the typical values) are drawn for the `bands` (0: none). Raises `InputError`: an unknown
    model; one model asked for by name that is not eligible; no dose; an unknown kind of bands.
    """
    if bands not in BAND_KINDS:
        raise UnknownName("bands", bands, BAND_KINDS)
    given = doses_of(person.dosed(regimen), person.weight_kg)
    if not given:
        raise InputError(Problem("doses", "(none)", "there is nothing to compute", "give at least one dose"))
    end = max(dose.start + dose.duration for dose in given)
    at = _times(given, until_h or max(2.0 * end, end + LEAST_TAIL_H)) if at is None else np.asarray(at, float)
    at = np.union1d(at, also_at) if len(also_at) else at
    found: list[Curve] = []
    left_out: dict[str, str] = {}
    for name in models or [name for name in ROUTED if name != "twocompartment"]:
        model = routed_model(name)
        if reason := why_not(model, given):
            if models is not None and len(models) == 1:
                raise InputError(Problem("model", name, f"this model {reason}", "use --models all to see who can"))
            left_out[name] = reason
            continue
        if isinstance(model, Mammillary):
            used = {dose.route for dose in given}
            model = dataclasses.replace(model, depots=tuple(route for route in model.depots if route in used))
        found += _curves_of(model, given, person, at, people, seed, bands)
    averages = _averages(found)
    sentences, readings = _co_medication(beside)
    if readings and any(curve.model == "perezruixo2021" for curve in found):
        for reading in readings:
            model = perturbed(cast(PerezRuixo2021, routed_model("perezruixo2021")), reading)
            changed = _curves_of(cast(RoutedModel, model), given, person, at, 0, seed, bands)
            found += [dataclasses.replace(curve, model=f"perezruixo2021 + {reading.prefix}") for curve in changed]
    if readings:
        changed, said = _by_clearance(found, readings, given, person, at, seed, models)
        found += changed
        sentences += said
    return Divergence(tuple(found), left_out, tuple(averages), tuple(sentences), bands)


def _by_clearance(
    found: Sequence[Curve], readings: Sequence[Interaction], given: Sequence[Given], person: Person, at: np.ndarray,
    seed: int, models: Sequence[str] | None,
) -> tuple[list[Curve], list[str]]:  # fmt: skip
    """Curves of models with a clearance only, and what to say of them: past the liver, and else not."""
    drawn = dict.fromkeys(curve.model for curve in found)
    carriers = {name: routed_model(name) for name in drawn if " + " not in name}
    wanted = [name for name in carriers if carried(carriers[name], readings[0]) is not None] if readings else []
    if models is None:
        wanted = [name for name in wanted if name in USUAL_IN_A_VEIN]
    if not wanted:
        known = any(" + " in name for name in drawn)
        return [], [] if known or not readings else ["no model here can carry the interaction: it is not computed"]
    if any(dose.route not in PAST_THE_LIVER for dose in given):
        return [], [f"{', '.join(wanted)}: no first pass in this model, so the interaction is computed for doses past "
                    "the liver only (perezruixo2021 knows oral and nasal ones)"]  # fmt: skip
    changed: list[Curve] = []
    said: list[str] = []
    used = {dose.route for dose in given}
    for reading in readings:
        factor, low, high = factor_of(reading)
        if flow := [name for name in wanted if name != "ashraf2018"]:
            said.append(
                f"{reading.prefix}: clearance x{factor:.2f} ({low:.2f} to {high:.2f}) in {', '.join(flow)}, by the "
                "extraction of the liver in perezruixo2021 (assumed to hold there)"
            )
        for name in wanted:
            model = carried(carriers[name], reading)
            if isinstance(model, Mammillary):
                model = dataclasses.replace(model, depots=tuple(route for route in model.depots if route in used))
            own = _curves_of(model, given, person, at, 0, seed, "people")
            changed += [dataclasses.replace(curve, model=f"{name} + {reading.prefix}") for curve in own]
    return changed, said


def _co_medication(names: Sequence[str]) -> tuple[list[str], list[Interaction]]:
    """(sentences, readings of interactions). Raises `UnknownName` for a drug nobody knows."""
    sentences = [f"{', '.join(c.names)}: {c.text}" for c in cautions_for(names)]
    found: list[Interaction] = []
    for name in names:
        try:
            found += readings(name)
        except InputError:
            continue  # no interaction with numbers: its caution has spoken, or it is known and needs none
    return sentences, found


def _times(given: Sequence[Given], until: float) -> np.ndarray:
    """Fine after each start and end of the first dozen doses, even in between."""
    moments = sorted({t for dose in given for t in (dose.start, dose.start + dose.duration)})[:60]
    near = np.concatenate([m + np.array([0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0]) for m in moments])
    even = np.arange(0.0, until + 1e-9, _step(until / 240.0))
    times = np.unique(np.round(np.concatenate([near, even]), 6))
    return times[times <= until + 1e-9]


def _step(least: float) -> float:
    """A round step of at least `least` [h]: intervals of few different lengths need few exponentials."""
    return next(step for step in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 168.0, math.inf) if step >= least)


def _curves_of(
    model: RoutedModel, given: Sequence[Given], person: Person, at: np.ndarray, people: int, seed: int, kind: str
) -> list[Curve]:
    who = covariates_of(person)
    typical = curves(model, given, who, jnp.zeros((len(model.random_effects), 1)), at).concentration
    bands = bands_of(model, given, who, at, kind, people, seed)
    notes = tuple(envelope_warnings(model, person.age_y, person.weight_kg, given))
    given_at_all = {name: values for name, values in typical.items() if values.any()}
    both = ("S-ketamine", "R-ketamine")
    if set(both) <= set(given_at_all):
        given_at_all["ketamine"] = sum(typical[name] for name in both)  # type: ignore[assignment]
        bands = _with_total(bands, both) if people >= 2 else NO_BANDS
    return [_read(model, name, at, values[:, 0], bands, notes) for name, values in given_at_all.items()]


def _with_total(bands: Bands, both: tuple[str, str]) -> Bands:
    """The bands with the sum of the enantiomers, when both have one."""
    if not set(both) <= set(bands.concentration):
        return bands
    total = bands.concentration[both[0]] + bands.concentration[both[1]]
    layers = {**bands.layers, "ketamine": bands.layers[both[0]]}
    return dataclasses.replace(bands, concentration={**bands.concentration, "ketamine": total}, layers=layers)


def _read(
    model: RoutedModel, analyte: str, at: np.ndarray, values: np.ndarray, bands: Bands, notes: tuple[str, ...]
) -> Curve:
    low, high = bands.edges(analyte)
    peak = int(np.argmax(values))
    return Curve(
        model=model.prefix,
        title=model.title,
        analyte=analyte,
        site=model.sampling,
        time_h=at,
        concentration_ng_per_mL=values,
        low_ng_per_mL=low,
        high_ng_per_mL=high,
        cmax_ng_per_mL=float(values[peak]),
        tmax_h=float(at[peak]),
        auc_ng_h_per_mL=float(np.trapezoid(values, at)),
        half_life_h=_half_life(at, values),
        warnings=notes,
        layers=bands.layers.get(analyte, ()),
        notes=bands.missing,
    )


def _half_life(at: np.ndarray, values: np.ndarray) -> float | None:
    """From the slope of the logarithm over the last tenth of the time looked at."""
    tail = (at >= at[-1] - 0.1 * (at[-1] - at[0])) & (values > 0)
    if tail.sum() < 3 or values[tail][-1] >= values[tail][0]:
        return None
    slope = np.polyfit(at[tail], np.log(values[tail]), 1)[0]
    return float(-math.log(2.0) / slope) if slope < 0 else None


def _averages(found: Sequence[Curve]) -> list[Curve]:
    """The mean curve of each group of two or more models with one site and analyte (never an unstated site)."""
    groups: dict[tuple[str, str], list[Curve]] = {}
    for curve in found:
        if curve.site != "unstated":
            groups.setdefault((curve.site, curve.analyte), []).append(curve)
    means = []
    for (site, analyte), members in groups.items():
        if len(members) < 2:
            continue
        values = np.mean([member.concentration_ng_per_mL for member in members], axis=0)
        at = members[0].time_h
        peak = int(np.argmax(values))
        names = ", ".join(member.model for member in members)
        means.append(
            Curve(
                f"mean of {names}", "unweighted mean", analyte, site, at, values, None, None, float(values[peak]),
                float(at[peak]), float(np.trapezoid(values, at)), _half_life(at, values), (),
            )
        )  # fmt: skip
    return means
