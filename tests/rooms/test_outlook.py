"""Beside pain: affect, attacks, sensory tests, side effects by session, money and time, one case by hand each."""

import dataclasses

import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.core.errors import InputError
from unwound.evidence import fill, value
from unwound.outcomes import affect, attacks, session_events
from unwound.outcomes.affect import Affect
from unwound.outcomes.session_events import EVENTS, SessionEvent, SessionReference
from unwound.patient import Protocol
from unwound.patient.costs import Price, costs_of
from unwound.patient.quantitative_tests import QuantitativeTests, quantitative_tests
from unwound.patient.sessions import sessions_of
from unwound.patient.side_effects import affect_course, side_effects, treated_weeks
from unwound.patient.simulation import Setting
from unwound.population.outlook import FUNCTION, NO_CIRCUIT, NO_FLARES, Prices, outlook


def regimen(*doses):
    return Protocol.from_dict({"setting": "monitored", "doses": list(doses)}).regimen


def infusion(hours="4 h", **more):
    return {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "20 mg/h", "duration": hours, **more}


SPRAY = {"kind": "bolus", "drug": "ketamine", "enantiomer": "S", "route": "nasal", "amount": "56 mg"}
BLOOD = Setting(metabolites=False)  # one compiled program serves every run
WEEK = regimen(infusion(repeat={"count": 5, "days": "weekdays"}))

# ------------------------------------------------------------------------------------------------------ affect


def test_full_detachment_takes_a_factor_e_from_the_odds_of_unpleasantness():
    p = Affect(weight=1.0, detachment=1.0)
    assert float(affect.unpleasantness(5.0, 0.0, p)) == pytest.approx(5.0)
    assert float(affect.unpleasantness(5.0, 1.0, p)) == pytest.approx(10.0 / (1.0 + np.e))
    assert float(affect.unpleasantness(0.0, 1.0, p)) == 0.0
    assert float(affect.detached(jnp.asarray(1.0))) == 0.5


# ------------------------------------------------------------------------------------------------------ attacks


def test_attack_days_are_counted_by_hand():
    daily = jnp.asarray([[3.0], [6.0], [7.0], [3.0], [6.5], [3.0], [3.0]])
    days = attacks.attack_days(daily, jnp.asarray([5.0]))
    assert np.asarray(days)[:, 0].tolist() == [False, True, True, False, True, False, False]
    assert np.asarray(attacks.beginnings(days))[:, 0].tolist() == [False, True, False, False, True, False, False]
    assert float(attacks.per_week(days)[0]) == pytest.approx(2.0)
    assert float(attacks.per_month(days)[0]) == pytest.approx(28 * 3 / 7)


def test_each_person_has_their_own_threshold_and_so_their_own_number_of_attack_days():
    daily = jnp.asarray(np.random.default_rng(1).normal([4.0, 8.0], [1.0, 0.5], (2800, 2)))
    theta = attacks.threshold(daily, jnp.asarray([0.25, 0.5]))
    np.testing.assert_allclose(attacks.per_month(attacks.attack_days(daily, theta)), [7.0, 14.0], atol=0.05)
    assert float(theta[1]) > float(theta[0])


# ------------------------------------------------------------------------------------------------- side effects

REFERENCE = fill(SessionReference, "session_reference")


@pytest.mark.parametrize("name", ["dissociation", "dizziness", "nausea"])
def test_side_effects_give_back_week_one_and_the_year_they_were_fitted_to(name):
    year = jnp.full(round(value("session_reference.sessions_in_year", "1")), REFERENCE.concentration)
    ever = session_events.ever_by(session_events.intensity(year, REFERENCE), fill(SessionEvent, f"session_{name}"))
    assert float(ever[1]) == pytest.approx(value(f"session_{name}.week_one", "1"), rel=0.01)
    assert float(ever[-1]) == pytest.approx(value(f"session_{name}.year", "1"), rel=0.01)


@pytest.mark.parametrize("name", ["vertigo", "sedation", "pressure"])
def test_events_without_a_printed_year_give_back_week_one(name):
    two = session_events.intensity(jnp.full(2, REFERENCE.concentration), REFERENCE)
    ever = session_events.ever_by(two, fill(SessionEvent, f"session_{name}"))
    assert float(ever[-1]) == pytest.approx(value(f"session_{name}.week_one", "1"), rel=0.02)


def test_practice_lowers_the_share_session_by_session_and_without_it_nothing_changes():
    peaks, event = jnp.full(20, REFERENCE.concentration), fill(SessionEvent, "session_dizziness")
    here = np.asarray(session_events.in_session(session_events.intensity(peaks, REFERENCE), event))
    assert (np.diff(here) < 0).all()
    unpractised = dataclasses.replace(REFERENCE, tolerance=0.0)
    same = np.asarray(session_events.in_session(session_events.intensity(peaks, unpractised), event))
    np.testing.assert_allclose(same, here[0])


