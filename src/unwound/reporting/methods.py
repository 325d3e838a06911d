"""How a result was computed: the equations as the modules state them, accuracy, seed, versions.

The text of a method is the docstring of the module that implements it, so the report cannot drift from the code.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unwound.patient import Accuracy

_ALWAYS = (
    ("Pain", "unwound.outcomes.pain"),
    ("Placebo response", "unwound.outcomes.placebo"),
    ("Psychomimetic effects", "unwound.outcomes.psychomimetic"),
)


@dataclass(frozen=True)
class Method:
    """A piece of the model: what it is called, where it lives, and its equations in plain text."""

    title: str
    module: str
    text: str


def methods_of(model: str, hypotheses: Sequence[str], driver: str = "empirical") -> list[Method]:
    """The pieces behind a result, in the order of the river: blood, slow memory, outcomes."""
    from unwound.patient.wiring import HYPOTHESES
    from unwound.pharmacokinetics import routed_model

    kinetics = routed_model(model)
    found = {type(getattr(kinetics, "model", kinetics)).__module__: kinetics.title}
    if any(short != "H0" for short in hypotheses):
        found["unwound.sensitization.drivers"] = f"Driver: from plasma to block (here: {driver})"
        found["unwound.sensitization.switch"] = HYPOTHESES["H1"][1]
    for short in hypotheses:
        prefix, title = HYPOTHESES[short]
        found[f"unwound.sensitization.{prefix}"] = title
    if "H2" in hypotheses:
        found["unwound.sensitization.flares"] = "Flares"
    if hypotheses and "H1" not in hypotheses and "unwound.sensitization.switch" in found:
        found["unwound.sensitization.switch"] = "The switch: equations that H2 shares with H1"
    found |= {module: title for title, module in _ALWAYS}
    return [Method(title, module, _text_of(module)) for module, title in found.items()]


def fitted_method(title: str) -> Method:
    """How fitted models are averaged."""
    module = "unwound.inference.averaged"
    return Method(title, module, _text_of(module))


def effects_methods() -> list[Method]:
    """The pages of the acute effects, each with its equations."""
    pages = (
        *("effects", "effect_site", "equivalents", "events", "dissociation", "sedation", "benzodiazepine"),
        *("consciousness", "high", "pressure_pain", "antinociception", "haemodynamics", "cardiac_output"),
        *("ventilation", "eeg", "discharge"),
    )
    found = [(page.replace("_", " ").capitalize(), f"unwound.outcomes.{page}") for page in pages]
    return [Method(title, module, _text_of(module)) for title, module in found]


def _text_of(module: str) -> str:
    """The docstring of a module; empty where Python was told to drop it."""
    loaded = sys.modules.get(module) or importlib.import_module(module)
    return inspect.cleandoc(loaded.__doc__ or "")


def accuracy_sentence(accuracy: Accuracy) -> str:
    """What the mesh promises."""
    return (
        f"Exposure is computed in closed form. Slow states are stepped on one mesh shared by everybody (first step "
        f"{accuracy.first:g} h, longest {accuracy.longest:g} h) and again on a mesh twice as coarse; who differs by "
        f"more than {accuracy.tolerance:g} is run again on a finer mesh, and what still differs gets a failed verdict."
    )
