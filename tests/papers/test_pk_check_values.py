"""Published numbers, met by the typical person of each routed model: routes, strata, cross-model comparison.

Labels C1 to C20 are those of the list of check values of the pharmacokinetic evidence. C5, C11 to C13, C16 and C19
stand in other files of this shelf; those of one model of one paper stand here by paper.
"""

import dataclasses

import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.evidence import fill
from unwound.outcomes.pressure_pain import PressurePain, equivalent, threshold_ratio
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import routed_model


def person(weight=70.0, age=45.0, asian=0.0, japanese=0.0):
    """Covariates; arrays make a batch of people."""
    columns = np.broadcast_arrays(weight, age, 0.0, asian, japanese)
    return Covariates(*(jnp.asarray(column, float) for column in columns))


def blood(name, doses, at, who=None):
    """Concentrations [ng/mL] by analyte in typical people."""
    model = routed_model(name)
    who = person() if who is None else who
    eta = jnp.zeros((len(model.random_effects), *np.shape(who.weight)))
    return curves(model, doses, who, eta, np.asarray(at, float)).concentration


def area(y, t):
    """Area under the curve by the trapezium rule."""
    return np.sum((y[1:] + y[:-1]) / 2 * np.diff(t).reshape(-1, *([1] * (y.ndim - 1))), axis=0)


# ------------------------------------------------------------------------------------------ Perez-Ruixo 2021, Table 4