def test_the_same_people_have_it_again_so_ever_grows_less_than_chance_would():
    felt = session_events.intensity(jnp.full(8, REFERENCE.concentration), REFERENCE)
    event = fill(SessionEvent, "session_nausea")
    here, ever = session_events.in_session(felt, event), session_events.ever_by(felt, event)
    by_chance = 1.0 - float(jnp.prod(1.0 - here))
    assert float(ever[-1]) < 0.6 * by_chance


def test_eight_sessions_of_84_mg_miss_the_pooled_trials_from_below():
    """A check that was not fitted; the limits page says so."""
    felt = session_events.intensity(jnp.full(8, value("acute_reference.concentration", "uM")), REFERENCE)
    ever = {name: float(session_events.ever_by(felt, fill(SessionEvent, f"session_{name}"))[-1]) for name in EVENTS}
    assert 0.25 < ever["dissociation"] < value("dissociation.report_rate", "1")
    assert 0.30 < ever["dizziness"] < value("dizziness.rate", "1")


def test_weeks_of_treatment_stop_counting_after_the_last_session():
    found = treated_weeks(np.array([0.0, 84.0, 168.0, 336.0, 5000.0]), sessions_of(regimen(
        infusion(repeat={"count": 2, "every": "1 week"}))))  # fmt: skip
    np.testing.assert_allclose(found, [0.0, 0.5, 1.0, 2.0, 2.0])
    assert treated_weeks(np.array([9.0]), ()).tolist() == [0.0]


# ------------------------------------------------------------------------------------------------ money and time


def test_sessions_cost_their_price_and_take_their_hours_with_two_of_observation():
    found = costs_of(WEEK, Price.read("350 EUR", "--price-session"))
    assert (found.outpatient_sessions, found.inpatient_days) == (5, 0)
    assert str(found.total) == "1,750 EUR"
    assert found.chair_h == pytest.approx(5 * (4 + 2))
    assert found.counted_in_full
    assert not found.notes


def test_default_prices_are_marked_and_have_a_range():
    found = costs_of(regimen({**SPRAY, "repeat": {"count": 2, "every": "1 week"}}, infusion(start="21 d")))
    assert (found.total.amount, found.low.amount, found.high.amount) == (2 * 750 + 600, 2 * 600 + 400, 2 * 900 + 800)
    assert any("marketing quality" in text for text in found.notes)


def test_days_in_bed_have_no_default_price_and_are_left_out_aloud():
    bed = regimen(infusion("100 h"))
    without, with_it = costs_of(bed), costs_of(bed, day=Price(1500.0, "USD"))
    assert (without.inpatient_days, without.total.amount, without.counted_in_full) == (5, 0.0, False)
    assert any("--price-day" in text for text in without.notes)
    assert (with_it.total.amount, with_it.counted_in_full, with_it.chair_h) == (7500.0, True, 0.0)


@pytest.mark.parametrize("text", ["600", "600 dollars", "-5 USD", "USD", "1e9999 USD", "nan USD", "6" * 50 + " USD"])
def test_a_price_that_cannot_be_read_is_refused_with_an_example(text):
    with pytest.raises(InputError, match='write for example --price-day "600 USD"'):
        Price.read(text, "--price-day")


def test_currencies_are_not_converted():
    with pytest.raises(InputError, match="nothing is converted"):
        costs_of(WEEK, Price(600.0, "USD"), Price(900.0, "EUR"))
    with pytest.raises(InputError, match="the default"):
        costs_of(WEEK, None, Price(900.0, "EUR"))


# ------------------------------------------------------------------------------------------------ the whole outlook


@pytest.fixture(scope="module")
def found():
    return outlook("CRPS-1", 30, WEEK, "8 weeks", BLOOD, Prices(opioid_mg_per_d=100.0, opioid_follows=0.5))


def test_detachment_goes_with_the_drug_and_takes_nothing_from_intensity(found):
    felt, pain = found.affect.unpleasantness, found.course.pain_nrs
    during = np.flatnonzero(np.isclose(found.course.time_h, 4.0))[0]
    assert (felt[during] < pain[during] - 0.5).all()
    np.testing.assert_allclose(felt[-1], pain[-1], atol=1e-3)
    assert found.affect.detachment[0].max() == 0.0


def test_before_treatment_attacks_come_as_often_as_assumed_and_less_often_than_under_saline_after_it(found):
    days = found.attacks.days
    assert days["before"].mean() == pytest.approx(28 * value("attacks.own_share", "1"), abs=0.6)
    assert (days["treated"] < days["saline"]).all(), "saline alone may bring more: some people get worse under it"
    assert (found.attacks.per_week["treated"] <= found.attacks.per_week["saline"]).all()
    assert found.attacks.start_d.tolist() == [0.0, 28.0]
    assert 0.1 < found.attacks.unmoved < 0.6, "non-responders, who keep their own number"


