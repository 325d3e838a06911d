"""Recovery: trial sets of the same size, simulated from known parameters and fitted again.

The truth of each set is a draw of the shipped posterior, so it lies where the data put it; studies get effects of their
own from the spreads of that draw. What is asked is whether the 90 % interval of the fit holds the truth, and how much
of the prior's spread is gone. A parameter that is hardly narrower than its prior is not identifiable from these trials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import jnp
from unwound.inference.mood_fit import Harness, Sampler
from unwound.inference.mood_shipped import mood_draws

_SEED = 7


@dataclass(frozen=True)
class Recovered:
    """One parameter in one simulated set."""

    name: str
    truth: float
    low: float
    middle: float
    high: float
    contraction: float
    """Share of the prior's standard deviation that is gone, on the scale of the prior."""

    @property
    def held(self) -> bool:
        """Whether the 90 % interval holds the truth."""
        return self.low <= self.truth <= self.high


def simulated(h: Harness, truth: dict[str, float], rng: np.random.Generator) -> np.ndarray:
    """What the same trials might have printed under `truth`."""
    tau = np.array([truth["study_control"], truth["study_drug"]])
    effects = jnp.asarray(rng.standard_normal((len(h.data.trials), 2)) * tau)
    return h.table.drawn(np.asarray(h.predicted(truth, effects)), rng)


def recovery(sampler: Sampler, sets: int, seed: int = _SEED) -> list[list[Recovered]]:
    """Fit `sets` simulated sets of trials."""
    rng, draws, found = np.random.default_rng(seed), mood_draws(), []
    for pick in rng.choice(len(next(iter(draws.values()))), sets, replace=False):
        truth = {name: float(column[pick]) for name, column in draws.items()}
        fitted = sampler.fit(observed=simulated(sampler.harness, truth, rng))
        found.append([
            _recovered(name, truth[name], fitted.parameters[name], float(fitted.z[:, n].std()))
            for n, name in enumerate(sampler.harness.account.priors)
        ])  # fmt: skip
    return found


def _recovered(name: str, truth: float, draws: np.ndarray, sd_of_z: float) -> Recovered:
    low, middle, high = np.percentile(draws, (5.0, 50.0, 95.0))
    return Recovered(name, truth, float(low), float(middle), float(high), 1.0 - sd_of_z)


def recovery_table(found: Sequence[Sequence[Recovered]]) -> str:
    """Markdown: parameter, how often the interval held the truth, contraction, median over truth."""
    lines = ["| parameter | truth in 90 % interval | contraction | fitted / true |", "|---|---|---|---|"]
    for column in zip(*found, strict=True):
        held, ratio = sum(one.held for one in column), np.median([one.middle / one.truth for one in column])
        gone = np.mean([one.contraction for one in column])
        lines.append(f"| `{column[0].name}` | {held} of {len(column)} | {gone:.2f} | {ratio:.2f} |")
    return "\n".join(lines)
