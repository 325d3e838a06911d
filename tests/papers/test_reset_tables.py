"""The first computation's tables of reset and relapse, found again: a check of the code, not a claim about patients.

Numbers are typed from the note (kon 1.2, koff 0.45, gS 0.8, th 0.62, n 6; the typical chronic patient long in pain,
behind the illustrative two-compartment kinetics), and the equations are written once more in `transcriptions`.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from laws.register import AS_GUESSED, FIRST_GUESS
from papers.transcriptions import H2, drug_free_states, slow
from unwound.patient import Setting
from unwound.patient.reset_map import Asked, reset_map
from unwound.sensitization import equilibria as rest
from unwound.sensitization import relapse as back
from unwound.sensitization import reset as away

P = FIRST_GUESS
PAIN_SCALE = {"pain.acute_block": 0.45, "pain.half_drive": 0.62, "pain.power": 2.5}
TABLE = {  # d: S_hi, S_sep, B_c, T_min, T at B = 0.2, 0.3, 0.5
    0.20: (0.66, 0.39, 0.06, 1.2, 2.2, 1.5, 1.2),
    0.24: (0.68, 0.27, 0.11, 2.0, 4.7, 2.8, 2.1),
    0.27: (0.69, 0.18, 0.15, 3.0, 8.5, 4.3, 3.1),
    0.285: (0.70, 0.12, 0.17, 3.9, 12.6, 5.7, 4.1),
}
GHOSTS = {0.289: (118, 109), 0.292: (47, 38), 0.298: (29, 20), 0.32: (16, 8)}  # formula, exact [d]
MAP = {  # mg/h: relief days after 0.17, 1, 2, 3, 4.2, 5, 7, 10, 14 days
    1: (0, 0, 0, 0, 0, 0, 0, 0, 0),
    2: (0, 0, 0, 0, 0, 0, 8, 32, 34),
    5: (0, 0, 0, 28, 33, 35, 37, 39, 40),
    10: (0, 0, 31, 36, 38, 39, 40, 41, 42),
    20: (0, 2, 36, 39, 40, 41, 42, 42, 43),
    40: (0, 33, 38, 40, 41, 42, 43, 43, 43),
}


@pytest.mark.parametrize("d", TABLE)
def test_the_table_of_depth_and_duration_is_found_again(d):
    high, border, depth, shortest, *times = TABLE[d]
    assert rest.pain_gain(d, P) == pytest.approx(high, abs=0.0051)
    assert rest.separatrix(d, P) == pytest.approx(border, abs=0.0051)
    assert rest.critical_block(d, P) == pytest.approx(depth, abs=0.0051)
    assert away.shortest_reset(d, P) == pytest.approx(shortest, abs=0.051)
    assert [away.reset_time(b, d, P) for b in (0.2, 0.3, 0.5)] == pytest.approx(times, abs=0.06)


@pytest.mark.parametrize("d", TABLE)
@pytest.mark.parametrize("B", [0.25, 0.5, 0.9])
def test_reset_time_by_quadrature_is_that_of_an_integrated_course(d, B):
    """S from the pain state to the separatrix under a constant block, with the transcribed equations."""
    m = H2 | {"p": d, "gL": 0.0}
    _, border, high = drug_free_states(0.0, m)

    def crossed(t, y):
        return y[0] - border

    crossed.terminal = True
    found = solve_ivp(
        lambda t, y: [slow(y[0], 0.0, 0.0, B, 0.0, m)[0]], (0, 100), [high], events=crossed, rtol=1e-9, atol=1e-11
    )
    assert away.reset_time(B, d, P) == pytest.approx(found.t_events[0][0], rel=1e-4)


def test_the_drives_at_which_both_states_exist_are_those_of_the_note():
    assert rest.bistable_range(P) == pytest.approx((0.163, 0.288), abs=0.0006)
    assert back.remission_latent(P) == pytest.approx(0.48, abs=0.005)


def test_the_chronic_patient_needs_protection_above_0_21_and_has_no_pain_state_above_0_445():
    d = rest.frozen_drive(1.0, P)
    assert d == pytest.approx(0.33)
    assert back.protection_border(d, P) == pytest.approx(0.21, abs=0.005)
    assert rest.critical_block(d, P) / P.protection_strength == pytest.approx(0.445, abs=0.006)
    assert back.protection_time(0.88, d, P) == pytest.approx(22.5, abs=0.5)


@pytest.mark.parametrize("d", GHOSTS)
def test_the_passage_of_the_bottleneck_is_that_of_the_note(d):
    formula, exact = GHOSTS[d]
    assert back.ghost_time(d, P) == pytest.approx(formula, abs=0.6)
    assert back.ghost_passage(d, P) == pytest.approx(exact, abs=1.5)


def test_the_ghost_formula_is_good_to_a_tenth_near_the_fold_and_worse_beyond():
    for d in np.linspace(0.28845, 0.29, 12):
        _, slowest = back.bottleneck(d, P)
        error = back.ghost_time(d, P) / back.ghost_passage(d, P) - 1
        assert (error < 0.1) or slowest > 4e-4
        assert (error > 0.1) or slowest < 9e-4


@pytest.fixture(scope="module")
def found():
    return reset_map(Asked(), Setting(model="twocompartment", own=AS_GUESSED | PAIN_SCALE))


def test_both_delays_add_up_to_the_relief_of_the_course(found):
    """Within a quarter: the bottleneck is passed while protection still fades and latent memory still falls."""
    rate, days = found.asked.rates_mg_h.index(20.0), found.asked.days.index(5.0)
    theory = back.relapse_time(float(found.protection[rate, days]), rest.frozen_drive(1.0, P), P)
    assert found.relief_days[rate, days] == pytest.approx(theory, rel=0.25)


def test_the_grid_of_dose_and_duration_is_found_again(found):
    """Within two days; close to the border a day of infusion decides, and the note's step was half an hour."""
    assert found.baseline_nrs == pytest.approx(7.1, abs=0.05)
    np.testing.assert_allclose(found.relief_days, list(MAP.values()), atol=2.0)
    assert not found.lasts.any()
    # theory: the first duration on the grid with relief is the first beyond the reset, or the next
    days = np.array(found.asked.days)
    for reset, relief in zip(found.theory_days, found.relief_days, strict=True):
        first = days[np.flatnonzero(relief)[0]] if relief.any() else np.inf
        assert reset < first
        assert first <= days[np.searchsorted(days, reset) :][:2].max(initial=0.0) or np.isinf(first)
