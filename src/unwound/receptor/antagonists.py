r"""Why other antagonists do not give the same result: binding, Mg, trapping, block at treatment, clinical record.

    IC50 in Mg = K(V) (1 + [Mg]/K_Mg(V))            block at treatment = C / (C + IC50 in Mg),   C free

Ketamine's free concentration follows from its free share in plasma; for the others no free share is on record, so all
of their drug in plasma is counted as free: their block is then *at most* what is shown. Blank: no number is on record.

Source: the rows of each drug; the page ``guidelines/antagonists.toml`` with what each sentence cites and whether that
was read. Evidence that disagrees is shown as two readings. Leaves out: off-targets in numbers (`off_targets`).
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from unwound.core.errors import EvidenceError, UnknownName
from unwound.evidence import all_estimates, bibliography, value
from unwound.evidence.shipped import text_of
from unwound.receptor.allosteric import ALLOSTERIC, allosteric
from unwound.receptor.averages import MEMBRANES, ROOM
from unwound.receptor.ligands import LIGANDS, NATIVE, Ligand, ligand
from unwound.receptor.pore import dissociation, half_inhibition, off_rate
from unwound.receptor.register import SUBTYPES, magnesium_of, thermal_voltage

PAGE = "guidelines/antagonists.toml"
COMPARED = (
    "ketamine", "S-ketamine", "R-ketamine", "memantine", "dextrorphan", "dextromethorphan", "lanicemine", "MK-801",
    "phencyclidine", "amantadine", "traxoprodil", "magnesium", "CNS-5161",
)  # fmt: skip
"""What `compare` shows unless told otherwise."""
TOPICS = ("kinetics", "block", "downstream", "clinical")
_BASES = ("read", "recalled", "derived")


@dataclass(frozen=True)
class Statement:
    """One sentence and where it comes from."""

    text: str
    basis: str
    """``read`` in a source of `cite`, ``recalled`` and not seen, or ``derived`` here."""
    cite: tuple[str, ...]


@dataclass(frozen=True)
class Fact(Statement):
    """A sentence about a drug."""

    drug: str = ""
    topic: str = ""


@dataclass(frozen=True)
class Conflict:
    """A question on which the evidence disagrees."""

    question: str
    readings: tuple[Statement, ...]


@dataclass(frozen=True)
class Antagonist:
    """One drug in the comparison; concentrations in uM, rates in 1/s, at rest."""

    drug: str
    site: str
    half_without_magnesium: dict[str, float] = field(default_factory=dict)
    half_in_magnesium: dict[str, float] = field(default_factory=dict)
    open_off_rate: dict[str, float] = field(default_factory=dict)
    kinetics: str = ""
    """``own``, or ``prior``: as fast as all drugs are assumed to bind."""
    trapped: float | None = None
    treatment_uM: float | None = None  # noqa: N815
    """Total plasma concentration under treatment."""
    free_uM: float | None = None  # noqa: N815
    at_most: bool = False
    """Whether all drug in plasma was counted as free."""
    block_at_treatment: dict[str, float] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    rivals: dict[str, list[str]] = field(default_factory=dict)
    """Other constants on record, by subtype, in words."""

    def as_dict(self) -> dict[str, Any]:
        """For the doors."""
        return asdict(self)


def compare(drugs: Sequence[str] = COMPARED) -> tuple[Antagonist, ...]:
    """The antagonists called `drugs` side by side. Raises `UnknownName`."""
    return tuple(_one(_name(drug)) for drug in drugs)


def conflicts() -> tuple[Conflict, ...]:
    """Questions on which the evidence disagrees, each with its readings."""
    return _page()[1]


def facts_about(drug: str) -> tuple[Fact, ...]:
    """What is on record about a drug in words."""
    return tuple(fact for fact in _page()[0] if fact.drug == drug)


def keys_of_comparison(compared: Sequence[Antagonist]) -> tuple[str, ...]:
    """Evidence keys behind the numbers of a comparison."""
    keys: list[str] = ["synapses.magnesium", "synapses.rest"]
    for one in compared:
        if one.site == "pore":
            drug = ligand(one.drug)
            keys += [key for subtype in drug.known() for key in drug.keys(subtype)]
            keys += [key for key in (f"{drug.prefix}.trapped",) if key in all_estimates()]
        if one.drug in ALLOSTERIC:
            keys += [f"{one.drug}.half_2b", "allosteric.greatest"]
        keys += [f"therapeutic.{one.drug}"] if one.treatment_uM is not None else []
        keys += ["plasma.unbound"] if one.free_uM is not None and not one.at_most else []
    keys += [f"magnesium.dissociation_{s.removeprefix('GluN').lower()}" for s in SUBTYPES]
    return tuple(dict.fromkeys((*keys, "magnesium.reference_voltage", "magnesium.slope")))


def _name(drug: str) -> str:
    wordy = {fact.drug for fact in _page()[0]}
    known = {name.lower(): name for name in (*LIGANDS, *ALLOSTERIC, *wordy)}
    if drug.lower().strip() in known:
        return known[drug.lower().strip()]
    try:
        return ligand(drug).name
    except UnknownName:
        raise UnknownName("antagonist", drug, tuple(known.values())) from None


def _one(drug: str) -> Antagonist:
    if drug in LIGANDS:
        return _of_pore(ligand(drug))
    if drug in ALLOSTERIC:
        own = allosteric(drug)
        half = {subtype: float(own.at(subtype).half) for subtype in own.known()}
        return Antagonist(drug, "beside the pore", half, half, facts=facts_about(drug))
    return Antagonist(drug, "words only", facts=facts_about(drug))


def _of_pore(drug: Ligand) -> Antagonist:
    V, magnesium, volts = value(MEMBRANES["rest"], "mV"), value("synapses.magnesium", "mM"), thermal_voltage(ROOM)
    blockers = {subtype: drug.blocker(subtype) for subtype in drug.known()}
    recombinant = {subtype: b for subtype, b in blockers.items() if subtype != NATIVE}
    half = {s: float(half_inhibition(V, magnesium, magnesium_of(s), b, volts)) for s, b in recombinant.items()}
    total, free, at_most = _treatment(drug.name)
    return Antagonist(
        drug=drug.name,
        site="pore",
        half_without_magnesium={s: float(dissociation(V, b, volts)) for s, b in blockers.items()},
        half_in_magnesium=half,
        open_off_rate={s: float(off_rate(V, b, volts)) for s, b in blockers.items()},
        kinetics="own" if drug.own_kinetics else "prior",
        trapped=_optional(f"{drug.prefix}.trapped", "1"),
        treatment_uM=total,
        free_uM=free,
        at_most=at_most,
        block_at_treatment={} if free is None else {s: free / (free + one) for s, one in half.items()},
        facts=facts_about(drug.name),
        rivals=_rivals(drug),
    )


def _treatment(drug: str) -> tuple[float | None, float | None, bool]:
    """(total, free, whether free is an upper bound) under treatment [uM]."""
    total = _optional(f"therapeutic.{drug}", "uM")
    if total is None or drug != "ketamine":
        return total, total, total is not None
    return total, total * value("plasma.unbound", "1") * value("plasma.brain_entry", "1"), False


def _rivals(drug: Ligand) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for subtype in (*SUBTYPES, NATIVE):
        used = 1 if drug.dissociation(subtype) is not None else 0
        words = [f"{row.value:g} uM: {row.about} ({row.basis})" for row in drug.readings(subtype)[used:]]
        found |= {subtype: words} if words else {}
    return found


def _optional(key: str, unit: str) -> float | None:
    return value(key, unit) if key in all_estimates() else None


@functools.cache
def _page() -> tuple[tuple[Fact, ...], tuple[Conflict, ...]]:
    return read_page(text_of(PAGE), PAGE)


def read_page(text: str, source: str) -> tuple[tuple[Fact, ...], tuple[Conflict, ...]]:
    """Facts and conflicts of a page. Raises `EvidenceError` naming `source` and the entry."""
    try:
        page = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EvidenceError(f"{source}: {error}") from error
    if set(page) != {"fact", "conflict"}:
        raise EvidenceError(f"{source}: must hold [[fact]] and [[conflict]], nothing else")
    facts = tuple(_fact(entry, f"{source}, fact {n}") for n, entry in enumerate(page["fact"], 1))
    return facts, tuple(_conflict(entry, f"{source}, conflict {n}") for n, entry in enumerate(page["conflict"], 1))


def _fact(entry: dict[str, Any], source: str) -> Fact:
    if set(entry) != {"drug", "topic", "text", "basis", "cite"} or entry["topic"] not in TOPICS:
        raise EvidenceError(f"{source}: it has drug, topic ({', '.join(TOPICS)}), text, basis and cite")
    said = _statement({name: entry[name] for name in ("text", "basis", "cite")}, source)
    return Fact(said.text, said.basis, said.cite, entry["drug"], entry["topic"])


def _conflict(entry: dict[str, Any], source: str) -> Conflict:
    if set(entry) != {"question", "reading"} or len(entry["reading"]) < 2 or not entry["question"].endswith("?"):
        raise EvidenceError(f"{source}: it has a question and at least two readings")
    return Conflict(entry["question"], tuple(_statement(reading, source) for reading in entry["reading"]))


def _statement(entry: dict[str, Any], source: str) -> Statement:
    if set(entry) != {"text", "basis", "cite"} or not entry["text"].endswith("."):
        raise EvidenceError(f"{source}: it has a whole sentence as text, a basis and cite")
    if entry["basis"] not in _BASES or (entry["basis"] == "read") != bool(entry["cite"]):
        raise EvidenceError(f"{source}: what was read cites a source, and what is recalled or derived cites none")
    for key in entry["cite"]:
        if key not in bibliography():
            raise EvidenceError(f"{source}: {key!r} is not in references.bib")
    return Statement(entry["text"], entry["basis"], tuple(entry["cite"]))
