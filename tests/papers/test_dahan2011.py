"""Dahan 2011, read as H0: a slow compartment of half-life 10.9 days behind Otto's S-ketamine, C50 10.5 ng/mL.

Half-life and C50 are printed in the abstract. The courses below are our own computation from them (Hill 1, Emax 1
assumed), done twice by different means; no published course exists to compare with. Days and weeks count from the
start of the infusion.
"""

import numpy as np
import pytest

from papers.transcriptions import MOLAR_MASS, amounts, dahan, otto
from unwound.patient import Setting, simulate_people, typical_person
from unwound.regimen import Infusion, Regimen, compile_regimen

C50 = 10.5
REGIMENS = {
    "20 mg/h over 100 h": [(0, 100, 20)],
    "5, 10, 15 mg/h over 36 h, then 20 mg/h to 100 h": [(0, 12, 5), (12, 24, 10), (24, 36, 15), (36, 100, 20)],
    "10 mg/h over 4 h on ten days": [(24 * day, 24 * day + 4, 10) for day in range(10)],
    "10 mg/h over 4 h": [(0, 4, 10)],
    "0.25 mg/kg over 40 min": [(0, 2 / 3, 0.25 * 70 * 1.5)],
}
PRINTED = {  # peak [ng/mL], E/Emax at weeks 1, 4, 8, 12 as rounded in the note
    "20 mg/h over 100 h": (47.7, 0.80, 0.51, 0.15, 0.03),
    "5, 10, 15 mg/h over 36 h, then 20 mg/h to 100 h": (39.7, 0.77, 0.46, 0.13, 0.02),
    "10 mg/h over 4 h on ten days": (8.2, 0.37, 0.20, 0.04, 0.01),
    "10 mg/h over 4 h": (1.0, 0.06, 0.02, 0.00, 0.00),
    "0.25 mg/kg over 40 min": (0.45, 0.03, 0.01, 0.00, 0.00),
}
AT = np.arange(0, 84 * 24 + 1, 1.0)


def slow_ng_per_ml(pump):
    doses = tuple(
        Infusion(drug="ketamine", enantiomer="S", rate=f"{float(r)!r} mg/h", duration=f"{e - s!r} h", start=f"{s!r} h")
        for s, e, r in pump
    )
    person = typical_person(weight=70.0, baseline=7.0, effects=4, age=45.0, duration=7.0)
    regimen = compile_regimen(Regimen(setting="icu", doses=doses))
    course = simulate_people(person, np.zeros(1, int), regimen, AT, Setting(hypothesis="H0"))
    effect = course.states["relief"][:, 0]
    slow = course.states["slow_concentration"][:, 0] * MOLAR_MASS
    np.testing.assert_allclose(effect, slow / (slow + C50), rtol=1e-4)  # C50 in uM is rounded in the table
    return slow


@pytest.fixture(scope="module")
def courses():
    return {name: slow_ng_per_ml(pump) for name, pump in REGIMENS.items()}


def test_one_hundred_hours_at_20_mg_per_hour_stay_effective_for_four_weeks(courses):
    slow = courses["20 mg/h over 100 h"]
    assert slow.max() == pytest.approx(47.7, rel=0.02)
    last_above = AT[np.flatnonzero(slow > C50)[-1]] / 24
    assert last_above == pytest.approx(28.6, rel=0.02)


def test_the_titrated_course_falls_to_c50_three_days_earlier(courses):
    slow = courses["5, 10, 15 mg/h over 36 h, then 20 mg/h to 100 h"]
    assert AT[np.flatnonzero(slow > C50)[-1]] / 24 == pytest.approx(25.8, rel=0.02)


@pytest.mark.parametrize("name", REGIMENS)
def test_the_table_of_effects_is_found_again(courses, name):
    """Effects to the rounding of the table; peaks, printed to two digits, within 2.5 %."""
    slow = courses[name]
    peak, *effects = PRINTED[name]
    assert slow.max() == pytest.approx(peak, rel=0.025)
    weekly = slow[[7 * 24, 28 * 24, 56 * 24, 84 * 24]]
    np.testing.assert_allclose(weekly / (weekly + C50), effects, atol=0.0051)


@pytest.mark.parametrize("name", list(REGIMENS)[2:])
def test_short_infusions_never_reach_c50_in_the_slow_compartment(courses, name):
    assert courses[name].max() < C50


@pytest.mark.parametrize("name", ["20 mg/h over 100 h", "10 mg/h over 4 h on ten days"])
def test_the_slow_compartment_is_the_convolution_of_the_paper(courses, name):
    """The same course from the equations: exact blood, exponential kernel on a quarter-hour grid."""
    pump = REGIMENS[name]
    end = max(e for _, e, _ in pump)
    fine = np.round(np.arange(0, end + 24, 0.25), 9)
    K, V1, *_ = otto()
    blood = 1000 * amounts(K, pump, fine)[:, 0] / V1
    expected = dahan(blood, fine)[::4]
    np.testing.assert_allclose(courses[name][: len(expected)], expected, atol=1e-3 * expected.max())


def test_relief_outlasts_the_infusion_by_half_lives_of_the_peak_over_c50(courses):
    """duration above C50 = t_half log2(peak / C50), once the drug has left the blood."""
    slow = courses["20 mg/h over 100 h"]
    top = int(slow.argmax()) + 72  # three days on, blood is empty
    expected = AT[top] / 24 + 10.9 * np.log2(slow[top] / C50)
    assert AT[np.flatnonzero(slow > C50)[-1]] / 24 == pytest.approx(expected, abs=0.1)
