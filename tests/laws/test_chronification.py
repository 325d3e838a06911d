"""From acute to chronic: what must hold of every root cause."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws.register import fraction, numbers, positive, rewritten
from unwound.core.errors import InputError
from unwound.core.units import units_of
from unwound.evidence import fill
from unwound.patient.chronification import CAUSES, become_chronic, cause_name, chronic_map
from unwound.patient.onset import Who, latent_limit, memory_of, relapse_after_reset, rest
from unwound.sensitization.causes import inflamed

STRENGTHS, DURATIONS = np.array([0.0, 0.4, 0.7, 1.0]), np.array([3.0, 6.0, 12.0, 24.0])
"""As shares of the usual strength (of full occupancy: opioid), and days."""


@pytest.fixture(scope="module")
def injured():
    usual = fill(CAUSES["injury"], CAUSES["injury"].prefix).strength
    return chronic_map("injury", usual * STRENGTHS, DURATIONS, Who(input_factor=0.9), 200.0)


@pytest.fixture(scope="module")
def exposed():
    """An opioid, over the same grid: (durations x strengths) people."""
    who = Who(mechanisms=("glia",))
    return become_chronic("opioid", np.tile(STRENGTHS, 4), np.repeat(DURATIONS, 4), who, 200.0)


def test_stronger_and_longer_is_never_less_chronic(injured, exposed):
    for chronic in (injured.chronic, exposed.chronic.reshape(4, 4)):
        assert (np.diff(chronic.astype(int), axis=0) >= 0).all()
        assert (np.diff(chronic.astype(int), axis=1) >= 0).all()
        assert 0 < chronic.sum() < chronic.size
    reached = injured.border_d[np.isfinite(injured.border_d)]
    assert (np.diff(reached) < 0).all()


def test_without_a_cause_a_healthy_person_stays_healthy(injured, exposed):
    assert not injured.chronic[:, 0].any()
    assert np.ptp(injured.pain_nrs[:, 0]) < 0.05
    assert np.ptp(exposed.pain_nrs[:, ::4]) < 0.05


def test_the_border_lies_between_a_duration_that_heals_and_one_that_does_not(injured):
    border = float(injured.border_d[2])
    durations = [0.95 * border, 1.01 * border] * 8
    found = become_chronic("injury", injured.strength[2], durations, injured.who, 200.0)
    assert found.chronic.tolist() == [False, True] * 8


def test_an_opioid_hurts_most_after_it_has_gone(exposed):
    person = 15  # full occupancy, longest
    on, off = exposed.time_d < 24.0, exposed.time_d > 26.0
    assert exposed.opioid[off, person].max() < 0.02
    assert exposed.pain_nrs[off, person].max() > exposed.pain_nrs[on, person].max() + 0.5


def test_below_threshold_everything_returns_to_where_it_was():
    who = Who(mechanisms=("receptors", "disinhibition", "glia"), input_factor=0.6)
    done = become_chronic("injury", 0.03, 5.0, who)
    assert not done.chronic[0]
    assert done.states["glia"].max() > done.states["glia"][0] + 0.05  # it was roused
    for name in ("gain", "receptors", "disinhibition", "glia"):
        np.testing.assert_allclose(done.states[name][-1], done.states[name][0], atol=2e-3, err_msg=name)
    assert done.pain_nrs[-1, 0] < done.pain_nrs[0, 0]  # which the fresh cause had raised


def test_without_latent_memory_a_reset_lasts_at_any_time():
    assert latent_limit(Who(latent_factor=0.0)) == float("inf")
    done = become_chronic("injury", who=Who(latent_factor=0.0))
    assert done.chronic[0]
    assert done.not_undone_d[0] == float("inf")


def test_a_reset_lasts_while_the_latent_memory_is_low_and_not_when_it_is_full():
    limit = latent_limit(Who())
    early, late = relapse_after_reset([0.8 * limit, 1.0], Who())
    assert early == float("inf")
    assert late < 30.0


def test_somebody_chronic_for_long_can_no_longer_be_undone_and_the_day_is_that_of_the_latent_memory():
    done = become_chronic("injury")
    assert done.chronic[0]
    # S is above saturation from the first days on, so L = 1 - exp(-t/tau)
    expected = -300.0 * np.log1p(-latent_limit(Who()))
    assert done.not_undone_d[0] == pytest.approx(expected, rel=0.03)


def test_it_is_the_cause_that_turns_the_switch_so_health_is_a_resting_state():
    switch, mechanisms = memory_of(Who(), ())
    healthy = rest(np.zeros(1), switch, mechanisms, False)
    assert float(healthy.gain[0]) < 0.03
    assert float(rest(np.ones(1), switch, mechanisms, False).gain[0]) > 0.6


@pytest.mark.parametrize("record", CAUSES.values(), ids=CAUSES)
@given(st.data())
@settings(max_examples=20)
def test_a_cause_is_the_same_in_any_unit_of_time_and_ends(record, data):
    cause = record(**{n: data.draw(fraction if n == "strength" else positive) for n in units_of(record)})
    time, hours = data.draw(positive), data.draw(positive)
    k = dict.fromkeys(("mass", "volume", "amount", "body", "score", "voltage"), 1.0) | {"time": hours}
    other = rewritten(cause, k)
    np.testing.assert_allclose(numbers(other.exposure(time * hours)), numbers(cause.exposure(time)), rtol=1e-9)
    assert float(other.gone()) == pytest.approx(hours * float(cause.gone()))
    over = cause.exposure(cause.gone() * 1.001)
    assert max(float(over.input), float(over.opioid)) <= 1e-3 * float(cause.strength) + 1e-12
    assert float(inflamed(0.5, 0.5)) == 0.5


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"cause": "opioid", "strength": 1.2}, "between 0 and 1"),
        ({"cause": "injury", "duration_d": 0.0}, "more than 0"),
        ({"cause": "injury", "who": Who(hypothesis="H0")}, "H0 has no switch"),
        ({"cause": "injury", "who": Who(input_factor=1.5)}, "nobody is healthy"),
        ({"cause": "injury", "follow_d": 0.0}, "at most"),
    ],
)
def test_what_makes_no_sense_is_refused(said, rule):
    with pytest.raises(InputError, match=rule):
        become_chronic(**said)


def test_a_cause_goes_by_any_spelling():
    assert cause_name("Nerve Injury") == cause_name("nerve-injury") == "nerve_injury"
