r"""What an interaction does to the area under the curve, by route, with its uncertainty, next to what was observed.

    ratio = (F' / CL') / (F / CL)                                        with m CLint and g Fgut (see `well_stirred`)
    ratio of norketamine = (s + (1 - s) Fgut') / (s + (1 - s) Fgut)

The factors are drawn independently from their log-normal spreads, with a key, so a study that fixed only their
quotient (an oral AUC) is predicted with more uncertainty than it had. The same draws serve every route.

Source: perezruixo2021 for the structure, the table `interactions` for factors and observations. Leaves out: peaks and
half-lives (take them from the curves of `perturbed`), differences between people (choose `who`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from unwound.core.arrays import Array, jnp
from unwound.core.random import stream
from unwound.evidence import Estimate, value
from unwound.pharmacokinetics.interactions import CENTRAL, INTERACTIONS, Interaction, observed, perturbed
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.perezruixo2021 import PerezRuixo2021
from unwound.pharmacokinetics.well_stirred import (
    SaturableGut,
    direct_share,
    exposure_per_dose,
    gut_fraction,
    liver_of,
    reaching_liver,
)


@dataclass(frozen=True)
class Ratio:
    """With the interaction relative to without: at the medians, and the central 95 % of the draws."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Prediction:
    """What one reading predicts for one route, and what was observed there (rows by quantity; empty if nothing)."""

    interaction: Interaction
    route: str
    auc: Ratio
    metabolite_auc: Ratio
    observed: dict[str, Estimate]


def predicted(
    key: Array,
    model: PerezRuixo2021,
    effect: Interaction,
    route: str,
    who: Covariates,
    amount: float,
    saturable: SaturableGut | None = None,
    draws: int = 2000,
) -> Prediction:
    """Ratios of exposure for `amount` [mg] by `route` in one person `who`. Raises `InputError` (route).

    `saturable` switches the hypothesis of a saturable gut wall on; by default it is off.
    """
    if saturable is not None:
        model = dataclasses.replace(model, gut_fraction=gut_fraction(amount, saturable))
    own = stream(key, f"interaction {effect.prefix}")
    hepatic = effect.hepatic.draws(stream(own, "hepatic"), draws)
    gut = effect.gut.draws(stream(own, "gut"), draws)
    direct = direct_share(model, who, route, amount)
    before, typical, drawn = (
        liver_of(m, who) for m in (model, perturbed(model, effect), perturbed(model, effect, hepatic, gut))
    )
    ratios = []
    for measure in (exposure_per_dose, reaching_liver):
        base = measure(before, direct)
        ratios.append(_ratio(measure(typical, direct) / base, jnp.broadcast_to(measure(drawn, direct) / base, draws)))
    return Prediction(effect, route, ratios[0], ratios[1], observed(effect.name, route))


def comparison(
    key: Array, model: PerezRuixo2021, who: Covariates, saturable: SaturableGut | None = None
) -> Iterator[Prediction]:
    """Every reading of every interaction on every route on which something was observed, at the doses of the trials."""
    for effect in INTERACTIONS.values():
        for route in model.routes:
            if observed(effect.name, route):
                dose = value(f"saturable_gut.{'high' if route == 'nasal' else 'low'}_dose", "mg")
                yield predicted(key, model, effect, route, who, dose, saturable)


def _ratio(median: Array, drawn: Array) -> Ratio:
    low, high = (float(jnp.quantile(drawn, 0.5 + side * CENTRAL / 2.0)) for side in (-1.0, 1.0))
    return Ratio(float(median), low, high)
