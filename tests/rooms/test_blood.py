"""Every route and form of the drug in the pain course: the engine's blood against the exact curves of `unwound pk`."""

import numpy as np
import pytest

from unwound.core.arrays import jnp
from unwound.core.errors import InputError
from unwound.evidence import fill
from unwound.patient import Accuracy, Person, Setting, simulate, simulate_events, simulate_people
from unwound.patient.blood import blood_of, compile_for, typical_covariates
from unwound.patient.divergence import covariates_of, doses_of
from unwound.patient.wiring import wiring_of
from unwound.pharmacokinetics.curves import curves
from unwound.pharmacokinetics.kinetics import Reading, reachable
from unwound.pharmacokinetics.register import ROUTED, routed_model
from unwound.population import sample
from unwound.regimen import Bolus, Infusion, Regimen, Titration, parse_events
from unwound.sensitization import Empirical

WHO = Person(weight="80 kg", age="72 y", sex="female", ancestry="japanese", pain="7 points", in_pain_for="6 y")
ROUGH = Accuracy(tolerance=1.0)  # concentrations are exact on any mesh; nobody is run again for the slow states


def bolus(route, amount="40 mg", enantiomer="S", **more):
    return Bolus(drug="ketamine", enantiomer=enantiomer, route=route, amount=amount, **more)


def infusion(enantiomer="S", rate="10 mg/h", duration="4 h", **more):
    return Infusion(drug="ketamine", enantiomer=enantiomer, rate=rate, duration=duration, **more)


def regimen(*doses):
    return Regimen(setting="icu", doses=doses)


CASES = {
    "a spray, twice, and a drip later": (
        "perezruixo2021",
        regimen(bolus("nasal", "56 mg"), bolus("nasal", "28 mg", start="6 h"), infusion(start="9 h")),
    ),
    "a spray by weight": ("perezruixo2021", regimen(bolus("nasal", "0.9 mg/kg"))),
    "tablets": ("perezruixo2021", regimen(bolus("oral", repeat={"count": 3, "every": "8 h"}))),
    "a film and its two metabolites": ("simons2022", regimen(bolus("sublingual", "50 mg"), infusion(start="6 h"))),
    "the racemate as two enantiomers": ("kamp2020", regimen(infusion("racemic"), bolus("intravenous", "5 mg", "R"))),
    "the racemate into a muscle": ("kamp2020", regimen(bolus("intramuscular", enantiomer="racemic"))),
    "the racemate as a whole": ("domino1984", regimen(infusion("racemic"), bolus("oral", "50 mg", "racemic"))),
    "S into the skin over hours": ("otto2021", regimen(infusion(route="subcutaneous"))),
    "into a vein": ("otto2021", regimen(infusion(), bolus("intravenous", "5 mg", start="2 h"))),
    "gut and liver": ("ashraf2018", regimen(bolus("oral", "30 mg"))),
}
AT = np.array([0.4, 1.0, 2.5, 5.0, 8.0, 12.0, 24.0])


@pytest.mark.parametrize("name", CASES)
def test_the_course_shows_the_concentrations_of_the_exact_curves(name):
    model, given = CASES[name]
    course = simulate(WHO, given, "48 h", Setting(model=model, accuracy=ROUGH))
    kinetic = routed_model(model)
    eta = jnp.zeros((len(kinetic.random_effects), 1))
    at = course.time_h
    exact = curves(kinetic, doses_of(given, WHO.weight_kg), covariates_of(WHO), eta, at).concentration
    shown = {key: values for key, values in course.concentration_ng_per_mL.items() if key in exact}
    assert shown
    for analyte, values in shown.items():
        np.testing.assert_allclose(values, exact[analyte], rtol=1e-9, atol=1e-9 * exact[analyte].max())
    assert {analyte for analyte, values in exact.items() if values.any()} <= set(shown)


def test_a_spray_counts_once_to_the_dose_though_it_is_taken_up_in_two_ways():
    model, given = CASES["a spray, twice, and a drip later"]
    course = simulate(WHO, given, "24 h", Setting(model=model, accuracy=ROUGH))
    assert float(course.dose_total_mg[0]) == pytest.approx(56 + 28 + 40, rel=1e-12)


def test_the_peak_is_the_highest_concentration_at_any_time():
    """Between the times asked for, too: looked at every minute."""
    for name in ("a spray, twice, and a drip later", "a film and its two metabolites", "into a vein"):
        model, given = CASES[name]
        course = simulate(WHO, given, "24 h", Setting(model=model, accuracy=ROUGH))
        kinetic, fine = routed_model(model), np.append(np.arange(0, 24, 1 / 60), 2.0 + 1e-6)
        eta = jnp.zeros((len(kinetic.random_effects), 1))
        exact = curves(kinetic, doses_of(given, 80.0), covariates_of(WHO), eta, np.unique(fine))
        assert float(course.peak_ng_per_mL[0]) == pytest.approx(exact.concentration["S-ketamine"].max(), rel=2e-3)


