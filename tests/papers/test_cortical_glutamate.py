"""Cortical glutamate under ketamine: up below anesthesia, down at anesthesia (Moghaddam 1997), interneurons first
(Homayoun and Moghaddam 2007). The circuit and the block are written here a second time and integrated by scipy.
"""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from unwound import evidence
from unwound.core.errors import InputError, UnknownName
from unwound.cortex import Disinhibition
from unwound.evidence import fill
from unwound.patient.cortical import circuit, cortical_block, glutamate_curve, glutamate_in_people

RT_F = 8.314462618 * 296.15 / 96485.33212 * 1000.0  # mV at 23 C
N_E, N_I, R, G, TAU_E, TAU_I, Q = 0.6, 0.8, 0.5, 1.0, 20.0, 10.0, 0.5
SUBTYPES = ("2a", "2b", "2c", "2d")


def half(subtype, voltage):
    """IC50 in 1 mM magnesium; the constants at -66 mV come from the tables, 16.129 mV is 1/0.062 as printed there."""
    K = evidence.value(f"ketamine.k_{subtype}", "uM") * math.exp(0.79 * (voltage + 66.0) / RT_F)
    K_Mg = evidence.value(f"magnesium.dissociation_{subtype}", "mM") * math.exp((voltage + 66.0) / 16.129)
    return K * (1.0 + 1.0 / K_Mg)


def blocked(C):
    b = {(s, V): C / (C + half(s, V)) for s in SUBTYPES for V in (-66.0, -40.0)}
    b_E = (b["2a", -66.0] + b["2b", -66.0]) / 2.0
    b_I = (1 - Q) * (b["2a", -40.0] + b["2b", -40.0]) / 2.0 + Q * (b["2c", -40.0] + b["2d", -40.0]) / 2.0
    return b_E, b_I


def course(C, milliseconds=2000.0):
    """E and I after a step to concentration C, from rest without drug."""
    b_E, b_I = blocked(C)

    def derivatives(_, x):
        E, I = x
        drive = (1.0 - N_E * b_E) * (1.0 - R + G + R * E) - G * I
        return (max(drive, 0.0) - E) / TAU_E, ((1.0 - N_I * b_I) * E - I) / TAU_I

    return solve_ivp(derivatives, (0.0, milliseconds), (1.0, 1.0), rtol=1e-10, atol=1e-12, dense_output=True)


def final(C):
    return course(C).y[:, -1]


@pytest.mark.parametrize("C", [0.1, 0.428, 1.0, 3.0, 10.0, 50.0])
def test_the_circuit_ends_where_its_second_transcription_ends(C):
    (point,) = glutamate_curve((C,)).points
    E, I = final(C)
    assert (point.block_pyramidal, point.block_interneuron) == pytest.approx(blocked(C), rel=1e-6)
    assert (point.glutamate, point.interneuron_rate) == pytest.approx((E, I), rel=1e-6)


def test_glutamate_is_up_below_anesthesia_and_down_at_its_upper_end():
    """Check 23. The signs at 0.5 mg/kg over 40 min and at 2400 ng/mL were asked for; the others follow."""
    people = glutamate_in_people()
    for reached in ("analgesic", "antidepressant", "dissociative"):
        assert all(point.glutamate > 1.0 for point in people[reached])
    assert people["anesthetic"][1].glutamate < 1.0
    assert [final(point.concentration_uM)[0] > 1.0 for point in people["anesthetic"]] == [True, False]


def test_glutamate_over_concentration_is_an_inverted_u():
    grid = np.geomspace(0.01, 300.0, 200)
    values = np.array([point.glutamate for point in glutamate_curve(grid.tolist()).points])
    turns = np.flatnonzero(np.diff(np.sign(np.diff(values))))
    assert len(turns) == 1
    assert values[0] > 1.0 > values[-1]
    assert values.max() == pytest.approx(glutamate_curve().peak.glutamate, rel=1e-4)


def test_the_end_of_the_surge_is_where_a_root_finder_finds_it():
    root = brentq(lambda C: G * N_I * blocked(C)[1] - (1.0 + G) * N_E * blocked(C)[0], 0.5, 50.0, xtol=1e-12)
    assert glutamate_curve().lost_uM == pytest.approx(root, rel=1e-6)


@pytest.mark.parametrize("C", [0.2, 0.428, 1.0])
def test_interneurons_fall_before_pyramidal_cells_rise(C):
    """In a course of its own clock, milliseconds after a step; the minutes of the experiment are not in the circuit."""
    found = course(C)
    time = np.linspace(0.0, 2000.0, 20001)[1:]
    E, I = found.sol(time)
    below, above = time[np.flatnonzero(I < 1.0 - 1e-9)[0]], time[np.flatnonzero(E > 1.0 + 1e-9)[0]]
    assert below < above
    assert I[-1] < 1.0 < E[-1]


