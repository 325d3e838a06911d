"""Where the drug goes: published population models, solved exactly.

A model is an AuthorYear record of one signature (`PopulationModel`). It says where its samples were taken (venous
or arterial), which enantiomers it knows, how clearances scale with weight and how people differ. `MODELS` is the
register; a model joins it and gets the laws of `tests/laws` for nothing.
"""

from unwound.pharmacokinetics.exposure import Exposure, concentrations, exposure_of
from unwound.pharmacokinetics.model import Analyte, Individual, Metabolite, PopulationModel
from unwound.pharmacokinetics.modes import Amounts, Disposition, Modes, flow, modes_of
from unwound.pharmacokinetics.otto2021 import Otto2021
from unwound.pharmacokinetics.register import MODELS, population_model, routed_model
from unwound.pharmacokinetics.two_compartment import TwoCompartment

__all__ = [
    "MODELS",
    "Amounts",
    "Analyte",
    "Disposition",
    "Exposure",
    "Individual",
    "Metabolite",
    "Modes",
    "Otto2021",
    "PopulationModel",
    "TwoCompartment",
    "concentrations",
    "exposure_of",
    "flow",
    "modes_of",
    "population_model",
    "routed_model",
]
