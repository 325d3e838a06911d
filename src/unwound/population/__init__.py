"""Who takes part: disorders as populations of virtual patients, each drawn from streams of their own."""

from unwound.population.cohort import simulate_cohort
from unwound.population.disorder import DISORDERS, Disorder, disorder, disorder_keys, disorder_name, sample

__all__ = ["DISORDERS", "Disorder", "disorder", "disorder_keys", "disorder_name", "sample", "simulate_cohort"]
