r"""What follows the parent in blood: metabolites, metabolites of metabolites, effect sites.

A *follower* is one mode of an analyte that is fed by the concentration of another, its source:

    m_j' = -mu_j m_j + C_source,          C = sum_j weight_j m_j

with weight_j = (gain of the mode) x (formation clearance) for a metabolite, and weight = mu = ke0 for an effect
site. The source is the parent or any follower before it. Over an interval of constant input, what an analyte holds
of anything upstream is a chain (`convolution`): of modes w_k of the parent, through followers m_i and m_j,

    m_j <- E(mu_j) m_j + sum_i weight_i E(mu_i, mu_j) m_i
         + sum_{i,k} weight_i (E(lambda_k, mu_i, mu_j) w_k + g_k E(0, lambda_k, mu_i, mu_j) u)

and so on for longer ways. Exact, also where rates meet.

Source: linear algebra; no numbers of its own.
Leaves out: metabolites that turn back into their source.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce

from unwound.core.arrays import Array, Float, Record, Scalar, eqx, jnp
from unwound.core.units import unit
from unwound.pharmacokinetics.convolution import chain
from unwound.pharmacokinetics.modes import Modes


class Followers(Record):
    """The modes of one analyte and what feeds them."""

    rate: Float[Array, "followers *batch"] = unit("1/h")
    weight: Float[Array, "followers *batch"] = unit("1/h")
    source: int | None = eqx.field(static=True, default=None)
    """Which analyte before this one feeds it; None for the parent."""


class FollowersStep(Record):
    """What one interval of constant input does to the followers of one analyte."""

    follow: Float[Array, "followers *batch"] = unit("1")
    fed: tuple[Float[Array, "followers upstream *batch"], ...]  # 1; from followers upstream, the nearest first
    carried: Float[Array, "followers modes *batch"] = unit("h")
    filled: Float[Array, "followers *batch"] = unit("h^2/L")


def way_to(analytes: Sequence[Followers], which: int) -> tuple[int, ...]:
    """The analytes between the parent and `which`, which comes last."""
    source = analytes[which].source
    return (which,) if source is None else (*way_to(analytes, source), which)


def step_of(modes: Modes, way: Sequence[Followers], length: Scalar) -> FollowersStep:
    """The step over `length` [h] of the last analyte of a `way` that begins with a follower of the parent.

    Every analyte of the way has an axis of its own for its modes, the last one first and the parent's modes last;
    those in between are summed over.
    """
    depth = len(way)
    between = tuple(range(1, depth))
    rates = [_on_axis(each.rate, depth - 1 - level, depth + 1) for level, each in enumerate(way)]
    weights = [_on_axis(each.weight, depth - 1 - level, depth + 1) for level, each in enumerate(way[:-1])]
    through = jnp.ones(()) if depth == 1 else _product(weights)
    parent = _on_axis(modes.rate, depth, depth + 1)
    gain = _on_axis(modes.gain, depth, depth + 1)
    filled = gain * through * chain((jnp.zeros(()), parent, *rates), length)
    return FollowersStep(
        follow=chain((way[-1].rate,), length),
        fed=tuple(_fed(way[level:], length) for level in reversed(range(depth - 1))),
        carried=jnp.sum(through * chain((parent, *rates), length), axis=between),
        filled=jnp.sum(filled, axis=(*between, depth)),
    )


def _fed(way: Sequence[Followers], length: Scalar) -> Array:
    """What the last of a `way` receives from each mode of the first."""
    depth = len(way)
    rates = [_on_axis(each.rate, depth - 1 - level, depth) for level, each in enumerate(way)]
    weights = [_on_axis(each.weight, depth - 1 - level, depth) for level, each in enumerate(way[:-1])]
    return jnp.sum(_product(weights) * chain(tuple(rates), length), axis=tuple(range(1, depth - 1)))


def added(terms: Sequence[Array]) -> Array:
    """The sum, from the first to the last."""
    return reduce(operator.add, terms)


def _product(factors: Sequence[Array]) -> Array:
    return reduce(operator.mul, factors)


def _on_axis(values: Array, axis: int, axes: int) -> Array:
    """(n, *batch) with n on one of `axes` leading axes."""
    count, *batch = values.shape
    return values.reshape((1,) * axis + (count,) + (1,) * (axes - 1 - axis) + tuple(batch))
