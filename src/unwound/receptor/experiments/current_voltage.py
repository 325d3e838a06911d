r"""Current against voltage, with the bend that magnesium makes; at steady state or under a voltage ramp.

    I(V) = O m(V) (V - V_rev),        m = share of empty pores
    Jahr and Stevens:  m = 1 / (1 + [Mg]/3.57 mM exp(-0.062 V))

Currents are relative to the open probability O, so their unit is that of the driving force. A ramp is followed with
the full scheme, where the drug has no time to reach its steady state at every voltage.

Source: jahr1990. Leaves out: rectification of single channels, other permeant ions.
"""

from __future__ import annotations

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.evidence import value
from unwound.receptor.experiments.notes import RECALLED, UNBLOCK
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel
from unwound.receptor.pore import occupancy
from unwound.receptor.solve import changing

KEYS = ("current.reversal", "jahr_stevens.dissociation", "magnesium.slope")


def jahr_stevens(voltage: np.ndarray, magnesium: float) -> np.ndarray:
    """The share of channels without magnesium [mM] at `voltage` [mV], as Jahr and Stevens fitted it."""
    dissociation = value("jahr_stevens.dissociation", "mM")
    return np.asarray(1.0 / (1.0 + magnesium / dissociation * np.exp(-voltage / value("magnesium.slope", "mV"))))


def current_voltage(
    patch: Patch, low: float = -100.0, high: float = 60.0, ramp: float | None = None
) -> Experiment:  # fmt: skip
    """I-V of `patch` from `low` to `high` [mV], drug-free and with drug; `ramp` [s] adds a ramp of that length.

    Raises `InputError`.
    """
    if not -200.0 <= low < high <= 200.0:
        remedy = "give two voltages from -200 to 200 mV, the lower one first"
        raise InputError(Problem("voltage", f"{low:g} to {high:g} mV", "no range", remedy))
    voltage = np.linspace(low, high, 161)
    force = voltage - value("current.reversal", "mV")
    curves = {"no drug": _empty(patch.without_drug(), voltage) * force}
    if any(amount for _, amount in patch.drugs):
        curves["drug, steady state"] = _empty(patch, voltage) * force
    curves["Jahr and Stevens"] = jahr_stevens(voltage, patch.magnesium) * force
    if ramp is not None:
        curves[f"drug, ramp of {ramp:g} s"] = _ramped(patch, voltage, ramp) * force
    lowest = {label: float(voltage[np.argmin(current)]) for label, current in curves.items()}
    panel = Panel(
        "current", "Current relative to the open probability", "voltage_mV", "current_mV",
        tuple(Curve(label, voltage, current) for label, current in curves.items()),
    )  # fmt: skip
    return Experiment(
        name="iv",
        title=f"{patch.subtype}: current and voltage",
        conditions=(patch.describe(held=False), f"voltage from {low:g} to {high:g} mV"),
        numbers={
            "voltage_of_largest_inward_current_mV": lowest,
            "largest_inward_current_mV": {label: float(current.min()) for label, current in curves.items()},
        },
        panels=(panel,),
        notes=(UNBLOCK, RECALLED) if ramp is not None else (RECALLED,),
        keys=(*(patch.keys if ramp is not None else patch.pore_keys), *KEYS),
    )


def _empty(patch: Patch, voltage: np.ndarray) -> np.ndarray:
    c = patch.channel()
    amounts = [amount for _, amount in patch.drugs]
    return np.asarray(occupancy(voltage, patch.magnesium, amounts, c.magnesium, c.blockers, patch.thermal_voltage)[0])


def _ramped(patch: Patch, voltage: np.ndarray, seconds: float) -> np.ndarray:
    """Open and empty under a ramp, relative to open."""
    if not 0.0 < seconds < np.inf:
        raise InputError(Problem("ramp", f"{seconds:g} s", "must be more than 0", 'give for example "1 s"'))
    at = seconds * (voltage - voltage[0]) / (voltage[-1] - voltage[0])
    first = patch.but(voltage=float(voltage[0])).stationary(lumped=False)
    ends = (np.array([0.0, seconds]), np.array([voltage[0], voltage[-1]]))
    seen = changing(patch.channel(), patch.solution(), ends, first, at, lumped=False)
    return np.asarray(seen.conducting / seen.open_probability)
