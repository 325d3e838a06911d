r"""Which subtype carries the effect: a mixture of subtypes loses one of them, and what is lost of the effect is told.

    current_s = w_s m_s(V) / sum_r w_r m_r(V)             w_s: shares of the current without magnesium and without drug
    inhibition = sum_s current_s inhibition_s             the part of s: current_s inhibition_s / inhibition

"Effect lost" is what vanishes when the drug spares that subtype; "without it" is the inhibition of the mixture that
never had it.

Source: the shares of lamina I are a judgement of ours. Leaves out: triheteromers, and that subtypes sit at
different places.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from unwound.core.errors import InputError, Problem
from unwound.evidence import all_estimates, value
from unwound.receptor.experiments.notes import RECALLED
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Experiment
from unwound.receptor.register import SUBTYPES, subtype_name

MIXTURES = ("lamina1",)
SHARES = "shares of the mixture are our judgement; they are read as shares of the current without magnesium"


def mixture(name: str = "lamina1") -> dict[str, float]:
    """Subtype -> share of a mixture on record. Raises `UnknownName`."""
    from unwound.core.errors import UnknownName

    if name not in MIXTURES:
        raise UnknownName("mixture", name, MIXTURES)
    return {s: value(key, "1") for s, key in _rows(name).items()}


def _rows(name: str) -> dict[str, str]:
    keys = {s: f"{name}.share_{s.removeprefix('GluN').lower()}" for s in SUBTYPES}
    return {s: key for s, key in keys.items() if key in all_estimates()}


def attribution(patch: Patch, shares: Mapping[str, float] | str = "lamina1") -> Experiment:
    """The part of each subtype in the effect of the drugs of `patch`, whose own subtype plays no role.

    `shares` is the name of a mixture or subtype -> share. Raises `InputError`.
    """
    patch.need_drug(anywhere=True)
    named = isinstance(shares, str)
    weights = mixture(shares) if isinstance(shares, str) else _checked(shares)
    dishes = {s: patch.but(subtype=s, scheme="") for s in weights}
    empty = {s: float(dish.without_drug().pore()[0]) for s, dish in dishes.items()}
    lost = {s: 1.0 - dish.current() / dish.without_drug().current() for s, dish in dishes.items()}
    total = sum(weights[s] * empty[s] for s in weights)
    current = {s: weights[s] * empty[s] / total for s in weights}
    whole = sum(current[s] * lost[s] for s in weights)
    without = {s: _mean({r: current[r] for r in weights if r != s}, lost) for s in weights if len(weights) > 1}
    return Experiment(
        name="attribution",
        title="Which subtype carries the effect",
        conditions=(
            "mixture: " + ", ".join(f"{s} {w:g}" for s, w in weights.items()),
            _dish(patch),
            "glutamate present, until nothing changes any more",
        ),
        numbers={
            "inhibition": whole,
            "share_of_current": current,
            "inhibition_of_subtype": lost,
            "effect_lost_if_spared": {s: current[s] * lost[s] / whole for s in weights},
            "inhibition_without_it": without,
        },
        panels=(),
        notes=(SHARES, RECALLED),
        bars=("share_of_current", "inhibition_of_subtype", "effect_lost_if_spared"),
        keys=tuple(
            dict.fromkeys([*(key for dish in dishes.values() for key in dish.pore_keys), *_named(named, shares)])
        ),
    )


def _dish(patch: Patch) -> str:
    drugs = ", ".join(f"{amount:g} uM {name}" for name, amount in patch.drugs)
    return f"{drugs}, {patch.magnesium:g} mM Mg2+, {patch.voltage:g} mV, {patch.temperature:g} C"


def _named(named: bool, shares: object) -> tuple[str, ...]:
    return tuple(_rows(str(shares)).values()) if named else ()


def _mean(weights: Mapping[str, float], values: Mapping[str, float]) -> float:
    return sum(w * values[s] for s, w in weights.items()) / sum(weights.values())


def _checked(shares: Mapping[str, float]) -> dict[str, float]:
    problems: list[Problem] = []
    found: dict[str, float] = {}
    for name, share in shares.items():
        try:
            found[subtype_name(name)] = float(share)
        except InputError as error:
            problems += error.problems
        if not 0.0 <= share < np.inf:
            problems.append(Problem(f"share of {name}", share, "must not be negative", "give 0 or more"))
    if not problems and not sum(found.values()) > 0:
        problems.append(Problem("shares", dict(shares), "they are all 0", "give GluN2A=0.35, GluN2B=0.5, GluN2D=0.15"))
    if problems:
        raise InputError(problems)
    return found
