"""Fit pain to its trials: banks, surrogates, posteriors, rivals, trials left out, weights.

    python scripts/fit_pain.py H2 H1 H0 rivals recovery mechanisms   the long work (an hour), in build/fit_pain
    python scripts/fit_pain.py refits                                a mechanism that may help, fitted anew
    python scripts/fit_pain.py together                              what is shipped: src/unwound/inference/data/pain_*

Every part may run in a process of its own. What is there already is not computed again; --anew forgets it. The seed is
fixed: the same lock and machine give the same draws.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import qmc

from unwound.inference import pain_fit, pain_results
from unwound.inference.bank import Bank, evaluate
from unwound.inference.held_out import K_LIMIT
from unwound.inference.pain_parameters import drivers, ends, priors
from unwound.inference.pain_recovery import recover
from unwound.inference.pain_rows import fitted_trials
from unwound.inference.rivals import RIVALS
from unwound.inference.study import answered
from unwound.inference.surrogate import Surrogate, train
from unwound.sensitization.mechanisms import NAMES as MECHANISMS

Mechanisms = tuple[str, ...]
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "build" / "fit_pain"
SEED = 1
FIRST, REFINE, DRAWS = 1024, 120, 240
THIN = 2
"""Points of a space-filling bank; more of them under each driver from a first posterior; draws of a posterior."""
RIVAL_DRAWS = 400
LEFT_OUT_DRAWS, NEW_STUDIES = 120, 2
REFITTED = ("placebo", "analysis")
"""The decay rival is slow to sample and far behind: where weights are poor its score is told so, and left."""
RECOVERED, SETS = "H2 empirical", 6
FEWER = 2
"""Every second draw is enough for a mechanism."""
REFITS = ("glia",)
MECHANISM_FIRST = 512
"""What seemed to help when draws were only weighed anew is fitted anew; points of its bank."""


def said(*words: Any) -> None:
    print(f"{time.strftime('%H:%M:%S')}", *words, flush=True)


def kept(name: str, make: Any) -> Any:
    """What is in the file `name`, or is made now and written there."""
    path = FOLDER / f"{name}.pkl"
    if not path.exists():
        found = make()
        path.write_bytes(pickle.dumps(found))
    return pickle.loads(path.read_bytes())


def first_bank(hypothesis: str) -> Bank:
    cube = qmc.Sobol(len(priors(hypothesis)), seed=SEED).random(FIRST)
    return Bank(hypothesis, cube, evaluate(hypothesis, cube))


def refined(hypothesis: str, bank: Bank, seed: int, which: Sequence[str], mechanisms: Mechanisms = ()) -> Bank:
    """The bank, with points where the posteriors are."""
    surrogate = train(bank, seed)
    chains = pain_fit.sampler(pain_fit.surrogate_model, REFINE)
    for n, driver in enumerate(which):
        draws, r_hat = pain_fit.sample(chains, surrogate, hypothesis, driver, seed + n)
        cube = draws.point
        found = evaluate(hypothesis, cube, mechanisms=mechanisms)
        guessed = np.array([np.asarray(surrogate(point)) for point in cube])
        error = np.sqrt(np.mean((pain_fit.trial_scores(found) - pain_fit.trial_scores(guessed)) ** 2, axis=0))
        said(hypothesis, driver, f"R-hat {r_hat:.3f}, error of log likelihood by trial", np.round(error, 2))
        bank = bank.joined(Bank(hypothesis, cube, found))
    return bank


@dataclass(frozen=True)
class Fit:
    """One hypothesis and driver with its surrogate, ready to be sampled with all trials or without one."""

    hypothesis: str
    driver: str
    surrogate: Surrogate
    seed: int
    chains: pain_fit.Run
    fewer: pain_fit.Run
    mechanisms: Mechanisms = ()

    @property
    def name(self) -> str:
        """Of its files."""
        return pain_fit.model_name(self.hypothesis, self.driver) + "".join(f"+{own}" for own in self.mechanisms)

    def posterior(self) -> pain_fit.Posterior:
        draws, r_hat = pain_fit.sample(self.chains, self.surrogate, self.hypothesis, self.driver, self.seed + 200)
        draws = draws.take(slice(None, None, THIN))
        found = answered(self.hypothesis, draws, self.mechanisms)
        return pain_fit.corrected(self.surrogate, self.name, draws, found, r_hat)

    def scores(self, found: pain_fit.Posterior) -> dict[str, tuple[float, float, str]]:
        """Trial -> (log score when left out, Pareto k, how): by weights, or fitted anew where k is high."""
        out = {}
        for trial in fitted_trials():
            score, k = pain_fit.without(found, trial)
            how = "weights"
            if k > K_LIMIT:
                draws, _ = pain_fit.sample(
                    self.fewer, self.surrogate, self.hypothesis, self.driver, self.seed + 300, (trial,)
                )
                rng = np.random.default_rng(self.seed)
                cube = np.concatenate([draws.of_new_trial(self.hypothesis, rng) for _ in range(NEW_STUDIES)])
                again = evaluate(self.hypothesis, cube, (trial,), mechanisms=self.mechanisms)
                own = pain_fit.trial_scores(again)[:, fitted_trials().index(trial)]
                score, how = pain_fit.log_mean(own, np.full(len(own), 1.0 / len(own))), "refit"
            out[trial] = (score, k, how)
        return out

    def run(self) -> None:
        """Both, kept and told."""
        found = kept(f"{self.name}-posterior", self.posterior)
        said(self.name, f"k {found.pareto_k:.2f}, effective {found.effective:.0f}, R-hat {found.r_hat:.3f}")
        scores = kept(f"{self.name}-scores", lambda: self.scores(found))
        said(self.name, {trial: (round(score, 2), how) for trial, (score, _, how) in scores.items()})


def both_samplers() -> tuple[pain_fit.Run, pain_fit.Run]:
    """For all trials, and for all but one."""
    model = pain_fit.surrogate_model
    return pain_fit.sampler(model, THIN * DRAWS), pain_fit.sampler(model, LEFT_OUT_DRAWS)


def hypothesis_part(hypothesis: str) -> None:
    """Posterior and scores of trials left out, under every driver."""
    bank = kept(f"{hypothesis}-bank1", lambda: first_bank(hypothesis))
    said(hypothesis, "first bank")
    bank = kept(f"{hypothesis}-bank2", lambda: refined(hypothesis, bank, SEED, drivers(hypothesis)))
    surrogate = kept(f"{hypothesis}-surrogate", lambda: train(bank, SEED))
    said(hypothesis, "surrogate of", len(bank.cube), "points")
    samplers = both_samplers()
    for n, driver in enumerate(drivers(hypothesis)):
        Fit(hypothesis, driver, surrogate, SEED + n, *samplers).run()


def refit_part(mechanism: str) -> None:
    """The default model with a mechanism on, fitted anew: bank, surrogate, posterior, trials left out."""
    hypothesis, _, driver = RECOVERED.partition(" ")
    plain = kept(f"{RECOVERED}-posterior", lambda: None)
    own = (mechanism,)

    def first() -> Bank:
        low, high = ends(hypothesis, driver).T
        even = low + (high - low) * qmc.Sobol(len(low), seed=SEED).random(MECHANISM_FIRST)
        cube = np.concatenate([even, plain.draws.point])
        return Bank(hypothesis, cube, evaluate(hypothesis, cube, mechanisms=own))

    bank = kept(f"{RECOVERED}+{mechanism}-bank1", first)
    said(mechanism, "first bank")
    bank = kept(f"{RECOVERED}+{mechanism}-bank2", lambda: refined(hypothesis, bank, SEED, (driver,), own))
    surrogate = kept(f"{RECOVERED}+{mechanism}-surrogate", lambda: train(bank, SEED))
    Fit(hypothesis, driver, surrogate, SEED, *both_samplers(), own).run()


def rivals_part(which: tuple[str, ...] = RIVALS) -> None:
    """The rivals without a mechanism."""
    for rival in which:

        def both(rival: str = rival) -> dict[str, Any]:
            chains = pain_fit.rival_sampler(rival, RIVAL_DRAWS)
            draws, r_hat = pain_fit.fit_rival(chains, SEED)
            said(rival, f"R-hat {r_hat:.3f}")
            out: dict[str, Any] = {"draws": draws, "r_hat": r_hat, "scores": {}}
            for trial in fitted_trials():
                score, k = pain_fit.rival_without(rival, trial, draws, SEED)
                how = "weights" if k <= K_LIMIT else "weights, k above 0.7"
                if k > K_LIMIT and rival in REFITTED:
                    without, _ = pain_fit.fit_rival(chains, SEED, (trial,))
                    score, how = pain_fit.rival_score(rival, trial, without, SEED), "refit"
                said(rival, trial, round(score, 2), f"k {k:.2f}", how)
                out["scores"][trial] = (score, k, how)
            return out

        found = kept(f"rival-{rival}", both)
        said(rival, {trial: round(score[0], 2) for trial, score in found["scores"].items()})


def recovery_part() -> None:
    """Whether the numbers of the default model can be found again from trials of this size."""
    hypothesis, _, driver = RECOVERED.partition(" ")
    surrogate = kept(f"{hypothesis}-surrogate", lambda: None)
    rows = kept(f"{RECOVERED}-recovery", lambda: recover(surrogate, hypothesis, driver, SETS, seed=SEED))
    for row in rows:
        said(f"{row['name']}: covered {row['covered']:.2f}, spread gone {row['contraction']:.2f}")


def mechanisms_part() -> None:
    """What every other slow state, switched on with the numbers of the tables, does to trials left out."""
    hypothesis, _, _ = RECOVERED.partition(" ")
    found = kept(f"{RECOVERED}-posterior", lambda: None)
    some = slice(None, None, FEWER)
    found = dataclasses.replace(
        found, draws=found.draws.take(some), found=found.found[some], weights=found.weights[some]
    )
    kept("mechanism-none", lambda: pain_fit.with_mechanism(found, found.found))  # the same draws, the same way
    for mechanism in (name for name in MECHANISMS if name != "opioid"):
        scores = kept(
            f"mechanism-{mechanism}",
            lambda own=mechanism: pain_fit.with_mechanism(found, answered(hypothesis, found.draws, (own,))),
        )
        said(mechanism, {trial: round(score, 2) for trial, (score, _) in scores.items()})


def together() -> None:
    """Write what is shipped."""
    models = [(h, d, pain_fit.model_name(h, d)) for h in ("H0", "H1", "H2") for d in drivers(h)]
    posteriors = {name: (h, d, kept(f"{name}-posterior", lambda: None)) for h, d, name in models}
    scores = {name: kept(f"{name}-scores", lambda: None) for name in posteriors}
    rivals = {rival: kept(f"rival-{rival}", lambda: None) for rival in RIVALS}
    settings = {
        "seed": SEED, "bank": FIRST, "refined": REFINE, "draws": DRAWS, "rival_draws": RIVAL_DRAWS,
        "left_out_draws": LEFT_OUT_DRAWS, "new_studies": NEW_STUDIES,
        "command": "python scripts/fit_pain.py H2 H1 H0 rivals recovery mechanisms refits together",
    }  # fmt: skip
    recovery = {name: kept(f"{name}-recovery", lambda: None) for name in (RECOVERED,)}
    mechanisms = {own: kept(f"mechanism-{own}", lambda: None) for own in ("none", *MECHANISMS) if own != "opioid"}
    refits = {
        own: tuple(kept(f"{RECOVERED}+{own}-{part}", lambda: None) for part in ("posterior", "scores"))
        for own in REFITS
        if (FOLDER / f"{RECOVERED}+{own}-scores.pkl").exists()
    }
    record = pain_results.written(
        posteriors, scores, rivals, {RECOVERED: mechanisms}, {RECOVERED: refits}, recovery, settings
    )
    print(json.dumps(record["first_line"], indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "parts",
        nargs="+",
        choices=["H0", "H1", "H2", "rivals", *RIVALS, "recovery", "mechanisms", "refits", *REFITS, "together"],
    )
    parser.add_argument("--anew", action="store_true", help="forget what was computed before")
    ask = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    if ask.anew:
        for path in FOLDER.glob("*.pkl"):
            path.unlink()
    alone = {rival: lambda rival=rival: rivals_part((rival,)) for rival in RIVALS}
    alone |= {own: lambda own=own: refit_part(own) for own in REFITS}
    for part in ask.parts:
        {
            **alone,
            "rivals": rivals_part,
            "recovery": recovery_part,
            "mechanisms": mechanisms_part,
            "refits": lambda: [refit_part(own) for own in REFITS],
            "together": together,
        }.get(part, lambda part=part: hypothesis_part(part))()


if __name__ == "__main__":
    main()
