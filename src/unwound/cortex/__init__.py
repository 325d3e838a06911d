"""A small cortical circuit under NMDA block: what happens to glutamate when inhibition loses its drive first.

Rates of two classes of cells, relative to the drug-free state. Block comes in as a share for each class;
`unwound.patient.cortical` computes it from a concentration.
"""

from unwound.cortex.disinhibition import Block, Disinhibition, Rates, balance, flow, glutamate, steady_state

__all__ = ["Block", "Disinhibition", "Rates", "balance", "flow", "glutamate", "steady_state"]
