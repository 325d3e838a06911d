"""Every disorder as a population: what marks say, covariates that go together, numbers of one's own."""

import dataclasses
import hashlib
import math

import numpy as np
import pytest

from unwound import Setting
from unwound.core.errors import InputError, ProtocolError
from unwound.evidence import estimate
from unwound.outcomes import Placebo
from unwound.outcomes.pain import lowered
from unwound.outcomes.placebo import response
from unwound.population import DISORDERS, population, sample, simulate_cohort
from unwound.population.own import OwnPopulation, contradictions
from unwound.population.populations import NEEDED, SCALES, rows_beside
from unwound.regimen import Regimen
from unwound.regimen.dosing_weight import dosing_weight
from unwound.regimen.short import parse_short_dose

N = 4000
CANCER = {
    "disorder": "cancer pain", "age_mean": "62 y", "age_sd": "9 y", "female_share": "50 %", "duration_median": "1 y",
    "duration_gsd": 2.5, "baseline_mean": "6 points", "baseline_sd": "1.8 points", "responder_share": "50 %",
    "placebo_change": "1 points", "placebo_sd": "1.9 points", "dropout_12_weeks": "30 %",
}  # fmt: skip


def own(**changes):
    return OwnPopulation.from_dict({"population": {**CANCER, **changes}}).build()


# ------------------------------------------------------------------------------------------------ CRPS-1 does not move


def test_the_people_with_crps_are_those_of_the_first_version():
    """Drawn before heights and correlations came in: height has a stream of its own and moves nobody."""
    people = sample(12, np.arange(1500), "CRPS-1")
    assert np.asarray(people.weight)[:2].tolist() == pytest.approx([73.74661722630617, 84.13595987592325], rel=1e-14)
    assert np.asarray(people.age)[:2].tolist() == pytest.approx([28.843934924837484, 54.40179576080781], rel=1e-14)
    assert np.asarray(people.duration)[:2].tolist() == pytest.approx([10.520858110920274, 33.76357364889894], rel=1e-14)
    assert np.asarray(people.placebo_size)[:2].tolist() == pytest.approx([2.292874565804476, 3.7657338776047626])


# ------------------------------------------------------------------------------------------------ covariates


@pytest.fixture(scope="module", params=sorted(DISORDERS))
def everyone(request):
    found = population(request.param)
    return found, sample(5, np.arange(N), found, scale=found.scale.name)


def test_every_disorder_draws_finite_people_within_its_bounds(everyone):
    found, people = everyone
    who = found.who
    for name in ("weight", "height", "age", "duration", "baseline", "placebo_size", "non_nmda_share"):
        assert np.isfinite(getattr(people, name)).all(), name
    assert who.age_least <= np.min(people.age) <= np.max(people.age) <= who.age_most
    assert who.baseline_least <= np.min(people.baseline) <= np.max(people.baseline) <= who.baseline_most
    assert who.baseline_most < found.scale.most
    assert np.mean(people.female) == pytest.approx(who.female_share, abs=4 * 0.5 / math.sqrt(N))
    assert not contradictions(found)


def test_within_a_sex_tall_people_are_heavier_and_old_people_shorter(everyone):
    found, people = everyone
    women = np.asarray(people.female) > 0.5
    which = women if women.mean() > 0.4 else ~women
    weight, height, age = (np.asarray(getattr(people, name))[which] for name in ("weight", "height", "age"))
    error = 4 / math.sqrt(which.sum())
    assert np.corrcoef(np.log(weight), height)[0, 1] == pytest.approx(found.who.weight_height_correlation, abs=error)
    tight = np.std(age) / found.who.age_sd  # a cut makes ages narrower, and the correlation with them weaker
    found_correlation = np.corrcoef(height, age)[0, 1]
    assert found_correlation == pytest.approx(found.who.height_age_correlation * min(tight, 1.0), abs=error)
    mean = found.who.height_women if women.mean() > 0.4 else found.who.height_men
    assert np.mean(height) == pytest.approx(mean, abs=4 * 7 / math.sqrt(which.sum()) + 0.3)


def test_only_where_it_is_stated_do_older_people_have_been_ill_for_longer():
    def correlation(name):
        people = sample(5, np.arange(N), name)
        return np.corrcoef(np.log(people.duration), people.age)[0, 1]

    assert population("CRPS-1").who.age_duration_correlation == 0.0
    assert correlation("fibromyalgia") > 0.2
    assert correlation("CRPS-1") < 0.2  # what is left comes from the cut at one's age