FINE = np.arange(0.0, 24.01, 0.02)
STRATA = (  # (age, Asian, Japanese)
    ("Caucasian, 18 to 60 y", 45, 0, 0),
    ("Asian, not Japanese, 18 to 60 y", 45, 1, 0),
    ("Japanese, 18 to 60 y", 45, 1, 1),
    ("Caucasian, above 60 y", 70, 0, 0),
    ("Asian, not Japanese, above 60 y", 70, 1, 0),
    ("Japanese, above 60 y", 70, 1, 1),
)
PRINTED = {  # mg -> by stratum: esketamine Cmax [ng/mL], AUC 0-24 h [ng h/mL], the same of noresketamine
    28: [
        (43.8, 147.3, 59.1, 274.4), (44.1, 158.2, 73.4, 371.8), (57.5, 194.7, 72.1, 406.4),
        (44.6, 160.4, 57.3, 277.9), (44.9, 171.0, 71.4, 373.9), (58.8, 212.2, 69.0, 409.2),
    ],
    56: [
        (72.5, 254.7, 119.7, 516.3), (73.2, 275.9, 148.5, 704.8), (94.5, 335.1, 146.3, 760.8),
        (73.8, 275.8, 117.2, 522.0), (74.4, 296.3, 145.9, 708.0), (96.5, 363.1, 141.7, 765.3),
    ],
    84: [
        (101.0, 362.2, 180.0, 758.0), (102.4, 393.5, 223.5, 1037.0), (131.3, 475.4, 220.4, 1114.0),
        (102.7, 391.2, 177.0, 765.9), (103.8, 421.5, 220.4, 1042.0), (133.8, 513.9, 214.4, 1121.0),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def table4():
    """mg -> (strata, 4) as the model has it."""
    _, age, asian, japanese = (np.array(column) for column in zip(*STRATA, strict=True))
    who = person(np.full(6, 74.0), age, asian, japanese)
    found = {}
    for mg in PRINTED:
        course = blood("perezruixo2021", [Given(0.0, float(mg), 0.0, "S", "nasal")], FINE, who)
        parent, metabolite = course["S-ketamine"], course["S-norketamine"]
        columns = (parent.max(axis=0), area(parent, FINE), metabolite.max(axis=0), area(metabolite, FINE))
        found[mg] = np.stack(columns, axis=1)
    return found


@pytest.mark.parametrize("mg", PRINTED)
def test_c1_c2_c3_nasal_esketamine_meets_table_4_in_every_stratum(table4, mg):
    """Peak and area of esketamine and peak of noresketamine within 3 %, all 18 rows."""
    np.testing.assert_allclose(table4[mg][:, :3], np.array(PRINTED[mg])[:, :3], rtol=0.03)


def test_c1_c2_c3_are_those_computed_once_before(table4):
    """Another implementation of the same equations gave these."""
    np.testing.assert_allclose(table4[84][0, :3], [102.2, 360.8, 180.7], rtol=2e-3)
    np.testing.assert_allclose(table4[28][0, :2], [43.9, 146.9], rtol=2e-3)
    np.testing.assert_allclose(table4[56][0, :2], [73.0, 253.8], rtol=2e-3)
    np.testing.assert_allclose(table4[84][2, :2], [132.9, 473.8], rtol=2e-3)
    np.testing.assert_allclose(table4[28][1, :2], [44.3, 157.9], rtol=2e-3)
    np.testing.assert_allclose(table4[28][3, :2], [44.8, 160.1], rtol=2e-3)


def test_known_discrepancy_the_area_of_noresketamine_is_1_38_to_1_56_times_the_printed_one(table4):
    """With Table 3 as printed the areas of Table 4 are not met, in no stratum. This records by how much.

    It is no agreement: if it fails, the documented discrepancy is no longer the true one. 1.38 stands for 1.375.
    """
    ratios = np.concatenate([table4[mg][:, 3] / np.array(PRINTED[mg])[:, 3] for mg in PRINTED])
    assert ratios.min() == pytest.approx(1.38, abs=0.006)
    assert ratios.max() == pytest.approx(1.56, abs=0.006)
    assert table4[84][0, 3] == pytest.approx(1105, abs=1)  # printed: 758


LONG = np.concatenate([np.arange(0.0, 24.0, 0.02), np.arange(24.0, 300.0, 0.25)])


def dose_normalized_area(mg, route, hours=0.0):
    return area(blood("perezruixo2021", [Given(0.0, mg, hours, "S", route)], LONG)["S-ketamine"], LONG) / mg


def test_c4_bioavailability_of_two_and_three_devices():
    """F(56 mg) 0.54, F(84 mg) 0.51 of the abstract; another implementation gave 0.538 and 0.509, and 0.62 for 28 mg."""
    intravenous = dose_normalized_area(28.0, "intravenous", 2 / 3)
    found = [dose_normalized_area(mg, "nasal") / intravenous for mg in (28.0, 56.0, 84.0)]
    np.testing.assert_allclose(found[1:], [0.54, 0.51], atol=0.01)
    np.testing.assert_allclose(found, [0.62, 0.538, 0.509], rtol=4e-3)


def test_c14_a_swallowed_dose_arrives_to_less_than_a_fifth():
    """0.178 of another implementation; 0.186 printed."""
    found = dose_normalized_area(84.0, "oral") / dose_normalized_area(28.0, "intravenous", 2 / 3)
    assert found == pytest.approx(0.178, rel=5e-3)
    assert found == pytest.approx(0.186, rel=0.05)


def test_c15_faster_enzymes_hardly_touch_a_vein_and_halve_a_swallowed_dose():
    """Rifampicin (Peltoniemi 2012): 0.86 in a vein and 0.14 by mouth need CLint x 2.01, and Fgut x 0.28 besides."""
    model = routed_model("perezruixo2021")
    induced = dataclasses.replace(
        model, other_rate=2.01 * model.other_rate, metabolite_rate=2.01 * model.metabolite_rate
    )
    both = dataclasses.replace(induced, gut_fraction=0.28 * model.gut_fraction)

    def exposure(which, route):
        eta = jnp.zeros(len(which.random_effects))
        return area(
            curves(which, [Given(0.0, 28.0, 0.0, "S", route)], person(), eta, LONG).concentration["S-ketamine"], LONG
        )

    vein = exposure(induced, "intravenous") / exposure(model, "intravenous")
    mouth = [exposure(which, "oral") / exposure(model, "oral") for which in (induced, both)]
    np.testing.assert_allclose([vein, *mouth], [0.86, 0.50, 0.14], rtol=0.02)


def test_clearance_implied_by_table_3_is_below_the_one_of_the_abstract():
    """A recorded difference: well stirred, Qh E = 109.0 L/h; the abstract says 114. Vss without the liver is 752 L."""
    model = routed_model("perezruixo2021")
    intrinsic = model.liver * (model.other_rate + model.metabolite_rate)
    clearance = model.liver_flow * intrinsic / (model.liver_flow + intrinsic)
    assert clearance == pytest.approx(109.0, abs=0.05)
    assert 1000 / dose_normalized_area(28.0, "intravenous", 2 / 3) == pytest.approx(clearance, rel=1e-3)
    assert clearance / 114 == pytest.approx(0.956, abs=1e-3)
    assert model.central + model.shallow + model.deep == pytest.approx(752)


# ---------------------------------------------------------------------------------------------- Simons 2022, Table 2


@pytest.fixture(scope="module")
def films():
    """(minutes, mg of the film -> concentrations): a film, and 20 mg over 20 min into a vein six hours later."""
    minutes = np.arange(0.0, 481.0, 0.5)
    course = {}
    for mg in (50.0, 100.0):
        doses = [Given(0.0, mg, 0.0, "S", "sublingual"), Given(6.0, 20.0, 1 / 3, "S", "intravenous")]
        course[mg] = blood("simons2022", doses, minutes / 60)
    return minutes, course


def test_c6_an_infusion_six_hours_after_a_film_peaks_at_its_end(films):
    """273 (259-287) ng/mL after the 50 mg film."""
    minutes, course = films
    peak = course[50.0]["S-ketamine"]
    assert minutes[peak.argmax()] == 380
    assert peak.max() == pytest.approx(273, rel=0.05)
    assert peak.max() == pytest.approx(273, rel=2e-3)  # as another implementation has it
    assert 259 < peak.max() < 287


def test_c7_areas_of_three_analytes_after_a_50_mg_film(films):
    """8363, 38497, 24087 ng min/mL over six hours, means of 20; within 15 %."""
    minutes, course = films
    early = minutes <= 360
    found = [area(y[early], minutes[early]) for y in course[50.0].values()]
    np.testing.assert_allclose(found, [8363, 38497, 24087], rtol=0.15)
    np.testing.assert_allclose(found, [7466, 36287, 23367], rtol=1e-3)  # as another implementation has it


def test_a_film_of_100_mg_is_twice_one_of_50_mg_in_the_model_and_less_in_people(films):
    """A recorded difference: the means of S-ketamine grow 1.5-fold in peak and 1.6-fold in area, the model 2-fold."""
    minutes, course = films
    early = minutes <= 360
    one, two = (course[mg]["S-ketamine"][early] for mg in (50.0, 100.0))
    np.testing.assert_allclose(two, 2 * one, rtol=1e-12)
    assert two.max() / 144 == pytest.approx(1.19, abs=0.01)  # printed mean: 144 ng/mL; and of 50 mg 96
    assert one.max() / 96 == pytest.approx(0.895, abs=0.005)
    assert area(two, minutes[early]) / 13347 == pytest.approx(1.119, abs=0.005)


# ------------------------------------------------------------------------------------ Kamp 2020, Koeppel 1990, others


def test_c8_kamp_meets_the_steady_state_of_intensive_care():
    """Koeppel 1990: 1.2 (SD 0.3) mg/L on day 3 of 1.1 to 1.3 mg/kg/h; 84 mg/h give 1.00."""
    course = blood("kamp2020", [Given(0.0, 84.0 * 72, 72.0, "racemic", "intravenous")], [48.0, 72.0])
    total = course["S-ketamine"] + course["R-ketamine"]
    assert total[1] == pytest.approx(1000.0, rel=2e-5)
    assert abs(total[1] - 1200) < 300
    assert total[0] == pytest.approx(total[1], rel=1e-4)


def test_c18_at_steady_state_there_is_more_r_than_s():
    """Wang 2019 and Persson 2002: clearance ratio 0.86 to 0.83; Goldberg 2011: R above S in patients."""
    course = blood("kamp2020", [Given(0.0, 84.0 * 72, 72.0, "racemic", "intravenous")], [72.0])
    assert course["R-ketamine"][0] / course["S-ketamine"][0] == pytest.approx(1.16, abs=0.08)
    assert course["R-ketamine"][0] / course["S-ketamine"][0] == pytest.approx(90.837 / 78.12, rel=1e-4)


def test_c17_of_the_racemate_0_62_nmol_per_ml_double_the_pressure_pain_threshold():
    """Dahan 2024: 0.47 nmol/mL of S, R half as potent (0.52): 2 x 0.47 / (1 + 0.52)."""
    p = fill(PressurePain, PressurePain.prefix)
    half = 0.62 / 2
    racemate = equivalent({"S-ketamine": jnp.asarray(half), "R-ketamine": jnp.asarray(half)}, p)
    assert float(racemate) == pytest.approx(0.47, abs=0.01 * 0.47 / 0.62)
    assert float(threshold_ratio(racemate, p)) == pytest.approx(2.0, abs=0.03)
    assert 2 * p.doubling_concentration / (1 + p.r_potency) == pytest.approx(0.62, abs=0.01)


def test_c20_a_child_ten_minutes_after_a_bolus_lies_between_analgesia_and_awakening():
    """Herd 2007: 1 mg/kg, 32.5 kg: half the children are below 0.75 mg/L. Its typical values give 0.51."""
    course = blood("herd2007", [Given(0.0, 32.5, 0.0, "racemic", "intravenous")], [1 / 6], person(weight=32.5))
    assert 100 < course["ketamine"][0] < 750
    assert course["ketamine"][0] == pytest.approx(510, rel=5e-3)


# --------------------------------------------------- the same dose in all models: 35 mg over 40 min at 70 kg

MINUTES = np.array([40.0, 80.0, 110.0, 230.0])
RECOMPUTED = {  # ng/mL of all ketamine given, at 40, 80, 110, 230 min; terminal half-life [h]
    "domino1984": ((240, 46, 38, 18), 1.9),
    "kamp2020": ((253, 74, 54, 27), 3.1),
    "clements1981": ((177, 85, 63, 36), 3.1),
    "otto2021": ((158, 79, 60, 27), 7.4),
    "simons2022": ((289, 63, 42, 21), 3.2),
    "herd2007": ((253, 96, 74, 26), 1.3),
    "elkomy2015": ((322, 104, 66, 37), None),
    "hornik2018": ((496, 124, 77, 50), None),
    "flint2017": ((193, 23, 21, 17), None),
}


def forty_minutes(name):
    """Ketamine [ng/mL], enantiomers together: the racemate where the model knows it, S-ketamine elsewhere."""
    model = routed_model(name)
    form = "S" if model.enantiomers == ("S",) else "racemic"
    course = blood(name, [Given(0.0, 35.0, 2 / 3, form, "intravenous")], MINUTES / 60)
    return sum(course[analyte.name] for analyte in model.analytes if analyte.is_parent)


def terminal_half_life(model, enantiomer):
    """Of the parent [h]: the slowest exponential of its own compartments, metabolites left out."""
    matrix = np.asarray(model.system(person(), jnp.zeros(len(model.random_effects)), enantiomer).matrix)
    own = [n for n, name in enumerate(model.compartments()) if name.startswith("central") or name == "liver"]
    return np.log(2) / -np.linalg.eigvals(matrix[np.ix_(own, own)]).real.max()


@pytest.mark.parametrize("name", RECOMPUTED)
def test_one_dose_in_nine_models_is_what_was_computed_once_before(name):
    """To the digits given: half a ng/mL."""
    expected, half_life = RECOMPUTED[name]
    np.testing.assert_allclose(forty_minutes(name), expected, atol=0.51)
    if half_life and name != "kamp2020":
        assert terminal_half_life(routed_model(name), routed_model(name).enantiomers[0]) == pytest.approx(
            half_life, abs=0.06
        )


def test_the_half_life_of_the_racemate_lies_between_those_of_its_enantiomers():
    """3.1 h was computed with the clearance of the racemate, 84 L/h; R leaves more slowly than S."""
    model = routed_model("kamp2020")
    fast, slow = (terminal_half_life(model, which) for which in ("S", "R"))
    together = dataclasses.replace(model, model=dataclasses.replace(model.model, clearance_s=84.0))
    between = terminal_half_life(together, "S")
    assert between == pytest.approx(3.1, abs=0.06)
    assert fast < between < slow
    assert (fast, slow) == pytest.approx((2.92, 3.20), abs=0.01)


def test_perez_ruixo_beside_them():
    """125 ng/mL at the end of the infusion: the lowest of all, in venous plasma. Its half-life is the longest."""
    assert forty_minutes("perezruixo2021")[0] == pytest.approx(125, abs=0.5)
    assert min(forty_minutes(name)[0] for name in RECOMPUTED) > 125
    assert terminal_half_life(routed_model("perezruixo2021"), "S") == pytest.approx(11.0, abs=0.05)


@pytest.mark.parametrize(("name", "low", "high"), [("kamp2020", 200, 300), ("domino1984", 120, 250)])
def test_c9_the_end_of_forty_minutes_lies_where_models_of_its_sampling_site_may(name, low, high):
    """Zanos 2018: 185 ng/mL for 0.5 mg/kg, range 100 to 250. Venous 120 to 250, arterial 200 to 300."""
    assert low < forty_minutes(name)[0] < high


def test_c10_kamp_after_the_infusion():
    """A regression value, not published: 74, 54 and 27 ng/mL at 80, 110 and 230 min."""
    np.testing.assert_allclose(forty_minutes("kamp2020")[1:], [74, 54, 27], rtol=0.02)


def test_sites_differ_more_than_people_do():
    """Arterial models give nearly twice the end-of-infusion concentration of venous ones: never average across."""
    by_site = {"arterial": [], "venous": []}
    for name in ("kamp2020", "simons2022", "otto2021", "perezruixo2021"):
        by_site[routed_model(name).sampling].append(forty_minutes(name)[0])
    assert min(by_site["arterial"]) > 1.5 * max(by_site["venous"])
