"""`unwound pk` and `unwound effects` as people use them."""

import json

import pytest

from unwound.reporting import read

CURVE_KEYS = {
    "model", "analyte", "site", "time_h", "concentration_ng_per_mL", "cmax_ng_per_mL", "tmax_h", "auc_ng_h_per_mL",
    "half_life_h",
}  # fmt: skip


def test_the_quick_form_needs_no_file(unwound):
    code, out, _ = unwound(
        *("pk", "--model", "perezruixo2021", "--drug", "esketamine", "--route", "nasal", "--dose", "84 mg"),
        *("--age", "45 y", "--weight", "74 kg", "--people", 0, "--until", "24 h", "--json"),
    )
    curves = json.loads(out)["curves"]
    assert code == 0
    assert all(set(curve) >= CURVE_KEYS for curve in curves)
    parent = next(curve for curve in curves if curve["analyte"] == "S-ketamine")
    assert parent["cmax_ng_per_mL"] == pytest.approx(101.0, rel=0.03)
    assert parent["auc_ng_h_per_mL"] == pytest.approx(362.2, rel=0.03)


def test_all_models_are_compared_and_a_folder_is_written(unwound, tmp_path):
    arguments = (
        "pk",
        "--drug",
        "S-ketamine",
        "--dose",
        "20 mg/h for 100 h",
        "--people",
        20,
        "--out",
        tmp_path / "blood",
    )
    code, out, _ = unwound(*arguments)
    assert code == 0
    assert "not eligible: domino1984" in out
    tables = read(tmp_path / "blood")
    assert set(tables.table("nca")["model"]) >= {"otto2021", "simons2022"}


def test_the_band_of_observations_says_what_it_holds_and_what_it_lacks(unwound):
    arguments = ("pk", "--model", "otto2021", "--drug", "S-ketamine", "--dose", "20 mg over 40 min", "--until", "2 h")
    code, out, _ = unwound(*arguments, "--people", 8, "--bands", "observations")
    assert code == 0
    assert "5-95 %, observations" in out
    assert "hold: between patients, residual error" in out
    assert "note: no variability from occasion to occasion is known: otto2021" in out
    shown = json.loads(unwound(*arguments, "--people", 8, "--bands", "uncertainty", "--json")[1])
    parent, child = shown["curves"]
    assert shown["bands"] == "uncertainty"
    assert (parent["layers"], parent["low_ng_per_mL"]) == ([], None)
    assert child["layers"] == ["uncertainty of typical values"]
    assert any("rests on such values only" in note for note in parent["notes"])


def test_a_dose_per_kg_of_lean_weight_is_its_own_milligrams(unwound):
    person = ("--weight", "110 kg", "--height", "178 cm", "--sex", "male", "--age", "40 y")
    common = ("pk", "--model", "otto2021", "--drug", "S-ketamine", "--until", "2 h", "--people", 0, "--json", *person)
    lean, mg = (
        json.loads(unwound(*common, "--dose", dose, *basis)[1])
        for dose, basis in (
            ("0.5 mg/kg over 40 min", ("--weight-basis", "lean")),
            ("35.96 mg over 40 min", ()),
        )
    )
    assert "doses per kg of lean body weight: 71.92 kg (actual 110 kg)" in lean["warnings"]
    assert lean["curves"][0]["cmax_ng_per_mL"] == pytest.approx(mg["curves"][0]["cmax_ng_per_mL"], rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pk",), ["--dose", "a file or a dose"]),
        (("pk", "--drug", "ketamine", "--dose", "35 mg"), ["drug", "enantiomer", "racemic ketamine"]),
        (("pk", "--drug", "S-ketamine", "--dose", "35"), ["dose", "without a unit"]),
        (("pk", "--drug", "S-ketamine", "--dose", "20 mg/min for 4 h"), ["hard limit"]),
        (("pk", "--drug", "S-ketamine", "--dose", "20 mg/h"), ["without an end"]),
        (("pk", "--drug", "S-ketamine", "--dose", "5 mg", "--model", "otto2022"), ["otto2021"]),
        (("pk", "--drug", "esketamine", "--route", "nasal", "--dose", "840 mg"), ["hard limit", "nasal"]),
        (("pk", "--drug", "S-ketamine", "--dose", "20 mg", "--weight", "70"), ["weight", "without a unit"]),
        (
            ("pk", "--drug", "S-ketamine", "--dose", "0.5 mg/kg", "--weight-basis", "lean"),
            ["patient.height", "patient.sex", "lean body weight"],
        ),
        (("pk", "--drug", "S-ketamine", "--dose", "35 mg", "--weight-basis", "ideal"), ["weight_basis", "not per kg"]),
        (("effects", "--drug", "racemic ketamine", "--dose", "35 mg over 40 min"), ["not the racemate", "kamp2020"]),
    ],
)
def test_wrong_input_is_named(unwound, arguments, words):
    code, out, err = unwound(*arguments)
    assert code == 2
    assert out == ""
    for word in words:
        assert word in err


