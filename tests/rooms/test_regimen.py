"""A regimen as text, as sentences, cut short and rounded; and on its exact clock."""

import numpy as np
import pytest

from unwound.core.errors import InputError, ProtocolError, UnitError
from unwound.regimen import Bolus, Infusion, Regimen, Repeat, Titration, compile_regimen, total_mg

RACEMIC = {"drug": "ketamine", "enantiomer": "racemic"}
S = {"drug": "ketamine", "enantiomer": "S"}

CRPS = """
title = "CRPS"
setting = "monitored"

[[doses]]
kind = "titration"
drug = "ketamine"
enantiomer = "S"
start_rate = "1.2 ug/kg/min"
step = "0.6 ug/kg/min"
ceiling = "7.2 ug/kg/min"
every = "8 h"
duration = "100 h"

[[doses]]
kind = "infusion"
drug = "ketamine"
enantiomer = "racemic"
amount = "0.5 mg/kg"
duration = "40 min"
start = "200 h"
repeat = { count = 10, days = "weekdays" }

[[doses]]
kind = "bolus"
drug = "ketamine"
enantiomer = "R"
form = "hydrochloride"
amount = "10 mg"
start = "1 week"
"""


def infusion(**other):
    return Infusion(**{**RACEMIC, "rate": "20 mg/h", "duration": "4 h", **other})


def regimen(*doses):
    return Regimen(doses=doses)


def test_a_regimen_reads_back_from_its_own_text(tmp_path):
    path = tmp_path / "crps.toml"
    path.write_text(CRPS)
    first = Regimen.from_toml(path)
    assert Regimen.from_toml_text(first.to_toml()) == first
    assert Regimen.from_dict(first.to_dict()) == first


def test_titles_survive_every_character():
    odd = Regimen(title='"\\\x7f\t\n é 😀', doses=())
    assert Regimen.from_toml_text(odd.to_toml()) == odd


def test_a_regimen_describes_itself_in_sentences():
    first, second, third = Regimen.from_toml_text(CRPS).describe()
    assert first.startswith("S-ketamine titrated from 1.2 ug/kg/min by 0.6 ug/kg/min every 8 h up to 7.2")
    assert "over 40 min, intravenous, from 200 h, weekdays, 10 times" in second
    assert third.startswith("R-ketamine hydrochloride 10 mg at once")


def test_ten_weekdays_are_two_working_weeks():
    days = infusion().weekdays(10).starts() / 24
    assert days.tolist() == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    assert (infusion().daily(3).starts() / 24).tolist() == [0, 1, 2]
    assert (infusion().weekly(3).starts() / 24).tolist() == [0, 7, 14]
    assert Repeat(count=3, every="90 min").offsets().tolist() == [0, 1.5, 3]


def test_hydrochloride_becomes_base():
    """32.3 mg of hydrochloride are 28.0 mg of base (check value C19)."""
    salt = regimen(Bolus(**S, form="hydrochloride", amount="32.3 mg"))
    assert total_mg(compile_regimen(salt), 70)["S"] == pytest.approx(28.0, abs=0.05)


def test_a_racemic_dose_is_half_s_and_half_r():
    given = total_mg(compile_regimen(regimen(infusion())), 70)
    assert given == {"S": pytest.approx(40), "R": pytest.approx(40)}


def test_an_infusion_by_amount_gives_that_amount():
    compiled = compile_regimen(regimen(Infusion(**S, amount="0.5 mg/kg", duration="30 min")))
    assert compiled.times.tolist() == [0, 0.5]
    assert compiled.inputs["S"].rate_per_kg.tolist() == [1.0]
    assert total_mg(compiled, 80)["S"] == pytest.approx(40)


def test_overlapping_infusions_add():
    compiled = compile_regimen(regimen(infusion(**S), infusion(**S, start="2 h")))
    assert compiled.times.tolist() == [0, 2, 4, 6]
    assert compiled.inputs["S"].rate.tolist() == [20, 40, 20]


def test_a_short_infusion_is_not_lost_between_long_intervals():
    compiled = compile_regimen(regimen(infusion(start="500 h", duration="30 min")), horizon_h=2016)
    assert {500.0, 500.5} < set(compiled.times)
    assert compiled.times[-1] == 2016
    assert compiled.inputs["S"].rate[-1] == 0


def test_float_noise_makes_no_empty_interval():
    both = regimen(infusion(start="0.3 h"), infusion(start=f"{0.1 + 0.2!r} h"))
    compiled = compile_regimen(both)
    assert np.diff(compiled.times).min() > 0.1
    assert total_mg(compiled, 70)["S"] == pytest.approx(80, rel=1e-14)


def test_a_bolus_at_the_end_still_has_an_interval():
    compiled = compile_regimen(regimen(infusion(), Bolus(**S, amount="10 mg", start="4 h")), horizon_h=4)
    assert compiled.times.tolist() == [0, 4, 5]
    assert compiled.inputs["S"].bolus.tolist() == [0, 10]


