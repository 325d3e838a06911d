"""The joint fit of pain: rows as printed, ratings as people give them, crowds as the simulator has them."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from scipy import stats

from unwound.core.errors import EvidenceError, InputError
from unwound.evidence import for_fitting
from unwound.inference import pain_fit, study
from unwound.inference.bank import Bank, asked, columns_of, fitted_crowd, places, rows_of
from unwound.inference.observe import critical, features, grades, in_words, log_likelihood, printed, responding, seen
from unwound.inference.pain_parameters import drivers, ends, names, numbers, own, priors
from unwound.inference.pain_recovery import simulated
from unwound.inference.pain_rows import fit_rows, fitted_trials, p_interval
from unwound.inference.surrogate import train
from unwound.patient.blood import compile_for
from unwound.patient.setting import Setting
from unwound.patient.simulation import simulate_people
from unwound.pharmacokinetics.register import routed_model


def row_of(trial: str, kind: str):
    return next(row for row in rows_of(trial) if row.kind == kind)


def test_dahan_2011_may_not_join_the_patients_of_sigtermans_2009():
    assert "SIG09" in fitted_trials()
    assert "DAH11" not in fitted_trials()
    with pytest.raises(InputError, match="share patients"):
        for_fitting("SIG09", "DAH11")


def test_a_standard_error_of_thirty_patients_becomes_their_spread():
    row = row_of("SIG09", "mean")
    assert (row.mean, row.n) == (2.68, 30)
    assert row.sd == pytest.approx(0.51 * math.sqrt(30))


@pytest.mark.parametrize(
    ("text", "low", "high"), [("P<0.001", 0.0, 0.001), ("P=0.07", 0.065, 0.075), ("P=0.54", 0.535, 0.545)]
)
def test_a_printed_p_is_an_interval(text, low, high):
    assert p_interval(text) == pytest.approx((low, high))


def test_a_sentence_is_no_p():
    with pytest.raises(EvidenceError, match="is not a P value"):
        p_interval("not significant")


def test_chances_of_ratings_are_those_of_rounding_and_keeping_within_the_scale():
    rng = np.random.default_rng(1)
    x = np.array([0.1, 3.3, 9.8])
    drawn = np.clip(np.round(x + 1.4 * rng.standard_normal((400_000, 3))), 0, 10)
    counted = np.stack([(drawn == k).mean(axis=0) for k in range(11)], axis=-1)
    assert np.asarray(grades(x, 1.4)) == pytest.approx(counted, abs=0.004)


def test_share_mean_and_spread_are_those_of_drawn_ratings():
    rng = np.random.default_rng(2)
    before, now = rng.uniform(5, 9, 300), rng.uniform(0, 9, 300)
    draws = [np.clip(np.round(x + 0.9 * rng.standard_normal((4000, 300))), 0, 10) for x in (before, now)]
    half = float(responding(grades(before, 0.9), grades(now, 0.9), 0.5))
    assert half == pytest.approx(np.mean(draws[1] <= 0.5 * draws[0]), abs=0.003)
    told = seen(now[None], 0.9)
    assert float(told.mean[0]) == pytest.approx(draws[1].mean(), abs=0.01)
    assert math.exp(float(told.log_sd[0])) == pytest.approx(draws[1].std(axis=1).mean(), abs=0.02)


def test_likelihoods_are_those_of_the_library():
    share, mean, classes = row_of("NOP11", "share"), row_of("SIG09", "mean"), row_of("RAB01", "classes")
    logit = np.array([0.3])
    p = 1 / (1 + math.exp(-0.3))
    assert float(log_likelihood(share, logit)) == pytest.approx(stats.binom.logpmf(8, 12, p))
    found = np.array([3.0, math.log(2.5)])
    center = stats.norm.logpdf(2.68, 3.0, 2.5 / math.sqrt(30))
    spread = stats.norm.logpdf(math.log(mean.sd), math.log(2.5), 1 / math.sqrt(58))
    assert float(log_likelihood(mean, found)) == pytest.approx(center + spread)
    some, stay = 0.7, 0.4
    found = np.log([some / (1 - some), stay / (1 - stay)])
    chances = (1 - some, some * (1 - stay), some * stay)
    assert float(log_likelihood(classes, found)) == pytest.approx(stats.multinomial.logpmf((4, 7, 6), 17, chances))


@pytest.mark.parametrize("p", [1e-4, 0.001, 0.05, 0.54])
def test_critical_t_is_that_of_the_library(p):
    row = row_of("AMR10", "between")
    assert critical(row, 0.0, p)[0] == pytest.approx(stats.t.isf(p / 2, 38), rel=2e-3)


def test_chances_of_all_p_values_sum_to_one():
    row = row_of("SIG09", "between")
    ends_of = [0.0, 0.001, 0.05, 0.3, 1.0]
    parts = [
        math.exp(float(log_likelihood(row, np.array([-1.7]), critical(row, a, b))))
        for a, b in itertools.pairwise(ends_of)
    ]
    assert sum(parts) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("hypothesis", "driver", "trial"),
    [("H0", "", "SIG09"), ("H2", "tonic", "AMR10"), ("H2", "pore_depolarized", "SIG09"), ("H1", "empirical", "NOP11")],
)
def test_a_crowd_is_what_the_simulator_has_for_the_same_numbers(hypothesis, driver, trial):
    """Two ways to the same pain: arrays in a lane of the fit, and one `Setting` with the numbers of the draw."""
    rng = np.random.default_rng(3)
    low, high = ends(hypothesis, driver).T
    drawn = numbers(hypothesis, (low + (high - low) * rng.random(len(low)))[None])
    crowd = fitted_crowd(trial)
    treated = crowd.pain(hypothesis, drawn)[crowd.sides[0].name][0]
    values = {name: float(column[0]) for name, column in drawn.items()}
    setting = Setting(
        model=crowd.model, hypothesis=hypothesis, driver=driver or "empirical", seed=20261126, metabolites=False,
        own=own(hypothesis, driver, values),
    )  # fmt: skip
    reached = crowd.reached < values["reach"]
    share = np.where(reached, crowd.who.responder_non_nmda_share, crowd.who.non_responder_non_nmda_share)
    size = crowd.people.placebo_size
    if crowd.fitted_placebo:
        size = values["placebo_size"] + values["placebo_sd"] * crowd.placebo
    people = dataclasses.replace(crowd.people, non_nmda_share=share, placebo_size=np.asarray(size))
    regimen = compile_for(routed_model(crowd.model), crowd.regimen)
    course = simulate_people(people, np.arange(crowd.count), regimen, np.array(crowd.hours), setting)
    at = np.searchsorted(course.time_h, np.array(crowd.hours) - 1e-6)
    assert np.abs((treated - course.pain_nrs[at]).mean(axis=1)).max() < 0.01
    assert np.quantile(np.abs(treated - course.pain_nrs[at]), 0.98) < 0.05


def test_drivers_have_ends_of_their_own_within_what_was_computed():
    assert drivers("H0") == ("",)
    assert set(drivers("H2")) == {"empirical", "tonic", "pore_depolarized", "pore"}
    place = names("H2").index("half_block")
    for driver in drivers("H2"):
        low, high = ends("H2", driver)[place]
        assert 0.0 <= low < high <= 1.0
    assert ends("H2", "tonic")[place][1] < ends("H2", "empirical")[place][0]


def test_every_open_number_runs_between_its_ends():
    for hypothesis in ("H0", "H1", "H2"):
        count = len(priors(hypothesis))
        low, high = (numbers(hypothesis, np.full(count, part)) for part in (0.0, 1.0))
        for prior in priors(hypothesis):
            assert low[prior.name] == pytest.approx(prior.low)
            assert high[prior.name] == pytest.approx(prior.high)
            assert prior.part(prior.at(np.array(0.3))) == pytest.approx(0.3)


def test_a_study_of_twice_the_potency_needs_half_the_concentrations_and_nothing_else_moves():
    rng = np.random.default_rng(7)
    point = 0.4 + 0.4 * rng.random((5, len(names("H2"))))
    draws = study.Draws(point, np.full(5, math.log(2.0)), np.ones((5, len(fitted_trials()))))
    before, now = numbers("H2", point), numbers("H2", draws.of_trial("H2", "SIG09"))
    for name in names("H2"):
        assert now[name] == pytest.approx(before[name] * (0.5 if name in ("acute_half", "half_block") else 1.0))
    values = {name: float(column[0]) for name, column in before.items()}
    told = study.of_a_new_study("H2", values, math.log(2.0), 1.0)
    assert told == pytest.approx({name: float(column[0]) for name, column in now.items()})
    far = study.of_a_new_study("H2", values, 9.0, 1.0)
    assert far["half_block"] == next(prior.low for prior in priors("H2") if prior.name == "half_block")


def test_new_studies_are_spread_as_the_draws_say():
    count = 4000
    draws = study.Draws(np.full((count, len(names("H0"))), 0.5), np.full(count, 0.2), np.zeros((count, 7)))
    found = numbers("H0", draws.of_new_trial("H0", np.random.default_rng(8)))
    for name in ("acute_half", "half_effect"):
        assert np.log(found[name]).std() == pytest.approx(0.2, rel=0.02)


def test_every_trial_is_asked_as_the_study_that_it_is():
    trials = fitted_trials()
    own_w = np.zeros((2, len(trials)))
    own_w[:, trials.index("GRA00")] = (-1.5, 1.5)
    draws = study.Draws(np.full((2, len(names("H0"))), 0.5), np.full(2, 0.7), own_w)
    found, middle = study.answered("H0", draws), asked("H0", numbers("H0", draws.point))
    elsewhere = np.setdiff1d(np.arange(found.shape[1]), columns_of("GRA00"))
    np.testing.assert_allclose(found[:, elsewhere], middle[:, elsewhere])
    weak, strong = found[:, columns_of("GRA00")][:, 0]
    assert weak < middle[0, columns_of("GRA00")][0] < strong  # responders


def test_without_effect_no_row_prefers_a_drug():
    crowd = fitted_crowd("NOP11")
    same = {side.name: np.tile(np.asarray(crowd.people.baseline), (len(crowd.hours), 1)) for side in crowd.sides}
    found = np.asarray(features(rows_of("NOP11"), same, crowd.hours, *crowd.scatter))
    assert found[0::2] == pytest.approx(found[1::2])  # S-ketamine and midazolam by turns
    assert all(in_words(row, found[n : n + 1])[0] < 25 for n, row in enumerate(rows_of("NOP11")))


def test_a_surrogate_learns_a_smooth_function():
    rng = np.random.default_rng(4)
    cube = rng.random((160, 3))

    def truth(u):
        return np.stack([np.sin(3 * u[:, 0]) + u[:, 1] ** 2, np.tanh(4 * (u[:, 2] - 0.5))], axis=1)

    surrogate = train(Bank("H0", cube, truth(cube)))
    new = rng.random((40, 3))
    told = np.array([np.asarray(surrogate(point)) for point in new])
    assert np.abs(told - truth(new)).max() < 0.05


def test_the_sampler_finds_a_known_posterior():
    import numpyro
    import numpyro.distributions as dist

    def model(center):
        x = numpyro.sample("x", dist.Normal(0.0, 1.0))
        numpyro.factor("seen", -0.5 * ((x - center) / 0.5) ** 2)

    run = pain_fit.sampler(model, 1200)
    for center in (1.0, -2.0):
        sites, r_hat = run(1, center)
        assert sites["x"].mean() == pytest.approx(0.8 * center, abs=0.06)
        assert sites["x"].std() == pytest.approx(math.sqrt(0.2), rel=0.12)
        assert r_hat < 1.05


def test_simulated_rows_are_printed_like_the_real_ones():
    rng = np.random.default_rng(5)
    found = asked("H0", numbers("H0", np.full((1, len(names("H0"))), 0.5)))[0]
    drawn = simulated(found, rng)
    for row, data in zip(fit_rows(), drawn, strict=True):
        assert len(data) == len(printed(row))
        assert all(math.isfinite(number) for number in data)
        if row.kind in ("share", "classes"):
            assert 0 <= sum(data) <= row.n
    assert len(found) == places()[-1].stop


def test_rivals_have_the_priors_of_the_page_and_no_others():
    import jax
    from numpyro.handlers import seed, trace

    from unwound.inference.pain_rows import page
    from unwound.inference.rivals import RIVALS, sampled

    told = page()["rivals"]["priors"]
    for rival in RIVALS:
        with trace() as seen_sites, seed(rng_seed=jax.random.key(0)):
            sampled(rival)
        sites = {name.removeprefix("log_") for name in seen_sites}
        own_names = {entry["name"] for entry in told if rival in entry["rivals"].split()}
        every = {prior.name for prior in priors("placebo")} - {"acute_block", "acute_half"}
        assert (
            sites - every == own_names | {"placebo": set(), "decay": {"each"}, "analysis": {"each", "r_potency"}}[rival]
        )
    assert all(entry["why"] and entry["about"] and entry["unit"] for entry in told)
