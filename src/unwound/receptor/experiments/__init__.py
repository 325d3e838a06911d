"""Experiments on one channel, as an electrophysiologist does them: each a function of a `Patch`, each with its notes.

A result (`Experiment`) holds curves, a few numbers, what the model does not reproduce (`notes`), and the rows of
evidence that it rests on (`keys`).
"""

from unwound.receptor.experiments.attribution import attribution, mixture
from unwound.receptor.experiments.block import block
from unwound.receptor.experiments.concentration_inhibition import concentration_inhibition
from unwound.receptor.experiments.current_voltage import current_voltage
from unwound.receptor.experiments.epsc import epsc
from unwound.receptor.experiments.onset import onset
from unwound.receptor.experiments.patch import Patch
from unwound.receptor.experiments.record import Curve, Experiment, Panel
from unwound.receptor.experiments.recovery import recovery
from unwound.receptor.experiments.trapping import trapping
from unwound.receptor.experiments.unblock import unblock
from unwound.receptor.experiments.use_dependence import use_dependence

__all__ = [
    "Curve",
    "Experiment",
    "Panel",
    "Patch",
    "attribution",
    "block",
    "concentration_inhibition",
    "current_voltage",
    "epsc",
    "mixture",
    "onset",
    "recovery",
    "trapping",
    "unblock",
    "use_dependence",
]