def test_an_empty_regimen_gives_nothing():
    compiled = compile_regimen(Regimen(doses=()), horizon_h=100)
    assert compiled.inputs == {}
    assert compiled.times.tolist() == [0, 100]
    assert compile_regimen(Regimen(doses=())).times.tolist() == [0, 1]


def test_a_titration_climbs_to_its_ceiling_and_its_assessments_are_on_the_clock():
    dose = Titration(
        **S, start_rate="5 mg/h", step="4 mg/h", ceiling="20 mg/h", every="2 h", duration="10 h", start="1 h"
    )
    compiled = compile_regimen(regimen(dose))
    (rule,) = compiled.titrations
    assert rule.levels.tolist() == [5, 9, 13, 17, 20]
    assert rule.assessments.tolist() == [3, 5, 7, 9]
    assert set(rule.assessments) <= set(compiled.times)
    assert (rule.start, rule.end, rule.per_kg, rule.step_back) == (1, 11, False, 1)
    assert compiled.inputs == {}
    assert compiled.enantiomers == ("S",)


def test_a_titration_in_one_step_and_in_none():
    whole = Titration(**S, start_rate="5 mg/h", step="5 mg/h", ceiling="10 mg/h", every="2 h", duration="4 h")
    assert whole.levels().tolist() == [5, 10]
    flat = whole.model_copy(update={"ceiling": whole.start_rate})
    assert flat.levels().tolist() == [5]


def test_truncation_stops_what_runs_and_drops_what_follows():
    whole = regimen(
        infusion(repeat={"count": 5, "every": "24 h"}),
        Bolus(**S, amount="5 mg", start="50 h"),
        Infusion(**S, amount="8 mg", duration="4 h", start="48 h"),
    )
    cut = whole.truncate("50 h")
    assert total_mg(compile_regimen(cut), 70) == {"S": pytest.approx(104), "R": pytest.approx(100)}
    assert cut.end == 50
    assert whole.truncate("1000 h") == whole
    assert whole.truncate("0 h").doses == ()


def test_a_titration_cut_before_its_first_assessment_is_an_infusion():
    dose = Titration(**S, start_rate="5 mg/h", step="5 mg/h", ceiling="20 mg/h", every="2 h", duration="9 h")
    (early,) = regimen(dose).truncate("90 min").doses
    assert isinstance(early, Infusion)
    assert early.rate.text == "5 mg/h"
    (later,) = regimen(dose).truncate("5 h").doses
    assert isinstance(later, Titration)
    assert later.duration.value == 5


def test_a_pump_gets_whole_steps_rounded_down():
    dose = infusion(rate="0.35 mg/kg/h")
    (given,) = regimen(dose).rounded("0.1 mg/h", weight="71.9 kg").doses
    assert given.rate.text == "25.1 mg/h"
    (given,) = regimen(dose).rounded("0.1 mg/h", weight="70 kg").doses
    assert given.rate.text == "24.5 mg/h"
    (given,) = regimen(Infusion(**S, amount="35 mg", duration="40 min")).rounded("1 mg/h").doses
    assert given.rate.text == "52 mg/h"
    (given,) = regimen(Bolus(**S, amount="0.33 mg/kg")).rounded(amount_step="1 mg", weight="70 kg").doses
    assert given.amount.text == "23 mg"


def test_rounding_says_what_it_lacks():
    with pytest.raises(InputError, match=r'doses\[0\].rate.*weight="70 kg"'):
        regimen(infusion(rate="0.35 mg/kg/h")).rounded()
    with pytest.raises(UnitError, match="rate_step"):
        regimen(infusion()).rounded("0.1")
    with pytest.raises(UnitError, match="more than 0"):
        regimen(infusion()).rounded("0 mg/h")
    fine = Titration(**S, start_rate="5 mg/h", step="0.5 mg/h", ceiling="20 mg/h", every="2 h", duration="9 h")
    with pytest.raises(InputError, match="coarser steps"):
        regimen(fine).rounded("1 mg/h")
    assert regimen(fine).rounded("0.5 mg/h").doses[0].step.text == "0.5 mg/h"


def test_a_horizon_shorter_than_the_doses_is_refused():
    with pytest.raises(ProtocolError, match=r'regimen.truncate\("3 h"\)'):
        compile_regimen(regimen(infusion()), horizon_h=3)
    with pytest.raises(ProtocolError, match="finite"):
        compile_regimen(regimen(infusion()), horizon_h=float("nan"))


def test_the_json_schema_knows_the_kinds_of_dose():
    schema = Regimen.json_schema()
    assert {"Bolus", "Infusion", "Titration", "Repeat"} <= set(schema["$defs"])
    assert schema["$defs"]["Bolus"]["properties"]["start"]["default"] == "0 h"
    assert schema["additionalProperties"] is False


def test_reading_a_regimen_loads_no_heavy_library():
    import subprocess
    import sys

    code = "import sys, unwound.regimen; print([m for m in ('jax', 'pandas', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
