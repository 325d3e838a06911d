"""Every published trial run and judged, one page of rows after another.

A trial of pain is conducted at its own size: as it was, with nothing in the pump ("placebo only", a first yardstick;
stronger rivals are not here yet), and under 25 and 50 % of expectancy where it compares arms. Surgical trials are
conducted likewise. Mood is computed with the exposure of the typical person: expected values, judged by their bands.
Wind-up signs come from the circuit of the dorsal horn, opioid signs from the typical person after remifentanil.

    counted    role calibration, rows judged, and no patients counted before (Dahan 2011 and Sigtermans 2009)

A page is plain data, so that it can be written down as soon as it is there and read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unwound.evidence import TrialNote, trial_index, trial_note
from unwound.trials.described import Described, published_protocol
from unwound.trials.expectancy import SHARES
from unwound.trials.qualify_opioid import opioid_page, opioid_trials
from unwound.trials.qualify_other import mood_page, mood_trials, surgical_page, surgical_shorts
from unwound.trials.qualify_pain import Asked, Progress, pain_page
from unwound.trials.qualify_signs import sign_page, sign_studies
from unwound.trials.trial import Trial

__all__ = ["Asked", "Planned", "counted", "page_of", "plan"]


@dataclass(frozen=True)
class Planned:
    """One trial of the list: how it is run, or why not."""

    note: TrialNote
    kind: str
    """pain, wind-up (signs only), opioid, surgery, mood, or not simulated"""
    why: str = ""
    runs: int = 1
    """Times that the trial is conducted."""

    @property
    def branch(self) -> str:
        """pain, wind-up signs, opioid, surgery or mood."""
        signs = self.kind == "wind-up" or (self.kind == "pain" and self.note.pins.startswith("wind-up"))
        return "wind-up signs" if signs else self.kind

    def steps(self, replicates: int) -> int:
        """How far the progress of `page_of` counts at most: people for pain, arms for surgery."""
        if self.kind != "pain":
            return 2
        return self.runs * replicates * Trial.published(self.note.name).size


def plan(names: tuple[str, ...] = ()) -> tuple[Planned, ...]:
    """The published trials, or those of `names`, in the order of the index. Raises `UnknownName`."""
    wanted = {trial_note(name).name for name in names}
    return tuple(_planned(note) for note in trial_index().values() if not names or note.name in wanted)


def page_of(planned: Planned, asked: Asked, progress: Progress | None = None) -> dict[str, Any]:
    """The trial run and judged: what it is, its rows, its numerical verdicts. Raises what `conduct` raises."""
    note = planned.note
    about = {
        "id": note.short, "name": note.name, "title": note.title, "role": note.role, "branch": planned.branch,
        "disorder": note.disorder, "patients": note.patients, "pins": note.pins,
        "shares_patients_with": list(note.shares_patients_with),
    }  # fmt: skip
    if planned.kind == "mood":
        return about | mood_page(note.short)
    if planned.kind == "opioid":
        return about | opioid_page(note.name, asked.seed)
    if planned.kind == "surgery":
        return about | surgical_page(note.short, asked.replicates, asked.seed, progress)
    signs = sign_page(note.name, note.short, asked.seed) if note.name in sign_studies() else None
    if planned.kind == "wind-up" and signs is not None:
        return about | signs
    page = pain_page(note.short, asked, progress)
    if signs is not None:
        page = {**page, "rows": page["rows"] + signs["rows"], "keys": page["keys"] + signs["keys"],
                "sampling": f"{page['sampling']}; {signs['sampling']}"}  # fmt: skip
    return about | page


def counted(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pages that count: role calibration, rows judged, and no patients counted before."""
    found: list[dict[str, Any]] = []
    for page in pages:
        shared = [one["id"] for one in found if one["name"] in page["shares_patients_with"]]
        if page["role"] == "calibration" and page["rows"] and not shared:
            found.append(page)
    return found


def _planned(note: TrialNote) -> Planned:
    if note.short in surgical_shorts():
        return Planned(note, "surgery", runs=1)
    if note.short in mood_trials():
        return Planned(note, "mood")
    if note.name in opioid_trials():
        return Planned(note, "opioid")
    protocol = published_protocol(note.name)
    if note.name in sign_studies() and isinstance(protocol, Described):
        return Planned(note, "wind-up")
    if isinstance(protocol, Described):
        return Planned(note, "not simulated", protocol.why)
    return Planned(note, "pain", runs=2 if protocol.design == "single arm" else 1 + len(SHARES))
