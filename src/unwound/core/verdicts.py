"""How a computation can end. Each verdict is its own message: what happened, likely causes, what to try.

A verdict travels with the result, per patient; a batch of ten thousand never dies of one.
"""

from __future__ import annotations

import enum


class Verdict(enum.IntEnum):
    """The verdict on one patient's course. `FINE` is 0, so ``verdicts.any()`` asks whether something failed."""

    FINE = 0
    RETRIED = 1
    INACCURATE = 2
    NOT_FINITE = 3
    OUT_OF_RANGE = 4

    @property
    def message(self) -> str:
        return _MESSAGES[self]

    @property
    def failed(self) -> bool:
        """Whether the numbers must not be used."""
        return self >= Verdict.INACCURATE


_MESSAGES = {
    Verdict.FINE: "Solved: the mesh and its refinement agree within the accuracy asked for.",
    Verdict.RETRIED: (
        "Solved on a finer mesh: the shared one was too coarse for this patient, who lies close to the border "
        "between recovery and relapse; the finer mesh agrees with its own refinement to what is acceptable."
    ),
    Verdict.INACCURATE: (
        "Not solved to the accuracy asked for: the mesh and its refinement still disagree. Likely causes: "
        "(a) the patient lies almost exactly on the separatrix between the pain-free and the pain state; "
        "(b) a rate constant is much faster than hours. Try an `Accuracy` with smaller `first`, `growth` and "
        "`longest`, or look at this "
        "patient alone with simulate(...)."
    ),
    Verdict.NOT_FINITE: (
        "The result holds NaN or infinity. Likely causes: (a) a parameter is NaN or zero where the model "
        "divides by it; (b) a rate constant is so large that the explicit mesh is unstable. Look at the "
        "patient's parameters first."
    ),
    Verdict.OUT_OF_RANGE: (
        "A state left its range of 0 to 1. Likely causes: (a) a negative rate constant; (b) a step too "
        "large for the fastest rate. Look at the patient's parameters first."
    ),
}
