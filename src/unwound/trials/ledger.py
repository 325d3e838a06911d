r"""The ledger: what rival models foretell of a trial before its result is known, and their average by weight.

    replicate r of a foreteller     conducted with settings[r mod n]: one set of values, or n draws of a posterior
    average                         sum_i w_i p_i:  mean = sum w_i m_i,  var = sum w_i (s_i^2 + m_i^2) - mean^2

A foretelling is the mean, the standard deviation and the 50 and 90 % intervals over replicates of the trial's own size.
It is made under 0, 25 and 50 % of expectancy. A model that does not conduct trials (a meta-analysis) brings its draws
as `Drawn`.

Leaves out: doubt about the protocol, whose assumed parts stand in the record as they were assumed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.patient.setting import Setting
from unwound.trials.conduct import conduct
from unwound.trials.expectancy import SHARES, with_share
from unwound.trials.forecast import CHANCE, Cell, Draws, draws_of, joined
from unwound.trials.qualify_pain import model_for
from unwound.trials.trial import Trial

AVERAGE = "average"
PERCENTILES = {"low90": 5.0, "low50": 25.0, "median": 50.0, "high50": 75.0, "high90": 95.0}
DIGITS = 4
Progress = Callable[[int], None]
ByShare = Mapping[str, Mapping[Cell, Draws]]
"""Share of expectancy ("0", "25", "50") -> what is foretold."""


@dataclass(frozen=True)
class Foreteller:
    """A model that conducts the trial. `settings` are tried in turn, one per replicate."""

    name: str
    weight: float
    settings: tuple[Setting, ...]

    def about(self) -> dict[str, Any]:
        """What it is, for the record."""
        first = self.settings[0]
        return {
            "name": self.name, "weight": self.weight, "settings": len(self.settings), "hypothesis": first.hypothesis,
            "driver": first.driver, "model": first.model, "seed": first.seed,
            "settings_sha256": settings_hash(self.settings),
        }  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A model that brings its own draws, such as a meta-analysis; `what` says in a sentence what it is."""

    name: str
    weight: float
    what: str
    draws: ByShare

    def about(self) -> dict[str, Any]:
        """What it is, for the record."""
        return {"name": self.name, "weight": self.weight, "what": self.what}


def table_foretellers(trial: Trial, seed: int = 1, threads: int | None = None) -> tuple[Foreteller, ...]:
    """H0, H1 and H2 with the values of the evidence tables, of equal weight: nothing has weighed them yet."""
    shorts = ("H0", "H1", "H2")
    model = model_for(trial)
    settings = [Setting(model=model, hypothesis=h, seed=seed, threads=threads, metabolites=False) for h in shorts]
    return tuple(Foreteller(s.hypothesis, 1.0 / len(shorts), (s,)) for s in settings)


def foretell(
    trial: Trial, foreteller: Foreteller, replicates: int, shares: Sequence[float] = SHARES,
    progress: Progress | None = None,
) -> Drawn:  # fmt: skip
    """Conduct `trial` as `foreteller` says, under each of `shares` [percent]. Raises what `conduct` raises."""
    draws = {
        f"{share:g}": _conducted(with_share(trial, share), foreteller.settings, replicates, progress)
        for share in shares
    }
    return Drawn(foreteller.name, foreteller.weight, "", draws)


def _conducted(
    trial: Trial, settings: tuple[Setting, ...], replicates: int, progress: Progress | None
) -> dict[Cell, Draws]:
    """Replicates with the same setting are conducted together, and put back in their order."""
    parts, order = [], []
    for place, setting in enumerate(settings[:replicates]):
        own = np.arange(place, replicates, len(settings))
        parts.append(draws_of(conduct(trial, setting, len(own), progress, first=place, step=len(settings))))
        order.append(own)
    return joined(parts, np.argsort(np.concatenate(order)))


