r"""What a change of enzyme does to exposure, by route: nearly nothing in a vein, nearly everything by mouth.

    E = CLint / (Qh + CLint)                       extraction of a well-stirred liver
    CL = Qh E
    F = s + (1 - s) Fgut (1 - E)                   s: the share that enters the blood without passing gut and liver
    AUC / dose = F / CL = s / CL + (1 - s) Fgut / CLint
    AUCm / dose ~ s + (1 - s) Fgut                 norketamine: what reaches the liver, once or in the end

s is 1 in a vein, 0 by mouth, and FRn for a nasal spray. By mouth the liver flow cancels, so the exposure is exactly
proportional to Fgut / CLint; in a vein it tends to 1 / Qh, whatever the enzymes do.

    odds(Fgut) = odds_high (dose / dose_high)^h        `SaturableGut`, a hypothesis, through two points

Source: perezruixo2021 (structure and values), fanta2015 (low point of the hypothesis). Leaves out: binding and blood
to plasma ratio (inside CLint), metabolism to norketamine in the gut wall, any elimination outside liver and gut.
"""

from __future__ import annotations

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit
from unwound.evidence import fill, value
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.perezruixo2021 import PerezRuixo2021
from unwound.pharmacokinetics.routes import require_route


class WellStirred(Record):
    """Liver and gut wall of one person (or of people)."""

    flow: Scalar = unit("L/h")
    intrinsic: Scalar = unit("L/h")
    gut: Scalar = unit("1")


def extraction(liver: WellStirred) -> Array:
    """Share of the drug that is removed in one passage (E)."""
    return 1.0 / (1.0 + liver.flow / jnp.asarray(liver.intrinsic))


def systemic_clearance(liver: WellStirred) -> Array:
    """Clearance [L/h] of drug in the blood (CL)."""
    return liver.flow * extraction(liver)


def bioavailability(liver: WellStirred, direct: Scalar) -> Array:
    """Share of a dose that comes into the blood when the share `direct` of it enters there at once (F)."""
    return direct + (1.0 - direct) * liver.gut * (1.0 - extraction(liver))


def exposure_per_dose(liver: WellStirred, direct: Scalar) -> Array:
    """Area under the curve per dose [h/L]; finite and exact up to a liver that takes everything."""
    return direct / systemic_clearance(liver) + (1.0 - direct) * liver.gut / jnp.asarray(liver.intrinsic)


def reaching_liver(liver: WellStirred, direct: Scalar) -> Array:
    """Share of a dose that the liver metabolizes in the end: the exposure to norketamine is proportional to it."""
    return direct + (1.0 - direct) * liver.gut


def liver_of(model: PerezRuixo2021, who: Covariates) -> WellStirred:
    """Liver and gut of people `who` without random effects."""
    flow = model.liver_flow - model.liver_flow_per_year * jnp.maximum(jnp.asarray(who.age) - model.liver_age, 0.0)
    other = model.other_rate * model.asian_other_factor ** jnp.asarray(who.asian)
    return WellStirred(flow=flow, intrinsic=(other + model.metabolite_rate) * model.liver, gut=model.gut_fraction)


def direct_share(model: PerezRuixo2021, who: Covariates, route: str, amount: float) -> Array:
    """Share of `amount` [mg] by `route` that enters the blood without first pass (s). Raises `InputError`."""
    require_route(model.prefix, route, model.routes)
    if route == "nasal":
        return model.nasal_share(who, jnp.zeros(len(model.random_effects)), amount)
    return jnp.asarray(1.0 if route == "intravenous" else 0.0)


class SaturableGut(Record):
    """Hypothesis, untested: a larger dose saturates the gut wall, so a larger share of it escapes.

    The dose is the whole dose as it is given: the two studies behind it do not tell the swallowed part apart.
    """

    low_dose: Scalar = unit("mg")
    low_fraction: Scalar = unit("1")
    high_dose: Scalar = unit("mg")
    high_fraction: Scalar = unit("1")


def gut_fraction(dose: Scalar, p: SaturableGut) -> Array:
    """Share of `dose` [mg] that escapes the gut wall: a power of the dose, in odds, through both points."""
    low, high = (jnp.asarray(f) / (1.0 - jnp.asarray(f)) for f in (p.low_fraction, p.high_fraction))
    power = jnp.log(high / low) / jnp.log(jnp.asarray(p.high_dose) / p.low_dose)
    odds = high * (jnp.asarray(dose) / p.high_dose) ** power
    return odds / (1.0 + odds)


def saturable_gut() -> SaturableGut:
    """The hypothesis with the values of the evidence tables."""
    high = value("perezruixo2021.gut_fraction", "1")
    return fill(SaturableGut, "saturable_gut", high_fraction=high)
