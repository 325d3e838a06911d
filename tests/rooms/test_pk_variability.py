"""How people differ from occasion to occasion, what an assay reports, and how well typical values are known."""

import dataclasses
import math

import numpy as np
import pytest
import scipy.linalg

from unwound.core.arrays import jnp
from unwound.core.errors import UnknownName
from unwound.evidence import all_estimates, estimate
from unwound.patient.bands import bands_of, between_occasions, between_patients, crowd_of, errors_of, replicate_bands
from unwound.patient.divergence import covariates_of, diverge
from unwound.patient.protocol import Person
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.register import ROUTED, routed_model
from unwound.pharmacokinetics.residual import Residual, observed, residuals_of
from unwound.pharmacokinetics.uncertainty import replicated, standard_error, uncertain_values
from unwound.pharmacokinetics.variability import occasion_covariance, occasions_of
from unwound.regimen import Regimen
from unwound.regimen.short import parse_short_dose

PERSON = Person(weight="70 kg", age="25 y")
WHO = covariates_of(PERSON)
SIMONS = routed_model("simons2022")
EFFECTS = SIMONS.occasion_effects
FILM = [Given(0.0, 50.0, 0.0, "S", "sublingual"), Given(24.0, 50.0, 0.0, "S", "sublingual")]
AT = np.array([0.1, 0.2, 0.35, 0.5, 1.0, 3.0, 24.0, 24.2, 24.5, 26.0])


def typical(people=1):
    return jnp.zeros((len(SIMONS.random_effects), people))


def on_occasion(**effects):
    """Occasion effects (effects, people): lists of one number per person."""
    people = len(next(iter(effects.values())))
    return jnp.array([effects.get(name, [0.0] * people) for name in EFFECTS])


# ------------------------------------------------------------------------------------------ occasions


def test_an_occasion_is_the_day_on_which_a_dose_begins():
    assert occasions_of([50.0, 0.0, 23.9, 24.0, 6.0]) == {1: 0.0, 2: 24.0, 3: 50.0}
    assert occasions_of([0.1 * 240]) == {2: 24.0}  # float noise makes no other day


def test_without_effects_an_occasion_is_typical_and_with_the_same_every_day_it_is_another_person():
    size = {"mucosal_fraction": 0.3, "mucosal_duration": -0.4, "gut_transit": 0.9, "second_peripheral": 0.5,
            "swallowed_duration": 0.8, "metabolism_transit": -0.6}  # fmt: skip
    today = on_occasion(**{name: [0.0, effect] for name, effect in size.items()})
    found = curves(SIMONS, FILM, crowd_of(WHO, 2), typical(2), AT, occasions={1: today, 2: today}).concentration
    other = dataclasses.replace(SIMONS, **{name: getattr(SIMONS, name) * math.exp(e) for name, e in size.items()})
    for person, model in enumerate((SIMONS, other)):
        alone = curves(model, FILM, WHO, typical(), AT).concentration
        for analyte, values in alone.items():  # ends that people share are rounded to 1e-9 h
            np.testing.assert_allclose(found[analyte][:, person], values[:, 0], rtol=1e-8)


def test_what_is_left_of_yesterday_goes_on_under_the_kinetics_of_today():
    """Independent: two matrix exponentials by scipy."""
    doses = [Given(0.0, 20.0, 0.0, "S", "intravenous"), Given(24.0, 10.0, 0.0, "S", "intravenous")]
    days = {1: on_occasion(metabolism_transit=[1.1]), 2: on_occasion(metabolism_transit=[-0.7], second_clearance=[0.4])}
    found = curves(SIMONS, doses, WHO, typical(), np.array([24.0, 27.0]), occasions=days)
    first, second = (SIMONS.system(WHO, typical(), "S", days[n]) for n in (1, 2))
    given = np.zeros(first.matrix.shape[0])
    given[SIMONS.compartments().index("central")] = 1.0
    yesterday = scipy.linalg.expm(24.0 * np.asarray(first.matrix)[..., 0]) @ (20.0 * given)
    today = scipy.linalg.expm(3.0 * np.asarray(second.matrix)[..., 0]) @ (yesterday + 10.0 * given)
    np.testing.assert_allclose(found.amounts["S"][:, :, 0], [yesterday, today], rtol=1e-9, atol=1e-12)


