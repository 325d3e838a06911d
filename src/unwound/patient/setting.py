"""Everything but the people and the regimen: models, accuracy, seed, outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from unwound.evidence import fill, keys_of
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


def outcomes_from_evidence() -> Outcomes:
    """The outcome records with the values of the evidence tables."""
    return Outcomes(fill(Pain, "pain"), fill(Placebo, "placebo"), fill(Psychomimetic, "psychomimetic"))


def outcome_keys() -> tuple[str, ...]:
    return (*keys_of(Pain, "pain"), *keys_of(Placebo, "placebo"), *keys_of(Psychomimetic, "psychomimetic"))
