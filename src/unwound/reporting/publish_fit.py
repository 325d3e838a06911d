"""What `unwound fit` says and leaves behind: posterior beside prior, correlations, scores on trials left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.inference.mood_accounts import ACCOUNTS, priors_for
from unwound.inference.mood_fit import SPREADS, prior_draws
from unwound.inference.mood_scores import Score, by_account
from unwound.reporting.figures import png_bytes, svg_text
from unwound.reporting.forest_figure import ForestRow, forest_figure
from unwound.reporting.posterior_figure import correlation_figure, correlations, learned, posterior_figure
from unwound.reporting.publish import assumed_in_words, values_of

if TYPE_CHECKING:
    from unwound.reporting.store import ResultFolder

POSTERIOR_TITLE = "Mood: what ten trials taught about each parameter"
CORRELATION_TITLE = "Mood: which parameters trade off"
SCORES_TITLE = "Mood: the mechanism against its rivals on trials left out"
_INTERVAL = (5.0, 50.0, 95.0)
_PRIORS, _SEED = 4000, 1


def fit_summary(draws: Mapping[str, np.ndarray], record: Mapping[str, Any]) -> dict[str, Any]:
    """What every JSON door gives of the fit of mood."""
    prior = prior_draws("mechanism", _PRIORS, _SEED)
    told = {page.name: page.contraction for page in learned(prior, draws, list(draws))}
    rows = []
    for name, column in draws.items():
        low, middle, high = np.percentile(column, _INTERVAL)
        before = np.percentile(prior[name], _INTERVAL)
        rows.append({
            "parameter": name, "unit": units()[name], "median": float(middle), "low_5": float(low),
            "high_95": float(high), "prior_median": float(before[1]), "prior_low_5": float(before[0]),
            "prior_high_95": float(before[2]), "contraction": told[name], **record["diagnostics"][name],
        })  # fmt: skip
    keys = keys_of_fit()
    return {
        "simulation_only": SIMULATION_ONLY,
        "title": POSTERIOR_TITLE,
        "parameters": rows,
        "correlations": {"names": list(draws), "matrix": correlations(draws, list(draws))},
        "record": dict(record),
        "notes": [
            "Conditional on every assumed number of the table outcomes_mood that is not fitted.",
            "Recalled rows count a half. Study effects have priors of their own and are integrated over.",
        ],
        "assumed": assumed_in_words(keys),
        "citations": [citation.text() for citation in evidence.citations(keys)],
    }


def units() -> dict[str, str]:
    """Units of the parameters of the mechanism, the spreads between studies among them."""
    return {**{name: prior.unit for name, prior in priors_for("mechanism").items()}, **dict.fromkeys(SPREADS, "1")}


def keys_of_fit() -> list[str]:
    """The evidence keys a fit rests on: priors, rows, what is held."""
    every = evidence.all_estimates()
    prefixes = ("mood_prior.", "mood.", "mood_control.", "mood_relapse.", "madrs.", "judgement.recalled")
    return [key for key in every if key.startswith(prefixes)]


def scores_summary(scores: Sequence[Score], record: Mapping[str, Any]) -> dict[str, Any]:
    """What every JSON door gives of the scores; the verdict comes first."""
    pages = by_account(scores)
    return {
        "verdict": record["verdict"],
        "simulation_only": SIMULATION_ONLY,
        "title": SCORES_TITLE,
        "accounts": [
            {"account": name, "log_score": float(pages[name].sum()), **record["weights"][name]} for name in pages
        ],
        "differences": record["differences"],
        "trials": [
            {"trial": s.trial, "account": s.account, "log_score": s.log_score, "k_hat": s.k_hat, "refitted": s.refitted}
            for s in scores
        ],
        "record": {name: record[name] for name in ("rows_sha256", "sampler", "versions", "command", "refitted")},
        "notes": score_notes(),
    }


def score_notes() -> list[str]:
    """How to read the scores."""
    return [
        "Log scores have the units of the rows: compare accounts, never with zero. Ten trials are few.",
        "The mechanism was written with these trials in view; a trial left out of the fit was not left out of that.",
        "Every account has the same control arms, people, scales, relapse and study effects; only the drug differs.",
        "The shared memory of pain has nothing fitted but its size: one shared mechanism, or one of mood's own.",
    ]


def publish_fit(
    folder: ResultFolder, draws: Mapping[str, np.ndarray], record: Mapping[str, Any], command: str
) -> dict[str, str]:
    """Write both figures, draws, JSON and manifest; gives back what lies where."""
    summary = fit_summary(draws, record)
    names = list(draws)
    foot = [f"{len(next(iter(draws.values())))} draws by NUTS; trials: {', '.join(record['trials'])}."]
    prior = prior_draws("mechanism", _PRIORS, _SEED)
    pictures = {
        "posterior": (POSTERIOR_TITLE, posterior_figure(prior, draws, names, POSTERIOR_TITLE, units(), foot)),
        "correlation": (CORRELATION_TITLE, correlation_figure(draws, names, CORRELATION_TITLE)),
    }
    with folder:
        for name, (title, figure) in pictures.items():
            folder.write_bytes(f"{name}.svg", svg_text(figure, title).encode())
            folder.write_bytes(f"{name}.png", png_bytes(figure, title))
        folder.write_json("result", summary)
        folder.write_table("draws", dict(draws), units())
        folder.describe(
            command=command,
            seed=record["sampler"]["seed"],
            specification={"record": dict(record), "evidence": values_of(keys_of_fit())},
            assumed=summary["assumed"],
            citations=summary["citations"],
            warnings=summary["notes"],
        )
    return {"folder": str(folder.path), **{name: str(folder.path / f"{name}.png") for name in pictures}}


def publish_scores(
    folder: ResultFolder, scores: Sequence[Score], record: Mapping[str, Any], command: str
) -> dict[str, str]:
    """Write figure, table, JSON and manifest; gives back what lies where."""
    summary, figure = scores_summary(scores, record), scores_figure(record)
    columns = {name: [getattr(score, name) for score in scores] for name in ("account", "trial", "log_score", "k_hat")}
    keys = keys_of_fit()
    with folder:
        folder.write_bytes("figure.svg", svg_text(figure, SCORES_TITLE).encode())
        folder.write_bytes("figure.png", png_bytes(figure, SCORES_TITLE))
        folder.write_json("result", summary)
        folder.write_table("scores", columns, dict.fromkeys(columns, "1"))
        folder.describe(
            command=command,
            seed=record["sampler"]["seed"],
            specification={"record": dict(record), "evidence": values_of(keys)},
            assumed=assumed_in_words(keys),
            citations=[citation.text() for citation in evidence.citations(keys)],
            warnings=summary["notes"],
        )
    return {"folder": str(folder.path), "figure": str(folder.path / "figure.png")}


def scores_figure(record: Mapping[str, Any]) -> Any:
    """Differences of log score between the mechanism and each rival, as a forest plot."""
    gaps = sorted(record["differences"], key=lambda gap: ACCOUNTS.index(gap["rival"]))
    rows = [ForestRow(f"against {gap['rival']}", gap["sum"], gap["low"], gap["high"]) for gap in gaps]
    foot = [
        record["verdict"],
        "90 % by bootstrap over ten trials. Log units; each trial was predicted without its rows.",
    ]
    return forest_figure(
        rows, SCORES_TITLE, "difference of log predictive score", "the rival", "the mechanism", foot=foot
    )
