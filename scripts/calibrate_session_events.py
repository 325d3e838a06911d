"""Fit readiness and its spread to the share of people in week 1 and over a year of esketamine spray.

Prints `session_NAME.odds` and `.spread` of src/unwound/evidence/tables/outcomes_repeated.csv. Of events whose year was
not printed, only the odds are fitted, with the spread of the table. Then, as a check that was not fitted, the share
over eight sessions of 84 mg beside that of ASPIRE (which has a fixed dose and other patients). Run it again when a
number of `session_reference` or of these rates changes.
"""

import numpy as np
from scipy.optimize import brentq, root

from unwound.core.arrays import jnp
from unwound.evidence import all_estimates, fill, for_fitting, value
from unwound.outcomes.session_events import EVENTS, SessionEvent, SessionReference, ever_by, intensity

IN_WEEK = 2
CHECKS = {"dissociation": "dissociation.report_rate", "dizziness": "dizziness.rate", "nausea": "nausea.rate"}


def main() -> None:
    for_fitting("AEWK")
    for_fitting("SUS2")
    p = fill(SessionReference, "session_reference")
    reference = float(p.concentration)
    sessions = round(value("session_reference.sessions_in_year", "1"))
    year = intensity(jnp.full(sessions, reference), p)

    def shares(odds: float, spread: float) -> np.ndarray:
        found = np.asarray(ever_by(year, SessionEvent(odds, spread)))
        return np.array([found[IN_WEEK - 1], found[-1]])

    for name in EVENTS:
        week = value(f"session_{name}.week_one", "1")
        if f"session_{name}.year" in all_estimates():
            wanted = np.array([week, value(f"session_{name}.year", "1")])
            found = root(lambda x, wanted=wanted: np.log(shares(*np.exp(x)) / wanted), np.log([0.05, 2.0]))
            odds, spread = np.exp(found.x)
            print(
                f"session_{name}: odds {odds:.4g}, spread {spread:.4g} ({'fitted' if found.success else 'NOT fitted'})"
            )
        else:
            spread = value(f"session_{name}.spread", "1")
            odds = np.exp(brentq(lambda x, s=spread, w=week: np.log(shares(np.exp(x), s)[0] / w), -12.0, 3.0))
            print(f"session_{name}: odds {odds:.4g} (spread {spread:.4g} of the table)")
        if name in CHECKS:
            peak = value("acute_reference.concentration", "uM")
            eight = float(ever_by(intensity(jnp.full(8, peak), p), SessionEvent(odds, spread))[-1])
            print(f"   eight sessions of 84 mg: {100 * eight:.1f} %; ASPIRE {value(CHECKS[name], 'percent'):.1f} %")


if __name__ == "__main__":
    main()
