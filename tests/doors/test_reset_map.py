"""`unwound reset-map` and `unwound sensitivity` as people use them."""

import json

import numpy as np
import pytest

from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import read
from unwound.reporting.sensitivity_figure import label

SMALL = ("--model", "twocompartment", "--rates", "2,40 mg/h", "--days", "4 h,3 d")


def test_a_small_map_is_told_drawn_and_stored(unwound, tmp_path, monkeypatch):
    monkeypatch.setattr("unwound.interfaces.reset_map.FINER", 20.0)  # no values between: the picture of the grid
    code, out, _ = unwound("reset-map", *SMALL, "--json", "--out", tmp_path / "map")
    told = json.loads(out)
    assert code == 0
    assert told["simulation_only"] == SIMULATION_ONLY
    assert told["rates_mg_per_h"] == [2.0, 40.0]
    assert told["durations_days"] == pytest.approx([4 / 24, 3.0])
    relief = np.array(told["relief_days"])
    assert relief[1, 1] == relief.max() > 7
    assert relief[:, 0].max() == 0  # four hours do not last
    low, high = told["reset_by_theory_days"]
    assert low is None or low > high > 0
    assert told["switch"]["class"] in ("bistable", "pain only")
    assert told["switch"]["after_the_example"]["rate_mg_per_h"] == 40.0
    assert any("no promise" in line for line in told["notes"])
    results = read(tmp_path / "map")
    assert results.table("relief")["relief"] == pytest.approx(relief.ravel())
    names = {part.name for part in results.manifest.parts}
    assert {"figure.svg", "figure.png", "result.json", "relief.parquet"} <= names


def test_people_read_a_table_and_that_it_is_a_hypothesis(unwound):
    code, out, _ = unwound("reset-map", *SMALL)
    assert code == 0
    assert "reset by theory" in out
    assert "no duration resets." in out
    assert "hypothesis and no promise" in out
    assert SIMULATION_ONLY in out


def test_wrong_options_are_told_together(unwound):
    code, _, err = unwound("reset-map", "--rates", "5,fast mg/h", "--days", "3,1 d", "--weight", "70")
    assert code == 2
    assert "--rates" in err
    assert "--weight" in err
    code, _, err = unwound("reset-map", "--days", "3,1 d", "--latent", "2")
    assert code == 2
    assert "rising order" in err
    assert "latent" in err


def test_a_dose_beyond_the_limits_of_intensive_care_is_refused(unwound):
    code, _, err = unwound("reset-map", "--rates", "5 g/h")
    assert code == 2
    assert "limit" in err


def test_sensitivity_is_told_and_stored(unwound, tmp_path):
    protocol = tmp_path / "p.toml"
    protocol.write_text(
        'setting = "icu"\n[[doses]]\nkind = "infusion"\ndrug = "ketamine"\nenantiomer = "S"\nrate = "20 mg/h"\n'
        'duration = "120 h"\n[models]\npharmacokinetics = "twocompartment"\nhypothesis = "H2"\n'
    )
    code, out, _ = unwound("sensitivity", protocol, "--samples", "8", "--json", "--out", tmp_path / "s")
    told = json.loads(out)
    assert code == 0
    assert told["simulation_only"] == SIMULATION_ONLY
    assert told["people"] == 8 * (len(told["factors"]) + 2) + 2 * len(told["factors"]) + 1
    assert set(told["outcomes"]) == {"relief_days", "week_1_relief", "remission"}
    assert told["outcomes"]["relief_days"]["typical"] > 7
    first = told["outcomes"]["relief_days"]["indices"]
    assert [one["total"] for one in first] == sorted((one["total"] for one in first), reverse=True)
    results = read(tmp_path / "s")
    assert len(results.table("indices")["key"]) == 3 * len(told["factors"])
    assert any("no probabilities" in line for line in told["notes"])


def test_an_uneven_number_of_samples_is_refused(unwound):
    code, _, err = unwound("sensitivity", "--samples", "100")
    assert code == 2
    assert "write 128" in err


def test_numbers_are_named_in_words():
    assert label("protected_switch.latent_gain") == "latent gain"
    assert label("empirical.half_block") == "half block (empirical)"
