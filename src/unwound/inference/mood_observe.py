r"""From shifts of log-odds to what a trial prints, smooth in every parameter: the observation layer of all accounts.

    s_i   = M / (1 + (M / B_i - 1) exp(g_d u z_i + g_c c_i))            score of person i of a fixed quasi-random crowd
    X_i   = max(0, s_i + sd xi)                                          rating: its mean and variance in closed form
    mean change = mean(E X_i - B_i),        var change = var_i(E X_i - B_i) + mean(Var X_i) + sd^2
    response    = mean Phi(((1 - f) B_i - s_i + 1/4) / (sd sqrt(1 + (1 - f)^2)))
    remission   = mean Phi((cut + 1/2 - s_i) / sd)

The crowd is a Sobol sequence put through the distributions of `patient.mood_people`; the quarter and the half stand for
rounding to whole points. The same crowd serves every account and every draw, so likelihoods are smooth and closed.
Relapse integrates the hazard of `outcomes.mood_relapse` along the path, people weighted by their chance to be selected.

Leaves out: the upper end of the scale, and rounding beyond its mean; both are compared with the simulated trials in
tests/rooms.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.evidence import estimate
from unwound.inference.mood_data import MoodData, scale_table
from unwound.outcomes.mood_control import Comparator, Control, comparator, drug_left, response
from unwound.patient.mood_people import mood_parameters
from unwound.trials.mood import pages, scale_named

CROWD, FOLLOWED = 128, 32
"""People of the crowd: of visits, and the first of them along relapse paths."""
_SEED = 20261126
_LEAST_TRUE_VARIANCE, _HIGHEST_SHARE, _EDGE = 0.25, 0.97, 1e-6


class Crowd(NamedTuple):
    """Standard normal and uniform places of the crowd, and baselines of every visit."""

    gain: np.ndarray  # (people,)
    session: np.ndarray
    antidepressant: np.ndarray
    frailty: np.ndarray
    visit_baseline: np.ndarray  # (visits, people)
    baseline: np.ndarray
    """Of relapse studies."""


class Setup(NamedTuple):
    """What visits and paths are like, apart from the drug and from what is fitted."""

    crowd: Crowd
    scale: dict[str, np.ndarray]
    day: np.ndarray
    treated: np.ndarray
    parts: np.ndarray
    """Session, active, antidepressant of the arm, (visits, 3); the drug arm has no active part."""
    path_day: np.ndarray
    path_antidepressant: np.ndarray
    path_select: np.ndarray
    madrs: dict[str, float]
    gain_sd: float
    frailty_sd: float


class Predicted(NamedTuple):
    """What a row may print: of visits, and of relapse paths."""

    mean: Array
    sd: Array
    response: Array
    remission: Array
    hazard: Array
    median: Array
    selected: Array
    held: Array


def setup(data: MoodData) -> Setup:
    """Everything that stays the same while a fit runs."""
    arms = {arm["id"]: arm for arm in pages()["arm"]}
    own = [comparator(arms[visit.arm]["comparator"]) for visit in data.visits]
    shown = [one.as_background() if v.treated else one for one, v in zip(own, data.visits, strict=True)]
    p, scale = mood_parameters(), scale_named("MADRS")
    return Setup(
        crowd=_crowd([arms[visit.arm] for visit in data.visits]),
        scale=scale_table(data.visits),
        day=np.array([visit.day for visit in data.visits]),
        treated=np.array([visit.treated for visit in data.visits], float),
        parts=np.array([(one.session, one.active, one.antidepressant) for one in shown]),
        path_day=np.array([path.time_d for path in data.paths]),
        path_antidepressant=np.array([float(path.antidepressant) for path in data.paths]),
        path_select=np.array([_SELECTIONS[path.select] for path in data.paths]),
        madrs={n: float(getattr(scale, n)) for n in ("most", "residual_sd", "response_fall", "remission")},
        gain_sd=float(p.mood.gain_sd),
        frailty_sd=float(p.relapse.frailty_sd),
    )


def _crowd(arms: list[dict[str, Any]]) -> Crowd:
    from scipy.stats import norm, qmc

    drawn = np.clip(qmc.Sobol(5, seed=_SEED).random(CROWD), _EDGE, 1.0 - _EDGE)
    normal = norm.ppf(drawn[:, :4])
    gain, session, antidepressant, frailty = normal.T
    return Crowd(
        gain,
        session,
        antidepressant,
        frailty,
        np.array([_baselines(arm, drawn[:, 4]) for arm in arms]),
        _baselines({}, drawn[:, 4]),
    )


def _baselines(arm: dict[str, Any], place: np.ndarray) -> np.ndarray:
    """True scores before treatment, as in `patient.mood_people` and `trials.mood`."""
    from scipy.stats import norm

    scale = scale_named(arm.get("scale", "MADRS"))
    sd = math.sqrt(float(scale.baseline_sd) ** 2 - float(scale.residual_sd) ** 2)
    ends = ((float(end) - float(scale.baseline_mean)) / sd for end in (scale.baseline_least, 0.97 * scale.most))
    low, high = (norm.cdf(end) for end in ends)
    z = norm.ppf(low + (high - low) * place)
    if "baseline" not in arm:
        return np.asarray(float(scale.baseline_mean) + sd * z)
    row = estimate(arm["baseline"])
    printed = float(row.spread.amount)  # type: ignore[union-attr,arg-type]
    own = printed * math.sqrt(max(1.0 - (float(scale.residual_sd) / printed) ** 2, _LEAST_TRUE_VARIANCE))
    return np.asarray(np.clip(row.value + own * (z - z.mean()) / z.std(), 1.0, _HIGHEST_SHARE * float(scale.most)))


def control_of(p: dict[str, Any]) -> Control:
    """The control arm with the fitted sizes; both spreads are one `variation` of them."""
    fixed = mood_parameters().control
    return Control(
        session=p["session"], active=p["active"], antidepressant=p["antidepressant"],
        spread=p["variation"] * p["session"], antidepressant_spread=p["variation"] * p["antidepressant"],
        overlap=p.get("overlap", 0.0), onset_half_time=fixed.onset_half_time,
        antidepressant_half_time=fixed.antidepressant_half_time, decay_half_time=fixed.decay_half_time,
        active_half_time=fixed.active_half_time,
    )  # fmt: skip


def predict(
    s: Setup, p: dict[str, Any], visit_drug: Array, path_drug: Array, background: tuple[Array, Array]
) -> Predicted:
    """What every visit and path may print.

    `visit_drug` (visits,) and `path_drug` (paths, times) are falls of the log-odds by the drug in a person of median
    gain; `background` is what each study's control arms have beyond the mean, by visit and by path.
    """
    seen = _visits(s, p, visit_drug, background[0])
    return Predicted(*seen, *_paths(s, p, path_drug, background[1]))


def _visits(s: Setup, p: dict[str, Any], drug: Array, own: Array) -> tuple[Array, ...]:
    control, day = control_of(p), jnp.asarray(s.day)[:, None]
    arm = Comparator("rows", *(jnp.asarray(s.parts[:, n])[:, None] for n in range(3)))
    z = jnp.exp(s.gain_sd * jnp.asarray(s.crowd.gain))
    fall = drug[:, None] * z * drug_left(day, arm, control)
    shift = response(day, jnp.asarray(s.crowd.session), jnp.asarray(s.crowd.antidepressant), arm, control)
    scale = {name: jnp.asarray(column)[:, None] for name, column in s.scale.items()}
    baseline = jnp.asarray(s.crowd.visit_baseline)
    whole = scale["drug_share"] * fall + scale["control_share"] * (shift + own[:, None])
    score = scale["most"] / (1.0 + (scale["most"] / baseline - 1.0) * jnp.exp(whole))
    sd = scale["residual_sd"]
    rated, scatter = _rated(score, sd)
    change = rated - baseline
    variance = change.var(axis=1, ddof=1) + scatter.mean(axis=1) + sd[:, 0] ** 2
    kept = 1.0 - scale["response_fall"]
    well = _phi((kept * baseline - score + 0.25) / (sd * jnp.sqrt(1.0 + kept**2))).mean(axis=1)
    remitted = _phi((scale["remission"] + 0.5 - score) / sd).mean(axis=1)
    return change.mean(axis=1), jnp.sqrt(variance), well, remitted


def _rated(score: Array, sd: Array) -> tuple[Array, Array]:
    """Mean and variance of a rating that cannot fall below 0."""
    z = score / sd
    above, at = _phi(z), jnp.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi)
    mean = score * above + sd * at
    return mean, (score**2 + sd**2) * above + score * sd * at - mean**2


def _phi(z: Array) -> Array:
    return jax.scipy.special.ndtr(z)


def _paths(s: Setup, p: dict[str, Any], drug: Array, own: Array) -> tuple[Array, ...]:
    control, day = control_of(p), jnp.asarray(s.path_day)[..., None]
    beside = jnp.asarray(s.path_antidepressant)[:, None, None]
    arm = Comparator("paths", 1.0, 0.0, beside)
    crowd = [jnp.asarray(one[:FOLLOWED]) for one in (s.crowd.gain, s.crowd.session, s.crowd.antidepressant)]
    fall = drug[..., None] * jnp.exp(s.gain_sd * crowd[0]) * drug_left(day, arm, control)
    whole = fall + response(day, crowd[1], crowd[2], arm, control) + own[:, None, None]
    baseline, most, sd = jnp.asarray(s.crowd.baseline[:FOLLOWED]), s.madrs["most"], s.madrs["residual_sd"]
    start, half = jnp.log(baseline / (most - baseline)), jnp.log(baseline / (2.0 * most - baseline))
    mark = most / (1.0 + jnp.exp(whole[:, 0] - start))
    frailty = jnp.exp(s.frailty_sd * jnp.asarray(s.crowd.frailty[:FOLLOWED]) - s.frailty_sd**2 / 2.0)
    above = (
        start - half - whole
    )  # x of outcomes.mood_relapse: the log-odds of the score are those of the baseline, less
    hazard = p["relapse_rate"] * frailty * jnp.exp(p["relapse_steepness"] * above)
    steps = jnp.diff(jnp.asarray(s.path_day), axis=1)[..., None]
    total = jnp.cumsum(steps * (hazard[:, 1:] + hazard[:, :-1]) / 2.0, axis=1)
    survival = jnp.exp(-jnp.concatenate([jnp.zeros_like(total[:, :1]), total], axis=1))
    return _followed(s, mark, baseline, sd, survival)


def _followed(s: Setup, mark: Array, baseline: Array, sd: float, survival: Array) -> tuple[Array, ...]:
    """(hazard, median, selected, held) of every path; people weighted by their chance to be selected."""
    kept = 1.0 - s.madrs["response_fall"]
    well = _phi((kept * baseline - mark + 0.25) / (sd * math.sqrt(1.0 + kept**2)))
    remitted = _phi((s.madrs["remission"] + 0.5 - mark) / sd)
    chosen = jnp.stack([well, remitted, jnp.maximum(well - remitted, 1e-9)])[s.path_select, jnp.arange(len(mark))]
    share = (chosen[:, None, :] * survival).sum(axis=-1) / chosen.sum(axis=-1)[:, None]
    time = jnp.asarray(s.path_day - s.path_day[:, :1])
    person_days = jnp.trapezoid(share, time, axis=1)
    rate = (1.0 - share[:, -1]) / person_days
    reached = jax.vmap(lambda curve, at: jnp.interp(-0.5, -curve, at))(share, time)
    late = time[:, -1] + jnp.log(jnp.maximum(share[:, -1], 0.5) / 0.5) / jnp.maximum(rate, 1e-9)
    return rate, jnp.where(share[:, -1] <= 0.5, reached, late), chosen.mean(axis=-1), share[:, -1]


_SELECTIONS = {"responders": 0, "remitters": 1, "responders, not remitters": 2}