# ------------------------------------------------------------------------------------------------ evidence and marks


@pytest.mark.parametrize(
    ("key", "basis", "seen"),
    [
        ("phn.age_mean", "measured", "primary"),
        ("neuropathic.baseline_mean", "measured", "primary"),
        ("trd.baseline_mean", "measured", "primary"),
        ("chronic_migraine.baseline_mean", "measured", "primary"),
        ("fibromyalgia.baseline_mean", "assumed", "no"),
        ("neuropathic.placebo_change", "assumed", "no"),
        ("ptsd.baseline_mean", "assumed", "no"),
        ("tmd.baseline_mean", "assumed", "no"),
        ("adults.weight_height_correlation", "assumed", "no"),
    ],
)
def test_what_was_read_is_measured_and_what_was_recalled_is_assumed(key, basis, seen):
    row = estimate(key)
    assert (row.basis, row.seen) == (basis, seen)


def test_a_number_that_a_disorder_lacks_is_the_one_of_adults():
    keys = population("PHN").keys
    assert {"phn.age_mean", "adults.weight_women", "adults.responder_share", "pain.residual_sd"} <= set(keys)
    assert "crps1.weight_women" in population("CRPS-1").keys


def test_rows_on_record_that_are_not_used_can_be_listed():
    assert "crps1.placebo_outpatient_change" in rows_beside(population("CRPS-1"))
    assert "trd.placebo_change_midazolam" in rows_beside(population("TRD"))


def test_the_jaw_is_marked_as_without_systemic_evidence():
    assert "no systemic evidence" in population("TMD").caution


@pytest.mark.parametrize("name", sorted(set(DISORDERS) - {"CRPS-1"}))
def test_the_placebo_size_gives_back_the_change_it_was_made_from(name):
    """By hand: the typical person, at the time of the change, has fallen by as much as the row says."""
    from unwound.evidence import all_estimates, fill, value

    found = population(name)
    who, most = found.who, found.scale.most
    rows = all_estimates()
    prefix = DISORDERS[name]
    at = value(f"{prefix}.placebo_at" if f"{prefix}.placebo_at" in rows else "adults.placebo_at", "d")
    shift = float(response(np.asarray(at), who.placebo_size_mean, 0.0, fill(Placebo, "placebo")))
    after = float(lowered(np.asarray(10 * who.baseline_mean / most), np.asarray(shift))) * most / 10
    assert who.baseline_mean - after == pytest.approx(value(f"{prefix}.placebo_change", "points"), abs=1e-9)


def test_men_and_women_differ_in_baseline_only_where_the_source_tells_them_apart():
    trd, crps = population("TRD").who, population("CRPS-1").who
    assert (trd.baseline_mean, trd.baseline_men) == (37.7, 36.9)
    assert crps.baseline_mean == crps.baseline_men


def test_attacks_belong_to_migraine_only():
    assert {name for name in DISORDERS if population(name).attacks} == {"chronic migraine"}


# ------------------------------------------------------------------------------------------------ scales


@pytest.mark.parametrize(("name", "scale"), [("TRD", "MADRS"), ("PTSD", "CAPS"), ("social anxiety", "LSAS")])
def test_a_mood_disorder_is_not_drawn_into_a_pain_course(name, scale):
    assert population(name).scale is SCALES[scale]
    with pytest.raises(InputError, match=scale):
        sample(1, np.arange(3), name)
    assert sample(1, np.arange(3), name, scale=scale).count == 3


# ------------------------------------------------------------------------------------------------ numbers of one's own


@pytest.mark.parametrize("name", ["cancer pain", "musculoskeletal", "cancer"])
def test_a_disorder_that_nobody_has_told_us_of_is_refused_with_the_numbers_needed(name):
    with pytest.raises(InputError) as refused:
        population(name)
    assert len(refused.value.problems) == 1
    for needed in NEEDED:
        assert needed in str(refused.value)


def test_with_the_users_numbers_it_is_a_population_like_any_other():
    found = own()
    people = sample(2, np.arange(N), found)
    assert np.mean(people.age) == pytest.approx(62, abs=0.8)
    assert np.median(people.duration) == pytest.approx(1.0, rel=0.06)
    assert all("given by the user (no evidence row)" in text or "instead of" in text for text in found.own)
    assert len(found.own) == len(NEEDED)


def test_what_is_missing_is_told_at_once():
    with pytest.raises(InputError, match="age_sd, placebo_sd"):
        own(age_sd=None, placebo_sd=None)


