"""What happened: the record of a computation, for one person or many.

Arrays are numpy, time first, person last. A course knows on which rows of the evidence it rests, so it can list its
citations and, apart, what was merely assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from unwound import evidence
from unwound.core.safety import SIMULATION_ONLY
from unwound.core.verdicts import Verdict
from unwound.evidence import Citation, Estimate
from unwound.patient.fitted import AVERAGE, Fitted

_CORE_STATES = ("synaptic_gain", "latent_memory", "protection", "block")
"""Any other state under H1 and H2 belongs to a mechanism."""


@dataclass(frozen=True)
class Firing:
    """When a rule of the regimen acted, and for whom."""

    rule: str
    kind: str
    assessed_h: np.ndarray  # (assessments,)
    acts_h: np.ndarray  # (assessments,) when what was decided begins
    fired: np.ndarray  # (assessments, people)

    def told(self, person: int = 0) -> list[str]:
        """One sentence per act."""
        which = np.flatnonzero(self.fired[:, person])
        return [f"{self.kind} decided at {self.assessed_h[k]:g} h, begun at {self.acts_h[k]:g} h" for k in which]


@dataclass(frozen=True)
class Course:
    """Concentrations, slow states and pain over time.

    `time_h` counts from the start of treatment. `concentration_ng_per_mL` maps analyte -> (times, people), at the
    sampling site of the model. `states` holds slow states and block by name.
    """

    time_h: np.ndarray  # (times,)
    pain_nrs: np.ndarray  # (times, people), 0..10
    concentration_ng_per_mL: Mapping[str, np.ndarray]  # noqa: N815  the unit is spelt as people write it
    states: Mapping[str, np.ndarray]
    psychomimetic: np.ndarray  # (people,) whether reported
    peak_ng_per_mL: np.ndarray  # noqa: N815  (people,)
    dose_total_mg: np.ndarray  # (people,)
    rate_reached: np.ndarray  # (rules, people) in `rate_unit`
    rate_unit: str
    stepped_back: np.ndarray  # (rules, people)
    verdicts: np.ndarray  # (people,) values of Verdict
    model: str
    sampling: str
    hypothesis: str
    keys: tuple[str, ...]
    driver: str = "empirical"
    """What drove the slow memory; empty under H0, which has no driver."""
    mechanisms: tuple[str, ...] = ()
    """The slow states beside the switch that were on."""
    warnings: tuple[str, ...] = ()
    firings: tuple[Firing, ...] = ()
    """The rules of the regimen: when each acted, and for whom."""
    fitted: Fitted | None = None
    """The fitted models whose draws stand behind the course; None for the values of the tables."""
    simulation_only: str = field(default=SIMULATION_ONLY)

    @property
    def behind(self) -> str:
        """The hypothesis, its driver when it is not the default one, and the mechanisms that were on."""
        if self.fitted is not None and self.fitted.model == AVERAGE:
            return self.fitted.told
        driven = "" if self.driver in ("", "empirical") else f" driven by {self.driver}"
        found = f"{self.hypothesis}{driven}" + (f" with {', '.join(self.mechanisms)}" if self.mechanisms else "")
        return found if self.fitted is None else f"{found}, {self.fitted.told}"

    @property
    def under(self) -> str:
        """`behind` in a sentence: ``hypothesis H2``, or ``the average of 6 fitted models by weight, 40 draws``."""
        averaged = self.fitted is not None and self.fitted.model == AVERAGE
        return f"the {self.behind}" if averaged else f"hypothesis {self.behind}"

    @property
    def of_draws(self) -> bool:
        """Whether the last axis is draws of a posterior for one typical person, and not people."""
        return self.fitted is not None and self.fitted.of_one_person

    @property
    def who(self) -> str:
        """Who was followed: ``one typical person``, ``200 people``."""
        if self.of_draws:
            return "one typical person under every draw"
        return "one typical person" if self.people == 1 else f"{self.people:,} people"

    @property
    def spread_of(self) -> str:
        """What a band or a percentile speaks of."""
        return "draws of the posterior" if self.of_draws else "people"

    @property
    def people(self) -> int:
        """How many people."""
        return int(self.pain_nrs.shape[1])

    def at(self, time_h: float) -> np.ndarray:
        """Pain (NRS) of everybody at a time that was asked for. Raises `KeyError` for another time."""
        index = np.flatnonzero(np.isclose(self.time_h, time_h, rtol=0, atol=1e-6))
        if not len(index):
            raise KeyError(f"{time_h:g} h is not among the times of this course")
        return np.asarray(self.pain_nrs[index[0]])

    def relief_days(self, end_h: float, fraction: float = 0.7) -> np.ndarray:
        """Days after `end_h` during which pain stays below `fraction` of its value at the start, per person.

        Counted up to the first time asked for at which it is no longer below; 0 if it is not below one day after.
        The resolution is that of the times asked for.
        """
        after = self.time_h >= end_h + 24.0 - 1e-6
        below = self.pain_nrs[after] < fraction * self.pain_nrs[0]
        times = self.time_h[after]
        lasts = np.where(below.all(axis=0), len(times), np.argmin(below, axis=0))
        return np.where(lasts > 0, (times[np.maximum(lasts - 1, 0)] - end_h) / 24.0, 0.0)

    def milestones(self, end_h: float) -> tuple[tuple[str, ...], list[tuple[str, ...]], tuple[int, ...]]:
        """(header, rows, right-aligned columns): pain, concentration and states of mechanisms when people ask."""
        analytes = list(self.concentration_ng_per_mL)
        beside = [name for name in self.states if name not in _CORE_STATES] if self.mechanisms else []
        wanted = [("start", 0.0), ("end of treatment", end_h)]
        wanted += [(f"{n} {unit} after", end_h + h) for n, unit, h in ((1, "day", 24.0), (1, "week", 168.0))]
        wanted += [(f"{n} weeks after", end_h + 168.0 * n) for n in (2, 4, 8, 12)]
        rows = []
        for label, time in wanted:
            if time > self.time_h[-1] + 1e-6:
                continue
            place = int(np.argmin(np.abs(self.time_h - time)))
            cells = [spread_text(self.concentration_ng_per_mL[a][place]) for a in analytes]
            cells += [spread_text(self.states[name][place], 2) for name in beside]
            rows.append((label, f"{self.time_h[place] / 24.0:.2f}", spread_text(self.pain_nrs[place]), *cells))
        header = ("when", "day", "pain (NRS 0-10)", *(f"{a} (ng/mL)" for a in analytes))
        header = (*header, *(name.replace("_", "\n") for name in beside))
        return header, rows, tuple(range(1, len(header)))

    def table(self, person: int = 0) -> dict[str, np.ndarray]:
        """One person's course as columns; units are in the names."""
        columns = {"time_h": self.time_h, "pain_nrs": self.pain_nrs[:, person]}
        for analyte, values in self.concentration_ng_per_mL.items():
            columns[f"{analyte.lower().replace('-', '_')}_ng_per_mL"] = values[:, person]
        for name, values in self.states.items():
            columns[name] = values[:, person]
        return columns

    def assumptions(self) -> list[Estimate]:
        """The rows of the evidence this course rests on that are assumed."""
        return evidence.assumptions(self.keys)

    def citations(self) -> list[Citation]:
        """The sources this course rests on, those of the fitted trials included."""
        found = {citation.key: citation for citation in evidence.citations(self.keys)}
        more = () if self.fitted is None else self.fitted.cites
        return list((found | {key: evidence.bibliography()[key] for key in more}).values())

    def failed(self) -> np.ndarray:
        """Indices of people whose numbers must not be used."""
        return np.flatnonzero(self.verdicts >= Verdict.INACCURATE)


def spread_text(values: np.ndarray, digits: int = 1) -> str:
    """One number, or the mean with the 5th and 95th percentiles where anything differs in what is shown."""
    low, high = np.percentile(values, (5, 95))
    mean, low, high = (f"{number:.{digits}f}" for number in (values.mean(), low, high))
    return mean if low == mean == high else f"{mean} ({low} to {high})"
