"""Wrong trial files: everything that is wrong is said at once, with field, rule and remedy, and the exit is 2."""

import pytest

HEAD = """
name = "wrong"
disorder = "CRPS-1"
weeks = 4
"""
ARMS = """
[[arms]]
name = "drug"
patients = 10
gives = "regimen"

[[arms]]
name = "saline"
patients = 10
gives = "saline"
"""
ENTERED = ARMS.replace("patients = 10\n", "")
DOSES = """
[regimen]
setting = "monitored"

[[regimen.doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "S"
rate = "0.2 mg/kg/h"
duration = "4 h"
"""
BOOSTER = """
[[regimen.rules]]
kind = "booster"
when = { pain_above = "%s points" }
assess = { start = "%s" }
dose = { kind = "bolus", drug = "ketamine", enantiomer = "S", amount = "0.1 mg/kg" }
"""


def endpoint(text):
    return f"\n[[endpoints]]\n{text}\n"


def randomization(text):
    return f"\n[randomization]\n{text}\n"


CASES = {
    "an arm is missing": (HEAD + ARMS.split("[[arms]]\nname = \"saline")[0] + DOSES, ["arms", "two arms"]),
    "no regimen": (HEAD + ARMS, ["arms[0].regimen"]),
    "negative n": (HEAD + ARMS.replace("patients = 10", "patients = -3", 1) + DOSES, ["arms[0].patients", "2 or more"]),
    "unknown disorder": (HEAD.replace("CRPS-1", "boredom") + ARMS + DOSES, ["disorder", "CRPS-1"]),
    "endpoint after the last visit": (
        HEAD + ARMS + DOSES + endpoint('measure = "pain NRS"\nat = "9 weeks"'),
        ["endpoints[0].at", "after the last visit"],
    ),
    "endpoint between two visits": (
        HEAD + ARMS + DOSES + endpoint('measure = "pain NRS"\nat = "10 d"'),
        ["endpoints[0].at", "no visit"],
    ),
    "margin of the wrong sign": (
        HEAD + ARMS + DOSES
        + endpoint('measure = "pain NRS"\nat = "4 weeks"\nanalysis = "non-inferiority"\nmargin = "-1 points"'),
        ["endpoints[0].margin", "wrong sign", 'margin = "1 points"'],
    ),
    "margin missing": (
        HEAD + ARMS + DOSES + endpoint('measure = "pain NRS"\nat = "4 weeks"\nanalysis = "non-inferiority"'),
        ["endpoints[0].margin", "required"],
    ),
    "non-inferiority of nothing": (
        HEAD.replace("weeks", 'design = "non-inferiority"\nweeks') + ARMS + DOSES,
        ["endpoints", "non-inferiority"],
    ),
    "strata that do not fit": (
        HEAD + ARMS + DOSES
        + randomization('method = "stratified"\nby = ["sex", "duration", "baseline"]\nduration_above = "5 y"\n'
                        'baseline_above = "7 points"\nblock = 4'),
        ["randomization.by", "8 strata"],
    ),
    "a stratum that is always empty": (
        HEAD + ARMS + DOSES + randomization('method = "stratified"\nby = ["baseline"]\nbaseline_above = "2 points"'),
        ["randomization.baseline_above", "nobody"],
    ),
    "a block that cannot hold the ratio": (
        HEAD + ARMS + DOSES + randomization('method = "blocked"\nblock = 5'),
        ["randomization.block", "whole number of times"],
    ),
    "a ratio that is not that of the arms": (
        HEAD + ARMS + DOSES + randomization("ratio = [2, 1]"),
        ["randomization.ratio", "another ratio"],
    ),
    "two boosters in conflict": (
        HEAD + ARMS + DOSES + BOOSTER % (5, "1 week") + BOOSTER % (7, "1 week"),
        ["regimen.rules[0] and rules[1]", "two boosters"],
    ),
    "a booster inside a course": (HEAD + ARMS + DOSES + BOOSTER % (5, "2 h"), ["inside a course"]),
    "an event without a name": (
        HEAD + ARMS + DOSES + endpoint('measure = "adverse event"'),
        ["endpoints[0].event", "required"],
    ),
    "log-rank of a mean": (
        HEAD + ARMS + DOSES + endpoint('measure = "pain NRS"\nat = "4 weeks"\nanalysis = "log-rank"'),
        ["endpoints[0].analysis", "no time to an event"],
    ),
    "rescue that nobody has": (HEAD + ARMS + DOSES + endpoint('measure = "rescue"'), ["endpoints[0].measure"]),
    "a crossover without periods": (
        HEAD.replace("weeks", 'design = "crossover"\nweeks') + ARMS + DOSES,
        ["design", "[crossover]"],
    ),
    "a sequence with an unknown arm": (
        HEAD.replace("weeks", 'design = "crossover"\npatients = 8\nweeks') + ENTERED + DOSES
        + '\n[crossover]\nsequences = [["drug", "saline"], ["saline", "druk"]]\nwashout = "1 week"\n',
        ["crossover.sequences[1]", "no such arm"],
    ),
    "an adverse event of one period": (
        HEAD.replace("weeks", 'design = "crossover"\npatients = 8\nweeks') + ENTERED + DOSES
        + '\n[crossover]\nsequences = [["drug", "saline"], ["saline", "drug"]]\nwashout = "1 week"\n'
        + endpoint('measure = "adverse event"\nevent = "nausea"'),
        ["endpoints[0].measure", "whole course"],
    ),
    "a withdrawal of nothing": (
        HEAD.replace("weeks", 'design = "randomized withdrawal"\nweeks') + ARMS + DOSES,
        ["run_in", "open run-in"],
    ),
    "a run-in shorter than its doses": (
        HEAD.replace("weeks", "patients = 20\nweeks") + ENTERED + DOSES + '\n[run_in]\nduration = "2 h"\n',
        ["run_in.duration", "go on for 4 h"],
    ),
    "visits in disorder": (
        HEAD.replace("weeks", 'visits = ["0 weeks", "3 weeks", "1 week"]\nweeks') + ARMS + DOSES,
        ["visits", "later and later"],
    ),
    "a visit after the end": (
        HEAD.replace("weeks", 'visits = ["0 weeks", "9 weeks"]\nweeks', 1) + ARMS + DOSES,
        ["visits", "after the last week"],
    ),
    "nobody knows the control": (
        HEAD + ARMS.replace('gives = "saline"', 'gives = "regimen"') + DOSES,
        ["control = true"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_trial_file_is_refused_with_what_is_wrong(unwound, tmp_path, case):
    text, words = CASES[case]
    (tmp_path / "wrong.toml").write_text(text)
    code, _, err = unwound("validate", tmp_path / "wrong.toml")
    assert code == 2
    for word in words:
        assert word in " ".join(err.split()), err


def test_all_problems_of_a_trial_file_are_listed_at_once(unwound, tmp_path):
    text = (
        HEAD.replace("CRPS-1", "boredom")
        + ARMS.replace("patients = 10", "patients = -3", 1)
        + DOSES
        + endpoint('measure = "pain NRS"\nat = "9 weeks"\nanalysis = "non-inferiority"\nmargin = "-1 points"')
        + endpoint('measure = "adverse event"')
        + randomization('method = "blocked"\nblock = 5')
        + BOOSTER % (5, "2 h")
    )
    (tmp_path / "wrong.toml").write_text(text)
    code, _, err = unwound("validate", tmp_path / "wrong.toml")
    assert code == 2
    fields = (
        "disorder", "arms[0].patients", "endpoints[0].at", "endpoints[0].margin", "endpoints[1].event",
        "randomization.block", "regimen.rules[0].assess",
    )  # fmt: skip
    for field in fields:
        assert field in err, err