def combined(drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    """One row per cell: what it is, and share -> foreteller -> numbers, the average first. Raises `InputError`."""
    _check(drawn)
    rows = []
    for cell in next(iter(drawn[0].draws.values())):
        under: dict[str, dict[str, dict[str, float]]] = {}
        for share in drawn[0].draws:
            have = [one for one in drawn if cell in one.draws.get(share, {})]
            if have:
                own = {one.name: told(cell, one.draws[share][cell]) for one in have}
                under[share] = {AVERAGE: _average(cell, have, share), **own}
        rows.append({**cell.as_dict(), "foretold": under})
    return rows


def told(cell: Cell, draws: Draws) -> dict[str, float]:
    """What is kept of the draws of one foreteller."""
    values = draws.values[~np.isnan(draws.values)]
    if not len(values):
        return {}
    if cell.kind == CHANCE:
        return {"mean": _round(values.mean())}
    found = {"mean": _round(values.mean()), "sd": _round(values.std())}
    found |= {name: _round(np.percentile(values, p)) for name, p in PERCENTILES.items()}
    return found if draws.between is None else {**found, "between_people": _round(np.nanmean(draws.between))}


def _average(cell: Cell, have: Sequence[Drawn], share: str) -> dict[str, float]:
    """The mixture of all who foretell this cell, their weights made to sum to one."""
    weights, values = [], []
    for one in have:
        own = one.draws[share][cell].values
        own = own[~np.isnan(own)]
        values.append(own)
        weights.append(np.full(len(own), one.weight / max(len(own), 1)))
    pooled, weight = np.concatenate(values), np.concatenate(weights)
    if not len(pooled):
        return {}
    weight = weight / weight.sum()
    mean = float(pooled @ weight)
    if cell.kind == CHANCE:
        return {"mean": _round(mean)}
    sd = float(np.sqrt(max(pooled**2 @ weight - mean**2, 0.0)))
    order = np.argsort(pooled, kind="stable")
    middle = np.cumsum(weight[order]) - 0.5 * weight[order]
    found = {"mean": _round(mean), "sd": _round(sd)}
    return found | {name: _round(np.interp(p / 100.0, middle, pooled[order])) for name, p in PERCENTILES.items()}


def settings_hash(settings: tuple[Setting, ...]) -> str:
    """The sha256 of every number of the settings, so that draws of a posterior can be told apart."""
    return hashlib.sha256(json.dumps([_plain(one) for one in settings], sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        named = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {name: _plain(own) for name, own in named.items() if name != "threads"}  # threads change no number
    if isinstance(value, Mapping):
        return {str(key): _plain(own) for key, own in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(own) for own in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return np.asarray(value).tolist() if hasattr(value, "__array__") else repr(value)


def _round(value: Any) -> float:
    return round(float(value), DIGITS) + 0.0  # no -0.0


def _check(drawn: Sequence[Drawn]) -> None:
    names = [one.name for one in drawn]
    problems = []
    if not drawn:
        problems.append(Problem("foretellers", "(none)", "somebody must foretell", "give one or more"))
    if len(set(names)) < len(names) or AVERAGE in names:
        rule = f"each has a name of its own, and none is called {AVERAGE!r}"
        problems.append(Problem("foretellers", ", ".join(names), rule, "choose other names"))
    if any(not one.weight > 0 for one in drawn):
        weights = ", ".join(f"{one.name} {one.weight:g}" for one in drawn)
        problems.append(Problem("weight", weights, "above 0", "leave out who has no weight"))
    if problems:
        raise InputError(problems)


def check_foretellers(foretellers: Sequence[Foreteller]) -> None:
    """Raises `InputError` unless every foreteller has a setting and all share a seed: the same virtual people."""
    seeds = {setting.seed for one in foretellers for setting in one.settings}
    problems = [
        Problem("settings", one.name, "a foreteller has one setting or more", "give it one")
        for one in foretellers
        if not one.settings
    ]
    if len(seeds) > 1:
        listed = ", ".join(str(seed) for seed in sorted(seeds))
        rule = "all foretellers use the same virtual people, so the same seed"
        problems.append(Problem("seed", listed, rule, "use dataclasses.replace(setting, seed=...)"))
    if problems:
        raise InputError(problems)


def steps(trial: Trial, foretellers: Sequence[Foreteller], replicates: int, shares: Sequence[float] = SHARES) -> int:
    """How far the progress of all `foretell` together counts: people."""
    return len(foretellers) * len(shares) * replicates * trial.size
