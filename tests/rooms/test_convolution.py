"""What a chain of compartments passes on, against the definition in two hundred digits."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from unwound.core.arrays import jax, jnp
from unwound.pharmacokinetics.convolution import chain


def exact(rates, length):
    """The sum over distinct rates; equal ones are moved apart by 1e-20 of an hour."""
    with localcontext() as context:
        context.prec = 200
        rates = [Decimal(float(rate)) + Decimal(10) ** -20 * (i + 1) ** 2 for i, rate in enumerate(rates)]
        total = Decimal(0)
        for i, rate in enumerate(rates):
            product = Decimal(1)
            for j, other in enumerate(rates):
                if i != j:
                    product *= other - rate
            total += (-rate * Decimal(float(length))).exp() / product
        return float(total)


def drawn(order, count, kind, rng):
    rates = 10.0 ** rng.uniform(-3, 1.3, (order + 1, count))
    if kind == "two nearly meet" and order:
        rates[-1] = rates[0] * (1 + 10.0 ** rng.uniform(-15, -1, count))
    if kind == "all nearly meet":
        rates = rates[0] * (1 + 10.0 ** rng.uniform(-15, -0.5, rates.shape))
    if kind == "all meet":
        rates = np.broadcast_to(rates[0], rates.shape)
    if kind == "one never empties":
        rates[0] = 0.0
    return rates


@pytest.mark.parametrize("order", range(5))
def test_a_chain_is_exact_wherever_its_rates_lie(order):
    """To rounding; each subtraction beyond the second may double it."""
    rng = np.random.default_rng(order)
    for kind in ("apart", "two nearly meet", "all nearly meet", "all meet", "one never empties"):
        rates, length = drawn(order, 40, kind, rng), 10.0 ** rng.uniform(-2, 1.2, 40)
        found = np.asarray(jax.jit(chain)(tuple(rates), length))
        wanted = np.array([exact(rates[:, i], length[i]) for i in range(40)])
        size = np.maximum(1.0, (rates.min(axis=0) * length))  # exp(-x) itself knows x to 1e-16 of x
        assert (np.abs(found / wanted - 1) / size).max() < 4e-15 * 2 ** max(0, order - 2), kind


def test_the_order_of_the_compartments_does_not_matter():
    rates = (0.3, 0.3000001, 2.0)
    found = [float(chain(tuple(jnp.asarray(rates[i]) for i in order), 1.7)) for order in ([0, 1, 2], [2, 0, 1])]
    assert found[0] == found[1]


def test_nothing_passes_in_no_time():
    rates = tuple(jnp.asarray(rate) for rate in (0.3, 0.3, 2.0))
    assert float(chain(rates, jnp.zeros(()))) == 0.0
    assert float(chain(rates[:1], jnp.zeros(()))) == 1.0


@pytest.mark.parametrize("rates", [(0.3, 1.7), (0.3, 0.3), (0.0, 0.3, 0.3), (0.3, 0.3 + 1e-9, 4.0), (0.7, 0.7, 0.7)])
def test_slopes_are_those_of_small_differences_also_where_rates_meet(rates):
    at = jnp.array([*rates, 1.3])

    def said(x):
        return chain(tuple(x[:-1]), x[-1])

    slopes, step = jax.grad(said)(at), 1e-5
    for i in range(len(at)):
        by = step * jnp.eye(len(at))[i]
        assert float(slopes[i]) == pytest.approx(float((said(at + by) - said(at - by)) / (2 * step)), rel=1e-8)
    assert np.isfinite(jax.hessian(said)(at)).all()
