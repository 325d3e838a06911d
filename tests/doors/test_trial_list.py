"""`unwound trial list`, and trials that are written down and do not run."""

import json


def test_all_trials_are_listed_with_dose_duration_and_role(unwound):
    code, out, _ = unwound("trial", "list")
    assert code == 0
    for word in ("SIG09", "up to 2,120 mg", "100 h", "calibration", "stress", "placebo spray", "not for clinical use"):
        assert word in out


def test_the_list_as_json_says_why_a_trial_does_not_run(unwound):
    found = json.loads(unwound("trial", "list", "--json")[1])
    assert found["simulation_only"]
    trials = {one["id"]: one for one in found["trials"]}
    assert len(trials) == 55
    assert trials["MUR13"]["lacks"] == ["mood scale"]
    assert "mood" in trials["MUR13"]["why_not"]
    assert trials["AMR10"]["doses"][0]["total_mg_70kg"] == 560
    assert trials["SIG09"]["shares_patients_with"] == ["dahan2011"]
    assert trials["TRF2"]["results"] == {"read": 9, "read-derived": 0, "memory": 2}


def test_the_list_can_be_narrowed(unwound):
    stress = json.loads(unwound("trial", "list", "--role", "stress", "--json")[1])["trials"]
    assert [one["id"] for one in stress] == ["KIE08B"]
    runs = json.loads(unwound("trial", "list", "--simulated", "--json")[1])["trials"]
    assert all(one["simulated"] for one in runs)
    assert {"SIG09", "NOP11", "AMR10", "GOL10"} <= {one["id"] for one in runs}
    assert unwound("trial", "list", "--role", "tuning")[0] == 2


def test_a_trial_that_is_only_written_down_is_refused_with_the_reason(unwound):
    code, _, err = unwound("trial", "run", "MUR13")
    assert code == 2
    assert "written down and not simulated" in err
    assert "mood" in err
    assert "--simulated" in err
