r"""H2 (default): the switch, protected for weeks after the drug, under flares, with a latent memory.

The equations are those of `switch`; what differs is what they are given: a protection Z that decays with the
half-life of the analgesic effect in the reference trial (10.9 days), and flares of the peripheral drive that can push
a patient back over the border.

Source: dahan2011 (half-life, read as the decay of Z: an assumption); the rest assumption.
"""

from __future__ import annotations

from typing import ClassVar

from unwound.core.arrays import Record
from unwound.sensitization.flares import Flares
from unwound.sensitization.switch import Switch


class ProtectedSwitch(Record):
    """H2: a `Switch` with slow protection, and flares."""

    switch: Switch
    flares: Flares

    prefix: ClassVar[str] = "protected_switch"
    title: ClassVar[str] = "H2 ProtectedSwitch: bistable, protection of weeks, latent memory, flares"
