"""Side effects and affect along a course: by session, so far, and what dissociation does to unpleasantness.

Peaks are those of the course between the start of a session and `TAIL_H` after its end. Sessions are counted from the
first of the regimen; earlier ones of a person's life are not known here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unwound.core.arrays import jnp
from unwound.evidence import fill, keys_of, value
from unwound.outcomes import affect as affect_room
from unwound.outcomes import discharge, dissociation, events, session_events
from unwound.outcomes.affect import Affect
from unwound.outcomes.discharge import Stopping
from unwound.outcomes.dissociation import Dissociation
from unwound.outcomes.equivalents import s_equivalents
from unwound.outcomes.events import Reference
from unwound.outcomes.session_events import EVENTS, SessionEvent, SessionReference
from unwound.patient.course import Course
from unwound.patient.sessions import Session, earlier_sessions

TAIL_H = 2.0
WEEK_H = 168.0


@dataclass(frozen=True)
class SideEffects:
    """Shares by session, and stopping over time; means over people."""

    in_session: dict[str, np.ndarray]  # (sessions,)
    ever_by: dict[str, np.ndarray]  # (sessions,)
    stopped_time_h: np.ndarray
    stopped: np.ndarray
    """Share who have stopped for an adverse event by each time."""
    keys: tuple[str, ...]


@dataclass(frozen=True)
class AffectCourse:
    """Unpleasantness beside intensity, (times, people)."""

    time_h: np.ndarray
    unpleasantness: np.ndarray
    detachment: np.ndarray
    keys: tuple[str, ...]


def equivalents_of(course: Course, r_potency: float) -> np.ndarray:
    """S-equivalents in plasma [uM], (times, people); of a racemate read as one total, half is R."""
    mass = value("ketamine.molar_mass", "ng/nmol")  # ng/mL over ng/nmol is uM
    held = course.concentration_ng_per_mL
    molar = {name: np.maximum(held[name], 0.0) / mass for name in ("S-ketamine", "R-ketamine") if name in held}
    if "ketamine" in held:
        half = np.maximum(held["ketamine"], 0.0) / mass / 2.0
        molar = {"S-ketamine": half, "R-ketamine": half}
    return np.broadcast_to(np.asarray(s_equivalents(molar, r_potency)), course.pain_nrs.shape)


def peaks_of(course: Course, sessions: tuple[Session, ...], r_potency: float) -> np.ndarray:
    """Highest S-equivalents [uM] in each session, (sessions, people)."""
    level = equivalents_of(course, r_potency)
    found = np.zeros((len(sessions), course.people))
    for n, one in enumerate(sessions):
        inside = (course.time_h >= one.start_h - 1e-9) & (course.time_h <= one.end_h + TAIL_H)
        if inside.any():
            found[n] = level[inside].max(axis=0)
    return found


def side_effects(course: Course, sessions: tuple[Session, ...]) -> SideEffects:
    """Side effects of the sessions that lie within `course`."""
    within = tuple(one for one in sessions if one.start_h <= course.time_h[-1])
    reference, p = fill(Reference, Reference.prefix), fill(SessionReference, SessionReference.prefix)
    somatic = peaks_of(course, within, float(reference.r_potency))
    detached = peaks_of(course, within, value("dissociation.r_potency", "1"))
    here, ever = {}, {}
    for name in EVENTS:
        peaks = jnp.asarray(detached if name == "dissociation" else somatic)
        event, felt = fill(SessionEvent, f"session_{name}"), session_events.intensity(peaks, p)
        here[name] = np.asarray(session_events.in_session(felt, event)).mean(axis=1)
        ever[name] = np.asarray(session_events.ever_by(felt, event)).mean(axis=1)
    highest = np.maximum.accumulate(equivalents_of(course, float(reference.r_potency)), axis=0)
    weeks = treated_weeks(course.time_h, within)
    stopping = fill(Stopping, Stopping.prefix)
    stopped = discharge.stopped(events.intensity(highest, reference), weeks[:, None], stopping)
    keys = (
        *keys_of(SessionReference, SessionReference.prefix), *keys_of(Reference, Reference.prefix),
        *(key for name in EVENTS for key in keys_of(SessionEvent, f"session_{name}")),
        *keys_of(Stopping, Stopping.prefix), "dissociation.r_potency",
    )  # fmt: skip
    return SideEffects(here, ever, course.time_h, np.asarray(stopped).mean(axis=1), keys)


def treated_weeks(time_h: np.ndarray, sessions: tuple[Session, ...]) -> np.ndarray:
    """Weeks of treatment so far: from the first drug to now, at most to a week after the last session began."""
    if not sessions:
        return np.zeros(len(time_h))
    last = max(sessions[-1].end_h, sessions[-1].start_h + (WEEK_H if len(sessions) > 1 else 0.0))
    return np.clip(np.asarray(time_h) - sessions[0].start_h, 0.0, last - sessions[0].start_h) / WEEK_H


def affect_course(course: Course, sessions: tuple[Session, ...]) -> AffectCourse:
    """How unpleasant the pain of `course` is."""
    p, tolerance = fill(Affect, Affect.prefix), fill(Dissociation, Dissociation.prefix)
    level = equivalents_of(course, float(tolerance.r_potency))
    practised = earlier_sessions(sessions, course.time_h)[:, None]
    latent = dissociation.latent(level, practised, 1.0, tolerance, fill(Reference, Reference.prefix))
    away = affect_room.detached(latent)
    felt = affect_room.unpleasantness(jnp.asarray(course.pain_nrs), away, p)
    keys = (*keys_of(Affect, Affect.prefix), *keys_of(Dissociation, Dissociation.prefix),
            *keys_of(Reference, Reference.prefix))  # fmt: skip
    return AffectCourse(course.time_h, np.asarray(felt), np.asarray(away), keys)
