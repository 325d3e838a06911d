"""`--fitted`: trials and protocols under fitted models, from the command to the folder."""

import json

import pytest

from unwound.inference.pain_shipped import record
from unwound.reporting import read

PROTOCOL = """
title = "Four hours"
setting = "monitored"

[patient]
weight = "70 kg"
pain = "7 points"

[[doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "S"
rate = "20 mg/h"
duration = "4 h"

[models]
hypothesis = "H0"

[follow_up]
duration = "2 weeks"
"""
EVENTS = """ID,TIME,AMT,RATE,EVID,WT
1,0,80,20,1,70
2,0,80,20,1,80
"""
FEW = ("--fitted", "H2 tonic", "--draws", "2")


@pytest.fixture
def protocol(tmp_path):
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL)
    return path


def test_a_trial_under_a_fitted_model_says_so_in_json_page_and_manifest(unwound, tmp_path):
    code, out, err = unwound("trial", "run", "SIG09", *FEW, "--replicates", "3", "--out", tmp_path / "told", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["fitted"]["models"] == {"H2 tonic": 2}
    assert found["fitted"]["out_of_sample"] == record()["first_line"]["sentence"]
    assert (found["hypotheses"], found["driver"]) == (["H2"], "tonic")
    replaced = found["fitted"]["replaced"]
    assert not [text for text in found["assumed"] if text.partition(" = ")[0] in replaced]
    stored = read(tmp_path / "told")
    specification = stored.manifest.specification
    assert specification["fitted"] == found["fitted"]
    assert not set(specification["evidence"]) & set(replaced)
    page = (tmp_path / "told" / "report.html").read_text()
    assert "H2 driven by tonic, fitted, 2 draws" in page
    assert "SIG09 is one of the trials these models were fitted to: a hit is no prediction." in page
    assert "unwound.inference.averaged" in page  # its method


def test_a_trial_under_the_average_prints_whose_numbers_it_used(unwound):
    code, out, err = unwound("trial", "run", "SIG09", "--fitted", "average", "--draws", "1", "--replicates", "2")
    assert code == 0, err
    assert "average of 1 fitted model by weight, 1 draw" in out
    first = max(record()["weights"], key=record()["weights"].get)
    assert f"Fitted model: {first}, 1 draw; virtual trials take the draws in turn" in out
    assert "pain.acute_half" in out.partition("are those of the draws")[2]
    assert record()["first_line"]["sentence"] in out


def test_a_protocol_closes_with_how_the_models_do_out_of_sample(unwound, protocol, tmp_path):
    code, out, err = unwound("simulate", protocol, *FEW, "--out", tmp_path / "told")
    assert code == 0, err
    assert "do not count under --fitted" in err  # the file names a hypothesis
    assert "one typical person under every draw" in " ".join(out.split())
    assert record()["first_line"]["sentence"] in out.splitlines()
    specification = read(tmp_path / "told").manifest.specification
    assert specification["people"] == {"Four hours": 1}
    assert specification["fitted"]["draws"] == 2
    found = json.loads((tmp_path / "told" / "result.json").read_text())
    (course,) = found["courses"]
    assert (course["people"], course["draws"]) == (1, 2)
    assert course["pain_nrs"]["p05"][-1] <= course["pain_nrs"]["mean"][-1] <= course["pain_nrs"]["p95"][-1]


def test_people_and_event_tables_take_the_draws_too(unwound, protocol, tmp_path):
    code, out, err = unwound("simulate", protocol, *FEW, "--patients", "4", "--json")
    assert code == 0, err
    (course,) = json.loads(out)["courses"]
    assert course["people"] == 4
    assert "draws" not in course
    table = tmp_path / "doses.csv"
    table.write_text(EVENTS)
    units = ("--units", "AMT=mg,TIME=h,WT=kg", "--enantiomer", "S", "--setting", "monitored", "--until", "2 weeks")
    code, out, err = unwound("simulate", table, *FEW, *units, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert [(one["name"], one["draws"]) for one in found["courses"]] == [("ID 1", 2), ("ID 2", 2)]
    assert found["fitted"]["taken_by"] == "one person"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (
            ("--hypothesis", "H1", "--driver", "pore", "--mechanism", "glia", "--response", "horn"),
            "does not go with --hypothesis, --driver, --mechanism, --response: the fit settles",
        ),
        (("--opioid-tone", "0.3"), "does not go with --opioid-tone"),
    ],
)
def test_what_the_fit_settles_cannot_be_chosen_beside_it(unwound, protocol, arguments, named):
    code, out, err = unwound("simulate", protocol, "--fitted", "average", *arguments)
    assert (code, out) == (2, "")
    assert named in err
    assert err.count("error") == 1


def test_a_fitted_trial_is_no_long_run(unwound, tmp_path):
    code, _, err = unwound(
        "trial", "run", "SIG09", "--fitted", "average", "--hypothesis", "all", "--patients", "600", "--daily"
    )
    assert code == 2
    assert "--hypothesis, --patients, --daily: the fit settles the hypothesis and its numbers, and a fitted run" in err


@pytest.mark.parametrize("command", [("trial", "run", "SIG09"), ("simulate", "no matter.toml")])
def test_an_unknown_model_lists_what_exists_and_draws_need_a_model(unwound, command):
    code, _, err = unwound(*command, "--fitted", "H7")
    assert code == 2
    assert "average, H0, H1 empirical" in err
    code, _, err = unwound(*command, "--draws", "5")
    assert code == 2
    assert "add --fitted average" in err
