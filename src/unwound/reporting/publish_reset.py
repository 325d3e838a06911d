"""What `unwound reset-map` leaves behind, and what its JSON says.

figure.svg, .png       map, phase portrait, flow, depth and duration      relief.parquet    one row per regimen
result.json            what `--json` prints                              manifest.json     specification, sha256
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.core.verdicts import Verdict
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.publish import assumed_in_words, values_of
from unwound.reporting.reset_figure import reset_figure
from unwound.sensitization import equilibria as rest
from unwound.sensitization.relapse import ghost_time, protection_border, protection_time, remission_latent
from unwound.sensitization.reset import shortest_reset

if TYPE_CHECKING:
    from unwound.patient.reset_map import ResetMap
    from unwound.reporting.store import ResultFolder

HYPOTHESIS = "Reset is a hypothesis and no promise: that human central sensitization has two states at all is assumed"
TYPICAL = "one typical person without flares, placebo response or pain that the drug cannot reach: the best case"
NO_ADVICE = "the map shows what the equations say of any dose on it, not what may be given to anybody"


def reset_summary(found: ResetMap) -> dict[str, Any]:
    """What every JSON door gives, on the grid that was asked for."""
    grid = found.on_grid
    rows = np.searchsorted(found.rates_mg_h, found.asked.rates_mg_h)
    return {
        "simulation_only": SIMULATION_ONLY,
        "hypothesis": found.hypothesis,
        "driver": found.driver,
        "model": found.model,
        "sampling": found.sampling,
        "enantiomer": found.asked.enantiomer,
        "latent_memory": found.asked.latent,
        "weight_kg": found.asked.weight_kg,
        "baseline_nrs": found.baseline_nrs,
        "followed_days": found.asked.followed_d,
        "rates_mg_per_h": list(found.asked.rates_mg_h),
        "durations_days": list(found.asked.days),
        "relief_days": grid(found.relief_days),
        "lasts_to_the_end": grid(found.lasts & (found.relief_days > 0)),
        "protection_at_end": None if found.protection is None else grid(found.protection),
        "block": None if found.block is None else found.block[rows],
        "reset_by_theory_days": None if found.theory_days is None else _finite(found.theory_days[rows]),
        "relief_by_theory_days": None if found.theory_relief_days is None else grid(found.theory_relief_days),
        "switch": switch_facts(found),
        "notes": [HYPOTHESIS, TYPICAL, NO_ADVICE],
        "warnings": list(found.warnings),
        "verdicts": {one.name.lower(): int((found.verdicts == one).sum()) for one in Verdict},
        "assumed": assumed_in_words(found.keys),
        "citations": [citation.text() for citation in evidence.citations(found.keys)],
    }


def _finite(values: np.ndarray) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]


def _or_none(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def switch_facts(found: ResetMap) -> dict[str, Any] | None:
    """What theory says of this person: which states there are, how deep and how long, and how long relief lasts."""
    p = found.switch
    if p is None:
        return None
    drive = float(rest.frozen_drive(found.asked.latent, p))
    between = rest.bistable_range(p)
    z_end = float(found.example.states["protection"][int(np.argmin(np.abs(found.example.time_d - found.example.days)))])
    return {
        "drive": drive,
        "class": rest.patient_class(drive, p),
        "resting_gains": [{"gain": one.gain, "stable": one.stable} for one in rest.equilibria(drive, p)],
        "bistable_drives": None if between is None else list(between),
        "critical_block": _or_none(rest.critical_block(drive, p)),
        "shortest_reset_days": _or_none(shortest_reset(drive, p)),
        "protection_border": _or_none(protection_border(drive, p)),
        "remission_below_latent": _or_none(remission_latent(p)),
        "after_the_example": {
            "rate_mg_per_h": found.example.rate_mg_h,
            "days": found.example.days,
            "protection": z_end,
            "protection_days": _or_none(protection_time(z_end, drive, p)),
            "bottleneck_days": _or_none(ghost_time(drive, p)),
        },
    }


def title_of(found: ResetMap) -> str:
    """What was done, in a line."""
    form = {"S": "S-ketamine", "R": "R-ketamine", "racemic": "racemic ketamine"}[found.asked.enantiomer]
    driven = f", {found.driver} driver" if found.driver else ""
    who = "" if found.hypothesis == "H0" else f", latent memory {found.asked.latent:g}"
    return f"Reset map: {form} under {found.hypothesis}{driven}, {found.model}, {found.asked.weight_kg:g} kg{who}"


def publish_reset(folder: ResultFolder, found: ResetMap, command: str, seed: int) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    summary, title = reset_summary(found), title_of(found)
    figure = reset_figure(found, title, (f"Note: {HYPOTHESIS}.", f"Note: {TYPICAL}; {NO_ADVICE}."))
    rates, days = np.meshgrid(found.rates_mg_h, found.days, indexing="ij")
    columns = {"rate": rates.ravel(), "duration": days.ravel(), "relief": found.relief_days.ravel(),
               "lasts": found.lasts.ravel().astype(float)}  # fmt: skip
    units = {"rate": "mg/h", "duration": "d", "relief": "d", "lasts": "1"}
    if found.protection is not None:
        columns["protection"], units["protection"] = found.protection.ravel(), "1"
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, title).encode())
        folder.write_bytes("figure.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("relief", columns, units)
        folder.describe(
            command=command,
            seed=seed,
            specification={
                "rates_mg_per_h": found.rates_mg_h,
                "durations_days": found.days,
                "enantiomer": found.asked.enantiomer,
                "latent_memory": found.asked.latent,
                "hypothesis": found.hypothesis,
                "driver": found.driver,
                "model": found.model,
                "evidence": values_of(found.keys),
            },
            assumed=summary["assumed"],
            citations=summary["citations"],
            verdicts=summary["verdicts"],
            warnings=[*summary["notes"], *summary["warnings"]],
        )
    names = {"figure": "figure.png", "result": "result.json", "manifest": "manifest.json"}
    return {"folder": str(folder.path), **{what: str(folder.path / name) for what, name in names.items()}}