def test_who_says_how_often_attacks_come_is_taken_at_their_word(found):
    own = outlook("CRPS-1", 30, WEEK, "8 weeks", BLOOD, Prices(attack_days=14.0))
    assert own.attacks.days["before"].mean() == pytest.approx(14.0, abs=0.6)


def test_sensory_tests_are_those_of_pain_before_and_nearer_to_health_after(found):
    z, brush = found.sensory.summation_z.mean(axis=1), found.sensory.allodynia.mean(axis=1)
    week = np.flatnonzero(np.isclose(found.sensory.time_h, 10 * 24.0))[0]
    assert z[0] > 1.0 > z[week]
    assert brush[0] > value("quantitative_tests.brush_present", "1/s")
    assert brush[week] < brush[0] / 2.0
    assert found.sensory.allodynic[0].all()


def test_a_healthy_circuit_has_a_z_of_zero_and_feels_no_pain_from_touch(found):
    shape = found.course.pain_nrs.shape
    healthy = dataclasses.replace(found.course, states={"synaptic_gain": np.zeros(shape), "block": np.zeros(shape)})
    tests = quantitative_tests(healthy, np.array([0]))
    np.testing.assert_allclose(tests.summation_z, 0.0, atol=1e-9)
    np.testing.assert_allclose(tests.summation_ratio, tests.healthy_ratio)
    assert not tests.allodynic.any()


def test_disinhibition_of_the_memory_itself_is_used_where_there_is_one(found):
    shape = found.course.pain_nrs.shape
    states = {"synaptic_gain": np.full(shape, 0.7), "block": np.zeros(shape)}
    none, full = (dataclasses.replace(found.course, states={**states, "disinhibition": np.full(shape, h)})
                  for h in (0.0, 1.0))  # fmt: skip
    assert not quantitative_tests(none, np.array([0])).allodynic.any()
    assert quantitative_tests(full, np.array([0])).allodynic.all()


def test_a_blocked_circuit_winds_up_less(found):
    shape = found.course.pain_nrs.shape
    z = [
        quantitative_tests(
            dataclasses.replace(
                found.course, states={"synaptic_gain": np.full(shape, 0.5), "block": np.full(shape, b)}
            ),
            np.array([0]), fill(QuantitativeTests, "quantitative_tests"),
        ).summation_z[0, 0]
        for b in (0.0, 0.2, 0.5)
    ]  # fmt: skip
    assert z == sorted(z, reverse=True)


def test_an_opioid_follows_pain_as_far_as_the_user_says(found):
    pain = found.course.pain_nrs[found.days]
    expected = 100.0 * np.maximum(1.0 - 0.5 * (1.0 - pain / pain[0]), 0.0).mean(axis=1)
    np.testing.assert_allclose(found.opioid_mg_per_d, expected)
    assert found.opioid_mg_per_d.min() < 90.0


def test_side_effects_are_told_for_each_session_of_the_course(found):
    assert all(len(shares) == 5 for shares in found.side_effects.in_session.values())
    assert (np.diff(found.side_effects.stopped) >= -1e-12).all()
    short = dataclasses.replace(found.course, time_h=found.course.time_h[:3], pain_nrs=found.course.pain_nrs[:3],
        concentration_ng_per_mL={n: c[:3] for n, c in found.course.concentration_ng_per_mL.items()})  # fmt: skip
    assert len(side_effects(short, found.sessions).in_session["nausea"]) == 1


def test_saline_brings_no_side_effect_of_the_drug_and_no_detachment(found):
    none = side_effects(found.untreated, found.sessions)
    assert max(float(shares.max()) for shares in none.in_session.values()) == 0.0
    np.testing.assert_allclose(
        affect_course(found.untreated, found.sessions).unpleasantness, found.untreated.pain_nrs, atol=1e-9
    )


def test_function_is_said_not_to_be_computed_and_every_assumption_can_be_found(found):
    assert FUNCTION in found.notes
    assert {"affect.detachment", "attacks.own_share", "liver.memory_half_life"} <= set(found.keys)


def test_what_a_hypothesis_cannot_say_is_left_out_aloud():
    plain = outlook("CRPS-1", 4, WEEK, "2 weeks", dataclasses.replace(BLOOD, hypothesis="H0"))
    assert (plain.attacks, plain.sensory, plain.opioid_mg_per_d) == (None, None, None)
    assert {NO_FLARES, NO_CIRCUIT} <= set(plain.notes)
    with pytest.raises(InputError, match="no synaptic gain"):
        quantitative_tests(plain.course)


def test_all_that_is_wrong_with_what_the_user_says_is_told_at_once():
    with pytest.raises(InputError) as error:
        outlook("CRPS-1", 4, WEEK, prices=Prices(opioid_mg_per_d=100.0, attack_days=40.0))
    assert [problem.field for problem in error.value.problems] == ["--opioid", "--attack-days"]
    with pytest.raises(InputError, match="unwound mood"):
        outlook("depression", 4, WEEK)
