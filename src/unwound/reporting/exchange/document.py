"""An SBML Level 3 Version 2 model being written, with python-libsbml underneath: every number has a unit.

Formulas are given in libsbml's infix; a number in one carries its unit ("24 h"). libsbml prints 15 digits, which does
not give every number back: `Document.text` writes those in full.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from unwound.core.errors import EvidenceError, InputError, Problem

MISSING = Problem("format", "SBML", "python-libsbml is not installed", 'install it with: pip install "unwound[sbml]"')
NAMESPACE = "urn:unwound:exchange:1"
"""Names our annotation; not an address."""

_BASES: dict[str, tuple[str, int, float]] = {  # kind, scale (power of ten), multiplier
    "mg": ("gram", -3, 1.0),
    "ng": ("gram", -9, 1.0),
    "kg": ("kilogram", 0, 1.0),
    "L": ("litre", 0, 1.0),
    "mL": ("litre", -3, 1.0),
    "h": ("second", 0, 3600.0),
    "d": ("second", 0, 86400.0),
    "y": ("second", 0, 31557600.0),
    "umol": ("mole", -6, 1.0),
}
_PLAIN = {"1": "dimensionless", "points": "dimensionless", "uM": "umol/L"}
_NUMBER = re.compile(r'((?:value|initialAmount)="|<cn[^>]*> )([^" <]+)')


def libsbml() -> Any:
    """The library. Raises `InputError` with the sentence that installs it."""
    try:
        import libsbml as library  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        raise InputError(MISSING) from None
    return library


class Document:
    """A model in hours, milligrams and litres."""

    def __init__(self, name: str, title: str):
        self._library = libsbml()
        self._document = self._library.SBMLDocument(3, 2)
        self._model = self._document.createModel()
        self._model.setId(name)
        self._model.setName(title)
        self._exact: dict[str, str] = {}
        self._units: dict[str, str] = {}
        for base in ("mg", "L", "h"):
            self.unit(base)
        self._model.setTimeUnits("h")
        self._model.setSubstanceUnits("mg")
        self._model.setExtentUnits("mg")
        self._model.setVolumeUnits("L")
        body = self._model.createCompartment()
        body.setId("body")
        body.setName("the person; species are amounts, so its size plays no part")
        body.setSpatialDimensions(3)
        body.setSize(1.0)
        body.setUnits("L")
        body.setConstant(True)

    def unit(self, label: str) -> str:
        """The id of the unit ``"mg/L/h"``, defined when first asked for."""
        label = _PLAIN.get(label, label)
        if label == "dimensionless":
            return label
        if label not in self._units:
            above, *below = label.split("/")
            parts = [(symbol, 1) for symbol in above.split("*") if symbol != "1"]
            parts += [(symbol, -1) for symbol in below]
            self._units[label] = label.replace("1/", "per_").replace("/", "_per_").replace("*", "_")
            made = self._model.createUnitDefinition()
            made.setId(self._units[label])
            for symbol, exponent in parts:
                kind, scale, multiplier = _BASES[symbol]
                unit = made.createUnit()
                unit.setKind(getattr(self._library, f"UNIT_KIND_{kind.upper()}"))
                unit.setExponent(exponent)
                unit.setScale(scale)
                unit.setMultiplier(multiplier)
        return self._units[label]

    def number(self, value: float, label: str) -> str:
        """A number with its unit, for a formula."""
        self._kept(value)
        return f"({value!r} {self.unit(label)})" if value < 0 else f"{value!r} {self.unit(label)}"

    def parameter(
        self, name: str, label: str, value: float | None = None, about: str = "", *, constant: bool = True
    ) -> None:
        """A parameter; without a value it gets one from a rule or an initial assignment."""
        made = self._model.createParameter()
        made.setId(name)
        made.setName(about or name)
        made.setUnits(self.unit(label))
        made.setConstant(constant)
        if value is not None:
            made.setValue(self._kept(value))

    def initially(self, name: str, formula: str) -> None:
        """The parameter `name` starts as `formula`."""
        made = self._model.createInitialAssignment()
        made.setSymbol(name)
        made.setMath(self._math(formula))

    def always(self, name: str, formula: str) -> None:
        """The parameter `name` is `formula` at all times."""
        made = self._model.createAssignmentRule()
        made.setVariable(name)
        made.setMath(self._math(formula))

    def changes(self, name: str, formula: str) -> None:
        """The parameter `name` changes at the rate `formula` (per hour)."""
        made = self._model.createRateRule()
        made.setVariable(name)
        made.setMath(self._math(formula))

    def species(self, name: str, about: str, amount: float) -> None:
        """An amount of drug [mg]."""
        made = self._model.createSpecies()
        made.setId(name)
        made.setName(about)
        made.setCompartment("body")
        made.setInitialAmount(self._kept(amount))
        made.setSubstanceUnits("mg")
        made.setHasOnlySubstanceUnits(True)
        made.setBoundaryCondition(False)
        made.setConstant(False)

    def reaction(self, name: str, source: str | None, target: str | None, law: str) -> None:
        """Drug leaves `source` and arrives in `target` at the rate `law` [mg/h]; None is outside the body."""
        made = self._model.createReaction()
        made.setId(name)
        made.setReversible(False)
        for species, create in ((source, made.createReactant), (target, made.createProduct)):
            if species is not None:
                reference = create()
                reference.setSpecies(species)
                reference.setStoichiometry(1.0)
                reference.setConstant(True)
        made.createKineticLaw().setMath(self._math(law))

    def event(self, name: str, time: float, assignments: Mapping[str, str]) -> None:
        """At `time` [h] each named thing takes the value of its formula, all at once."""
        made = self._model.createEvent()
        made.setId(name)
        made.setUseValuesFromTriggerTime(True)
        trigger = made.createTrigger()
        trigger.setInitialValue(True)
        trigger.setPersistent(True)
        trigger.setMath(self._math(f"time >= {self.number(time, 'h')}"))
        for variable, formula in assignments.items():
            assignment = made.createEventAssignment()
            assignment.setVariable(variable)
            assignment.setMath(self._math(formula))

    def say(self, lines: list[str], facts: Mapping[str, str]) -> None:
        """Notes for people and an annotation for programs."""
        body = "".join(f"<p>{html.escape(_printable(line))}</p>" for line in lines)
        self._model.setNotes(f'<body xmlns="http://www.w3.org/1999/xhtml">{body}</body>')
        words = " ".join(f'{name}="{html.escape(_printable(value))}"' for name, value in facts.items())
        self._model.setAnnotation(f'<annotation><unwound:model xmlns:unwound="{NAMESPACE}" {words}/></annotation>')

    def text(self) -> str:
        """The document. Raises `EvidenceError` (a bug of ours) when libsbml finds an error in it."""
        text: str = self._library.writeSBMLToString(self._document)
        text = _NUMBER.sub(lambda found: found[1] + self._exact.get(found[2], found[2]), text)
        problems = [p for p in problems_of(text) if p.startswith("error")]
        if problems:
            raise EvidenceError(f"the SBML written is not consistent: {'; '.join(problems[:3])}")
        return text

    def _kept(self, value: float) -> float:
        if (short := f"{value:.15g}") != repr(value) and float(short) != value:
            self._exact[short] = repr(value)
        return value

    def _math(self, formula: str) -> Any:
        node = self._library.parseL3Formula(formula)
        if node is None:
            raise EvidenceError(f"no formula: {formula}: {self._library.getLastParseL3Error()}")
        return node


def problems_of(text: str) -> list[str]:
    """What libsbml's consistency check, units included, says of an SBML text: ``"error 10501: ..."``, warnings too."""
    library = libsbml()
    document = library.readSBMLFromString(text)
    document.setConsistencyChecks(library.LIBSBML_CAT_UNITS_CONSISTENCY, True)
    document.checkConsistency()
    found = []
    for place in range(document.getNumErrors()):
        problem = document.getError(place)
        grave = problem.getSeverity() >= library.LIBSBML_SEV_ERROR
        kind = "error" if grave else "warning"
        found.append(f"{kind} {problem.getErrorId()}: {' '.join(problem.getMessage().split())}")
    return found


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
