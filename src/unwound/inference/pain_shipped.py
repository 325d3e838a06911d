"""The joint fit of pain as it ships: its record, its draws, settings that carry them. Nothing is fitted on import."""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any
from zlib import crc32

import numpy as np

from unwound.core.errors import UnknownName
from unwound.inference.pain_parameters import own
from unwound.inference.rivals import RIVALS
from unwound.inference.study import of_a_new_study
from unwound.patient.setting import Setting

DRAWS_FILE, RECORD_FILE = "pain_draws.csv", "pain_fit.json"
AVERAGE = "average"
POTENCY_SD = "potency_sd"
"""Column of the draws: the standard deviation of ln potency between studies."""


@functools.cache
def record() -> dict[str, Any]:
    """The record of the shipped fit: scores, weights, diagnostics, predicted rows, how it was made."""
    return dict(json.loads((resources.files("unwound.inference") / "data" / RECORD_FILE).read_text()))


@functools.cache
def draws() -> dict[str, list[dict[str, float]]]:
    """Model -> its shipped draws, each a number per open parameter."""
    text = (resources.files("unwound.inference") / "data" / DRAWS_FILE).read_text()
    found: dict[str, list[dict[str, float]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        own_numbers = {name: float(cell) for name, cell in row.items() if name != "model" and cell}
        found.setdefault(row["model"], []).append(own_numbers)
    return found


def models() -> tuple[str, ...]:
    """The fitted hypotheses with their drivers: "H0", "H2 empirical", ..."""
    return tuple(name for name in draws() if name not in RIVALS)


def fitted_settings(model: str, count: int, base: Setting | None = None) -> tuple[Setting, ...]:
    """`count` settings of a fitted model, each with one draw of its posterior in a new study. Raises `UnknownName`.

    "average" shares the draws out between all models by weight. Studies differ in potency (`inference.study`): every
    setting has one of its own, drawn with the seed of `base`.
    """
    base = base or Setting()
    if model == AVERAGE:
        shares, found = record()["weights"], []
        for name, share in shared_out(shares, count).items():
            found += list(fitted_settings(name, share, base)) if share else []
        return tuple(found)
    if model not in models():
        raise UnknownName("fitted model", model, (AVERAGE, *models()))
    hypothesis, _, driver = model.partition(" ")
    own_draws = draws()[model]
    studies = np.random.default_rng([base.seed, crc32(model.encode())]).standard_normal(count)
    spread_out = (own_draws[n * len(own_draws) // count] for n in range(count))  # draws stand chain by chain
    each = (of_a_new_study(hypothesis, draw, draw[POTENCY_SD], float(studies[n])) for n, draw in enumerate(spread_out))
    return tuple(
        dataclasses.replace(
            base, hypothesis=hypothesis, driver=driver or "empirical", own=own(hypothesis, driver, values)
        )
        for values in each
    )


def shared_out(shares: Mapping[str, float], count: int) -> dict[str, int]:
    """`count` in whole parts by share (largest remainders)."""
    exact = {name: share * count for name, share in shares.items()}
    found = {name: int(number) for name, number in exact.items()}
    by_rest = sorted(exact, key=lambda name: found[name] - exact[name])
    for name in by_rest[: count - sum(found.values())]:
        found[name] += 1
    return found
