"""Models in the formats of the field: SBML Level 3 Version 2, and mrgsolve text.

Both are read off the model itself (`structure`), so an exported file computes what the package computes. Every file
says that it is a simulation, which model it is, and where its numbers come from.
"""

from unwound.reporting.exchange.document import problems_of
from unwound.reporting.exchange.mrgsolve import to_mrgsolve
from unwound.reporting.exchange.sbml import Exported, concentration_name, to_sbml

__all__ = ["Exported", "concentration_name", "problems_of", "to_mrgsolve", "to_sbml"]
