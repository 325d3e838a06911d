r"""What the joint fit of pain found, shipped as data: draws, scores of trials left out, weights, predicted rows.

    together              the mean of the predictive densities of all hypotheses and drivers, each counted alike

The first line of every report says whether the mechanisms, together, beat the meta-analysis out of sample. Files are
made by ``python scripts/fit_pain.py`` and read by `pain_shipped`.
"""

from __future__ import annotations

import csv
import io
import json
import math
import pathlib
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import numpy as np

from unwound.core.files import atomic_write
from unwound.inference import rivals as rival_room
from unwound.inference.bank import evaluate, places
from unwound.inference.crowd import crowd
from unwound.inference.held_out import K_LIMIT, difference
from unwound.inference.held_out import weights as weights_of
from unwound.inference.observe import in_words
from unwound.inference.pain_fit import Posterior, log_mean
from unwound.inference.pain_parameters import numbers, priors
from unwound.inference.pain_rows import FitRow, fit_rows, fitted_trials
from unwound.inference.pain_shipped import AVERAGE, DRAWS_FILE, POTENCY_SD, RECORD_FILE, shared_out
from unwound.trials.expectancy import SHARES

SHIPPED = 100
"""Draws of each model that are shipped, resampled to equal weights."""
SEED = 20261126
KIEFER = "KIE08B"
POOL = 200
WITHOUT = "none"
"""No mechanism."""


