"""What a short opioid leaves behind, and what ketamine beside it keeps from coming."""

import dataclasses
import math

import numpy as np
import pytest

from unwound.evidence import fill, value
from unwound.evidence.prediction_rows import predictions
from unwound.outcomes.opioid_hyperalgesia import OpioidHyperalgesia
from unwound.patient.remifentanil import opioid_course
from unwound.pharmacokinetics.curves import Given
from unwound.population.opioid_studies import opioid_studies
from unwound.trials.qualify_opioid import judged_opioid, opioid_page, opioid_trials

P = fill(OpioidHyperalgesia, "opioid")
RATE = 0.006  # mg/kg/h, 0.1 ug/kg/min


def course(rate=RATE, lasts=0.5, until=6.0, ketamine=(), p=P):
    return opioid_course(rate, lasts, until, list(ketamine), "otto2021", p)


def test_tolerance_solves_its_equation():
    """Against small Euler steps, the equations typed again."""
    level = tolerance = 0.0
    steps = 40_000
    h = 2.0 / steps
    for n in range(steps):
        rate = RATE if n * h < 0.5 else 0.0
        occupied = level / (level + 0.003)
        tolerance += h * (0.2 * occupied * (1.0 - tolerance) - math.log(2.0) / 24.0 * tolerance)
        level += h * math.log(2.0) / (4.0 / 60.0) * (rate / 2.4 - level)
    assert course().at(2.0, "tolerance") == pytest.approx(tolerance, rel=2e-3)


def test_the_opioid_covers_what_it_brings_until_it_leaves():
    found = course()
    assert found.at(0.4, "area") < 1.0, "analgesia"
    assert found.at(1.0, "area") > 1.5, "hyperalgesia"
    assert found.at(6.0, "area") < found.at(1.0, "area"), "it fades"


def test_no_opioid_leaves_nothing_behind():
    found = course(rate=0.0, ketamine=[Given(0.0, 20.0, 0.5, "S", "intravenous")])
    assert found.tolerance.max() == 0.0
    np.testing.assert_allclose(found.area, 1.0)


def test_more_and_longer_opioid_leaves_more():
    ends = [course(rate, lasts).at(5.0, "area") for rate, lasts in ((RATE, 0.5), (4 * RATE, 0.5), (4 * RATE, 3.0))]
    assert ends == sorted(ends)


def test_ketamine_acts_on_the_coming_of_tolerance_and_not_on_what_is_there():
    dose = 30.0
    before = course(ketamine=[Given(0.0, dose, 0.5, "S", "intravenous")]).at(2.0, "tolerance")
    after = course(ketamine=[Given(1.0, dose, 0.5, "S", "intravenous")]).at(2.0, "tolerance")
    alone = course().at(2.0, "tolerance")
    assert before < 0.7 * alone
    assert after == pytest.approx(alone, rel=0.01)
    without_receptors = dataclasses.replace(P, preventable=0.0)
    dead = course(ketamine=[Given(0.0, dose, 0.5, "S", "intravenous")], p=without_receptors)
    assert dead.at(2.0, "tolerance") == pytest.approx(alone, rel=1e-12)


@pytest.fixture(scope="module")
def studies():
    return opioid_studies(1)


def test_the_gain_gives_back_the_recalled_area_and_nothing_else_was_set(studies):
    assert studies.quantities()["koppert_area"] == pytest.approx(value("koppert2003.area", "1"), rel=0.005)
    set_to = [one.id for one in predictions("opioid") if one.target or one.by_construction]
    assert set_to == ["koppert_area_after_remifentanil"]


def test_signs_are_those_of_both_studies_and_sizes_that_miss_are_told(studies):
    rows = {row["endpoint"]: row for name in opioid_trials() for row in opioid_page(name, 1)["rows"]}
    signs = [
        rows[one.statement]["passed"] for one in predictions("opioid") if "_morphine_" in one.id or "_area" in one.id
    ]
    assert rows["S-ketamine beside it lowers the increase"]["passed"]
    assert rows["a day after surgery hyperalgesia is larger after 0.4 than after 0.05 ug/kg/min"]["passed"]
    assert rows["with ketamine it is about as after the low dose"]["passed"]
    assert rows["after the high dose more morphine is asked for in 48 h"]["passed"]
    assert not rows["S-ketamine leaves a quarter of the increase at most"]["passed"], "the model leaves 60 %"
    assert not all(signs)


def test_every_quantity_of_the_predictions_is_computed_and_finite(studies):
    found = studies.quantities()
    assert {one.quantity for one in predictions("opioid")} == set(found)
    assert all(math.isfinite(number) for number in found.values())


def test_a_recalled_finding_counts_half_and_a_read_one_can_fail():
    by_id = {one.id: one for one in predictions("opioid")}
    recalled = judged_opioid("KOP03", by_id["koppert_ketamine_abolishes_the_increase"], 0.6)
    read = judged_opioid("JOL05", by_id["joly_ketamine_prevents_hyperalgesia"], 1.2)
    assert (recalled.passed, recalled.fails, recalled.weight) == (False, False, 0.5)
    assert (read.passed, read.fails, read.weight) == (False, True, 1.0)
    assert recalled.rule == "at most 0.25"


def test_each_person_presses_as_in_the_model_of_surgery_when_nothing_is_left_behind():
    from unwound.patient.after_surgery import KetaminePlan, follow
    from unwound.population.surgery import sample_surgical
    from unwound.population.surgical_trials import surgical_trial

    people, who = sample_surgical(3, np.arange(40))
    pump = surgical_trial("NIE17").pump()
    plain = follow(people, who, pump, KetaminePlan(), 1.0, hours=6.0)
    same = follow(people, who, pump, KetaminePlan(), 1.0, hours=6.0, shift=np.ones_like)
    more = follow(people, who, pump, KetaminePlan(), 1.0, hours=6.0, shift=lambda time: 1.5 + 0.0 * time)
    np.testing.assert_array_equal(plain.boluses, same.boluses)
    assert more.morphine_mg().mean() > plain.morphine_mg().mean()
