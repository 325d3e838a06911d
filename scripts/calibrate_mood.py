"""Fit the mood branch to printed summary rows, and print its table rows and observed beside predicted.

First stage (weighted least squares, scipy), nine numbers: gain, on_rate and half_life of the improvement; session,
active, antidepressant, its overlap with the drug, and both spreads of the control arm. Targets: mean changes, standard
deviations of change, shares and effect sizes that were read. Second stage, two numbers: rate and steepness of relapse,
to the randomized withdrawal, and at half weight to the recalled median after a series. Recalled rows are otherwise not
fitted; nor are those at 2 hours, nor those on anxiety and trauma. All numbers are fitted as logarithms; standard errors
come from the Jacobian.

Usage: ``python scripts/calibrate_mood.py``
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import optimize

from unwound.patient.mood_people import MoodParameters, mood_parameters
from unwound.trials.mood import MoodRow, rows
from unwound.trials.mood_relapse import relapse_rows

FIRST = ("mood.gain", "mood.on_rate", "mood.half_life")
FIRST += ("mood_control.session", "mood_control.active", "mood_control.antidepressant")
FIRST += ("mood_control.overlap", "mood_control.spread", "mood_control.antidepressant_spread")
SECOND = ("mood_relapse.rate", "mood_relapse.steepness")
BOUNDS = {
    "mood.on_rate": (1.0, 500.0), "mood.half_life": (0.5, 60.0), "mood_control.overlap": (0.01, 0.95),
    "mood_relapse.rate": (1e-4, 1.0),
}  # fmt: skip
"""Limits of the search; 0.01 to 10 where nothing else is said."""
FITTED_PEOPLE = 1000
HALF = 0.5  # weight of a recalled row


def changed(p: MoodParameters, names: tuple[str, ...], numbers: np.ndarray) -> MoodParameters:
    """`p` with the fields `names` (prefix.field) replaced."""
    for name, number in zip(names, numbers, strict=True):
        prefix, field = name.split(".")
        place = {"mood": "mood", "mood_control": "control", "mood_relapse": "relapse"}[prefix]
        p = p._replace(**{place: dataclasses.replace(getattr(p, place), **{field: float(number)})})
    return p


def residuals(found: list[MoodRow]) -> np.ndarray:
    """Standardized residuals of the fitted rows."""
    fitted = [row for row in found if row.fitted and row.kind != "superior"]
    return np.array([row.standardized * (np.sqrt(HALF) if row.recalled else 1.0) for row in fitted])


def fit(start: MoodParameters, names: tuple[str, ...], predict: object) -> tuple[MoodParameters, np.ndarray, float]:
    """(parameters, relative standard errors, sum of squares)."""

    given = np.log([getattr(getattr(start, _place(name)), name.split(".")[1]) for name in names])
    bounds = np.log([BOUNDS.get(name, (0.01, 10.0)) for name in names]).T - given

    def off(steps: np.ndarray) -> np.ndarray:
        return residuals(predict(changed(start, names, np.exp(given + steps - 1.0)), FITTED_PEOPLE))  # type: ignore[operator]

    # steps begin at 1, not 0: scipy takes its finite differences relative to the size of a number
    best = optimize.least_squares(
        off, np.ones(len(names)), bounds=bounds + 1.0, diff_step=0.02, xtol=1e-4, ftol=1e-4, max_nfev=25
    )
    errors = np.sqrt(np.diag(np.linalg.inv(best.jac.T @ best.jac)))
    bound = [name for name, at in zip(names, best.active_mask, strict=True) if at]
    print(f"{best.message} {best.nfev} steps; at a bound: {bound or 'none'}", flush=True)
    return changed(start, names, np.exp(given + best.x - 1.0)), errors, float(2.0 * best.cost)


def _place(name: str) -> str:
    return {"mood": "mood", "mood_control": "control", "mood_relapse": "relapse"}[name.split(".")[0]]


def main() -> None:
    """Fit both stages and print."""
    p = mood_parameters()
    for names, predict in ((FIRST, rows), (SECOND, relapse_rows)):
        p, errors, squares = fit(p, names, predict)
        for name, error in zip(names, errors, strict=True):
            number = getattr(getattr(p, _place(name)), name.split(".")[1])
            print(f"{name} = {number:.4g}   standard error {number * error:.2g}   ({100 * error:.0f} %)", flush=True)
        print(f"sum of squares {squares:.1f}", flush=True)
    print(f"{'row':32s} {'what':14s} {'observed':>9s} {'predicted':>9s} {'SE':>6s}")
    for row in (*rows(p), *relapse_rows(p)):
        verdict = "inside" if row.inside else "MISSED"
        mark = " recalled" if row.recalled else "" if row.fitted else " not fitted"
        print(f"{row.key:32s} {row.kind:14s} {row.observed:9.3g} {row.predicted:9.3g} {row.error:6.2g} {verdict}{mark}")


if __name__ == "__main__":
    main()
