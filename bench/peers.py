"""Engines that others would use for P1 and P2, each in the fastest form we found that needs no compiler.

An engine is a function ``(patients, seconds) -> Run``: it computes the patients in their order until all are
done or `seconds` of CPU time are used up. All run on one thread at rtol 1e-6 and atol 1e-8 (mg, ng/mL and
slow states alike), and none may step over an infusion: they are restarted at, or told of, every pump switch.
"""

from __future__ import annotations

from collections.abc import Callable

from peer_diffrax import diffrax_kvaerno5, diffrax_tsit5
from peer_lsoda import lsoda, lsoda_odeint
from peer_roadrunner import roadrunner
from running import Run
from workload import Patients

__all__ = ["ENGINES", "Run"]

ENGINES: dict[str, Callable[[Patients, float], Run]] = {
    "lsoda-odeint": lsoda_odeint,
    "lsoda": lsoda,
    "libroadrunner": roadrunner,
    "diffrax-tsit5": diffrax_tsit5,
    "diffrax-kvaerno5": diffrax_kvaerno5,
}
