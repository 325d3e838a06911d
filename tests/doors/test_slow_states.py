"""Mechanisms, root causes and priors of disorders from the command line."""

import json

import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import read

PROTOCOL = "examples/protocols/ten_weekdays.toml"


def test_a_cause_leaves_pain_and_a_folder_with_the_course(unwound, tmp_path):
    code, out, err = unwound("chronify", "injury", "--out", tmp_path / "out", "--json")
    found = json.loads(out)
    assert code == 0, err
    assert found["simulation_only"] == SIMULATION_ONLY
    assert found["chronic"] is True
    assert 150 < found["no_reset_lasts_from_d"] < 250
    assert len(found["time_d"]) == len(found["pain_nrs"]) == len(found["states"]["latent"])
    assert any(words.startswith("cause_injury.strength") for words in found["assumed"])
    assert "assumed" in found["warnings"][0]
    stored = read(tmp_path / "out")
    assert stored.manifest.specification["cause"] == "injury"
    assert (tmp_path / "out" / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_a_cause_in_words(unwound):
    code, out, _ = unwound("chronify", "injury", "--strength", "0.01")
    assert code == 0
    assert "back to health" in out
    assert "never in the time followed" in out
    assert SIMULATION_ONLY in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chronify", "wound"), "choose one of injury"),
        (("chronify", "injury", "--duration", "3"), "without a unit"),
        (("chronify", "injury", "--map", "--strength", "0.1"), "leave --strength"),
        (("chronify", "injury", "--mechanism", "gla"), "did you mean glia"),
        (("chronify", "injury", "--hypothesis", "H0"), "H0 has no switch"),
        (("simulate", PROTOCOL, "--hypothesis", "H0", "--mechanism", "glia"), "choose the hypothesis H1 or H2"),
        (("simulate", PROTOCOL, "--opioid-tone", "0.3"), "add the mechanism opioid"),
        (("simulate", PROTOCOL, "--response", "hrn"), "horn"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_remedy(unwound, arguments, words):
    code, _, err = unwound(*arguments)
    assert code == 2
    assert words in err


def test_the_help_names_every_mechanism(unwound):
    from unwound.sensitization.mechanisms import NAMES

    for command in ("simulate", "chronify"):
        code, out, _ = unwound(command, "--help")
        assert code == 0
        assert [name for name in NAMES if name not in out] == []


def test_a_disorder_tells_its_prior_with_the_grade_and_that_it_is_recalled(unwound):
    code, out, _ = unwound("population", "show", "CRPS-1")
    assert code == 0
    assert "grade B, certainty low to moderate (grade and certainty recalled, not seen)" in " ".join(out.split())
    code, out, _ = unwound("population", "show", "TRD", "--json")
    prior = json.loads(out)["mechanism_prior"]
    assert prior["causes"] == []
    assert prior["guideline"]["grade"] is None
