r"""Root causes: what starts central sensitization, each as a time course of input, injury and opioid.

    injury            p(t) = A e^(-t/D)                        Inj(t) = I e^(-t/D)             heals with D
    inflammation      p(t) = A w(t), w = 1 until D             Inj(t) = I w(t)                 fades with tau after D
    nerve injury      p(t) = A (1 - e^(-t/tau_r)) until D      Inj(t) = I e^(-t/tau_i)         fades with tau after D
    opioid exposure   p(t) = 0,       M(t) = A w(t)            Inj(t) = 0                      washed out with tau
    I = A/(A + A_half)

A is the strength and D the duration; time t in days from the onset. The input comes on top of the person's own.

Source: assumption (shapes and numbers). Leaves out: genes, mood, sleep, a second hit; attacks and flares.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from unwound.core.arrays import Array, Record, Scalar, jnp
from unwound.core.units import unit

GONE = 7.0
"""Time constants after which what decays is taken as gone (a thousandth is left)."""


class Exposure(Record):
    """What a cause does at a moment."""

    input: Scalar = unit("1")  # added to p
    injury: Scalar = unit("1")  # Inj
    opioid: Scalar = unit("1")  # M


class Cause(Protocol):
    """The signature of all causes."""

    prefix: ClassVar[str]
    strength: Scalar
    duration: Scalar

    def exposure(self, time: Array) -> Exposure:
        """Input, injury and opioid at `time` [d] after the onset."""
        ...

    def gone(self) -> Array:
        """When it is over [d]."""
        ...


def held(time: Array, duration: Array, fade: Array) -> Array:
    """1 until `duration`, then fading: ``w(t)``."""
    return jnp.exp(-jnp.maximum(time - duration, 0.0) / fade)


def inflamed(strength: Array, half: Array) -> Array:
    """How much an insult of that strength inflames: ``A/(A + A_half)``."""
    return strength / (strength + half)


class Injury(Record):
    """A wound that heals: input and inflammation decay together."""

    strength: Scalar = unit("1")
    duration: Scalar = unit("d")
    half: Scalar = unit("1")  # A_half

    prefix: ClassVar[str] = "cause_injury"
    title: ClassVar[str] = "peripheral injury that heals"

    def exposure(self, time: Array) -> Exposure:
        """``A e^(-t/D)``."""
        left = jnp.exp(-time / self.duration)
        return Exposure(self.strength * left, inflamed(self.strength, self.half) * left, jnp.zeros_like(left))

    def gone(self) -> Array:
        """When it is over [d]."""
        return GONE * self.duration


class Inflammation(Record):
    """An inflammation that lasts, then resolves."""

    strength: Scalar = unit("1")
    duration: Scalar = unit("d")
    fade: Scalar = unit("d")
    half: Scalar = unit("1")

    prefix: ClassVar[str] = "cause_inflammation"
    title: ClassVar[str] = "persistent inflammation"

    def exposure(self, time: Array) -> Exposure:
        """``A w(t)``."""
        on = held(time, self.duration, self.fade)
        return Exposure(self.strength * on, inflamed(self.strength, self.half) * on, jnp.zeros_like(on))

    def gone(self) -> Array:
        """When it is over [d]."""
        return self.duration + GONE * self.fade


class NerveInjury(Record):
    """A nerve that fires by itself: slow to begin, slow to end; the wound itself heals."""

    strength: Scalar = unit("1")
    duration: Scalar = unit("d")
    rise: Scalar = unit("d")
    fade: Scalar = unit("d")
    insult: Scalar = unit("d")  # tau_i
    half: Scalar = unit("1")

    prefix: ClassVar[str] = "cause_nerve_injury"
    title: ClassVar[str] = "nerve injury with ectopic firing"

    def exposure(self, time: Array) -> Exposure:
        """``A (1 - e^(-t/tau_r)) w(t)``, the rise halted at the end."""
        risen = -jnp.expm1(-jnp.minimum(time, self.duration) / self.rise)
        on = self.strength * risen * held(time, self.duration, self.fade)
        wound = inflamed(self.strength, self.half) * jnp.exp(-time / self.insult)
        return Exposure(on, wound, jnp.zeros_like(on))

    def gone(self) -> Array:
        """When it is over [d]."""
        return self.duration + GONE * self.fade


class OpioidExposure(Record):
    """An opioid taken for a while and stopped; acts through the mechanism opioid."""

    strength: Scalar = unit("1")
    duration: Scalar = unit("d")
    fade: Scalar = unit("d")

    prefix: ClassVar[str] = "cause_opioid"
    title: ClassVar[str] = "opioid exposure and its end"

    def exposure(self, time: Array) -> Exposure:
        """``M = A w(t)``."""
        on = self.strength * held(time, self.duration, self.fade)
        return Exposure(jnp.zeros_like(on), jnp.zeros_like(on), on)

    def gone(self) -> Array:
        """When the opioid is gone [d]; tolerance fades later."""
        return self.duration + GONE * self.fade
