"""Applicability envelopes: in whom, how and how much a model was estimated, read from the table `envelopes`."""

from __future__ import annotations

from collections.abc import Sequence

from unwound.evidence import all_estimates, value
from unwound.pharmacokinetics.curves import Given
from unwound.pharmacokinetics.model import RoutedModel
from unwound.pharmacokinetics.routes import BY_DEPOT, NOT_LINEAR

DOUBTS = {
    "otto2021": "the weight exponents are assumed; S-norketamine is carried as mass without change of molar mass",
    "perezruixo2021": "the AUC of noresketamine comes out 1.4 to 1.6 times too high with the values as printed",
    "ashraf2018": "a machine-read table completed from a transcription; ticlopidine itself is left out",
    "kamp2020": "its variability is a surrogate from other models (assumed)",
    "brunette2011": "only the absorption is its own; the disposition is that of herd2007 (assumed)",
    "domino1984": "a classic that over-predicts clearance (about 116 L/h per 70 kg)",
    "hornik2018": "low confidence: its clearance is less than half of every other study",
    "flint2017": "parent only: the clearance of its metabolite drifts with time",
    "twocompartment": "illustrative values, assumed",
}
"""What is doubtful about a model itself; said whenever it is used."""

OWN_ABSORPTION = ("perezruixo2021", "simons2022", "ashraf2018", "brunette2011")
"""Models whose routes other than the vein were estimated with them."""

_KINDS = (("age", "y"), ("weight", "kg"), ("dose", "mg"))


def envelope_warnings(model: RoutedModel, age: float, weight: float, given: Sequence[Given]) -> list[str]:
    """What lies outside the envelope of `model`, in sentences, and what is doubtful about it."""
    name = model.prefix
    found = [f"{name}: {DOUBTS[name]}"] if name in DOUBTS else []
    values = {"age": [age], "weight": [weight], "dose": sorted({dose.amount for dose in given})}
    for kind, unit in _KINDS:
        if f"{name}.{kind}_least" not in all_estimates():
            continue
        low, high = (value(f"{name}.{kind}_{end}", unit) for end in ("least", "most"))
        outside = [v for v in values[kind] if not low <= v <= high]
        if outside:
            found.append(f"{name}: {kind} {outside[-1]:g} {unit} is outside its data, {low:g} to {high:g} {unit}")
    for route in sorted({dose.route for dose in given}):
        if route in BY_DEPOT and name not in OWN_ABSORPTION:
            found.append(f"{name}: estimated with doses into a vein; the {route} input is generic (assumed rate)")
        if route in NOT_LINEAR:
            found.append(f"{name}: {NOT_LINEAR[route]}")
    return found
