"""What is asked of the mood branch, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.patient.mood_people import MoodParameters

UNBLINDING = (0.0, 0.25, 0.5)
"""Shares of the difference from control that may be unblinding; every drug effect is given under each."""


@dataclass(frozen=True)
class MoodCourse:
    """What `simulate_mood` answers; arrays are (times, people) unless said."""

    scale: str
    comparator: str
    model: str
    sampling: str
    time_d: np.ndarray  # (times,)
    improvement: np.ndarray
    """The latent improvement m."""
    score: np.ndarray
    """Points under the drug, without the scatter of a rating."""
    control_score: np.ndarray
    """The same people under the comparator."""
    rating: np.ndarray
    control_rating: np.ndarray
    """What a rater writes down, with scatter."""
    unblinded_score: dict[float, np.ndarray]
    """Score when that share of the difference from the comparator (in log-odds) is unblinding and taken away."""
    landmark_d: float
    """When response is judged, and relapse begins to count."""
    responded: np.ndarray  # (people,)
    control_responded: np.ndarray
    remitted: np.ndarray
    control_remitted: np.ndarray
    relapse_d: np.ndarray
    """Days from the landmark to relapse, of responders; infinite after the end of the course, NaN for others."""
    warnings: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def difference(self) -> np.ndarray:
        """Mean score under the drug less that under the comparator, (times,)."""
        return np.asarray((self.score - self.control_score).mean(axis=1))

    def own_difference(self, unblinding: float) -> np.ndarray:
        """The part of `difference` that is left to the drug when a share `unblinding` of it is not its own."""
        return np.asarray((self.unblinded_score[unblinding] - self.control_score).mean(axis=1))

    def still_well(self) -> np.ndarray:
        """Share of responders without relapse, (times,); NaN before the landmark or without responders."""
        relapse = self.relapse_d[~np.isnan(self.relapse_d)]
        since = self.time_d - self.landmark_d
        share = (relapse[None, :] > since[:, None]).mean(axis=1) if relapse.size else np.full(len(since), np.nan)
        return np.where(since >= -1e-9, share, np.nan)


@dataclass(frozen=True)
class MoodSetting:
    """Everything but the people and the regimen."""

    comparator: str = "saline"
    scale: str = "MADRS"
    model: str = ""
    """Pharmacokinetic model; empty: the one the parameters were fitted with for this form and route."""
    until: str = "28 d"
    landmark: str = ""
    """When response is judged; empty: a day after the last dose."""
    seed: int = 1
    benzodiazepine_mg: float = 0.0
    """Daily dose in mg of lorazepam."""
    naltrexone: bool = False
    parameters: MoodParameters | None = None