def test_lower_concentrations_move_interneurons_more_than_pyramidal_cells():
    for point in glutamate_curve().points:
        assert 1.0 - point.interneuron_rate > abs(point.glutamate - 1.0)


def test_a_preference_of_the_receptor_alone_makes_a_smaller_surge_and_weak_weights_none():
    equal = fill(Disinhibition, "disinhibition", interneuron_nmda=N_E, pyramidal_nmda=N_E)
    assert 1.0 < glutamate_curve(p=equal).peak.glutamate < glutamate_curve().peak.glutamate
    weak = glutamate_curve(p=fill(Disinhibition, "disinhibition", interneuron_nmda=0.2))
    assert weak.peak.glutamate == 1.0
    assert weak.lost_uM is None


def largest_surge(count):
    """Over the ranges of all weights, under the one condition that glutamate is not up at the upper end of anesthesia.

    A surge falls with n_E, so the smallest n_E that meets the condition is the best one.
    """
    C, end = np.geomspace(0.1, 5.5, 60), glutamate_in_people()["anesthetic"][1].concentration_uM
    at = {(s, V): (C / (C + half(s, V)), end / (end + half(s, V))) for s in SUBTYPES for V in (-66.0, -40.0)}
    ranges = {row.key: row.spread.interval for row in evidence.table("cortex") if row.is_assumption}
    names = ("interneuron_nmda", "recurrence", "feedback")
    grids = [np.linspace(*_ends(ranges[f"disinhibition.{name}"]), count) for name in names]
    lowest, highest = _ends(ranges["disinhibition.pyramidal_nmda"])
    best = 0.0
    for q, n_I, r, g in itertools.product(_ends(ranges["cortical_receptors.interneuron_2c2d"]), *grids):
        b_E, end_E = ((at["2a", -66.0][n] + at["2b", -66.0][n]) / 2 for n in (0, 1))
        weights = dict(zip(SUBTYPES, ((1 - q) / 2, (1 - q) / 2, q / 2, q / 2), strict=True))
        b_I, end_I = (sum(w * at[s, -40.0][n] for s, w in weights.items()) for n in (0, 1))
        n_E = max(lowest, g * n_I * end_I / ((1 + g) * end_E))
        if n_E <= highest:
            m, k = n_E * b_E, n_I * b_I
            best = max(best, float(np.max((1 - m) * (1 - r + g) / (1 - (1 - m) * r + g * (1 - k)))) - 1.0)
    return best


def _ends(interval):
    return interval.low, interval.high


def test_no_weights_within_their_ranges_give_both_a_loss_and_the_size_of_a_surge_measured_in_people():
    """Whole tissue is not release, so the numbers cannot be compared; that they are far apart is worth knowing."""
    largest = largest_surge(9)
    assert 0.10 < largest < 0.18
    assert largest < evidence.value("observed_glutamate.glx_peak", "1") / 2.0


def test_enantiomers_draw_one_curve_at_other_concentrations():
    racemate, S, R_ = (glutamate_curve((1.0,), drug) for drug in ("ketamine", "S-ketamine", "R-ketamine"))
    assert S.peak.glutamate == pytest.approx(racemate.peak.glutamate, rel=1e-5)
    assert S.lost_uM < racemate.lost_uM < R_.lost_uM


def test_the_block_of_nothing_is_nothing_and_bad_input_is_told_at_once():
    none = cortical_block(0.0)
    assert (float(none.pyramidal), float(none.interneuron)) == (0.0, 0.0)
    with pytest.raises(InputError) as caught:
        glutamate_curve((-1.0, math.inf), p=fill(Disinhibition, "disinhibition", recurrence=1.2))
    assert [problem.field for problem in caught.value.problems] == ["concentration", "concentration", "recurrence"]
    with pytest.raises(InputError):
        glutamate_curve(())
    with pytest.raises(UnknownName):
        glutamate_curve((1.0,), "water")


def test_the_weights_are_those_of_this_page():
    p = circuit()
    found = (p.pyramidal_nmda, p.interneuron_nmda, p.recurrence, p.feedback, p.pyramidal_time, p.interneuron_time)
    assert found == (N_E, N_I, R, G, TAU_E, TAU_I)


def test_published_doses_and_changes():
    rows = {"highest_surge": (30, "mg/kg"), "no_change": (50, "mg/kg"), "fall": (200, "mg/kg"), "glx_peak": (37.8, "%"),
            "gaba_peak": (38.0, "%"), "glutamine_enrichment": (13, "%")}  # fmt: skip
    for name, (number, unit) in rows.items():
        assert evidence.value(f"observed_glutamate.{name}", unit) == number
