r"""Rivals without a mechanism, asked by the same rows, in the same crowds, with the same observation.

    placebo     no drug effect at all
    decay       a mean per disorder, gone exponentially after the end:      D = A_d exp(-(t - t_end)/tau)
    analysis    a model-based meta-analysis:                       D = (a + b ln(dose) + c ln(hours) + u_j) e(t)
                time since the end, slower after longer treatment: e = exp(-(t - t_end)/tau), ln tau = l0 + l1 ln(hours)

D lowers the log-odds of the rating of those whom the drug can reach; during treatment e = 1. dose is what was received
by then in S-equivalents (f open) over 100 mg, hours the time of dosing by then over 10 h, u_j ~ N(0, w^2) the random
effect of a trial. Control arms have the placebo response of the fit, with a factor of its own under midazolam.

Every rival is sampled by NUTS (NumPyro): the rows are closed forms here. Leaves out: any shape of onset.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import Array, jnp
from unwound.inference.bank import rows_of, size_of
from unwound.inference.crowd import crowd
from unwound.inference.observe import features, log_likelihood
from unwound.inference.pain_parameters import Prior, priors
from unwound.inference.pain_rows import fitted_trials, page
from unwound.outcomes import placebo as placebo_room
from unwound.outcomes.pain import lowered
from unwound.regimen import Regimen
from unwound.trials.arms_table import received

PEOPLE = 64
"""People in a crowd: what a rival says of each is a closed form, and only their means count."""
RIVALS = ("placebo", "decay", "analysis")
TITLES = {
    "placebo": "placebo only",
    "decay": "disorder mean with exponential decay",
    "analysis": "model-based meta-analysis",
}


class Facts(NamedTuple):
    """What a rival knows of an arm at each time [h]; arrays of one shape, doses for a person of 70 kg."""

    s_mg: np.ndarray
    """S-ketamine received by then."""
    r_mg: np.ndarray
    hours: np.ndarray
    """Hours of dosing by then; a bolus counts as a minute."""
    since_d: np.ndarray
    """Days since the end of the last dose begun; 0 while it runs."""
    begun: np.ndarray
    """Whether anything was given by then."""


def facts(regimen: Regimen, hours: Sequence[float]) -> Facts:
    """Dose, hours and time since the end of what was given by each of `hours`."""
    found = []
    for hour in hours:
        s, r = (received(regimen, halves, hour)[1] for halves in _ENANTIOMERS)
        _, _, spent, since = received(regimen, _ENANTIOMERS[0], hour)
        found.append((s, r, max(spent, 1.0 / 60.0), (since or 0.0) / 24.0, since is not None))
    return Facts(*(np.array(column) for column in zip(*found, strict=True)))


_ENANTIOMERS = ({"S": 1.0, "R": 0.0, "racemic": 0.5}, {"S": 0.0, "R": 1.0, "racemic": 0.5})


def disorders() -> tuple[str, ...]:
    """The disorders of the fit."""
    return tuple(dict.fromkeys(str(crowd(trial, PEOPLE).disorder) for trial in fitted_trials()))


def model(rival: str, kept: Array) -> None:
    """The NumPyro model: priors, and the likelihood of the rows of each trial, times `kept` (1, or 0 when left out)."""
    import numpyro

    values = sampled(rival)
    scores = [score(rival, trial, values) for trial in fitted_trials()]
    numpyro.factor("rows", jnp.sum(jnp.stack(scores) * kept))


def sampled(rival: str) -> dict[str, Array]:
    """Draws of the open numbers of a rival (inside a NumPyro model)."""
    import numpyro
    import numpyro.distributions as dist

    values = {
        prior.name: _open(prior) for prior in priors("placebo") if prior.name not in ("acute_block", "acute_half")
    }
    for entry in page()["rivals"]["priors"]:
        if rival in entry["rivals"].split():
            values |= _drawn(entry)
    if rival == "analysis":
        potency = next(prior for prior in priors("H0") if prior.name == "r_potency")
        values["r_potency"] = _open(potency)
    groups = {"placebo": 0, "decay": len(disorders()), "analysis": len(fitted_trials())}[rival]
    if groups:
        values["each"] = numpyro.sample("each", dist.Normal(0.0, 1.0).expand([groups]))
    return values


def _drawn(entry: Mapping[str, Any]) -> dict[str, Array]:
    """One more open number, as `evidence/fits/pain.toml` has it; a time constant goes by its logarithm."""
    import numpyro
    import numpyro.distributions as dist

    name, kind, spread = entry["name"], entry["kind"], entry["spread"]
    if name == "tau":
        return {"log_tau": numpyro.sample("log_tau", dist.Normal(math.log(entry["middle"]), spread))}
    shapes: dict[str, Any] = {
        "normal": lambda: dist.Normal(entry["middle"], spread),
        "log-normal": lambda: dist.LogNormal(math.log(entry["middle"]), spread),
        "half-normal": lambda: dist.HalfNormal(spread),
    }
    return {name: numpyro.sample(name, shapes[kind]())}


def _open(prior: Prior) -> Array:
    import numpyro
    import numpyro.distributions as dist

    if prior.log:
        return jnp.exp(numpyro.sample(f"log_{prior.name}", dist.Uniform(math.log(prior.low), math.log(prior.high))))
    return numpyro.sample(prior.name, dist.Uniform(prior.low, prior.high))


def score(rival: str, trial: str, values: Mapping[str, Array]) -> Array:
    """Log likelihood of the rows of a trial."""
    found, begin, total = said(rival, trial, values), 0, jnp.zeros(())
    for row in rows_of(trial):
        size = size_of(row)
        total = total + log_likelihood(row, found[begin : begin + size])
        begin += size
    return total


def said(rival: str, trial: str, values: Mapping[str, Array]) -> Array:
    """The features of the rows of a trial."""
    own = crowd(trial, PEOPLE)
    days = jnp.asarray(own.hours)[:, None] / 24.0
    size = effect(rival, facts(own.regimen, own.hours), values, random_effect(rival, trial, values))
    shift = size[:, None] * reached(own.reached, values["reach"])
    course = placebo_course(own.fitted_placebo, own.placebo, jnp.asarray(own.people.placebo_size), values, days)
    baseline = jnp.asarray(own.people.baseline)
    pain = {}
    for side in own.sides:
        own_course = course * (values["active"] if "midazolam" in side.name else 1.0)
        pain[side.name] = lowered(baseline * jnp.ones_like(days), own_course + (shift if side.treated else 0.0))
    return features(rows_of(trial), pain, own.hours, *own.scatter)


def reached(drawn: np.ndarray, share: Array) -> Array:
    """Who is reached: exactly a `share` of the crowd, the last one in part, so that it moves smoothly."""
    order = np.argsort(np.argsort(drawn))
    return jnp.clip(share * len(drawn) - order, 0.0, 1.0)


def placebo_course(fitted: bool, z: np.ndarray, size: Array, values: Mapping[str, Array], days: Array) -> Array:
    """Log-odds taken by being treated, (times, people)."""
    from unwound.patient.setting import outcomes_from_evidence

    own: Any = {"placebo.onset_half_time": values["placebo_onset"]}
    people = values["placebo_size"] + values["placebo_sd"] * jnp.asarray(z) if fitted else size
    return placebo_room.response(days, people, jnp.zeros_like(people), outcomes_from_evidence(own).placebo)


def effect(rival: str, known: Facts, values: Mapping[str, Array], each: Array | float) -> Array:
    """Log-odds taken by the drug, in who is reached; nothing before the start. `each` is the random effect."""
    if rival == "placebo":
        return jnp.zeros(known.begun.shape)
    log_tau = values["log_tau"]
    if rival == "decay":
        size = values["size"] + values["size_sd"] * each
    else:
        dose = known.s_mg + values["r_potency"] * known.r_mg
        over = page()["rivals"]
        longer = np.log(known.hours / over["hours"]["value"])
        some = jnp.where(known.begun, dose, 1.0)  # a logarithm needs more than zero
        size = (
            values["a"]
            + values["b"] * jnp.log(some / over["dose"]["value"])
            + values["c"] * longer
            + values["study_sd"] * each
        )
        log_tau = log_tau + values["slower"] * longer
    return jnp.where(known.begun, size * jnp.exp(-known.since_d / jnp.exp(log_tau)), 0.0)


def random_effect(rival: str, trial: str, values: Mapping[str, Array]) -> Array | float:
    """The random effect that a trial of the fit has: its own, or that of its disorder."""
    if rival == "placebo":
        return 0.0
    place = disorders().index(crowd(trial, PEOPLE).disorder) if rival == "decay" else fitted_trials().index(trial)
    return values["each"][place]


def new_study(rival: str, trial: str, draws: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """`draws` with what belongs to a trial that was left out drawn anew: its random effect, or that of its disorder."""
    if rival == "placebo":
        return draws
    each = np.array(draws["each"])
    alone = sum(crowd(other, PEOPLE).disorder == crowd(trial, PEOPLE).disorder for other in fitted_trials()) == 1
    if rival == "analysis":
        each[:, fitted_trials().index(trial)] = rng.standard_normal(len(each))
    elif alone:
        each[:, disorders().index(crowd(trial, PEOPLE).disorder)] = rng.standard_normal(len(each))
    return {**draws, "each": each}


def values_of(draws: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Sampled sites as the numbers that `score` reads: logarithms undone where the site is one of a prior."""
    known = {f"log_{prior.name}": prior.name for prior in priors("placebo") if prior.log}
    return {known.get(name, name): np.exp(x) if name in known else np.asarray(x) for name, x in draws.items()}