def test_occasions_differ_as_the_source_prints_it():
    printed = {"mucosal_fraction": 24.9, "mucosal_duration": 40.8, "mucosal_rate": 25.3, "swallowed_fraction": 24.2,
               "swallowed_duration": 91.8, "swallowed_rate": 67.6, "gut_transit": 124.6, "metabolism_transit": 105.8,
               "second_peripheral": 40.5, "second_clearance": 9.0}  # fmt: skip
    variances = np.diag(occasion_covariance("simons2022", EFFECTS))
    found = dict(zip(EFFECTS, 100.0 * np.sqrt(np.expm1(variances)), strict=True))
    assert found == pytest.approx(printed, rel=0.02)
    drawn = between_occasions(SIMONS, FILM, np.arange(4000), 3)
    assert np.var(drawn[2], axis=1) == pytest.approx(variances, rel=0.08)
    assert abs(np.corrcoef(drawn[1][0], drawn[2][0])[0, 1]) < 0.06


def test_a_person_keeps_her_occasions_in_any_order_of_people_and_without_a_day():
    everyone = between_occasions(SIMONS, [*FILM, Given(48.0, 5.0, 0.0, "S", "intravenous")], np.arange(5), 1)
    some = between_occasions(SIMONS, [Given(50.0, 9.0, 1.0, "S", "sublingual")], np.array([3, 0]), 1)
    assert list(everyone) == [1, 2, 3]
    assert list(some) == [3]
    np.testing.assert_array_equal(some[3], everyone[3][:, [3, 0]])


def test_only_what_has_a_source_varies_between_occasions():
    for name in ROUTED:
        model = routed_model(name)
        rows = {key for key in all_estimates() if key.startswith(f"{name}.") and key.endswith("_occasions")}
        assert rows == {f"{name}.{effect}_occasions" for effect in model.occasion_effects}


# ------------------------------------------------------------------------------------------ residual error


@pytest.mark.parametrize("prefix", ["otto2021", "perezruixo2021", "simons2022", "flint2017", "ashraf2018"])
def test_without_an_error_the_report_is_the_prediction(prefix):
    model = routed_model(prefix)
    known = residuals_of(prefix, tuple(a.name for a in model.analytes))
    assert set(known) == {a.name for a in model.analytes}
    c = jnp.array([0.0, 1e-3, 0.2])
    for residual in (*known.values(), Residual()):
        np.testing.assert_array_equal(observed(c, jnp.zeros(3), residual), c)
    np.testing.assert_array_equal(observed(c, jnp.ones(3), Residual()), c)


def test_reports_scatter_as_the_source_says():
    normal = jnp.asarray(np.random.default_rng(5).normal(size=40_000))
    otto = residuals_of("otto2021", ("S-ketamine", "S-norketamine"))
    assert np.std(observed(jnp.float64(0.2), normal, otto["S-ketamine"])) == pytest.approx(0.236 * 0.2, rel=0.02)
    assert np.std(observed(jnp.float64(0.2), normal, otto["S-norketamine"])) == pytest.approx(0.143 * 0.2, rel=0.02)
    perez = residuals_of("perezruixo2021", ("S-ketamine", "S-norketamine"))["S-norketamine"]
    assert np.std(np.log(observed(jnp.float64(0.1), normal, perez))) == pytest.approx(0.422, rel=0.02)
    simons = residuals_of("simons2022", tuple(a.name for a in SIMONS.analytes))["S-norketamine"]
    molar = 0.5  # nmol/mL
    spread = np.std(observed(jnp.float64(molar * 0.2237), normal, simons)) / 0.2237
    assert spread == pytest.approx(math.hypot(0.058, 0.102 * molar), rel=0.02)


def test_a_persons_error_at_a_time_does_not_depend_on_other_times_or_people():
    many = np.asarray(errors_of(SIMONS, "S-ketamine", np.arange(6), np.array([0.5, 1.0, 2.0]), 1))
    one = np.asarray(errors_of(SIMONS, "S-ketamine", np.array([4]), np.array([1.0]), 1))
    assert one[0, 0] == many[1, 4]
    assert len(np.unique(many)) == many.size


# ------------------------------------------------------------------------------------------ uncertainty


def test_replicates_have_the_printed_value_and_standard_error():
    count = 20_000
    drawn = replicated(SIMONS, count, 7)
    uncertain = uncertain_values(SIMONS)
    assert len(uncertain) == 22
    for name in uncertain:
        row, values = estimate(f"simons2022.{name}"), np.asarray(getattr(drawn, name))
        scale = getattr(SIMONS, name) / row.value  # the record is in h, the table in min
        assert values.min() > 0
        assert values.mean() / scale == pytest.approx(row.value, rel=0.015)
        assert values.std() / scale == pytest.approx(standard_error(row.key), rel=0.04)
    assert drawn.metabolite_share == SIMONS.metabolite_share  # fixed by the authors


