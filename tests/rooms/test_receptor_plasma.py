"""Pore block at the plasma concentrations of people, with its uncertainty."""

import math

import numpy as np
import pytest

from unwound.core.errors import InputError
from unwound.receptor.plasma import block, draw_entry, finding, free_concentration, plasma_keys, predicted_block


@pytest.fixture(scope="module")
def rows():
    return predicted_block(2000, 1)


def of(rows, reached, subtype, membrane="rest"):
    (row,) = [r for r in rows if (r.reached, r.subtype, r.membrane) == (reached, subtype, membrane)]
    return row


def test_every_range_subtype_and_membrane_has_one_row(rows):
    assert len(rows) == 4 * 4 * 2


@pytest.mark.parametrize(("subtype", "k", "k_mg"), [("GluN2A", 0.33, 0.065), ("GluN2C", 0.51, 0.605)])
def test_block_is_that_of_one_site_in_competition_with_magnesium(rows, subtype, k, k_mg):
    free = 0.55 * 185 / 237.73
    expected = free / (free + k * (1 + 1 / k_mg))
    assert of(rows, "antidepressant", subtype).at_low == pytest.approx(expected, rel=1e-9)


def test_at_the_free_concentrations_of_the_table_of_a_first_computation_block_is_the_same():
    """Pore inhibition at 1 mM Mg, uM free: recalled constants, so a regression."""
    table = {0.1: (0.018, 0.032, 0.069, 0.034), 1.0: (0.16, 0.25, 0.43, 0.26), 10.0: (0.65, 0.77, 0.88, 0.78)}
    for free, printed in table.items():
        places = (("GluN2A", -66.0), ("GluN2A", -40.0), ("GluN2C", -66.0), ("GluN2D", -66.0))
        computed = [float(block(subtype, V, np.array(free))) for subtype, V in places]
        assert computed == pytest.approx(printed, rel=0.03, abs=0.006)


def test_block_of_the_common_subtypes_is_small_at_analgesic_and_large_at_anesthetic_concentrations(rows):
    for subtype in ("GluN2A", "GluN2B"):
        assert of(rows, "analgesic", subtype).at_high < 0.1
        assert of(rows, "anesthetic", subtype).at_high == pytest.approx(0.5, abs=0.03)
        assert 0.5 < of(rows, "anesthetic", subtype, "depolarized").at_high < 0.8


def test_the_finding_says_it_with_the_numbers_of_the_table(rows):
    sentence = finding(rows)
    assert "GluN2A and GluN2B is small: 3 to 11 %" in sentence
    assert "not asked for" in finding([])


def test_the_finding_follows_the_numbers_and_not_a_wish(rows):
    strong = [type(row)(**{**row.as_dict(), "at_high": 0.6}) for row in rows]
    assert "is not small" in finding(strong)


def test_the_free_share_is_a_triangle_over_its_range_with_the_mean_of_the_table():
    unbound = draw_entry(100_000, 3).unbound
    assert 0.3 < unbound.min() < unbound.max() < 0.9
    assert unbound.mean() == pytest.approx(0.55, abs=0.002)
    assert unbound.std() == pytest.approx(math.sqrt((0.09 + 0.2025 + 0.81 - 0.135 - 0.27 - 0.405) / 18), abs=0.002)


def test_brain_entry_is_lognormal_about_one_with_the_stated_spread():
    brain = draw_entry(100_000, 3).brain
    assert np.median(brain) == pytest.approx(1.0, abs=0.01)
    assert brain.std() / brain.mean() == pytest.approx(0.4, abs=0.01)


def test_the_same_seed_gives_the_same_bands_and_more_draws_begin_with_the_same_ones(rows):
    assert predicted_block(2000, 1) == rows
    assert predicted_block(2000, 2) != rows


def test_bands_enclose_the_typical_block(rows):
    for row in rows:
        assert 0 < row.band_low < row.at_low <= row.at_high < row.band_high < 1


def test_free_concentration_is_proportional_and_follows_the_draws():
    entry = draw_entry(10, 1)
    assert free_concentration(200.0) == pytest.approx(2 * free_concentration(100.0))
    assert free_concentration([100.0, 200.0], entry).shape == (2, 10)
    assert free_concentration(237.73, entry) == pytest.approx(entry.unbound * entry.brain)


def test_no_draws_are_refused_with_the_rule():
    with pytest.raises(InputError, match="1,000,000"):
        predicted_block(0)


def test_the_prediction_knows_what_it_rests_on():
    from unwound import evidence

    assert {"zanos2018", "dayton1983"} <= {citation.key for citation in evidence.citations(plasma_keys())}
    assert any(row.key == "plasma.brain_entry" for row in evidence.assumptions(plasma_keys()))