def test_effects_are_shown_over_time(unwound):
    arguments = ("effects", "--drug", "racemic ketamine", "--model", "kamp2020", "--dose", "0.5 mg/kg over 40 min")
    code, out, _ = unwound(*arguments, "--json")
    shown = json.loads(out)
    assert code == 0
    assert len(shown["effects"]["high"]) == len(shown["time_h"])
    assert set(shown["units"]) == set(shown["effects"])
    printed = unwound(*arguments)[1]
    assert "dissociation reported" in printed  # the key below the table
    assert "thresh" in printed.split("pain thresh:")[0]


DRIP = ("effects", "--drug", "S-ketamine", "--dose", "20 mg over 40 min", "--until", "2 h")


def test_the_printed_table_fits_100_columns(unwound):
    out = unwound(*DRIP, "--midazolam", "2 mg", "--opioid", "1")[1]
    table = [
        line.rstrip() for line in out.splitlines() if line[:1].isdigit() or line.lstrip().startswith(("time", "h "))
    ]
    assert len(table) > 20
    assert max(len(line) for line in table) <= 100
    assert not any("…" in line for line in table)


def test_effects_leave_a_folder_that_can_be_read_again(unwound, tmp_path):
    code, out, _ = unwound(*DRIP, "--midazolam", "2 mg at 10 min", "--out", tmp_path / "felt", "--json")
    shown = json.loads(out)
    assert code == 0
    assert {path.name for path in (tmp_path / "felt").iterdir()} == {
        *("report.html", "figure.svg", "figure.png", "result.json", "effects.parquet", "effects.csv", "manifest.json"),
    }
    table = read(tmp_path / "felt").table("effects")
    assert list(table["time_h"]) == pytest.approx(shown["time_h"])
    assert list(table["high"]) == pytest.approx(shown["effects"]["high"], rel=1e-5)
    assert max(table["midazolam_ng_per_mL"]) == pytest.approx(
        max(shown["beside"][0]["concentration_ng_per_mL"]), rel=1e-5
    )
    lines = (tmp_path / "felt" / "effects.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {shown['simulation_only']}"
    assert len(lines) == len(shown["time_h"]) + 3
    report = (tmp_path / "felt" / "report.html").read_text(encoding="utf-8")
    for words in ("midazolam 2 mg, at 10 min", "benzodiazepine.lorazepam_potency", shown["simulation_only"]):
        assert words in report
    assert unwound("trial", "verify", tmp_path / "felt")[0] == 0


def test_a_protocol_brings_its_co_medication(unwound, tmp_path):
    file = tmp_path / "session.toml"
    text = '[[doses]]\nkind = "infusion"\ndrug = "ketamine"\nenantiomer = "S"\namount = "20 mg"\nduration = "40 min"\n'
    file.write_text(f'setting = "monitored"\n\n{text}', encoding="utf-8")
    alone = json.loads(unwound("effects", file, "--json")[1])
    text += '\n[[co_medication]]\ndrug = "lorazepam"\ndose = "2 mg"\nroute = "oral"\nstart = "-2 h"\n'
    text += '\n[[co_medication]]\ndrug = "rifampicin"\n'
    file.write_text(f'setting = "monitored"\n\n{text}', encoding="utf-8")
    beside = json.loads(unwound("effects", file, "--json")[1])
    assert [one["drug"] for one in beside["beside"]] == ["lorazepam"]
    assert max(beside["effects"]["high"]) < max(alone["effects"]["high"])
    assert "beside: lorazepam 2 mg, oral, at -2 h" in unwound("validate", file)[1]
    blood = json.loads(unwound("pk", file, "--models", "otto2021", "--people", 0, "--json")[1])
    assert {curve["model"] for curve in blood["curves"]} >= {"otto2021 + rifampicin_injection"}
    assert "co_medication changes nothing" in unwound("simulate", file, "--until", "1 d")[2]


def test_covariates_reach_the_effects(unwound):
    spray = (
        "effects",
        "--drug",
        "S-ketamine",
        "--route",
        "nasal",
        "--dose",
        "84 mg",
        "--model",
        "perezruixo2021",
        "--json",
    )
    high = [max(json.loads(unwound(*spray, "--ancestry", a)[1])["effects"]["high"]) for a in ("other", "japanese")]
    assert high[1] > high[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--opioid", "morphine 10 mg"), ["no C50 of it", "--opioid-c50"]),
        (("--opioid", "heroin 10 mg"), ["no opioid to be read", "morphine"]),
        (("--opioid", "1 mg"), ["one number"]),
        (("--midazolam", "2"), ["no dose to be read", "2 mg"]),
        (("--midazolam", "30 ng/mL", "--midazolam", "2 mg"), ["one level"]),
        (("--opioid-c50", "20 ng/mL"), ["belongs to one opioid"]),
    ],
)
def test_wrong_co_medication_is_named(unwound, options, words):
    code, out, err = unwound(*DRIP, *options)
    assert (code, out) == (2, "")
    for word in words:
        assert word in err
