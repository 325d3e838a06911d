"""Compute how long receptors stand open under stated activities, and write the table that ships with the package.

    periodic pulses    X = P X,   P = exp(Q_0 (T - w)) exp(Q_pulse w),   <O> = (1/T) integral over one period of O
    ambient            Q X = 0,   <O> = O
    A_on = <O m(V)> = <O> m(V),   A_off = <O exp(delta F (V - V0)/RT)> = <O> exp(...)       (V constant)

The gate does not feel the drug (symmetric trapping), so one run of it serves every dose. delta is that of ketamine.
Usage: ``python scripts/make_receptor_averages.py``; a test compares rows of the file with what this computes.
"""

from __future__ import annotations

import csv
import io
import pathlib

import numpy as np
from scipy.linalg import expm

from unwound.core.arrays import jnp
from unwound.evidence import value
from unwound.receptor.averages import ACTIVITIES, COLUMNS, HEADER, MEMBRANES, ROOM
from unwound.receptor.ligands import ligand
from unwound.receptor.lumped import magnesium_free
from unwound.receptor.pore import dissociation
from unwound.receptor.reduced import averages
from unwound.receptor.register import DEFAULT, SUBTYPES, gating_scheme, magnesium_of, thermal_voltage
from unwound.receptor.scheme import Agonists, Gating, generator, stationary

PLACE = pathlib.Path(__file__).parents[1] / "src" / "unwound" / "receptor" / "data" / "averages.csv"


def mean_open(gating: Gating, activity: str) -> float:
    """<O> of a receptor under one of the registered activities."""
    kind, key, unit = ACTIVITIES[activity]
    opens = np.isin(gating.states, gating.open_states).astype(float)
    if kind == "ambient":
        bathed = generator(gating, Agonists(jnp.asarray(value(key, unit))))
        return float(opens @ np.asarray(stationary(bathed)))
    width = value("synapses.pulse_duration", "s")
    between, during = (
        np.asarray(generator(gating, Agonists(jnp.asarray(c)))) for c in (0.0, value("synapses.pulse_glutamate", "uM"))
    )
    period = 1.0 / value(key, unit)
    on, area_on = _onward(during, width)
    off, area_off = _onward(between, period - width)
    start = _fixed(off @ on)
    return float(opens @ (area_on @ start + area_off @ on @ start) / period)


def _onward(matrix: np.ndarray, time: float) -> tuple[np.ndarray, np.ndarray]:
    """exp(Q t) and its integral from 0 to t, both from one exponential of a block matrix."""
    size = len(matrix)
    block = np.zeros((2 * size, 2 * size))
    block[:size, :size], block[:size, size:] = matrix, np.eye(size)
    whole = expm(block * time)
    return whole[:size, :size], whole[:size, size:]


def _fixed(onward: np.ndarray) -> np.ndarray:
    """The distribution that a period maps onto itself."""
    balance = onward - np.eye(len(onward))
    balance[-1] = 1.0
    return np.linalg.solve(balance, np.eye(len(onward))[-1])


def rows() -> list[dict[str, str]]:
    """The table, one row per subtype, activity and state of the membrane."""
    drug, volts, magnesium = ligand("ketamine"), thermal_voltage(ROOM), value("synapses.magnesium", "mM")
    found = []
    for subtype in SUBTYPES:
        gating, mg, blocker = gating_scheme(subtype), magnesium_of(subtype), drug.blocker(subtype)
        for activity in ACTIVITIES:
            opened = mean_open(gating, activity)
            for membrane, key in MEMBRANES.items():
                V = value(key, "mV")
                one = averages(
                    jnp.asarray([opened]), jnp.asarray([V]), jnp.ones(1), magnesium, mg, blocker, volts
                )  # fmt: skip
                assert np.isclose(one.binding, opened * float(magnesium_free(V, magnesium, mg)))
                assert np.isclose(one.unbinding, opened * float(dissociation(V, blocker, volts)) / blocker.dissociation)
                numbers = (opened, float(one.binding), float(one.unbinding))
                text = (subtype, DEFAULT[subtype], activity, membrane, *(f"{number:.6e}" for number in numbers))
                found.append(dict(zip(COLUMNS, text, strict=True)))
    return found


def text() -> str:
    """The file as it ships."""
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows())
    return "".join(f"# {line}\n" for line in HEADER) + written.getvalue()


if __name__ == "__main__":
    PLACE.write_text(text(), encoding="utf-8")
    print(f"wrote {PLACE}")
