"""What is reported: the shipped numbers, and cases worked out by hand."""

import numpy as np
import pytest

from unwound.evidence import fill
from unwound.outcomes import Pain, Placebo, Psychomimetic, pain, placebo, psychomimetic

PAIN = fill(Pain, "pain")


def test_full_block_takes_the_stated_share_of_the_drive_at_once():
    """B = 7, drive x 0.55: K = 10/7 - 1, NRS = 10 / (1 + K 0.55^-2.5)."""
    expected = 10 / (1 + (10 / 7 - 1) * 0.55**-2.5)
    assert PAIN.acute_block == 0.45
    assert float(pain.intensity(7.0, 1 - PAIN.acute_block, 0.0, PAIN)) == pytest.approx(expected)


def test_a_tenth_of_unreachable_drive_leaves_a_tenth_of_it():
    expected = 10 / (1 + (10 / 7 - 1) * 0.1**-2.5)
    assert float(pain.intensity(7.0, 0.0, 0.1, PAIN)) == pytest.approx(expected)


def test_no_drive_at_all_is_no_pain():
    assert float(pain.intensity(7.0, 0.0, 0.0, PAIN)) == pytest.approx(0.0, abs=1e-12)


def test_relief_in_proportion_spares_the_unreachable_share():
    assert float(pain.proportional(8.0, 0.5, 0.25)) == pytest.approx(8 * (1 - 0.75 * 0.5))


def test_placebo_multiplies_the_odds():
    """Odds of 7 in 10 are 7/3; e^-0.7 of them are 1.1587, which is 5.37 in 10."""
    odds = 7 / 3 * np.exp(-0.7)
    assert float(pain.lowered(7.0, 0.7)) == pytest.approx(10 * odds / (1 + odds))


@pytest.mark.parametrize(
    ("nrs", "scatter", "rating"),
    [(6.4, 0.0, 6.0), (6.6, 0.0, 7.0), (6.0, 1.0, 7.0), (9.9, 3.0, 10.0), (0.2, -3.0, 0.0)],
)
def test_a_diary_holds_whole_points(nrs, scatter, rating):
    assert PAIN.grain == 1.0
    assert PAIN.residual_sd == 0.9
    assert float(pain.observed(nrs, scatter, PAIN)) == rating


def test_placebo_rises_within_days_and_fades_within_months():
    """At its half-times: half risen after 1.5 d, half left after 60 d."""
    p = fill(Placebo, "placebo")
    left = 2 ** (-1.5 / p.decay_half_time)
    assert float(placebo.response(p.onset_half_time, 1.0, 0.0, p)) == pytest.approx(0.5 * left)
    late = float(placebo.response(p.decay_half_time, 1.0, 0.0, p))
    assert late == pytest.approx(0.5 * (1 - 2 ** (-p.decay_half_time / p.onset_half_time)))


def test_expectancy_adds_to_those_who_notice_only():
    p = Placebo(1.0, 1.0, 1.0, 60.0, 0.3)
    noticed, blind = (float(placebo.response(7.0, 1.0, n, p)) for n in (1.0, 0.0))
    assert noticed / blind == pytest.approx(1.3)


def test_thresholds_scale_with_the_person():
    p = Psychomimetic(1.0, 2.0, 0.5, 0.18, 0.5)
    assert bool(psychomimetic.reported(1.1, 1.0, 0.9, p))
    assert not bool(psychomimetic.reported(1.1, 1.2, 0.9, p))
    assert bool(psychomimetic.reported(0.0, 1.0, 0.17, p))
    assert bool(psychomimetic.intolerable(2.1, 1.0, p))
    assert not bool(psychomimetic.intolerable(2.1, 1.1, p))
