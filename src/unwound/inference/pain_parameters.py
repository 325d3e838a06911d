"""The numbers that the joint fit of pain leaves open, and how a draw of them becomes numbers of the model.

A draw is a point of the unit cube; each coordinate is an even chance between the ends that `evidence/fits/pain.toml`
gives, on a scale of logarithms where it says so. A hypothesis has the coordinates of every model, its own, and with a
slow memory those of its driver: half block and largest block span all four drivers, which differ only in their ends.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from unwound.core.errors import UnknownName
from unwound.inference.pain_rows import page
from unwound.patient.wiring import DRIVERS, driver_of, hypothesis_name
from unwound.population import DISORDERS
from unwound.sensitization.drivers import Pore

REACH = "responder_share"
_HALF_LIVES = ("protected_switch.protection_off", "switch.protection_off")


@dataclass(frozen=True)
class Prior:
    """One open number: an even chance between two ends."""

    name: str
    key: str
    unit: str
    low: float
    high: float
    log: bool
    about: str
    why: str

    def at(self, part: np.ndarray) -> np.ndarray:
        """The number at a part of the way, 0..1."""
        if self.log:
            return np.asarray(self.low * (self.high / self.low) ** part)
        return np.asarray(self.low + (self.high - self.low) * part)

    def part(self, number: float) -> float:
        """How far along the way a number is, not held within 0..1."""
        if self.high == self.low:
            return 0.5
        if self.log:
            return math.log(number / self.low) / math.log(self.high / self.low)
        return (number - self.low) / (self.high - self.low)


@functools.cache
def priors(hypothesis: str) -> tuple[Prior, ...]:
    """What is open under a hypothesis, or under "placebo" (no drug at all)."""
    wanted = {"every"} if hypothesis == "placebo" else {"every", "drug", hypothesis_name(hypothesis)}
    found = []
    for entry in page()["priors"]:
        if wanted & set(entry["models"].split()):
            found.append(
                Prior(log=entry.get("log", False), **{k: v for k, v in entry.items() if k not in ("models", "log")})
            )
    return tuple(found)


def names(hypothesis: str) -> tuple[str, ...]:
    """The coordinates of a hypothesis."""
    return tuple(prior.name for prior in priors(hypothesis))


def drivers(hypothesis: str) -> tuple[str, ...]:
    """The drivers that a hypothesis can have; H0 has one, without a name."""
    return ("",) if hypothesis_name(hypothesis) == "H0" else tuple(page()["drivers"])


def ends(hypothesis: str, driver: str) -> np.ndarray:
    """The part of the cube that a driver allows: (coordinates, 2), each between 0 and 1."""
    found = np.tile([0.0, 1.0], (len(priors(hypothesis)), 1))
    if driver:
        if driver not in page()["drivers"]:
            raise UnknownName("driver", driver, tuple(DRIVERS))
        for n, prior in enumerate(priors(hypothesis)):
            if prior.name in ("half_block", "largest"):
                found[n] = [min(max(prior.part(end), 0.0), 1.0) for end in page()["drivers"][driver][prior.name]]
    return found


def numbers(hypothesis: str, cube: np.ndarray) -> dict[str, np.ndarray]:
    """Name -> value, at points of the cube (..., coordinates)."""
    return {prior.name: prior.at(np.asarray(cube)[..., n]) for n, prior in enumerate(priors(hypothesis))}


def own(hypothesis: str, driver: str, values: Mapping[str, float]) -> dict[str, float]:
    """A draw as evidence keys and numbers, for `Setting.own`."""
    found: dict[str, float] = {}
    for prior in priors(hypothesis):
        number = float(values[prior.name])
        if prior.key == REACH:
            found |= {f"{prefix}.{REACH}": number for prefix in DISORDERS.values()} | {f"adults.{REACH}": number}
        elif prior.key in _HALF_LIVES:
            found[prior.key] = math.log(2.0) / number
        elif prior.name == "r_potency":
            found[f"{_room(hypothesis, driver)}.r_potency"] = number
        elif prior.name == "half_block":
            found |= _half_block(driver, number)
        elif prior.name == "largest":
            found |= {"tonic_driver.largest": number} if driver == "tonic" else {}
        else:
            found[prior.key] = number
    return found


def _room(hypothesis: str, driver: str) -> str:
    if hypothesis_name(hypothesis) == "H0":
        return "turnover"
    return {"empirical": "empirical", "tonic": "tonic_driver"}.get(driver, "pore_driver")


def _half_block(driver: str, number: float) -> dict[str, float]:
    """Half block as the number that the record of the driver has: a pore has it through its unbound share."""
    if driver == "empirical":
        return {"empirical.half_block": number}
    if driver == "tonic":
        return {"tonic_driver.half_block": number}
    pore = driver_of(driver)
    assert isinstance(pore, Pore)
    room = "pore_depolarized" if driver == "pore_depolarized" else "pore_driver"
    return {f"{room}.unbound": float(pore.half_free()) / number}
