"""Mood trials: which printed rows lie in their band, and which are known misses."""

import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.evidence import value
from unwound.outcomes.mood import GAUSS
from unwound.patient.mood_exposure import Stimulus
from unwound.patient.mood_people import mood_parameters
from unwound.sensitization.turnover import Turnover
from unwound.trials.mood import rows, standard_error
from unwound.trials.mood_mechanism import log_score, shared_or_separate, slow_memory

P = mood_parameters()


@pytest.fixture(scope="module")
def murrough():
    return {(row.key, row.kind): row for row in rows(P, 1000, trials=("mur13",))}


def test_murrough_2013_the_difference_at_24_hours_lies_in_its_band(murrough):
    ketamine = murrough["mur13.ketamine_change", "change"].predicted
    midazolam = murrough["mur13.midazolam_change", "change"].predicted
    error = np.hypot(11.0 / np.sqrt(47), 9.5 / np.sqrt(25))
    assert abs((ketamine - midazolam) - (-16.5 + 8.8)) <= max(2.5, 1.64 * error)
    assert murrough["mur13.ketamine_change", "change"].inside
    assert murrough["mur13.midazolam_change", "change"].inside


def test_the_errors_of_printed_numbers_are_computed_from_what_is_printed():
    assert standard_error("mur13.ketamine_change", "change", 47) == pytest.approx(11.0 / np.sqrt(47))
    assert standard_error("dal18.placebo_24h", "change", 33) == 1.79
    assert standard_error("wil19.midazolam_d", "effect_size", 100) == pytest.approx(0.5 / 3.92)
    assert standard_error("sus1.responders_ratio", "ratio", 1) == pytest.approx(np.log(0.55 / 0.16) / 3.92)


def test_recalled_rows_are_shown_and_never_fitted(murrough):
    assert murrough["mur13.ketamine_response", "response"].recalled
    assert not murrough["mur13.ketamine_response", "response"].fitted


def test_the_slow_memory_of_pain_rises_too_slowly_for_a_first_day():
    edges = np.concatenate([np.linspace(0.0, 2.0, 401), np.linspace(2.5, 30.0, 56)])
    points = edges[:-1, None] + np.diff(edges)[:, None] * np.asarray(GAUSS)
    level = 0.6 * np.exp(-np.log(2.0) * 12.0 * points)  # uM: a peak of 140 ng/mL, half-life 2 h
    half = float(P.mood.half_effect)
    drive = Stimulus(edges, jnp.asarray(level / (level + half))[..., None])
    memory = Turnover(value("turnover.half_life", "d"), value("turnover.half_effect", "uM"), 1.0, 0.5)
    m = np.asarray(slow_memory(drive, half, memory))[:, 0]
    k = np.log(2.0) / float(memory.half_life)
    a = np.log(2.0) * 12.0
    ce = k * 0.6 * (np.exp(-k * edges) - np.exp(-a * edges)) / (a - k)  # by hand
    assert np.allclose(m, ce / (ce + float(memory.half_effect)), atol=1e-6)
    assert m.max() < 0.2


@pytest.mark.slow
def test_the_printed_rows_favor_kinetics_of_moods_own():
    found = shared_or_separate(P, 500)
    assert found.penalized > 10.0
    assert "mur13.ketamine_change (change)" in found.shared.missed
    assert "nothing of what the mechanism is" in found.sentence()


def test_the_log_score_is_that_of_a_normal_density(murrough):
    row = murrough["mur13.ketamine_change", "change"]
    z = (row.predicted - row.observed) / row.error
    assert log_score([row]) == pytest.approx(-0.5 * z**2 - np.log(row.error) - 0.5 * np.log(2 * np.pi))
