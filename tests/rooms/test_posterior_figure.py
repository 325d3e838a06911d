"""Prior beside posterior: what was learned is what is drawn."""

import math

import numpy as np
import pytest

from unwound.core.errors import InputError
from unwound.reporting.figures import png_bytes
from unwound.reporting.posterior_figure import (
    correlation_figure,
    correlations,
    density,
    learned,
    posterior_figure,
)

RNG = np.random.default_rng(1)
PRIOR = {"half_life": np.exp(RNG.normal(1.0, 1.0, 800)), "share": RNG.uniform(0.1, 0.9, 800)}
POSTERIOR = {"half_life": np.exp(RNG.normal(1.5, 0.25, 800)), "share": PRIOR["share"]}


def test_contraction_is_the_share_of_the_prior_spread_that_is_gone():
    half_life, share = learned(PRIOR, POSTERIOR, ("half_life", "share"))
    assert half_life.logarithmic
    assert half_life.contraction == pytest.approx(0.75, abs=0.03)
    assert share.contraction == pytest.approx(0.0, abs=1e-12)


def test_the_density_of_normal_draws_is_that_of_a_normal():
    at = np.array([-1.0, 0.0, 1.0])
    normal = np.exp(-(at**2) / 2.0) / math.sqrt(2.0 * math.pi)
    assert density(np.random.default_rng(2).normal(size=20_000), at) == pytest.approx(normal, rel=0.05)


def test_parameters_that_trade_off_are_correlated_on_the_logarithm():
    rate = np.exp(RNG.normal(size=500))
    found = correlations({"rate": rate, "half effect": 3.0 / rate}, ("rate", "half effect"))
    assert found[0, 1] == pytest.approx(-1.0)


def test_both_figures_render():
    names = ("half_life", "share")
    assert len(png_bytes(posterior_figure(PRIOR, POSTERIOR, names, "What was learned", {"half_life": "d"}))) > 10_000
    assert len(png_bytes(correlation_figure(POSTERIOR, names, "How parameters hang together"))) > 5_000


def test_draws_that_say_nothing_are_refused_all_at_once():
    with pytest.raises(InputError) as refused:
        learned({"a": np.ones(5)}, {"a": np.array([1.0, math.nan])}, ("a", "b"))
    assert len(refused.value.problems) == 4
