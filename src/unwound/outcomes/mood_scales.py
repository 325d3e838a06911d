r"""Scales of mood, trauma and anxiety: observation models of one latent improvement.

    score    = M / (1 + (M / B - 1) exp(g_d u + g_c u_c))          M highest score, B the person's own before treatment
    observed = round(score + sd xi), kept within 0 and M
    response: observed fall of more than a share of the observed baseline;      remission: observed at or below a score

g_d and g_c say how much of the drug's and of the control arm's effect a scale shows: one placebo arm moved nobody on
the LSAS and half of them on a visual scale. They are 1 for the MADRS, by definition.

Source: transform_by_sex (MADRS before treatment), taylor2018 (direction of g_c of LSAS and VAS); assumption (the other
baselines, residuals, g_d, g_c, remission; the highest scores are recalled definitions). Leaves out: items, raters.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.errors import UnknownName
from unwound.core.units import unit


class Scale(Record):
    """What a rating can be, where people begin, how it scatters and what it shows."""

    most: Scalar = unit("points")  # M
    baseline_mean: Scalar = unit("points")
    baseline_sd: Scalar = unit("points")
    """Of observed ratings, the scatter of one included."""
    baseline_least: Scalar = unit("points")
    residual_sd: Scalar = unit("points")
    drug_share: Scalar = unit("1")  # g_d
    control_share: Scalar = unit("1")  # g_c
    response_fall: Scalar = unit("1")
    remission: Scalar = unit("points")

    grain: ClassVar[float] = 1.0  # whole points, by definition


SCALES = {
    "MADRS": "madrs",
    "CAPS": "caps",
    "LSAS": "lsas",
    "VAS anxiety": "vas_anxiety",
    "HAM-A": "ham_a",
    "HAM-D-6": "ham_d6",
    "IES-R": "ies_r",
}
"""Scale -> prefix of its rows."""

MOST = {
    "MADRS": 60.0,
    "CAPS": 136.0,
    "LSAS": 144.0,
    "VAS anxiety": 100.0,
    "HAM-A": 56.0,
    "HAM-D-6": 22.0,
    "IES-R": 88.0,
}
"""Highest score, by the definition of the scale (CAPS: that for DSM-IV)."""


def scale_name(name: str) -> str:
    """The registered spelling of `name`. Raises `UnknownName`."""
    plain = name.lower().replace("-", "").replace("_", "").replace(" ", "")
    for known, prefix in SCALES.items():
        if plain in (known.lower().replace("-", "").replace(" ", ""), prefix.replace("_", "")):
            return known
    raise UnknownName("scale", name, list(SCALES))


def score(baseline: Array, drug: Array, control: Array, p: Scale) -> Array:
    """The score [points] without scatter, at falls of the log-odds by `drug` and `control`."""
    fall = p.drug_share * drug + p.control_share * control
    return p.most / (1.0 + (p.most / baseline - 1.0) * jnp.exp(fall))


def observed(true: Array, scatter: Array, p: Scale) -> Array:
    """What a rater writes down: with scatter (standard normal), in whole points, within the scale."""
    return jnp.clip(p.grain * jnp.round((true + p.residual_sd * scatter) / p.grain), 0.0, p.most)


def responded(before: Array, now: Array, p: Scale) -> Array:
    """Whether the observed fall from `before` to `now` [points] is a response."""
    return now <= (1.0 - p.response_fall) * before


def remitted(now: Array, p: Scale) -> Array:
    """Whether an observed score [points] is remission."""
    return now <= p.remission
