"""Everything but the people and the regimen: models, accuracy, seed, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from unwound.evidence import fill_own, keys_of
from unwound.outcomes import Pain, Placebo, Psychomimetic
from unwound.patient.lane import Outcomes
from unwound.patient.mesh import Accuracy
from unwound.sensitization.drivers import Driver

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Setting:
    """Everything but the people and the regimen: which models, how accurate, which seed."""

    model: str = "otto2021"
    hypothesis: str = "H2"
    driver: str = "empirical"
    """What drives the slow memory of H1 and H2 (see `wiring.DRIVERS`); H0 has none."""
    seed: int = 1
    accuracy: Accuracy = field(default_factory=Accuracy)
    threads: int | None = None
    metabolites: bool = True
    flares: bool = True
    diary: bool = True
    """Whether rules hear what people write (scattered, in whole points) or, for a typical person, pain itself."""
    outcomes: Outcomes | None = None
    """Other outcome parameters than those of the evidence tables (for calibration and what-if)."""
    own_driver: Driver | None = None
    """A driver record with other values than those of `driver` in the evidence tables (for what-if)."""
    mechanisms: tuple[str, ...] = ()
    """Slow states beside the switch (H1, H2; see `sensitization.mechanisms.NAMES`); none by default, none in fits."""
    response: str = "hill"
    """How the slow states act (see `full_wiring.RESPONSES`)."""
    opioid_tone: float = 0.0
    """Occupancy of mu receptors by an opioid taken all along, 0..1; needs the mechanism "opioid"."""

    own: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Evidence key -> another number than that of the tables, in its unit: a draw of a posterior, or a what-if. Read
    for hypothesis, driver, outcomes and the numbers of the population."""

    @property
    def how(self) -> Outcomes:
        """The outcome parameters that hold."""
        return self.outcomes or outcomes_from_evidence(self.own)


def outcomes_from_evidence(own: Mapping[str, float] | None = None) -> Outcomes:
    """The outcome records with the values of the evidence tables, or those of `own` in their place."""
    own = own or {}
    return Outcomes(
        fill_own(Pain, "pain", own), fill_own(Placebo, "placebo", own), fill_own(Psychomimetic, "psychomimetic", own)
    )


def outcome_keys() -> tuple[str, ...]:
    return (*keys_of(Pain, "pain"), *keys_of(Placebo, "placebo"), *keys_of(Psychomimetic, "psychomimetic"))
