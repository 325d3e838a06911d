r"""The rival without mechanism: a model-based meta-analysis of arms by dose, duration and time since the end.

    e     = ceiling x / (1 + x) 2^(-d / H) exp(beside a) - against_active k
    x     = (D / D50)^g (T / T0)^h,      H = H0 (T / T0)^c

D is the S-equivalent dose received so far [mg], T its total duration [h] (at least `shortest`), d the days since its
end (0 during it), a whether a new antidepressant is begun beside, k whether the comparator is active. e is on a
standardized scale: log-odds of a rating in mood, standard deviations of pain elsewhere; where control arms are modeled
themselves, k is 0. A study has its own factor exp(w), w ~ N(0, tau^2). Linear in the logarithms of D and T inside the
Emax, so one predictor serves every branch; what is printed is laid beside it by each branch's own observation layer.

Source: assumption (all priors, table inference_mood). Leaves out: concentration, enantiomers beyond the S-equivalent,
loss of effect between sessions of a series, everything about the patient.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from unwound.core.arrays import Array, jnp
from unwound.evidence import value
from unwound.inference.prior import Prior, priors_of

NAMES = ("ceiling", "half_dose", "dose_slope", "duration_slope", "half_life", "lasting", "beside", "against_active")
LOGARITHMIC = ("ceiling", "half_dose", "dose_slope", "half_life")
"""Parameters that are positive; the others may have either sign."""


class Arms(NamedTuple):
    """Covariates, one number per arm and time; arrays of one shape."""

    dose_mg: Any
    """S-equivalents received so far; 0 for an arm without the drug."""
    hours: Any
    """How long that took in all."""
    days_since: Any
    """Days since the end of the last dose; 0 while it runs."""
    antidepressant: Any = 0.0
    """1 when a new oral antidepressant is begun beside."""
    active: Any = 0.0
    """1 when the effect is a difference from an active comparator."""


def meta_analysis_priors() -> dict[str, Prior]:
    """The priors, by name of the parameter."""
    return priors_of("meta_analysis", NAMES, LOGARITHMIC)


def effect(parameters: Mapping[str, Any], arms: Arms) -> Array:
    """The standardized effect of the drug in `arms`; 0 without drug. Differentiable in `parameters`."""
    p, treated = parameters, jnp.asarray(arms.dose_mg) > 0.0
    dose = jnp.where(treated, jnp.asarray(arms.dose_mg, float), 1.0)  # a logarithm needs more than zero
    longer = jnp.log(jnp.maximum(jnp.asarray(arms.hours, float), shortest_h()) / reference_h())
    logit = p["dose_slope"] * jnp.log(dose / p["half_dose"]) + p["duration_slope"] * longer
    half_life = p["half_life"] * jnp.exp(p["lasting"] * longer)
    kept = jnp.exp(-math.log(2.0) * jnp.maximum(jnp.asarray(arms.days_since, float), 0.0) / half_life)
    size = p["ceiling"] / (1.0 + jnp.exp(-logit)) * kept * jnp.exp(p["beside"] * jnp.asarray(arms.antidepressant))
    return jnp.where(treated, size - p["against_active"] * jnp.asarray(arms.active), 0.0)


def reference_h() -> float:
    """T0: the duration at which half dose and half-life are stated."""
    return value("meta_analysis.reference_duration", "h")


def shortest_h() -> float:
    """What a bolus or a spray counts as."""
    return value("meta_analysis.shortest", "h")
