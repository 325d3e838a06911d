"""A person is the same person in any order, company, arm and horizon."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws.register import jax, jnp
from unwound.core.random import patient_keys, root_key, stream
from unwound.patient import Setting, simulate_people
from unwound.population import sample
from unwound.regimen import Infusion, Regimen, compile_regimen
from unwound.sensitization import Flares, flares
from unwound.trials import Trial, conduct

REGIMEN = compile_regimen(Trial.published("SIG09").regimen)
AT = np.arange(0, 5) * 168.0
IDS = np.arange(40)
ARRAYS = ["pain_nrs", "psychomimetic", "peak_ng_per_mL", "dose_total_mg", "rate_reached", "stepped_back", "verdicts"]


def course(ids, treated=None, hypothesis="H2", at=AT, regimen=REGIMEN):
    return simulate_people(sample(4, ids, "CRPS-1"), ids, regimen, at, Setting(seed=4, hypothesis=hypothesis), treated)


def arrays(course):
    """Every array of a course, by name."""
    named = {name: getattr(course, name) for name in ARRAYS}
    return named | dict(course.states) | dict(course.concentration_ng_per_mL)


def assert_same_bytes(first, second, pick=slice(None)):
    others = arrays(second)
    for name, values in arrays(first).items():
        assert np.array_equal(values[..., pick], others[name]), name


@pytest.fixture(scope="module")
def everybody():
    return course(IDS)


@given(order=st.permutations(list(range(len(IDS)))))
@settings(max_examples=6)
def test_permuting_people_permutes_results(everybody, order):
    assert_same_bytes(everybody, course(IDS[np.array(order)]), np.array(order))


@given(st.permutations(list(range(200))))
@settings(max_examples=10)
def test_a_person_is_drawn_the_same_in_any_company(order):
    everyone, shuffled = sample(4, np.arange(200), "CRPS-1"), sample(4, np.array(order), "CRPS-1")
    for one, other in zip(jax.tree.leaves(everyone), jax.tree.leaves(shuffled), strict=True):
        np.testing.assert_array_equal(one[..., np.array(order)], other)


def test_neighbours_in_a_lane_do_not_matter(everybody):
    fewer = np.concatenate([IDS[::2], [900, 901, 902, 903]])
    after = course(fewer)
    kept = arrays(after)
    for name, values in arrays(everybody).items():
        assert np.array_equal(values[..., ::2], kept[name][..., :20]), name


@pytest.mark.parametrize("hypothesis", ["H0", "H1", "H2"])
def test_placebo_arm_never_sees_drug(hypothesis):
    saline = course(IDS, np.zeros(len(IDS)), hypothesis)
    for analyte, values in saline.concentration_ng_per_mL.items():
        assert (values == 0).all(), analyte
    for name in {"protection", "block", "slow_concentration", "relief"} & set(saline.states):
        assert (saline.states[name] == 0).all(), name
    assert (saline.peak_ng_per_mL == 0).all()
    assert (saline.dose_total_mg == 0).all()
    assert not saline.stepped_back.any()
    people = sample(4, IDS, "CRPS-1")
    assert (saline.psychomimetic == (np.asarray(people.report_chance) < 0.18)).all()


def test_saline_is_as_good_as_an_empty_regimen():
    nothing = compile_regimen(Regimen(doses=()), horizon_h=100.0)
    np.testing.assert_allclose(
        course(IDS, np.zeros(len(IDS))).pain_nrs, course(IDS, regimen=nothing).pain_nrs, atol=1e-5
    )


def test_arms_differ_only_by_treatment(everybody):
    """Half of the people are moved to saline: the others keep every byte."""
    treated = (IDS % 2).astype(float)
    mixed = course(IDS, treated)
    kept = arrays(mixed)
    for name, values in arrays(everybody).items():
        assert np.array_equal(values[..., 1::2], kept[name][..., 1::2]), name
    assert (kept["pain_nrs"][0] == everybody.pain_nrs[0]).all()


def test_the_same_person_has_the_same_flares_under_both_arms_and_any_horizon():
    keys = jax.vmap(lambda key: stream(key, "flares"))(patient_keys(root_key(4), jnp.asarray(IDS)))
    wander = Flares(0.05, 3.0)
    short, long = (np.asarray(flares.path(keys, knots, wander)) for knots in (30, 366))
    np.testing.assert_array_equal(short, long[:30])


def test_a_course_asked_for_longer_begins_as_the_shorter_one_did(everybody):
    longer = course(IDS, at=np.arange(0, 13) * 168.0)
    np.testing.assert_array_equal(longer.pain_nrs[: len(AT)], everybody.pain_nrs)


def test_swapping_what_the_arms_receive_changes_nobodys_baseline_and_nobodys_dropout():
    trial = Trial.published("SIG09")
    first, second = trial.arms
    swapped = trial.model_copy(
        update={
            "arms": (
                first.model_copy(update={"gives": second.gives}),
                second.model_copy(update={"gives": first.gives}),
            )
        }
    )
    one, other = (conduct(t, Setting(seed=2), 2) for t in (trial, swapped))
    np.testing.assert_array_equal(one.people.weight, other.people.weight)
    np.testing.assert_array_equal(one.ratings[0], other.ratings[0])
    np.testing.assert_array_equal(np.isnan(one.ratings), np.isnan(other.ratings))


def test_a_dose_for_one_person_does_not_reach_another():
    dose = Infusion(drug="ketamine", enantiomer="S", rate="20 mg/h", duration="100 h")
    regimen = compile_regimen(Regimen(setting="icu", doses=(dose,)))
    only_first = np.zeros(len(IDS))
    only_first[0] = 1.0
    alone = course(IDS, only_first, regimen=regimen)
    assert alone.dose_total_mg[0] == pytest.approx(2000.0)
    assert (alone.peak_ng_per_mL[1:] == 0).all()