def test_a_known_disorder_with_another_number_says_so_in_the_result():
    table = {"population": {"disorder": "fibromyalgia", "baseline_mean": "6.5 points", "responder_share": "30 %"}}
    found = OwnPopulation.from_dict(table).build()
    plain = population("fibromyalgia")
    assert found.who.baseline_mean == found.who.baseline_men == 6.5
    assert found.who.age_mean == plain.who.age_mean
    assert "fibromyalgia.baseline_mean" not in found.keys
    assert "instead of 5.75 points (fibromyalgia.baseline_mean)" in found.own[0] + found.own[1]
    dose = parse_short_dose("20 mg/h for 4 h", "ketamine", "S", "intravenous")
    course = simulate_cohort(found, 8, Regimen(setting="monitored", doses=(dose,)), "2 d", Setting(metabolites=False))
    assert any("given by the user instead of" in warning for warning in course.warnings)


def test_a_changed_placebo_response_changes_its_size_and_says_instead_of_what():
    table = {"population": {"disorder": "fibromyalgia", "placebo_change": "2 points"}}
    found = OwnPopulation.from_dict(table).build()
    assert found.who.placebo_size_mean > population("fibromyalgia").who.placebo_size_mean
    assert found.own == (
        "placebo_change = 2 points, given by the user instead of 0.9 points (fibromyalgia.placebo_change)",
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"baseline_sd": "0.5 points"}, "baseline_sd"),
        ({"age_least": "70 y"}, "age_mean"),
        ({"baseline_most": "10 points"}, "baseline_most"),
        ({"weight_height_correlation": 0.9, "weight_age_correlation": 0.9}, "height_age_correlation"),
        ({"baseline_mean": 6}, "baseline_mean"),
        ({"female_share": "120 %"}, "female_share"),
        ({"favourite_color": "blue"}, "favourite_color"),
        ({"placebo_change": "7 points"}, "placebo_change"),
    ],
)
def test_numbers_that_cannot_be_are_refused_by_name(changes, field):
    with pytest.raises(InputError) as refused:
        own(**changes)
    assert field in str(refused.value)


def test_a_scale_of_its_own_needs_a_scatter_of_its_own():
    with pytest.raises(InputError, match="residual_sd"):
        own(scale="MADRS", baseline_mean="30 points", baseline_sd="6 points")


# ------------------------------------------------------------------------------------------------ weights for dosing


def test_a_dose_per_kilogram_of_lean_weight_gives_everybody_the_milligrams_of_their_own():
    dose = parse_short_dose("0.3 mg/kg over 40 min", "ketamine", "S", "intravenous", weight_basis="lean")
    setting = Setting(metabolites=False, seed=4)
    course = simulate_cohort("fibromyalgia", 6, Regimen(setting="monitored", doses=(dose,)), "1 d", setting)
    people = sample(4, np.arange(6), "fibromyalgia")
    sexes = ["female" if woman else "male" for woman in people.female]
    lean = [dosing_weight("lean", w, h, s) for w, h, s in zip(people.weight, people.height, sexes, strict=True)]
    np.testing.assert_allclose(course.dose_total_mg, 0.3 * np.asarray(lean), rtol=1e-12)


def test_two_kinds_of_kilograms_in_one_regimen_are_refused():
    doses = [
        parse_short_dose("0.3 mg/kg over 40 min", "ketamine", "S", "intravenous", weight_basis=basis)
        for basis in ("lean", "actual")
    ]
    with pytest.raises(ProtocolError, match="one weight for all doses"):
        simulate_cohort("fibromyalgia", 4, Regimen(setting="monitored", doses=tuple(doses)), "1 d")


def test_a_typical_person_has_a_dosing_weight_and_no_height():
    from unwound.patient.people import typical_person

    person = typical_person(weight=70.0, baseline=7.0, effects=4, age=45.0, duration=5.0)
    assert float(person.dosing_weight[0]) == 70.0
    assert math.isnan(float(person.height[0]))


def test_records_of_people_can_be_hashed_whole():
    """The same bytes for the same seed, field by field."""
    one, two = (sample(9, np.arange(50), "PHN") for _ in range(2))
    for field in dataclasses.fields(one):
        a, b = (np.ascontiguousarray(getattr(people, field.name)).tobytes() for people in (one, two))
        assert hashlib.sha256(a).digest() == hashlib.sha256(b).digest()
