"""Populations and the day after an operation, from the command line."""

import json

import numpy as np
import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import read

OWN = """
[population]
disorder = "cancer pain"
age_mean = "62 y"
age_sd = "11 y"
female_share = "50 %"
duration_median = "1 y"
duration_gsd = 2.5
baseline_mean = "6 points"
baseline_sd = "1.8 points"
responder_share = "50 %"
placebo_change = "1 points"
placebo_sd = "1.9 points"
dropout_12_weeks = "30 %"
"""


def test_the_list_tells_what_was_read_and_what_has_no_evidence(unwound):
    code, out, _ = unwound("population", "list")
    assert code == 0
    assert "postherpetic neuralgia" in out
    assert "no systemic evidence" in out
    assert "cancer pain, musculoskeletal" in out
    assert SIMULATION_ONLY in out
    found = json.loads(unwound("population", "list", "--json")[1])
    assert len(found["populations"]) == 12
    assert [one["name"] for one in found["without_evidence"]] == ["cancer pain", "musculoskeletal"]


def test_a_population_is_shown_with_the_mark_of_every_number(unwound):
    code, out, _ = unwound("population", "show", "PHN")
    assert code == 0
    assert "measured, primary" in out
    assert "assumed" in out
    found = json.loads(unwound("population", "show", "TRD", "--json")[1])
    assert found["scale"]["name"] == "MADRS"
    rows = {row["key"]: row for row in found["rows"]}
    assert rows["trd.baseline_mean"]["used"] is True
    assert rows["trd.placebo_change_midazolam"]["used"] is False
    assert "assumption" not in rows["trd.baseline_mean"]["cite"]


def test_people_drawn_go_into_a_folder_with_a_figure(unwound, tmp_path):
    code, out, _ = unwound("population", "sample", "chronic migraine", "--patients", "50", "--out", tmp_path / "o")
    assert code == 0
    assert "hardly more than an anecdote" in out
    stored = read(tmp_path / "o")
    people = stored.table("people")
    assert len(people["age_y"]) == 50
    assert stored.units("people")["height_cm"] == "cm"
    assert people["attacks_per_month"].max() <= 31
    assert (people["lean_weight_kg"] < people["weight_kg"]).all()
    assert (tmp_path / "o" / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_draws_the_same_people(unwound):
    one, two = (json.loads(unwound("population", "sample", "PHN", "--patients", "20", "--json")[1]) for _ in range(2))
    assert one["sampled"] == two["sampled"]
    other = json.loads(unwound("population", "sample", "PHN", "--patients", "20", "--seed", "2", "--json")[1])
    assert other["sampled"] != one["sampled"]


def test_a_disorder_without_evidence_asks_for_its_numbers_and_takes_them(unwound, tmp_path):
    code, _, err = unwound("population", "show", "cancer pain")
    assert code == 2
    assert "baseline_mean" in err
    assert "dropout_12_weeks" in err
    path = tmp_path / "mine.toml"
    path.write_text(OWN)
    code, out, _ = unwound("population", "sample", path, "--patients", "40")
    assert code == 0
    assert "given by the user" in out
    assert unwound("validate", path)[0] == 0
    path.write_text(OWN.replace('age_sd = "11 y"', "age_sd = 11").replace('"6 points"', '"16 kg"'))
    code, out, _ = unwound("population", "sample", path, "--json")
    assert code == 2
    assert {problem["field"] for problem in json.loads(out)["problems"]} == {
        "population.age_sd", "population.baseline_mean",
    }  # fmt: skip


def test_a_cohort_can_be_one_of_ones_own(unwound, tmp_path):
    path, protocol = tmp_path / "mine.toml", tmp_path / "protocol.toml"
    path.write_text(OWN)
    protocol.write_text(
        'setting = "monitored"\n[[doses]]\nkind = "infusion"\ndrug = "ketamine"\nenantiomer = "S"\n'
        'amount = "20 mg"\nduration = "1 h"\n[follow_up]\nduration = "2 d"\n'
    )
    code, out, _ = unwound(
        "simulate", protocol, "--patients", "8", "--disorder", path, "--hypothesis", "H0", "--json"
    )  # fmt: skip
    assert code == 0
    (course,) = json.loads(out)["courses"]
    assert any("given by the user" in warning for warning in course["warnings"])


def test_shares_of_the_layers_are_told_with_their_errors(unwound, tmp_path):
    code, out, _ = unwound(
        "population", "variance", "--dose", "20 mg/h for 4 h", "--off", "parameters", "--off", "hypothesis", "--off",
        "flares", "--hypothesis", "H0", "--patients", "40", "--json", "--out", tmp_path / "o",
    )  # fmt: skip
    found = json.loads(out)
    assert code == 0
    assert found["layers_off"] == ["flares", "parameters", "hypothesis"]
    assert [share["layer"] for share in found["shares"]] == ["patients", "placebo", "ratings"]
    assert all(share["alone_error"] > 0 for share in found["shares"])
    assert (tmp_path / "o" / "figure.svg").is_file()


def test_layers_that_cannot_be_are_told(unwound):
    code, _, err = unwound("population", "variance", "--dose", "20 mg/h for 4 h", "--off", "weather")
    assert code == 2
    assert "weather" in err
    code, _, err = unwound("population", "variance", "--dose", "20 mg/h for 4 h", "--off", "occasions")
    assert code == 2
    assert "occasion to occasion" in err


def test_an_operation_is_told_beside_what_was_printed(unwound, tmp_path):
    code, out, _ = unwound("surgery", "--replicates", "2", "--quick", "--json", "--out", tmp_path / "o")
    found = json.loads(out)
    assert code == 0
    assert found["simulation_only"] == SIMULATION_ONLY
    assert [row["observed"] for row in found["rows"]] == [121, 53, 79, 47, -42]
    assert [row["kind"] for row in found["rows"]].count("fitted") == 2
    assert any("Nielsen" in citation for citation in found["citations"])
    stored = read(tmp_path / "o")
    course = stored.table("course")
    assert np.max(course["ketamine_um_control"]) == 0 < np.max(course["ketamine_um_ketamine"])
    assert (tmp_path / "o" / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_another_dose_during_surgery_has_nothing_printed_beside_it(unwound):
    code, out, _ = unwound(
        "surgery", "--bolus", "0.1 mg/kg", "--duration", "2 h", "--replicates", "1", "--patients", "20", "--quick"
    )  # fmt: skip
    assert code == 0
    assert "bolus_mg_per_kg = 0.1" in out
    assert "MISSED" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("NIE18",), "NIE17"),
        (("NIE17", "--bolus", "0.5", "--rate", "3 kg"), "--rate"),
        (("NIE17", "--bolus", "4.9 mg/kg", "--rate", "5 mg/kg/h"), "limit"),
        (("SVE08", "--bolus", "0.2 mg/kg"), "every press"),
    ],
)
def test_what_cannot_be_done_in_surgery_is_told(unwound, arguments, said):
    code, _, err = unwound("surgery", *arguments)
    assert code == 2
    assert said in err
