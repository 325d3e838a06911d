"""Who takes part: disorders as populations of virtual patients, each drawn from streams of their own."""

from unwound.population.cohort import simulate_cohort
from unwound.population.disorder import Disorder
from unwound.population.populations import (
    DISORDERS,
    Population,
    disorder,
    disorder_keys,
    disorder_name,
    population,
    sample,
    with_own,
)

__all__ = [
    "DISORDERS",
    "Disorder",
    "Population",
    "disorder",
    "disorder_keys",
    "disorder_name",
    "population",
    "sample",
    "simulate_cohort",
    "with_own",
]
