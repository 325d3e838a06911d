"""Mood from the command line."""

import json

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import read

DOSE = ("--drug", "racemic ketamine", "--dose", "0.5 mg/kg over 40 min", "--patients", "40", "--until", "7 d")


def test_a_course_is_told_with_placebo_and_unblinding_beside_it(unwound):
    code, out, _ = unwound("mood", *DOSE, "--comparator", "midazolam")
    assert code == 0
    assert "midazolam" in out
    assert "50 % unbl." in out
    assert "remission" in out
    assert SIMULATION_ONLY in out


def test_a_folder_holds_figure_course_and_manifest(unwound, tmp_path):
    code, out, _ = unwound("mood", *DOSE, "--days", "0 3", "--out", tmp_path / "out", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["simulation_only"] == SIMULATION_ONLY
    assert set(found["difference_points_if_unblinding"]) == {"0 %", "25 %", "50 %"}
    assert found["response"]["drug"]["high_95"] > found["response"]["drug"]["low_95"]
    assert len(found["gives"]) == 2
    stored = read(tmp_path / "out")
    assert stored.manifest.specification["setting"]["comparator"] == "saline"
    assert (tmp_path / "out" / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_read_is_told_with_a_remedy_and_leaves_no_folder(unwound, tmp_path):
    for more, words in (
        (("--days", "0 x"), "0 3 7 10"),
        (("--comparator", "sugar"), "saline"),
        (("--scale", "BDI"), "MADRS"),
        (("--landmark", "9 d"), "follow longer"),
    ):
        code, _, err = unwound("mood", *DOSE, *more, "--out", tmp_path / "out")
        assert code == 2
        assert words in err
        assert not (tmp_path / "out").exists()


def test_a_protocol_file_or_a_dose_is_needed(unwound):
    code, _, err = unwound("mood")
    assert code == 2
    assert "a file or a dose is needed" in err