def test_a_printed_interval_is_four_standard_errors_wide():
    assert standard_error("ashraf2018.deep") == pytest.approx((190 - 167) / 3.92, rel=1e-3)
    assert standard_error("ashraf2018.gut_wall") == pytest.approx(0.395 * 1.19, rel=1e-3)
    assert standard_error("otto2021.clearance") is None


def test_a_replicate_is_the_same_in_a_longer_row_of_replicates():
    few, many = (replicated(routed_model("otto2021"), count, 1).model for count in (3, 8))
    np.testing.assert_array_equal(few.metabolite_clearance, many.metabolite_clearance[:3])
    assert few.clearance == 95.2


def test_the_uncertainty_of_a_value_is_that_of_the_value_beside_it():
    rows = all_estimates()
    beside = [key for key in rows if key.endswith("_uncertainty")]
    assert len(beside) >= 15
    for key in beside:
        own, value = rows[key], rows[key.removesuffix("_uncertainty")]
        assert (own.value, own.unit) == (value.value, value.unit)
        assert own.spread.kind in ("se", "ci95")


def test_the_band_of_people_under_each_replicate_stays_around_its_own_typical_curve():
    model = dataclasses.replace(routed_model("flint2017"), depots=())
    given = [Given(0.0, 20.0, 1.0, "S", "intravenous")]
    found = replicate_bands(model, given, WHO, np.array([0.5, 1.0, 3.0]), people=60, replicates=4)["S-ketamine"]
    assert found.typical.shape == found.low.shape == (4, 3)
    assert (found.low < found.typical).all()
    assert (found.typical < found.high).all()
    assert len(np.unique(found.typical[:, 1])) == 4


# ------------------------------------------------------------------------------------------ bands


def bands(kind, model=SIMONS, given=FILM[:1]):
    return bands_of(model, given, WHO, np.array([0.5, 1.0]), kind, 80, 1)


def test_each_kind_of_band_holds_its_layers_and_observations_scatter_around_the_same_people():
    people, reports, unsure = map(bands, ("people", "observations", "uncertainty"))
    name = "S-ketamine"
    assert people.layers[name] == ("between patients", "between occasions")
    assert reports.layers[name] == (*people.layers[name], "residual error")
    assert unsure.layers[name] == ("uncertainty of typical values",)
    scatter = reports.concentration[name] / people.concentration[name] - 1.0
    assert np.std(scatter, axis=1) == pytest.approx(0.1095, rel=0.2)
    spread, narrow = (np.std(found.concentration[name], axis=1) for found in (people, unsure))
    assert (narrow < 0.5 * spread).all()


def test_a_layer_that_a_source_does_not_have_is_said():
    regimen = Regimen(setting="monitored", doses=(parse_short_dose("35 mg over 40 min", "ketamine", "racemic"),))
    found = diverge(regimen, PERSON, ["domino1984", "kamp2020"], people=5, bands="observations", until_h=2.0)
    domino, kamp = (next(c for c in found.curves if c.model == name) for name in ("domino1984", "kamp2020"))
    assert domino.low_ng_per_mL is None
    assert domino.layers == ()
    assert "domino1984: no variability between patients is known" in domino.notes
    assert "domino1984, ketamine: no residual error is known" in domino.notes
    assert kamp.layers == ("between patients",)
    assert {c.analyte for c in found.curves if c.model == "kamp2020"} == {"S-ketamine", "R-ketamine", "ketamine"}
    unsure = diverge(regimen, PERSON, ["domino1984"], people=5, bands="uncertainty", until_h=2.0).curves[0]
    assert unsure.notes == ("domino1984: uncertainty of typical values not printed in what we read",)


def test_a_curve_that_rests_on_fixed_values_has_no_band_and_says_so():
    otto = dataclasses.replace(routed_model("otto2021"), depots=())
    given = [Given(0.0, 20.0, 1.0, "S", "intravenous")]
    found = bands("uncertainty", otto, given)
    low, high = found.edges("S-norketamine")
    assert (low < high).all()
    assert found.edges("S-ketamine") == (None, None)
    assert "otto2021, S-ketamine: rests on such values only" in found.missing


def test_people_keep_their_effects_when_the_kind_of_band_changes():
    np.testing.assert_array_equal(
        between_patients(SIMONS, np.array([7, 2]), 1), between_patients(SIMONS, np.arange(9), 1)[:, [7, 2]]
    )
    with pytest.raises(UnknownName, match="uncertainty"):
        bands_of(SIMONS, FILM, WHO, AT, "uncertain", 10, 1)
