"""Predictions under fitted models: draws take turns, all stays in its place, and a result says what it rests on."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from unwound.core.errors import InputError, UnknownName
from unwound.inference.averaged import cohort_fitted, conduct_fitted, settings_in_turn, simulate_fitted
from unwound.inference.pain_shipped import fitted_settings, models, record, shared_out
from unwound.patient import Person, Setting, simulate
from unwound.patient.fitted import Fitted
from unwound.patient.merging import merged
from unwound.patient.wiring import hypothesis_keys
from unwound.population import population, simulate_cohort
from unwound.regimen import Infusion, Regimen
from unwound.reporting.course_figure import course_figure
from unwound.reporting.publish import courses_summary
from unwound.reporting.quantities import shown_states, states_title
from unwound.reporting.report import course_report
from unwound.trials import Trial, conduct

BASE = Setting(seed=4, metabolites=False)
WHOLE = Setting(seed=4)
TONIC = "H2 tonic"
REGIMEN = Regimen(
    setting="monitored", doses=(Infusion(drug="ketamine", enantiomer="S", rate="20 mg/h", duration="4 h"),)
)
PERSON = Person(weight="70 kg", pain="7 points", in_pain_for="6 y", age="45 y")


@pytest.fixture(scope="module")
def trial():
    return Trial.published("SIG09")


@pytest.fixture(scope="module")
def averaged(trial):
    """Three virtual trials under two draws of two models."""
    return conduct_fitted(trial, 3, "average", BASE, draws=2)


@pytest.fixture(scope="module")
def typical():
    return simulate_fitted(PERSON, REGIMEN, "2 weeks", TONIC, WHOLE, draws=3)


def model_of(setting):
    return f"{setting.hypothesis} {setting.driver}" if setting.hypothesis != "H0" else "H0"


def test_draws_are_shared_out_by_the_weights_of_trials_left_out():
    counted = Counter(model_of(setting) for setting in settings_in_turn("average", 100))
    for name, weight in record()["weights"].items():
        assert abs(counted[name] - 100 * weight) < 1.0
    assert set(counted) == set(models())  # with a hundred draws, even the least is heard


def test_any_run_of_turns_is_near_the_weights():
    names = [model_of(setting) for setting in settings_in_turn("average", 40)]
    whole = Counter(names)
    for upto in (10, 20, 30):
        for name, count in Counter(names[:upto]).items():
            assert abs(count - whole[name] * upto / 40) <= 1.5


def test_the_draws_of_a_model_are_spread_over_all_that_ship():
    shipped = fitted_settings(TONIC, 100, BASE)
    taken = settings_in_turn(TONIC, 4, BASE)
    assert [setting.own for setting in taken] == [shipped[n].own for n in (0, 25, 50, 75)]
    assert {setting.seed for setting in taken} == {4}


def test_a_model_has_many_spellings_and_a_wrong_one_lists_what_exists():
    assert settings_in_turn("h2-tonic", 1) == settings_in_turn(TONIC, 1)
    assert len(settings_in_turn("H2 pore depolarized", 2)) == 2
    with pytest.raises(UnknownName, match="average, H0, H1 empirical"):
        settings_in_turn("everything", 3)


@pytest.mark.parametrize("count", [0, 101])
def test_no_more_draws_than_ship(count):
    with pytest.raises(InputError, match="1 to 100"):
        settings_in_turn(TONIC, count)


def test_a_replicate_is_the_same_as_when_it_is_conducted_alone_under_its_draw(trial, averaged):
    settings = settings_in_turn("average", 2, BASE)
    assert len({model_of(setting) for setting in settings}) == 2
    for r in range(3):
        alone = conduct(trial, settings[r % 2], 1, first=r)
        people = slice(r * trial.size, (r + 1) * trial.size)
        assert np.array_equal(averaged.ratings[:, r], alone.ratings[:, 0], equal_nan=True)
        assert np.array_equal(averaged.allocation[r], alone.allocation[0])
        assert np.array_equal(averaged.rescues[:, r], alone.rescues[:, 0])
        assert np.array_equal(averaged.course.pain_nrs[:, people], alone.course.pain_nrs)
        assert np.array_equal(averaged.course.rate_reached[:, people], alone.course.rate_reached)
        assert np.array_equal(averaged.course.states["block"][:, people], alone.course.states["block"])
        for name, values in alone.people.__dict__.items():
            assert np.array_equal(np.asarray(getattr(averaged.people, name))[..., people], np.asarray(values), True)
        for name, reported in alone.events.items():
            assert np.array_equal(averaged.events[name][r], reported[0])


def test_one_draw_of_one_model_is_the_plain_trial_under_that_setting(trial):
    (setting,) = fitted_settings(TONIC, 1, BASE)
    found, plain = conduct_fitted(trial, 2, TONIC, BASE, draws=1), conduct(trial, setting, 2)
    assert np.array_equal(found.ratings, plain.ratings, equal_nan=True)
    assert np.array_equal(found.course.pain_nrs, plain.course.pain_nrs)
    assert found.course.hypothesis == "H2"
    assert found.course.behind == "H2 driven by tonic, fitted, 1 draw"


def test_numbers_that_draws_replaced_are_not_listed_as_those_of_the_tables(averaged):
    about = averaged.course.fitted
    assert {"pain.acute_half", "placebo.size_mean", "crps1.responder_share"} <= set(about.replaced)
    for keys in (averaged.keys, averaged.course.keys):
        assert not set(keys) & set(about.replaced)
    assert not {row.key for row in averaged.course.assumptions()} & set(about.replaced)
    for setting in settings_in_turn("average", 2, BASE):  # and what no draw replaced still stands there
        untouched = set(hypothesis_keys(setting.hypothesis, setting.driver)) - set(setting.own)
        assert untouched <= set(averaged.keys)
    cited = " ".join(citation.text() for citation in averaged.course.citations())
    assert "Goldberg" in cited  # a trial of the fit, no source of any row


def test_an_average_says_so_and_how_it_does_out_of_sample(averaged):
    course = averaged.course
    assert course.behind == "average of 2 fitted models by weight, 2 draws"
    assert course.under == "the average of 2 fitted models by weight, 2 draws"
    assert (course.hypothesis, averaged.setting) == ("average", BASE)
    told = course.fitted.as_dict()
    heard = {name: count for name, count in shared_out(record()["weights"], 2).items() if count}
    assert told["models"] == heard
    assert len(told["settings_sha256"]) == 64
    assert told["out_of_sample"] == record()["first_line"]["sentence"]
    hypotheses = sorted({name.partition(" ")[0] for name in heard})
    assert states_title(course) == f"Slow states under {' and '.join(hypotheses)}"


def test_the_band_of_a_typical_person_spans_the_draws(typical):
    settings = settings_in_turn(TONIC, 3, WHOLE)
    for n, setting in enumerate(settings):
        alone = simulate(PERSON, REGIMEN, "2 weeks", setting)
        assert np.array_equal(typical.pain_nrs[:, n], alone.pain_nrs[:, 0])
    week = np.searchsorted(typical.time_h, 168.0)
    told = courses_summary({"one": typical}, "one")["courses"][0]
    low, high = np.percentile(typical.pain_nrs[week], (5, 95))
    assert low < high
    assert (told["pain_nrs"]["p05"][week], told["pain_nrs"]["p95"][week]) == pytest.approx((low, high))


def test_draws_of_one_person_are_not_called_people(typical):
    told = courses_summary({"one": typical}, "one")
    assert (told["courses"][0]["people"], told["courses"][0]["draws"]) == (1, 3)
    assert courses_summary({"one": dataclasses.replace(typical, fitted=None)}, "one")["fitted"] is None
    page = course_report(typical, REGIMEN, "")
    assert "3 draws of the posterior" in page
    assert "3 people" not in page
    assert "in nine of ten draws" in page
    foot = " ".join(text.get_text() for text in course_figure(typical, "one", REGIMEN).texts)
    assert "5-95 % of draws of the posterior" in foot
    assert "people" not in foot
    assert typical.milestones(4.0)[1][0][2] == "7.0"  # nothing to spread: one number


def test_where_hypotheses_are_averaged_bands_are_over_who_has_the_state(typical):
    linear = dataclasses.replace(typical, states={"relief": typical.states["block"]})
    both = merged([(np.array([0, 2, 4]), typical), (np.array([1, 3, 5]), linear)], 6)
    assert np.isnan(both.states["block"][:, 1]).all()
    assert np.isnan(both.states["relief"][:, 0]).all()
    about = dataclasses.replace(typical.fitted, model="average", turns=(TONIC, "H0") * 3)
    both = dataclasses.replace(both, fitted=about, hypothesis="average")
    told = courses_summary({"one": both}, "one")["courses"][0]["states"]
    assert np.array_equal(told["block"]["mean"], typical.states["block"].mean(axis=1))
    assert np.isfinite(told["relief"]["p95"]).all()
    mostly = merged([(np.array([0, 1, 2]), typical), (np.array([3, 4, 5]), typical), (np.array([6, 7, 8]), linear)], 9)
    mostly = dataclasses.replace(mostly, fitted=about)
    assert "relief" not in [state.name for state in shown_states(mostly)]
    assert states_title(mostly) == "Slow states under H2"


def test_people_of_a_cohort_keep_who_they_are_and_take_the_draws_in_turn():
    found = cohort_fitted("CRPS-1", 5, REGIMEN, "2 weeks", TONIC, WHOLE, draws=2)
    for n, setting in enumerate(settings_in_turn(TONIC, 2, WHOLE)):
        alone = simulate_cohort("CRPS-1", 5, REGIMEN, "2 weeks", setting)
        assert np.array_equal(found.pain_nrs[:, n::2], alone.pain_nrs[:, n::2])
    assert found.fitted.taken(3) == [TONIC] * 3
    assert "crps1.responder_share" in found.fitted.replaced
    assert (found.who, found.spread_of) == ("5 people", "people")


def test_a_population_that_somebody_wrote_keeps_its_own_responders():
    mine = dataclasses.replace(population("CRPS-1"), name="mine", own=("responder_share = 0.5, given by the user",))
    found = cohort_fitted(mine, 4, REGIMEN, "2 weeks", TONIC, WHOLE, draws=2)
    assert "crps1.responder_share" not in found.fitted.replaced
    assert "crps1.responder_share" in found.keys
    assert any("are its own" in text for text in found.warnings)


def test_the_record_of_draws_names_hypotheses_drivers_and_turns():
    assert Fitted("average", (TONIC, "H0", TONIC), "").hypotheses == ("H0", "H2")
    assert Fitted("average", (TONIC, "H0", TONIC), "").drivers == ("tonic",)
    assert Fitted("average", (TONIC, "H0", TONIC), "").taken(4) == [TONIC, "H0", TONIC, TONIC]
