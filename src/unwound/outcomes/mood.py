r"""Mood, trauma and anxiety: one latent improvement m, turned over by exposure; no dorsal horn.

    dm/dt = k_on E (1 - m) - k_off m,      E = C / (C + C50),      C = C_S + f C_R,      k_off = ln 2 / t_half
    u     = D z m (1 - b(t)) (1 - O q)                        fall of the log-odds of every scale

m lies in 0..1 and has no scale; D is the fall at m = 1, z a person's own factor (log-normal, median 1), times 1 or 0
where some people are out of reach. Given the drug the equation is linear in m, so while E is held it is closed,

    m(h) = m(0) exp(-r h) + (k_on E / r) (1 - exp(-r h)),      r = k_on E + k_off

Every step is two such halves, with E from its two Gauss points (order four; m never leaves 0..1, no drug gives 0). A
benzodiazepine of B [mg of lorazepam a day] takes b = kB / (1 + kB) of the effect at first, half of that after each t_b:
less on day 1, little by day 3. O = 1 stands for naltrexone beside the drug and q for the share of the effect that needs
opioid receptors; O is 0 unless asked for.

Source: D, k_on and t_half fitted to murrough2013, singh2016, daly2018, wilkinson2019, popova2019, fedgchin2019 and
fava2018 by scripts/calibrate_mood.py; andrashko2020 (direction of b and its end by day 3); williams2018 (direction of
q); assumption (C50, f, spread, k, t_b, q). Leaves out: dissociation, which runs beside and does not carry the effect;
norketamine.
"""

from __future__ import annotations

import math
from typing import ClassVar

from unwound.core.arrays import Array, Record, Scalar, jax, jnp
from unwound.core.units import unit

GAUSS = (0.5 - math.sqrt(3.0) / 6.0, 0.5 + math.sqrt(3.0) / 6.0)
"""Where in a step the drug is looked at (Gauss-Legendre, two points)."""

HELD = (0.5 + math.sqrt(3.0) / 3.0, 0.5 - math.sqrt(3.0) / 3.0)
"""Weights of the two points in the E held over each half of a step (order four, commutator-free)."""


class Mood(Record):
    """Turnover of the improvement, its size, and what changes it."""

    on_rate: Scalar = unit("1/d")  # k_on
    half_life: Scalar = unit("d")  # t_half
    half_effect: Scalar = unit("uM")  # C50
    r_potency: Scalar = unit("1")  # f
    gain: Scalar = unit("1")  # D
    gain_sd: Scalar = unit("1")
    """Standard deviation of ln z between people."""
    responder_share: Scalar = unit("1")
    """Share of people whom the drug can reach at all."""
    benzodiazepine_strength: Scalar = unit("1/mg")  # k
    benzodiazepine_half_time: Scalar = unit("d")  # t_b
    opioid_share: Scalar = unit("1")  # q

    prefix: ClassVar[str] = "mood"


def stimulus(concentration: Array, p: Mood) -> Array:
    """E, 0..1, at an S-equivalent concentration [uM]."""
    return concentration / (concentration + p.half_effect)


def improvement(lengths: Array, stimuli: Array, p: Mood) -> Array:
    """m at both ends of every step, (steps + 1, people), from 0.

    `lengths` [d] are those of the steps, `stimuli` is E at their Gauss points, (steps, 2, people).
    """
    off = math.log(2.0) / p.half_life

    def frozen(before: Array, length: Array, held: Array) -> Array:
        """The exact solution while E is held."""
        rate = p.on_rate * jnp.clip(held, 0.0, 1.0)
        gone = -jnp.expm1(-(rate + off) * length)
        return before * (1.0 - gone) + rate / (rate + off) * gone

    def step(before: Array, given: tuple[Array, Array]) -> tuple[Array, Array]:
        length, (first, second) = given
        half = frozen(before, length / 2.0, HELD[0] * first + HELD[1] * second)
        after = frozen(half, length / 2.0, HELD[1] * first + HELD[0] * second)
        return after, after

    start = jnp.zeros_like(stimuli[0, 0])
    _, path = jax.lax.scan(step, start, (lengths, (stimuli[:, 0], stimuli[:, 1])))
    return jnp.concatenate([start[None], path])


def shift(improved: Array, own: Array, p: Mood) -> Array:
    """u: fall of the log-odds of a scale at improvement `improved` in people of their `own` factor z."""
    return p.gain * own * improved


def benzodiazepine_factor(time: Array, daily_dose: Array, p: Mood) -> Array:
    """What a `daily_dose` [mg of lorazepam] leaves of the effect at `time` [d] after the first dose."""
    strength = p.benzodiazepine_strength * daily_dose
    return 1.0 - strength / (1.0 + strength) * jnp.exp(-math.log(2.0) * time / p.benzodiazepine_half_time)


def opioid_factor(blocked: Array, p: Mood) -> Array:
    """What naltrexone (`blocked` 1, else 0) leaves of the effect."""
    return 1.0 - blocked * p.opioid_share