def written(
    posteriors: Mapping[str, tuple[str, str, Posterior]], scores: Mapping[str, Mapping[str, Any]],
    rivals: Mapping[str, Mapping[str, Any]], mechanisms: Mapping[str, Any], refits: Mapping[str, Any],
    recovery: Mapping[str, Any], settings: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Write the shipped files; returns the record."""
    rng = np.random.default_rng(SEED)
    table: dict[str, dict[str, Any]] = {name: dict(found) for name, found in scores.items()}
    table |= {rival: dict(found["scores"]) for rival, found in rivals.items()}
    elpd = {name: {trial: float(found[trial][0]) for trial in fitted_trials()} for name, found in table.items()}
    fitted, kept = list(posteriors), {name: resampled(p[2], rng) for name, p in posteriors.items()}
    even = np.full(len(fitted), 1.0 / len(fitted))
    elpd["together"] = {t: log_mean(np.array([elpd[name][t] for name in fitted]), even) for t in fitted_trials()}
    record: dict[str, Any] = {
        "simulation_only": "simulation for research and education, not for clinical use",
        "first_line": first_line(elpd),
        "settings": dict(settings),
        "versions": {name: metadata.version(name) for name in ("jax", "numpyro", "arviz", "scipy")},
        "machine": platform.machine(),
        "trials": list(fitted_trials()),
        "scores": elpd,
        "how": {name: {t: str(found[t][2]) for t in fitted_trials()} for name, found in table.items()},
        "weights": weights({name: elpd[name] for name in fitted}),
        "weights_with_rivals": weights({name: elpd[name] for name in (*fitted, *rivals)}),
        "diagnostics": {name: {"pareto_k": p.pareto_k, "r_hat": p.r_hat, "effective_draws": p.effective}
                        for name, (_, _, p) in posteriors.items()}
        | {rival: {"r_hat": float(found["r_hat"])} for rival, found in rivals.items()},
        "predicted": {name: predicted(p.found[kept[name]], rng) for name, (_, _, p) in posteriors.items()},
        "potency_sd": {name: list(map(float, np.percentile(p.draws.sd[kept[name]], (5.0, 50.0, 95.0))))
                       for name, (_, _, p) in posteriors.items()},
        "four_non_responders": {name: four_non_responders(h, p.draws.take(kept[name]).of_new_trial(h, rng)[:20])
                                for name, (h, _, p) in posteriors.items()},
    }  # fmt: skip
    pool = pooled({name: p.found[kept[name]] for name, (_, _, p) in posteriors.items()}, record["weights"])
    record["predicted"] = {AVERAGE: predicted(pool, rng), **record["predicted"]}
    record["effects"] = {name: effects(p.found[kept[name]]) for name, (_, _, p) in posteriors.items()}
    record["effects"] = {AVERAGE: effects(pool), **record["effects"]}
    record["recovery"] = dict(recovery)
    record["mechanisms"] = {name: judged(elpd[name], found, refits.get(name, {})) for name, found in mechanisms.items()}
    record["check"] = {
        name: evaluate(h, p.draws.point[kept[name][:1]])[0].tolist() for name, (h, _, p) in posteriors.items()
    }
    record["predicted"] |= {
        rival: predicted(rival_found(rival, found["draws"]), rng) for rival, found in rivals.items()
    }
    folder = pathlib.Path(__file__).parent / "data"
    atomic_write(folder / DRAWS_FILE, _draws_text(posteriors, kept, rivals))
    atomic_write(folder / RECORD_FILE, json.dumps(_rounded(record), indent=1) + "\n")
    return record


def first_line(elpd: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Whether the mechanisms, together, beat the meta-analysis on trials left out: in numbers and in a sentence."""
    total, low, high = skill(elpd, "together", "analysis")
    verdict = "beat" if low > 0 else ("do not beat" if high < 0 or total < 0 else "are not told apart from")
    sentence = (
        f"Out of sample, the mechanisms together {verdict} the model-based meta-analysis: log score {total:+.1f} "
        f"({low:+.1f} to {high:+.1f}) over {len(fitted_trials())} trials left out one by one."
    )
    beside = {rival: skill(elpd, "together", rival) for rival in rival_room.RIVALS}
    return {"sentence": sentence, "skill": {name: list(found) for name, found in beside.items()}}


def skill(elpd: Mapping[str, Mapping[str, float]], one: str, other: str) -> tuple[float, float, float]:
    """(total, 5th, 95th percentile) of the log score of `one` less that of `other`."""
    found = difference(_arrays({name: elpd[name] for name in (one, other)}), one, other)
    return found.sum, found.low, found.high


def weights(elpd: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Pseudo-BMA+ weights of models, summing to 1."""
    return {name: found["pseudo_bma"] for name, found in weights_of(_arrays(elpd)).items()}


def _arrays(elpd: Mapping[str, Mapping[str, float]]) -> dict[str, np.ndarray]:
    return {name: np.array([found[trial] for trial in fitted_trials()]) for name, found in elpd.items()}


def pooled(found: Mapping[str, np.ndarray], shares: Mapping[str, float]) -> np.ndarray:
    """Features of all models, as many draws of each as its weight says."""
    counts = shared_out(shares, POOL)
    return np.concatenate([found[name][np.arange(count) % len(found[name])] for name, count in counts.items()])


def effects(found: np.ndarray) -> dict[str, Any]:
    """The difference of pain in SIG09 at week 1 [points], when 0, 25 or 50 % of it is unblinding."""
    rows = {row.arm: place for row, place in zip(fit_rows(), places(), strict=True) if row.trial == "SIG09" and row.arm}
    treated, control = (found[:, rows[arm].start] for arm in ("S-ketamine", "placebo"))
    gap = treated - control
    out = {}
    for share in SHARES:
        low, high = np.percentile(gap * (1.0 - share / 100.0), (5.0, 95.0))
        out[f"{share:g}"] = {"mean": float(gap.mean() * (1.0 - share / 100.0)), "low": float(low), "high": float(high)}
    return out


def judged(
    plain: Mapping[str, float], found: Mapping[str, Mapping[str, Any]],
    refits: Mapping[str, tuple[Posterior, Mapping[str, Any]]],
) -> dict[str, Any]:  # fmt: skip
    """Mechanism -> what switching it on does to the log score of trials left out, with its 90 % interval.

    `found` are scores of the draws of the plain model, weighed anew, and beside them ("none") of the same draws without
    a mechanism; a mechanism of `refits` (posterior, scores) has draws of its own, beside the scores of the plain fit.
    """
    out = {}
    for name in (name for name in found if name != WITHOUT):
        scores, how, off = found[name], "weighed anew", {trial: one[0] for trial, one in found[WITHOUT].items()}
        worst = max(float(score[1]) for score in scores.values())
        if name in refits:
            posterior, scores = refits[name]
            how, off, worst = "fitted anew", dict(plain), posterior.pareto_k
        pair = {"on": {trial: float(score[0]) for trial, score in scores.items()}, "off": off}
        total, low, high = skill(pair, "on", "off")
        improves = bool(low > 0.0 and worst <= K_LIMIT)
        out[name] = {"gain": total, "low": low, "high": high, "pareto_k": worst, "how": how, "improves": improves}
    return out


def resampled(posterior: Posterior, rng: np.random.Generator) -> np.ndarray:
    """Indices of `SHIPPED` draws with equal weights (systematic resampling)."""
    steps = (rng.random() + np.arange(SHIPPED)) / SHIPPED
    return np.minimum(np.searchsorted(np.cumsum(posterior.weights), steps), len(posterior.weights) - 1)


def predicted(found: np.ndarray, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Every row of the fit: what was printed, what is expected, and the 90 % interval of what a trial would print."""
    out = []
    for row, place in zip(fit_rows(), places(), strict=True):
        told = np.array([in_words(row, one)[0] for one in found[:, place]])
        unit = in_words(row, found[0, place])[1]
        again = _replicates(row, found[:, place], told, rng)
        low, high = (None, None) if again is None else map(float, np.percentile(again, (5.0, 95.0)))
        printed = _printed(row)
        covered = None if printed is None or low is None or high is None else bool(low <= printed <= high)
        out.append({
            "trial": row.trial, "arm": row.arm, "what": row.what, "unit": unit, "printed": printed, "text": row.text,
            "mean": float(told.mean()), "low": low, "high": high, "covered": covered, "weight": row.weight,
        })  # fmt: skip
    return out


def _replicates(row: FitRow, found: np.ndarray, told: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """What trials of that size would print; None for a P, whose chance is the prediction."""
    if row.kind in ("mean", "range"):
        many = np.repeat(found, 20, axis=0)
        return np.asarray(rng.normal(many[:, 0], np.exp(many[:, 1]) / math.sqrt(row.n)))
    if row.kind in ("share", "classes"):
        return np.asarray(100.0 * rng.binomial(row.n, np.repeat(told, 20) / 100.0) / row.n)
    return None


def _printed(row: FitRow) -> float | None:
    if row.kind == "mean":
        return row.mean
    if row.kind in ("share", "classes"):
        return 100.0 * row.counts[0] / row.n
    return None


def rival_found(rival: str, found: Mapping[str, np.ndarray]) -> np.ndarray:
    """The features of a rival at its draws, (draws, features)."""
    from unwound.core.arrays import jax, jnp

    some = {name: jnp.asarray(values[:SHIPPED]) for name, values in found.items()}
    parts = {}
    for trial in fitted_trials():
        parts[trial] = np.asarray(jax.vmap(lambda one, t=trial: rival_room.said(rival, t, one))(some))
    out, taken = [], dict.fromkeys(parts, 0)
    for row, place in zip(fit_rows(), places(), strict=True):
        size = place.stop - place.start
        out.append(parts[row.trial][:, taken[row.trial] : taken[row.trial] + size])
        taken[row.trial] += size
    return np.concatenate(out, axis=1)


def four_non_responders(hypothesis: str, cube: np.ndarray) -> float:
    """The chance that none of the four patients of Kiefer 2008 has 30 % less pain at the end of ten days."""
    from unwound.core.arrays import jnp
    from unwound.inference.observe import grades, responding

    own_crowd = crowd(KIEFER, 128, (240.0,))
    pain = own_crowd.pain(hypothesis, numbers(hypothesis, cube))[own_crowd.sides[0].name]
    single = own_crowd.scatter[1]
    shares = [float(responding(grades(jnp.asarray(one[0]), single), grades(jnp.asarray(one[-1]), single), 0.3))
              for one in pain]  # fmt: skip
    return float(np.mean((1.0 - np.array(shares)) ** 4))


def _draws_text(
    posteriors: Mapping[str, tuple[str, str, Posterior]], kept: Mapping[str, np.ndarray],
    rivals: Mapping[str, Mapping[str, Any]],
) -> str:  # fmt: skip
    alone = {name: {k: v[:SHIPPED] for k, v in r["draws"].items() if np.ndim(v) == 1} for name, r in rivals.items()}
    names = [prior.name for h, _, _ in posteriors.values() for prior in priors(h)]
    names = list(dict.fromkeys([*names, *(name for one in alone.values() for name in one)]))
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["model", POTENCY_SD, *names])
    for model, (hypothesis, _, posterior) in posteriors.items():
        values, own = numbers(hypothesis, posterior.draws.point[kept[model]]), posterior.draws.sd[kept[model]]
        for n in range(SHIPPED):
            lines.writerow(
                [model, f"{own[n]:.6g}", *(f"{values[name][n]:.6g}" if name in values else "" for name in names)]
            )
    for model, values in alone.items():
        for n in range(SHIPPED):
            lines.writerow([model, "", *(f"{values[name][n]:.6g}" if name in values else "" for name in names)])
    return text.getvalue()


def _rounded(node: Any) -> Any:
    """Numbers with six digits: what a reader may compare, and what does not move with the last bit."""
    if isinstance(node, float):
        return float(f"{node:.6g}")
    if isinstance(node, dict):
        return {key: _rounded(value) for key, value in node.items()}
    return [_rounded(value) for value in node] if isinstance(node, list | tuple) else node
