r"""A frozen prediction against the results, row by row and model by model.

    a mean or difference    log score = log sum_i w_i N(y | m_i, s_i),
                            CRPS = sum_i w_i A(y - m_i, s_i^2) - 1/2 sum_ij w_i w_j A(m_i - m_j, s_i^2 + s_j^2),
                            A(m, v) = 2 sqrt(v) phi(m / sqrt(v)) + m (2 Phi(m / sqrt(v)) - 1)
    a share of n people     log score = log sum_i w_i Binomial(k | n, p_i); CRPS as above
    a finding (0 or 1)      log score = log p or log(1 - p); CRPS = (p - y)^2

One model alone has one term; CRPS = E|X - y| - 1/2 E|X - X'| with X, X' drawn as foretold. It is in the unit
of the row, and less is better; a log score that is higher is better.
Totals add rows up although rows of one trial go together: they rank models and test nothing.

Leaves out: that an average of few replicates is not quite normal, and results of other people than were foretold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

from unwound.evidence import TrialRow
from unwound.trials.forecast import CHANCE
from unwound.trials.ledger import AVERAGE
from unwound.trials.ledger_record import Frozen, cell_of
from unwound.trials.scoring import binomial, log_normal, shown

_NORMAL = NormalDist()
_WEEK = 1e-3


@dataclass(frozen=True)
class Scored:
    """One result beside what one model foretold of it."""

    name: str
    unit: str
    observed: float
    provenance: str
    model: str
    mean: float
    low90: float | None
    high90: float | None
    in50: bool | None
    in90: bool | None
    log_score: float
    crps: float

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        return asdict(self)


@dataclass(frozen=True)
class Total:
    """One model over all rows."""

    model: str
    rows: int
    log_score: float
    in50: int
    in90: int
    with_interval: int
    crps: dict[str, float]
    """Unit -> mean CRPS of the rows in that unit."""

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        return asdict(self)


@dataclass(frozen=True)
class Score:
    """All rows, all models, and what could not be compared."""

    share: str
    rows: tuple[Scored, ...]
    totals: tuple[Total, ...]
    """The average first, then by log score."""
    not_foretold: tuple[str, ...]


def score(record: Frozen, results: Sequence[TrialRow], share: str = "0") -> Score:
    """`results` against `record` under one share of expectancy [percent]."""
    rows: list[Scored] = []
    left: list[str] = []
    for result in results:
        row = _row_for(record, result)
        told = {} if row is None else {n: own for n, own in row["foretold"].get(share, {}).items() if own}
        if row is None or result.value is None or not told:
            left.append(f"{result.arm}: {result.endpoint}, {result.window}")
            continue
        rows += _scored(row, result, told, record)
    models = dict.fromkeys((AVERAGE, *record.weights))
    own = {model: [row for row in rows if row.model == model] for model in models}
    totals = [_total(model, scored) for model, scored in own.items() if scored]
    totals.sort(key=lambda one: (one.model != AVERAGE, -one.log_score))
    return Score(share, tuple(rows), tuple(totals), tuple(left))


def _row_for(record: Frozen, result: TrialRow) -> dict[str, Any] | None:
    """The row that speaks of the same arm, endpoint and week."""
    for row in record.rows:
        same = row["arm"] == result.arm and row["endpoint"] == result.endpoint
        week, own = row["week"], result.week
        if same and (week == own or (week is not None and own is not None and abs(week - own) < _WEEK)):
            return row
    return None


def _scored(
    row: Mapping[str, Any], result: TrialRow, told: Mapping[str, Mapping[str, float]], record: Frozen
) -> list[Scored]:
    """One result under every model and the average."""
    y = float(result.value or 0.0)
    parts = {name: (record.weights[name], own) for name, own in told.items() if name in record.weights}
    found = []
    for name, own in told.items():
        mixed = list(parts.values()) if name == AVERAGE else [(1.0, own)]
        total = sum(weight for weight, _ in mixed)
        mixed = [(weight / total, one) for weight, one in mixed]
        within = {level: own[f"low{level}"] <= y <= own[f"high{level}"] for level in (50, 90) if f"low{level}" in own}
        found.append(Scored(
            cell_of(row).name, str(row["unit"]), y, result.provenance, name, own["mean"], own.get("low90"),
            own.get("high90"), within.get(50), within.get(90),
            _log_score(row["kind"], y, result.n, mixed, record.data["replicates"]), crps(row["kind"], y, mixed),
        ))  # fmt: skip
    return found


Mixed = Sequence[tuple[float, Mapping[str, float]]]


def _log_score(kind: str, y: float, n: int | None, mixed: Mixed, replicates: int) -> float:
    if kind == CHANCE:
        chance = sum(weight * own["mean"] for weight, own in mixed)
        return shown(chance if y > 0.5 else 1.0 - chance, replicates)
    if kind == "share" and n:
        scores = [(w, binomial(y, n, own["mean"], replicates)) for w, own in mixed]
    else:
        scores = [(w, log_normal(y, own["mean"], max(own["sd"], _SMALLEST))) for w, own in mixed]
    highest = max(one for _, one in scores)
    return highest + math.log(sum(w * math.exp(one - highest) for w, one in scores))


_SMALLEST = 1e-6  # a spread of zero: every replicate alike


def crps(kind: str, y: float, mixed: Mixed) -> float:
    """The continuous ranked probability score of a mixture of normals, or the square for a finding."""
    if kind == CHANCE:
        return (sum(weight * own["mean"] for weight, own in mixed) - y) ** 2
    first = sum(w * _absolute(y - own["mean"], own["sd"] ** 2) for w, own in mixed)
    pairs = ((v * w, a["mean"] - b["mean"], a["sd"] ** 2 + b["sd"] ** 2) for v, a in mixed for w, b in mixed)
    return first - 0.5 * sum(weight * _absolute(mean, variance) for weight, mean, variance in pairs)


def _absolute(mean: float, variance: float) -> float:
    """E|X| of a normal X."""
    if variance <= 0.0:
        return abs(mean)
    sd = math.sqrt(variance)
    return 2.0 * sd * _NORMAL.pdf(mean / sd) + mean * (2.0 * _NORMAL.cdf(mean / sd) - 1.0)


def _total(model: str, rows: Sequence[Scored]) -> Total:
    units = dict.fromkeys(row.unit for row in rows)
    means = {u: [row.crps for row in rows if row.unit == u] for u in units}
    return Total(
        model, len(rows), sum(row.log_score for row in rows), sum(row.in50 is True for row in rows),
        sum(row.in90 is True for row in rows), sum(row.in90 is not None for row in rows),
        {unit: sum(own) / len(own) for unit, own in means.items()},
    )  # fmt: skip
