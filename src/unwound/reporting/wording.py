"""Numbers as a report writes them.

A share is never printed as a bare 0 % or 100 %: nothing seen in n tries leaves an upper bound, the 95 % one being
``1 - 0.05^(1/n)`` (0 of 101: up to 3 %).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unwound.trials import Row, TrialResult

_DOUBT = 0.05


def number(value: float) -> str:
    """Three significant digits, without an exponent for everyday sizes."""
    if value and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.3g}"
    digits = 2 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 6)}f}"


def of_so_many(events: int, tries: int) -> str:
    """``7 of 60 (12 %)``; with none, or all, a bound in place of a certainty."""
    bound = _rounded_up(100.0 * (1.0 - _DOUBT ** (1.0 / tries))) if tries else 100.0
    if events == 0:
        return f"0 of {tries:,} (up to {bound:g} %)"
    if events == tries:
        return f"{tries:,} of {tries:,} (at least {100.0 - bound:g} %)"
    share = 100.0 * events / tries
    shown = f"{share:.1f}" if share < 1 or share > 99 else f"{share:.0f}"
    return f"{events:,} of {tries:,} ({shown} %)"


def _rounded_up(percent: float) -> float:
    """A bound that is never made tighter by rounding: whole percents, below one its first digit."""
    grain = 1.0 if percent >= 1 else 10.0 ** math.floor(math.log10(percent))
    return math.ceil(percent / grain) * grain


def is_share(row: Row) -> bool:
    """Whether a row counts virtual trials."""
    return row.endpoint.startswith("probability of")


def simulated_text(row: Row, result: TrialResult) -> tuple[str, str]:
    """(value with SD, 90 % interval) of a row; both empty when nothing was simulated."""
    simulated = row.simulated
    if simulated is None:
        return "", ""
    if is_share(row):
        text = of_so_many(round(simulated.mean * result.replicates), result.replicates)
        certain = simulated.mean in (0.0, 1.0)
        return text, "" if certain else f"{100 * simulated.low:.0f} to {100 * simulated.high:.0f} %"
    if row.unit == "percent" and simulated.mean == 0.0:
        people = next((arm.patients or 1 for arm in result.trial.arms if arm.name == row.arm), 1)
        return of_so_many(0, people * result.replicates), ""
    percent = row.unit == "percent"
    mean, low, high = (f"{v:.1f}" if percent else number(v) for v in (simulated.mean, simulated.low, simulated.high))
    spread = "" if simulated.sd is None else f" (SD {number(simulated.sd)})"
    unit = " %" if percent else ""
    return f"{mean}{unit}{spread}", f"{low} to {high}{unit}"


def verdict_text(row: Row) -> str:
    """hit, MISSED or not judged."""
    return {True: "hit", False: "MISSED", None: "not judged"}[row.passed]


def provenance_text(provenance: str) -> str:
    """How an observed number reached us, as a reader sees it."""
    known = {"read": "read", "read-derived": "computed from what was read", "memory": "recalled, not read"}
    return known.get(provenance, provenance)