def test_a_titrated_racemate_climbs_as_its_halves():
    """16 mg/h of racemate is 8 mg/h of each; who cannot bear it steps back on both."""
    titrated = Titration(
        drug="ketamine", enantiomer="racemic", start_rate="4 mg/h", step="4 mg/h", ceiling="16 mg/h", every="6 h",
        duration="48 h",
    )  # fmt: skip
    steps = [(0, 4), (6, 8), (12, 12), (18, 16)]
    fixed = [infusion("racemic", f"{r} mg/h", "30 h" if r == 16 else "6 h", start=f"{h} h") for h, r in steps]
    by_rule, by_hand = (
        simulate(WHO, regimen(*doses), "72 h", Setting(model="kamp2020", accuracy=ROUGH))
        for doses in ([titrated], fixed)
    )
    assert float(by_rule.rate_reached[0, 0]) == 16
    for analyte, values in by_hand.concentration_ng_per_mL.items():
        at = np.isin(by_hand.time_h, by_rule.time_h)
        same = np.isin(by_rule.time_h, by_hand.time_h)
        np.testing.assert_allclose(by_rule.concentration_ng_per_mL[analyte][same], values[at], rtol=1e-9, atol=1e-9)


def test_without_potency_of_r_a_racemate_is_half_its_dose_of_s():
    """f = 0: only S counts; with any potency of R there is more block."""
    only_s = fill(Empirical, "empirical", r_potency=0.0)
    racemate = regimen(infusion("racemic", "20 mg/h", "60 h"))
    half = simulate(WHO, regimen(infusion("S", "10 mg/h", "60 h")), "2 weeks", Setting(model="kamp2020"))
    own = {"psychomimetic.r_potency": 0.0}  # what is felt relieves at once
    whole = simulate(WHO, racemate, "2 weeks", Setting(model="kamp2020", own_driver=only_s, own=own))
    np.testing.assert_array_equal(whole.time_h, half.time_h)
    np.testing.assert_allclose(whole.pain_nrs, half.pain_nrs, rtol=1e-9)
    assert half.pain_nrs.min() < 4
    usual = simulate(WHO, racemate, "2 weeks", Setting(model="kamp2020"))
    assert (usual.states["block"].max(axis=0) > whole.states["block"].max(axis=0)).all()


@pytest.mark.parametrize("hypothesis", ["H0", "H1", "H2"])
def test_forms_count_as_the_evidence_says(hypothesis):
    """1 for S, f for R, (1 + f) / 2 for a racemate read as a whole; f = 0.5 is assumed."""
    readings = Reading(jnp.asarray(0.3), jnp.zeros(0)), Reading(jnp.asarray(0.2), jnp.zeros(0))
    molar = 0.23773
    two = wiring_of(hypothesis, ("S", "R"))
    one = wiring_of(hypothesis, ("racemic",))
    for effect in ("slow", "felt"):
        assert float(getattr(two, effect).of(readings)) == pytest.approx((0.3 + 0.5 * 0.2) / molar, rel=1e-4)
        assert float(getattr(one, effect).of(readings[:1])) == pytest.approx(0.75 * 0.3 / molar, rel=1e-4)
    assert [float(v) for v in two.watched(readings)] == pytest.approx([0.5, 0.4 / molar], rel=1e-4)


@pytest.mark.parametrize(("model", "name"), [("perezruixo2021", "a spray by weight"), ("kamp2020", "the racemate")])
def test_one_person_alone_has_the_same_bytes_as_in_a_crowd(model, name):
    given = CASES["the racemate as two enantiomers" if model == "kamp2020" else name][1]
    ids = np.arange(40)
    setting = Setting(model=model, accuracy=ROUGH)
    compiled = compile_for(routed_model(model), given)
    crowd, alone = (
        simulate_people(sample(1, some, "CRPS-1", model), some, compiled, AT, setting) for some in (ids, ids[7:8])
    )
    assert np.ptp(crowd.concentration_ng_per_mL["S-ketamine"][2]) > 0
    for key, values in crowd.concentration_ng_per_mL.items():
        np.testing.assert_array_equal(values[:, 7:8], alone.concentration_ng_per_mL[key])
    np.testing.assert_array_equal(crowd.pain_nrs[:, 7:8], alone.pain_nrs)


def test_who_receives_saline_by_spray_has_nothing_in_the_blood():
    ids, model = np.arange(3), "perezruixo2021"
    compiled = compile_for(routed_model(model), regimen(bolus("nasal", "56 mg")))
    people = sample(1, ids, "CRPS-1", model)
    course = simulate_people(people, ids, compiled, AT, Setting(model=model, accuracy=ROUGH), np.array([1.0, 0.0, 1.0]))
    assert course.concentration_ng_per_mL["S-ketamine"][:, 1].max() == 0
    assert (course.concentration_ng_per_mL["S-ketamine"][1, [0, 2]] > 0).all()
    assert float(course.dose_total_mg[1]) == float(course.peak_ng_per_mL[1]) == 0


