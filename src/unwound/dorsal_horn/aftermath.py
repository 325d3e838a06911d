r"""Whether the circuit is normal again after a train: one more stimulus, then touch, with and without the train before.

    train, wait, one stimulus, 1 s, brush for 1 s       the control has the same last volley and brush, and no train

Source: no numbers of its own. Leaves out: plasticity, so nothing of the circuit could outlast a train by minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.dorsal_horn import volleys
from unwound.dorsal_horn.cell import Condition
from unwound.dorsal_horn.stimulation import SECOND, Bench, _counts, of_outputs
from unwound.evidence import value


@dataclass(frozen=True)
class Aftermath:
    """Spikes per cell; output -> (condition, 2): without a train before, and after one."""

    c_spikes: dict[str, np.ndarray]
    brush_spikes: dict[str, np.ndarray]


def aftermath(
    condition: Condition, bench: Bench, frequency: float = 1.0, stimuli: int = 16, wait: float = 15.0
) -> Aftermath:
    """A single stimulus `wait` [s] after the last of a train, and brush a second later."""
    times = np.arange(stimuli) * SECOND / frequency
    last = float(times[-1]) + wait * SECOND
    volley = volleys.stimuli(np.append(times, last), bench.seed)
    single = [
        one for n, one in enumerate(volley) if n % (stimuli + 1) == stimuli
    ]  # class by class, stimulus by stimulus
    brush = volleys.brush(last + SECOND, last + 2.0 * SECOND, bench.seed)
    a_end, c_end = value("volley.a_window", "ms"), value("volley.c_window", "ms")
    windows = [(last + a_end, last + c_end), (last + SECOND, last + 2.0 * SECOND)]
    both = [
        of_outputs(_counts(condition, [*spikes, *brush], windows, bench)) for spikes in (single, volley)
    ]  # output -> (condition, window)
    c, touch = ({name: np.stack([one[name][:, k] for one in both], axis=-1) for name in both[0]} for k in (0, 1))
    return Aftermath(c, touch)
