"""Liver, bladder and what was counted: what repetition does, and how little is said where little is known."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from unwound.evidence import fill, value
from unwound.outcomes.hazards import LiverHazard
from unwound.patient import Protocol
from unwound.patient.safety_over_time import (
    Count,
    LiverRisk,
    liver_counts,
    liver_risk,
    unknown_harms,
    year_counts,
)
from unwound.patient.sessions import Session, earlier_sessions, sessions_of

P = fill(LiverHazard, "liver")
LEVEL = 170.0  # ng/mL, about 15 mg/h


def two_infusions(apart_h, hours=100.0, level=LEVEL, until=None):
    """Level plateaus of `hours`, `apart_h` from start to start; edges a minute wide."""
    edge = 1.0 / 60.0
    time = np.array([0.0, hours, hours + edge, apart_h - edge, apart_h, apart_h + hours, apart_h + hours + edge])
    c = np.array([level, level, 0.0, 0.0, level, level, 0.0])
    end = apart_h + hours + 72.0 if until is None else until
    return np.append(time, end), np.append(c, 0.0)[:, None]


def of_second(apart_h, **how):
    """What the second infusion adds to the risk of who was spared by the first."""
    time, c = two_infusions(apart_h, **how)
    risk = liver_risk(time, c).probability[:, 0]
    before = np.interp(apart_h, time, risk)
    return (risk[-1] - before) / (1.0 - before), before


def test_the_liver_solves_its_equations():
    """Against scipy, equations typed again."""
    time, c = two_infusions(16 * 24.0)
    nu, mu = 3.0 / float(P.ripening_time), math.log(2.0) / float(P.memory_half_life)
    p = dataclasses.replace(P, first_hazard=1e-4)

    def change(t, y):
        b, p1, p2, p3, a, _ = y
        e = b * b / (b * b + p.half_burden**2)
        x = 1.0 - math.exp(-a / p.sensitizing_exposure)
        return [
            (np.interp(t, time, c[:, 0]) - b) / p.burden_time, e - nu * p1, nu * (p1 - p2), nu * (p2 - p3),
            nu * p3 - mu * a, e * (1e-4 + p.sensitized_hazard * x),
        ]  # fmt: skip

    found = solve_ivp(change, (0.0, time[-1]), np.zeros(6), rtol=1e-9, atol=1e-10, max_step=1.0)
    assert liver_risk(time, c, p).probability[-1, 0] == pytest.approx(1.0 - math.exp(-found.y[5, -1]), rel=2e-4)


def test_a_second_infusion_weeks_later_harms_and_a_single_one_of_twice_the_dose_hardly_does():
    second, first = of_second(16 * 24.0)
    time, c = np.array([0.0, 200.0, 200.1, 300.0]), np.array([LEVEL, LEVEL, 0.0, 0.0])[:, None]
    single = liver_risk(time, c).probability[-1, 0]
    assert second > 0.2
    assert first < 0.02
    assert single < second / 3, "the same hours at once"


def test_the_memory_of_the_liver_lasts_weeks_and_fades_within_years():
    soon, weeks, year, decade = (of_second(days * 24.0)[0] for days in (5, 16, 365, 3650))
    assert weeks > soon, "sensitization takes time"
    assert weeks > year > decade
    assert decade == pytest.approx(of_second(16 * 24.0)[1], rel=0.35), "as if it had never met the drug"


def test_short_sessions_reach_the_liver_far_less_than_their_peak_says():
    day = np.concatenate([np.arange(8) * 168.0 + t for t in (0.0, 0.7, 2.0, 6.0)])
    day.sort()
    c = np.tile([0.0, LEVEL, LEVEL / 3.0, 0.0], 8)[:, None]
    assert liver_risk(day, c).probability[-1, 0] < 0.001
    assert liver_risk(day, c).high[-1, 0] > liver_risk(day, c).probability[-1, 0]


def test_without_drug_there_is_no_harm_of_the_drug_and_still_no_zero_is_told():
    risk = liver_risk(np.array([0.0, 1000.0]), np.zeros((2, 1)))
    assert risk.probability[-1, 0] == 0.0
    assert risk.told() == "up to 0.1 %"


def test_what_was_counted_of_the_liver_is_expected_within_its_intervals():
    single, second, _ = liver_counts()
    assert (single.events, single.people, second.events, second.people) == (0, 101, 3, 6)
    harmed, once = of_second(16 * 24.0)
    assert once in single.interval
    assert harmed in second.interval


def test_nothing_in_n_is_a_bound_and_some_have_wilsons_interval():
    assert Count("x", 0, 101, "").told() == "none of 101: up to 2.9 %"
    assert Count("x", 3, 6, "").told() == "3 of 6: 50 % (19 to 81 %)"
    dead = next(count for count in year_counts() if count.what.startswith("death"))
    assert dead.told() == "2 of 802: 0.25 % (0.068 to 0.9 %)"


@pytest.mark.parametrize("share", [0.0, 1e-6, 5e-4])
def test_a_small_risk_is_told_as_a_bound_and_never_as_nothing(share):
    one = np.full((1, 1), share)
    told = LiverRisk(np.zeros(1), one, one * 0.0, one * 10.0, one).told()
    assert told.startswith("up to ")
    assert "up to 0 %" not in told


def test_the_bladder_is_unknown_at_clinical_doses_and_recreational_use_is_no_prediction():
    bladder, bile = unknown_harms()
    assert bladder.ceiling == pytest.approx(0.266)
    assert bladder.told().startswith("unknown")
    assert "recreational users (recalled)" in bladder.told()
    assert "not modeled" in bile.told()
    assert value("bladder.recreational_share", "percent") == 26.6


def test_doses_that_lie_close_together_are_one_session():
    protocol = Protocol.from_dict({
        "doses": [
            {"kind": "bolus", "drug": "ketamine", "enantiomer": "S", "amount": "5 mg",
             "repeat": {"count": 3, "every": "1 week"}},
            {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "10 mg/h", "duration": "2 h",
             "start": "1 h", "repeat": {"count": 3, "every": "1 week"}},
        ]
    })  # fmt: skip
    found = sessions_of(protocol.regimen)
    assert found == (Session(0.0, 3.0), Session(168.0, 171.0), Session(336.0, 339.0))
    assert earlier_sessions(found, np.array([0.0, 10.0, 168.0, 400.0])).tolist() == [0, 0, 1, 2]
    assert sessions_of(Protocol.from_dict({"doses": []}).regimen) == ()
