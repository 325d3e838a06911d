"""The dorsal horn: a small spiking circuit that winds up.

Afferent volleys of C, A-delta and A-beta fibers reach relays, inhibitory cells and two outputs: nociceptive-specific
cells of lamina I and deep wide-dynamic-range cells. `windup` stimulates it at any frequency and reads what comes out.
The structure is established, the reduction and its numbers are assumptions. Wind-up is one input and one sign of
central sensitization, not the same thing.
"""

from unwound.dorsal_horn.cell import Condition
from unwound.dorsal_horn.inputs import Inputs, exported
from unwound.dorsal_horn.readouts import Windup
from unwound.dorsal_horn.stimulation import Trapped, windup
from unwound.dorsal_horn.targets import Target, judge
from unwound.dorsal_horn.wiring import OUTPUTS, POPULATIONS, places

__all__ = [
    "OUTPUTS", "POPULATIONS", "Condition", "Inputs", "Target", "Trapped", "Windup", "exported", "judge", "places",
    "windup",
]  # fmt: skip
