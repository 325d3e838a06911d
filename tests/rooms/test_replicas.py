"""Published trials beyond the first one, conducted: one arm, shares of responders, a printed range of means."""

import pytest

from unwound.core.errors import ProtocolError
from unwound.patient.simulation import Setting
from unwound.trials import Trial, conduct, rows_of


@pytest.fixture(scope="module")
def short_infusion():
    return conduct(Trial.published("NOP11"), Setting(seed=3), 6)


@pytest.fixture(scope="module")
def non_responders():
    return conduct(Trial.published("KIE08B"), Setting(seed=3), 20)


def test_shares_of_responders_stand_beside_the_printed_ones(short_infusion):
    rows = rows_of(short_infusion)
    assert len(rows) == 8
    for row in rows:
        assert row.endpoint == "responders (50 % less pain)"
        assert 0 <= row.simulated.low <= row.simulated.mean <= row.simulated.high <= 100
        assert row.passed is not None
    first = rows[0]
    assert (first.arm, first.window, first.observed) == ("S-ketamine", "15 min post", 66.7)


def test_a_half_hour_leaves_nothing_a_week_later_that_midazolam_does_not(short_infusion):
    share = {(row.arm, row.window): row.simulated.mean for row in rows_of(short_infusion)}
    assert abs(share["S-ketamine", "week 8"] - share["midazolam", "week 8"]) < 25


def test_a_trial_with_a_single_arm_compares_nothing(non_responders):
    trial = non_responders.trial
    assert (trial.design, trial.size, trial.treated, trial.control) == ("single arm", 4, trial.arms[0], trial.arms[0])
    rows = rows_of(non_responders)
    assert {row.arm for row in rows} == {"S-ketamine"}
    (printed,) = (row for row in rows if row.observed_text)
    assert (printed.endpoint, printed.rule, printed.passed) == ("any response", "no outcome of this version", None)


def test_what_the_file_measures_and_nobody_printed_is_simulated_only(non_responders):
    own = [row for row in rows_of(non_responders) if row.provenance == "simulated only"]
    assert [row.endpoint for row in own] == ["responders (30 % less pain)"] * 2


def single(**changes):
    arm = {"name": "ketamine", "patients": 10, "gives": "regimen"}
    dose = {"kind": "infusion", "drug": "ketamine", "enantiomer": "S", "rate": "10 mg/h", "duration": "4 h"}
    regimen = {"setting": "monitored", "doses": [dose]}
    return {
        "name": "one", "disorder": "CRPS-1", "design": "single arm", "weeks": 2, "arms": [arm], "regimen": regimen
    } | changes  # fmt: skip


def test_a_single_arm_gives_the_drug_and_stands_alone():
    assert Trial.from_dict(single()).control.name == "ketamine"
    saline = {"name": "saline", "patients": 10, "gives": "saline"}
    with pytest.raises(ProtocolError, match="a trial with a single arm has one"):
        Trial.from_dict(single(arms=[*single()["arms"], saline]))
    with pytest.raises(ProtocolError, match="a trial with a single arm has one"):
        Trial.from_dict(single(arms=[saline]))
    with pytest.raises(ProtocolError, match='design = "single arm"'):
        Trial.from_dict(single(design="parallel"))