def test_compartments_that_no_dose_reaches_are_left_out():
    model = routed_model("simons2022")
    names = model.compartments()
    matrix = np.asarray(model.system(typical_covariates(), jnp.zeros((8, 1)), "S").matrix[..., 0])
    kept = reachable(matrix, [names.index("central")])
    assert {names[n] for n in kept} == set(names) - {"mouth", "gut", "gut_delay"}


@pytest.mark.parametrize(
    ("model", "dose", "words"),
    [
        ("otto2021", infusion("racemic"), ["doses[0].enantiomer", "otto2021", "S-ketamine only", "kamp2020", "half"]),
        ("kamp2020", bolus("oral", enantiomer="S"), []),
        ("simons2022", bolus("nasal"), ["doses[0].route", "simons2022", "no nasal input", "perezruixo2021"]),
        ("domino1984", infusion("S"), ["doses[0].enantiomer", "racemic-ketamine only", "otto2021"]),
    ],
)
def test_a_model_that_does_not_know_the_dose_says_who_does(model, dose, words):
    if not words:
        assert compile_for(routed_model(model), regimen(dose)).absorbed
        return
    with pytest.raises(InputError) as caught:
        simulate(WHO, regimen(dose), "24 h", Setting(model=model))
    for word in words:
        assert word in str(caught.value)


def test_a_plan_for_enantiomers_the_model_does_not_have_is_refused():
    compiled = compile_for(routed_model("kamp2020"), regimen(infusion("racemic")))
    with pytest.raises(InputError, match="racemic"):
        blood_of(routed_model("otto2021"), compiled)


def test_a_titration_by_mouth_is_refused():
    titrated = Titration(
        drug="ketamine", enantiomer="S", route="oral", start_rate="4 mg/h", step="4 mg/h", ceiling="16 mg/h",
        every="6 h", duration="48 h",
    )  # fmt: skip
    with pytest.raises(InputError, match="run by a pump into a vein"):
        simulate(WHO, regimen(titrated), "24 h", Setting(model="perezruixo2021"))


@pytest.mark.parametrize("name", sorted(set(ROUTED) - {"twocompartment"}))
def test_every_model_of_the_register_runs_the_pain_course(name):
    """One dose into a vein or by mouth, of the form the model knows: pain stays in range, nothing fails."""
    model = routed_model(name)
    form = model.enantiomers[0]
    route = "intravenous" if "intravenous" in model.routes else model.routes[0]
    course = simulate(WHO, regimen(bolus(route, "20 mg", form)), "3 days", Setting(model=name))
    assert not course.failed().size
    assert ((course.pain_nrs >= 0) & (course.pain_nrs <= 10)).all()
    assert course.peak_ng_per_mL[0] > 0
    assert course.citations()


# ------------------------------------------------------------------------------------ event tables


def table(*rows, columns="ID,TIME,AMT,RATE,EVID,DV"):
    text = columns + "\n" + "\n".join(rows)
    units = {"AMT": "mg", "TIME": "h", "DV": "ng/mL"}
    return parse_events(text, drug="ketamine", enantiomer="S", units=units, setting="icu")


def test_a_sample_after_a_bolus_of_its_time_sees_the_bolus_and_one_before_it_does_not():
    after = table("1,0,10,0,1,.", "1,0,.,0,0,80")
    before = table("1,0,.,0,0,0", "1,0,10,0,1,.")
    (late,), (early,) = (simulate_events(t, "24 h", Setting(accuracy=ROUGH)).values() for t in (after, before))
    assert late.time_h[1] == pytest.approx(1e-6)
    assert late.concentration_ng_per_mL["S-ketamine"][1, 0] == pytest.approx(10_000 / 133, rel=1e-3)
    assert early.concentration_ng_per_mL["S-ketamine"][0, 0] == 0
    assert early.time_h[1] > 0.1


def test_after_a_reset_everything_begins_anew():
    both = table("1,0,10,5,1,.", "1,4,.,0,0,10", "1,0,10,5,4,.", "1,4,.,0,0,10")
    courses = simulate_events(both, "1 week", Setting(accuracy=ROUGH))
    assert list(courses) == ["ID 1, occasion 1", "ID 1, occasion 2"]
    first, second = courses.values()
    np.testing.assert_array_equal(first.pain_nrs, second.pain_nrs)
    np.testing.assert_array_equal(
        first.concentration_ng_per_mL["S-ketamine"], second.concentration_ng_per_mL["S-ketamine"]
    )
