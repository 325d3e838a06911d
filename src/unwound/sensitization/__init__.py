"""The slow memory: rival hypotheses of how pain stays on, and what ketamine does to it, side by side.

    H0 Turnover          a linear slow compartment and Emax (Dahan 2011)
    H1 Switch            bistable, brief protection: reset for good, or relapse
    H2 ProtectedSwitch   bistable, protection of weeks, latent memory, flares (default)

Other slow states (receptor number, disinhibition, glia, descending control, opioid tolerance) are mechanisms of their
own, off unless named (`mechanisms`), composed in `full_memory`.

"Reset" is a hypothesis to be tested in the software, never a promise. What drives the slow states is a record of its
own (`drivers`), interchangeable.
"""

from unwound.sensitization.drivers import Driver, Empirical, Pore, Tonic
from unwound.sensitization.flares import Flares
from unwound.sensitization.protected_switch import ProtectedSwitch
from unwound.sensitization.switch import Memory, Stimulus, Switch
from unwound.sensitization.turnover import Turnover

__all__ = [
    "Driver",
    "Empirical",
    "Flares",
    "Memory",
    "Pore",
    "ProtectedSwitch",
    "Stimulus",
    "Switch",
    "Tonic",
    "Turnover",
]
