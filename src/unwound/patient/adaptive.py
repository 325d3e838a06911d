"""A run whose doses are decided while it goes: the engine pauses at every assessment, and the rules are heard.

The mesh is cut into blocks so that every assessment falls between two of them (`build_mesh`, `pauses`). There pain and
what is felt are read from where everybody stands, the rules act, and the rates of the intervals to come change. What
was decided on the fine mesh is given on the coarse one too, so their difference still measures the accuracy and not a
decision that fell otherwise.

A population is asked as a diary asks: pain with the scatter of a rating, in whole points. One typical person, without
chance, is heard exactly.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.random import stream
from unwound.outcomes import placebo as placebo_room
from unwound.outcomes import psychomimetic as psychomimetic_room
from unwound.outcomes.pain import lowered, observed
from unwound.patient.bedside import Bedside, Clock, total_of
from unwound.patient.engine import Answers, Moment, run
from unwound.patient.lane import Outcomes, Prepared
from unwound.patient.mesh import Mesh
from unwound.patient.people import People
from unwound.patient.rulebook import Book, Heard, act, begun, given, reset_caution


class Decided(NamedTuple):
    """What came out: answers of the fine mesh, what everybody was given, and who each rule acted for."""

    answers: Answers
    bedside: Bedside
    fired: tuple[Array, ...]  # per rule: (assessments, patients)


def solve_by_rules(
    lane: Prepared, mesh: Mesh, book: Book, clock: Clock, person: People, treated: Array, outcomes: Outcomes,
    keys: Array | None,
) -> Decided:  # fmt: skip
    """The engine on one mesh, under the rules. `keys` are those of the people for what they answer (None: exactly)."""
    plan = lane.bedside
    state = {"adapted": begun(plan.rates, len(book.rules), person.weight)}
    fired = [np.zeros((len(rule.assessments), *np.shape(person.weight)), bool) for rule in book.rules]
    weight, treated = jnp.asarray(person.weight), jnp.asarray(treated)
    now = Moment(_empty(lane), lane.start.driven, lane.start.state, lane.wiring.watched(_empty(lane)))
    before = _exact(lane, now, now, person, 0.0, lane.knots[0], outcomes)

    def decide(at: float, moment: Moment, flare: Array) -> tuple[tuple[Array, ...], tuple[Array, ...]] | None:
        due = book.due(at)
        pain = _exact(lane, now, moment, person, at, flare, outcomes)
        if keys is not None:
            pain = _answered(keys, pain, round(at * 3600.0), outcomes)
        heard = _heard(lane, moment, person, pain, before, outcomes)
        adapted, changed = reset_caution(state["adapted"]), False
        for number, k in due:
            adapted, who = act(book, number, k, adapted, heard, weight, treated)
            fired[number][k] = np.asarray(who)
            changed = changed or bool(fired[number][k].any())
        state["adapted"] = adapted
        if not changed:
            return None
        return given(adapted, plan.rates, adapted.extra_rates), given(adapted, plan.doses, adapted.extra_doses)

    answers = run(
        lane.wiring, lane.kinetics, lane.start, mesh, plan.rates, plan.doses, lane.knots, decide=decide
    )  # fmt: skip
    adapted = state["adapted"]
    rates = given(adapted, plan.rates, adapted.extra_rates)
    doses = given(adapted, plan.doses, adapted.extra_doses)
    bedside = plan._replace(rates=rates, doses=doses, total=total_of(rates, doses, clock, person.weight))
    return Decided(answers, bedside, tuple(fired))


def _empty(lane: Prepared) -> Any:
    return tuple(blood.read(blood.empty()) for blood in lane.kinetics)


@jax.jit
def _exact(
    lane: Prepared, start: Moment, moment: Moment, person: People, at: Any, flare: Array, outcomes: Outcomes
) -> Array:
    """Pain [points] at a moment, as the course will show it."""
    both = jax.tree.map(lambda a, b: jnp.stack([a, b]), start, moment)
    answers = Answers(both.readings, both.driven, both.state)
    flares = jnp.stack([lane.knots[0], flare])
    _, felt = moment.peaks
    noticed = psychomimetic_room.reported(felt, person.sensitivity, person.report_chance, outcomes.psychomimetic)
    shift = placebo_room.response(at / 24.0, person.placebo_size, noticed, outcomes.placebo)
    return lowered(lane.wiring.pain(answers, flares, person, outcomes.pain)[1], shift)


@jax.jit
def _answered(keys: Array, pain: Array, seconds: Any, outcomes: Outcomes) -> Array:
    def one(key: Array) -> Array:
        return jax.random.normal(jax.random.fold_in(stream(key, "assessments"), seconds))

    return observed(pain, jax.vmap(one)(keys), outcomes.pain)


@jax.jit
def _heard(lane: Prepared, moment: Moment, person: People, pain: Array, before: Array, outcomes: Outcomes) -> Heard:
    p = outcomes.psychomimetic
    now = lane.wiring.felt.of(moment.readings)
    return Heard(
        pain=pain,
        fallen=100.0 * (1.0 - pain / before),
        felt=now / (p.report_concentration * person.sensitivity),
        intolerable=now / (p.intolerable_concentration * person.sensitivity),
    )
