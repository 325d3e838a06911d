r"""Sums over time: the area under pain, and opioids as one dose.

    AUC_i = sum_j (y_ij + y_i,j+1)/2 (t_j+1 - t_j);   mean pain = AUC / (t_J - t_1)
    equivalents_i = sum_drugs dose x factor

A patient with a missing rating has no area (NaN): impute first, or say so in the estimand. The factors of equivalence
are the caller's, per drug and route, because tables of them differ; none is shipped.
Method: trapezoids (numpy.trapezoid). Leaves out: what happened between visits; tolerance between opioids.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from unwound.core.errors import Problem
from unwound.trials.analysis.inputs import refuse


def area_under(ratings: np.ndarray, visit_times: np.ndarray) -> np.ndarray:
    """Area under the ratings of each patient, in rating x time: (replicates, patients)."""
    times = np.asarray(visit_times, dtype=float)
    if times.shape != (len(ratings),) or len(times) < 2 or np.any(np.diff(times) <= 0):
        rule = f"one time per visit ({len(ratings)}), rising, at least two"
        refuse([Problem("visit_times", times.tolist(), rule, "give the times of the visits in order")])
    return np.asarray(np.trapezoid(ratings, times, axis=0))


def mean_pain(ratings: np.ndarray, visit_times: np.ndarray) -> np.ndarray:
    """The area divided by the time: a rating again."""
    return np.asarray(area_under(ratings, visit_times) / (visit_times[-1] - visit_times[0]))


def opioid_equivalents(doses: Mapping[str, np.ndarray], factors: Mapping[str, float]) -> np.ndarray:
    """Doses of several opioids as one, in the unit that the factors lead to (such as mg of oral morphine a day)."""
    refuse(
        [
            Problem("factors", sorted(factors), f"no factor for {drug!r}", f"add factors[{drug!r}] from your table")
            for drug in doses
            if drug not in factors
        ]
        + [
            Problem(f"factors[{drug!r}]", factor, "must be more than 0", "give mg of morphine per mg")
            for drug, factor in factors.items()
            if not factor > 0
        ]
        + ([] if doses else [Problem("doses", "{}", "no opioid was given", "name at least one")])
    )
    return np.asarray(sum(np.asarray(dose, dtype=float) * factors[drug] for drug, dose in doses.items()))
