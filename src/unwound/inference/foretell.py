"""Who foretells a planned trial: every fitted hypothesis and driver by weight, and the meta-analysis.

A fitted model conducts the trial with one draw of its posterior per replicate. The meta-analysis conducts nothing:
people, allocation, dropout and side effects are those of the trial as H0 has them, and pain is

    lowered(baseline, placebo course + D)        D as in `inference.rivals`, in whom the drug can reach,

with a new random effect in each replicate. Its weight is that of the weights with rivals; the fitted models share the
rest by their own.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from unwound.core.arrays import jnp
from unwound.inference.pain_shipped import draws, fitted_settings, models, record
from unwound.inference.rivals import TITLES, effect, facts, placebo_course
from unwound.outcomes.pain import lowered
from unwound.patient.setting import Setting
from unwound.patient.wiring import HYPOTHESES
from unwound.population import population
from unwound.trials.conduct import WEEK_H, conduct, rate
from unwound.trials.expectancy import SHARES
from unwound.trials.forecast import draws_of
from unwound.trials.ledger import Drawn, Foreteller
from unwound.trials.qualify_pain import model_for
from unwound.trials.result import TrialResult
from unwound.trials.trial import Trial

ANALYSIS = "analysis"
FITTED_PLACEBO = "CRPS-1"
"""The disorder whose placebo response the fit left open."""
WEIGHED = "pseudo-BMA+ of log scores on trials left out, the meta-analysis among them (unwound fit pain)"
LEAST_WEIGHT = 0.01
"""Who has less is left out, unless it is the best of its hypothesis: every hypothesis foretells."""
EACH = 40
"""Draws of a posterior that take turns, each in a study of its own."""


def fitted_foretellers(trial: Trial, seed: int = 1, threads: int | None = None) -> tuple[Foreteller, ...]:
    """The fitted hypotheses and drivers with their weights, each with draws of its posterior."""
    base = Setting(model=model_for(trial), seed=seed, threads=threads, metabolites=False)
    shares = record()["weights_with_rivals"]
    best = {max((m for m in models() if m.startswith(h)), key=lambda name: shares[name]) for h in HYPOTHESES}
    found = [
        Foreteller(name, shares[name], fitted_settings(name, EACH, base))
        for name in models()
        if shares[name] >= LEAST_WEIGHT or name in best
    ]
    return tuple(found)


def foretold_by_analysis(trial: Trial, replicates: int, seed: int = 1, threads: int | None = None) -> Drawn:
    """The model-based meta-analysis; what is unblinding takes its share of D away."""
    setting = Setting(model=model_for(trial), hypothesis="H0", seed=seed, threads=threads, metabolites=False)
    result = conduct(trial, setting, replicates)
    under = {
        f"{share:g}": draws_of(dataclasses.replace(result, ratings=_ratings(result, 1.0 - share / 100.0)))
        for share in SHARES
    }
    weight = record()["weights_with_rivals"][ANALYSIS]
    what = "model-based meta-analysis of seven trials; people, dropout and side effects as H0 has them"
    return Drawn(TITLES[ANALYSIS], weight, what, under)


def _ratings(result: TrialResult, left: float) -> np.ndarray:
    """What the diaries show when D times `left` is the effect of the drug, (visits, replicates, patients)."""
    trial, seed = result.trial, result.setting.seed
    shape, days = result.ratings.shape, result.visits_h / 24.0
    rng, chosen = np.random.default_rng(seed), draws()[ANALYSIS]
    who = population(trial.disorder).who
    people = {
        name: np.asarray(getattr(result.people, name)).reshape(shape[1:]) for name in ("baseline", "placebo_size")
    }
    z = (people["placebo_size"] - float(who.placebo_size_mean)) / float(who.placebo_size_sd)
    reached = rng.random(shape[1:])
    known = [
        None if own is None else facts(own, result.visits_h.tolist()) for own in map(trial.regimen_of, trial.groups)
    ]
    pain = np.empty(shape)
    for n in range(shape[1]):
        values = {name: jnp.asarray(number) for name, number in chosen[n % len(chosen)].items()}
        each = float(rng.standard_normal())
        fitted = trial.disorder == FITTED_PLACEBO
        course = placebo_course(
            fitted, z[n], jnp.asarray(people["placebo_size"][n]), values, jnp.asarray(days)[:, None]
        )
        size = np.zeros((len(days), len(known) + 1))  # the last is nobody's
        for group, own in enumerate(known):
            if own is not None:
                size[:, group] = left * np.asarray(effect(ANALYSIS, own, values, each))
        taken = size[:, result.allocation[n]] * (reached[n] < chosen[n % len(chosen)]["reach"])
        pain[:, n] = lowered(people["baseline"][n] * np.ones_like(taken), np.asarray(course) + taken)
    ids = np.arange(shape[1] * shape[2])
    flat = rate(pain.reshape(len(days), -1), seed, ids, trial, result.setting.how.pain, result.visits_h / WEEK_H)
    return np.where(np.isnan(result.ratings), np.nan, flat.reshape(shape))
