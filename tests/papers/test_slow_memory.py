"""The bistable memory against its own equations: a check of the code, not a claim about patients.

The relief table is a first computation with first-guess parameters (L = 1, no flares, an illustrative two-compartment
model). It is computed here once more from the written equations (`transcriptions`), and both must agree with each
other and with the table. A third engine (diffrax, adaptive, tight) follows random patients on the same flares.
"""

import numpy as np
import pytest

from papers.transcriptions import (
    H1,
    H2,
    MOLAR_MASS,
    drive,
    drug_free_states,
    otto,
    rating,
    slow,
    step,
    two_compartments,
)
from unwound.core.arrays import eqx, jax, jnp
from unwound.core.random import patient_keys, root_key, stream
from unwound.evidence import fill, value
from unwound.patient import Setting, simulate_people, typical_person
from unwound.population import sample
from unwound.regimen import Infusion, Regimen, compile_regimen
from unwound.sensitization import Flares, Switch, flares
from unwound.sensitization.switch import pain_state
from unwound.trials import Trial

# -------------------------------------------------------------------------------- resting states


def test_a_chronic_patient_has_one_resting_state_and_it_is_pain():
    assert drug_free_states(1.0, H2) == pytest.approx([0.706], abs=5e-4)


def test_without_latent_memory_health_and_pain_are_both_stable():
    assert drug_free_states(0.0, H2) == pytest.approx([0.015, 0.245, 0.686], abs=7e-4)


def test_under_protection_the_chronic_patient_has_a_healthy_state_too():
    """Protection holds the threshold up: Z = 0.3 at L = 1."""
    assert drug_free_states(1.0, H2, Z=0.3) == pytest.approx([0.036, 0.24, 0.659], abs=5e-3)


@pytest.mark.parametrize(("prefix", "m"), [("protected_switch", H2), ("switch", H1)])
@pytest.mark.parametrize("L", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
def test_the_pain_state_is_the_highest_root(prefix, m, L):
    found = pain_state(L, fill(Switch, prefix))
    assert float(found.gain) == pytest.approx(drug_free_states(L, m)[-1], abs=1e-9)


# -------------------------------------------------------------------------------- the relief table

MINUTES_40 = 2 / 3
REGIMENS = {  # (start h, end h, mg/h), relief days of the table
    "40 min at 52 mg/h": ([(0, MINUTES_40, 52)], 0),
    "4 h at 20 mg/h": ([(0, 4, 20)], 0),
    "5 d at 20 mg/h": ([(0, 120, 20)], 41),
    "4.2 d, 5-12-22 mg/h": ([(0, 24, 5), (24, 48, 12), (48, 100.8, 22)], 39.5),
    "10 x 4 h at 20 mg/h, weekdays": ([(24 * d, 24 * d + 4, 20) for d in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)], 34),
    "6 x 40 min over 12 d": ([(57.6 * n, 57.6 * n + MINUTES_40, 52) for n in range(6)], 0),
    "14 x 40 min daily": ([(24 * n, 24 * n + MINUTES_40, 52) for n in range(14)], 0),
}
UNTIL_D = 72
FINE, COARSE = 1 / 360, 1 / 48  # days: every start and end above is a whole number of fine steps
BASE = drive(drug_free_states(1.0, H2)[-1], 1.0, 0.0, H2)


def transcribed():
    """Times [d], S, L, Z, pain of all regimens side by side: RK4 on exact blood."""
    K, V1 = two_compartments()
    pumps = [pump for pump, _ in REGIMENS.values()]
    dosing = int(max(pump[-1][1] for pump in pumps) / 24 + 4)
    steps = [FINE] * round(dosing / FINE) + [COARSE] * round((UNTIL_D - dosing) / COARSE)
    state = np.array([[S, 1.0, 0.0] for S in [drug_free_states(1.0, H2)[-1]] * len(pumps)]).T
    A = np.zeros((len(pumps), 2))
    halves = {}
    for h in (FINE, COARSE):  # over half a step: A <- A E + R f
        E = np.array([step(K, unit, 0.0, 12 * h) for unit in np.eye(2)])
        halves[h] = E, step(K, np.zeros(2), 1.0, 12 * h)
    t, times, states, blocks = 0.0, [0.0], [state], [np.zeros(len(pumps))]

    def flow(y, b):
        return np.array(slow(*y, b, 0.0, H2))

    def block(A):
        C = 1000 * A[:, 0] / V1
        return C / (C + H2["b50"])

    for h in steps:
        middle = 24 * (t + h / 2)
        R = np.array([sum(rate for s, e, rate in pump if s <= middle < e) for pump in pumps])[:, None]
        E, f = halves[h]
        A_half = A @ E + R * f
        A_next = A_half @ E + R * f
        b0, bh, b1 = block(A), block(A_half), block(A_next)
        k1 = flow(state, b0)
        k2 = flow(state + h / 2 * k1, bh)
        k3 = flow(state + h / 2 * k2, bh)
        k4 = flow(state + h * k3, b1)
        state, A, t = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), A_next, t + h
        times.append(t)
        states.append(state)
        blocks.append(b1)
    S, L, Z = np.moveaxis(np.array(states), 1, 0)
    return np.array(times), S, L, Z, rating(drive(S, L, np.array(blocks), H2))


def relief_days(days, nrs, end):
    """How long after `end` pain stays below 70 % of the base; 0 if it is not one day later."""
    after = days >= end + 1 - 1e-9
    back = np.flatnonzero(nrs[after] >= 0.7 * rating(BASE))
    first_back = days[after][back[0]] if len(back) else np.inf
    return 0.0 if first_back <= end + 1 + 1e-9 else first_back - end


@pytest.fixture(scope="module")
def by_hand():
    return transcribed()


@pytest.fixture(scope="module")
def by_package():
    """Courses of the typical chronic patient, hourly."""
    courses = {}
    person = typical_person(weight=70.0, baseline=float(rating(BASE)), effects=0, age=45.0, duration=100.0)
    for name, (pump, _) in REGIMENS.items():
        doses = tuple(
            Infusion(drug="ketamine", enantiomer="S", rate=f"{r} mg/h", duration=f"{e - s!r} h", start=f"{s!r} h")
            for s, e, r in pump
        )
        regimen = compile_regimen(Regimen(setting="icu", doses=doses))
        setting = Setting(model="twocompartment", flares=False)
        courses[name] = simulate_people(person, np.zeros(1, int), regimen, np.arange(0, UNTIL_D * 24 + 1.0), setting)
    return courses


@pytest.mark.parametrize("name", REGIMENS)
def test_package_and_transcription_follow_one_course(by_hand, by_package, name):
    days, S, L, Z, nrs = by_hand
    column, course = list(REGIMENS).index(name), by_package[name]
    hourly = np.flatnonzero(np.isclose(days * 24, np.round(days * 24), atol=1e-6))
    shared = course.time_h / 24
    assert len(hourly) == len(shared)
    np.testing.assert_allclose(days[hourly], shared, atol=1e-6)
    for states, theirs in (("synaptic_gain", S), ("latent_memory", L), ("protection", Z)):
        np.testing.assert_allclose(course.states[states][:, 0], theirs[hourly, column], atol=1e-4, err_msg=states)
    np.testing.assert_allclose(course.pain_nrs[:, 0], nrs[hourly, column], atol=2e-3)


@pytest.mark.parametrize("name", REGIMENS)
def test_both_find_the_relief_days_of_the_table(by_hand, by_package, name):
    pump, printed = REGIMENS[name]
    end = pump[-1][1]
    days, *_, nrs = by_hand
    theirs = relief_days(days, nrs[:, list(REGIMENS).index(name)], end / 24)
    ours = float(by_package[name].relief_days(end)[0])
    assert ours == pytest.approx(theirs, abs=0.5)
    assert theirs == pytest.approx(printed, abs=2)
    assert ours == pytest.approx(printed, abs=2)


def test_the_base_and_the_protection_left_are_those_of_the_table(by_hand):
    _, _, _, Z, nrs = by_hand
    assert nrs[0] == pytest.approx(7.1, abs=0.05)
    left = {"4 h at 20 mg/h": 0.07, "5 d at 20 mg/h": 0.88, "4.2 d, 5-12-22 mg/h": 0.82, "6 x 40 min over 12 d": 0.22}
    left |= {"10 x 4 h at 20 mg/h, weekdays": 0.59, "14 x 40 min daily": 0.43}
    for name, expected in left.items():
        at_end = round(REGIMENS[name][0][-1][1] / 24 / FINE)
        assert Z[at_end, list(REGIMENS).index(name)] == pytest.approx(expected, abs=0.02), name


# -------------------------------------------------------------------------------- random patients against diffrax

SEED, IDS = 17, np.array([3, 14, 15, 92])
AT_H = np.array([6.0, 24.0, 60.0, 100.0, 101.0, 112.0, 168.0, 336.0, 500.0, 672.0])
M_OF = {"H1": H1, "H2": H2}


def titrated(people, i):
    """(edges [h], rates [mg/h]) of the SIG09 titration for one person: up every 12 h; one down and hold when it is
    too much. 1.2 ... 7.2 ug/kg/min over 100 h."""
    levels = 0.072 * np.arange(1, 7) * float(people.weight[i])  # mg/h
    limit = value("psychomimetic.intolerable_concentration", "uM") * MOLAR_MASS * float(people.sensitivity[i])
    K, V1, *_ = otto(float(people.weight[i]), *np.asarray(people.kinetics)[:, i])
    edges = np.array([*range(0, 100, 12), 100.0])
    A, at, held, rates = np.zeros(5), 0, False, []
    for k, hours in enumerate(np.diff(edges)):
        if k > 0:
            if 1000 * A[0] / V1 > limit:
                at, held = max(at - 1, 0), True
            elif not held:
                at = min(at + 1, 5)
        rates.append(levels[at])
        A = step(K, A, levels[at], hours)
    return edges, np.array(rates)


def followed(people, hypothesis, paths, edges, rates):
    """S, L, Z at `AT_H` for each person by diffrax: the whole chain from the pump as one system of equations."""
    import diffrax

    m, knots = M_OF[hypothesis], 24.0 * np.arange(paths.shape[0])
    matrices = [otto(float(people.weight[i]), *np.asarray(people.kinetics)[:, i]) for i in range(len(IDS))]
    p = m["p"] * np.asarray(people.input_factor)
    gL = m["gL"] * np.asarray(people.latent_factor)
    L0 = 1 - np.exp(-np.asarray(people.duration) * 365.25 / m["tauL"])
    S0 = [drug_free_states(L, m | {"p": a, "gL": g})[-1] for L, a, g in zip(L0, p, gL, strict=True)]
    start = np.array([[0.0, 0, 0, S, L, 0.0] for S, L in zip(S0, L0, strict=True)])
    jumps = jnp.asarray(np.unique(np.concatenate([edges, knots])))

    def flow(t, y, args):
        K, V1, p, gL, rates, path = args
        on = jnp.searchsorted(jnp.asarray(edges), t, side="right") - 1
        R = jnp.where(t < edges[-1], rates[jnp.clip(on, 0, len(edges) - 2)], 0.0)
        drug = K @ y[:3] + jnp.array([1.0, 0, 0]) * R
        C = 1000 * y[0] / V1
        b = C / (C + m["b50"])
        flare = jnp.interp(t, jnp.asarray(knots), path)
        S, L, Z = y[3:]
        N = (1 - b) * (1 - m["eta"] * Z) * jnp.maximum(p + flare + m["gS"] * S + gL * L, 0)
        on_S = N ** m["n"] / (N ** m["n"] + m["th"] ** m["n"])
        memory = jnp.array(
            [
                m["kon"] * (1 - S) * on_S - m["koff"] * S,
                (jnp.minimum(S / m["SL"], 1) - L) / m["tauL"],
                m["kz1"] * b * (1 - Z) - m["kz0"] * Z,
            ]
        )
        return jnp.concatenate([drug, memory / 24])

    @eqx.filter_jit
    def solve(start, args):
        def one(y0, args):
            return diffrax.diffeqsolve(
                diffrax.ODETerm(flow),
                diffrax.Dopri8(),
                t0=0.0,
                t1=AT_H[-1],
                dt0=0.01,
                y0=y0,
                args=args,
                saveat=diffrax.SaveAt(ts=jnp.asarray(AT_H)),
                stepsize_controller=diffrax.ClipStepSizeController(
                    diffrax.PIDController(rtol=1e-10, atol=1e-10), jump_ts=jumps
                ),
                max_steps=200_000,
            ).ys

        return jax.vmap(one)(start, args)

    K = np.array([k[0][:3, :3] for k in matrices])
    V1 = np.array([k[1] for k in matrices])
    return np.moveaxis(
        np.asarray(solve(jnp.asarray(start), tuple(map(jnp.asarray, (K, V1, p, gL, rates, paths.T))))), 0, 2
    )[:, 3:]


@pytest.fixture(scope="module")
def people():
    return sample(SEED, IDS, "CRPS-1")


def flare_paths(hypothesis):
    count = int(AT_H[-1] / 24) + 1
    if hypothesis != "H2":
        return np.zeros((count, len(IDS)))
    keys = jax.vmap(lambda key: stream(key, "flares"))(patient_keys(root_key(SEED), jnp.asarray(IDS)))
    return np.asarray(flares.path(keys, count, Flares(0.05, 3.0)))


@pytest.mark.parametrize("hypothesis", ["H1", "H2"])
@pytest.mark.parametrize("given", ["titrated", "0.5 mg/kg over 30 min, three days"])
def test_random_patients_agree_with_diffrax_on_the_same_flares(people, hypothesis, given):
    if given == "titrated":
        regimen = compile_regimen(Trial.published("SIG09").regimen)
        pumps = [titrated(people, i) for i in range(len(IDS))]
        edges, rates = pumps[0][0], np.array([rates for _, rates in pumps])
    else:
        dose = Infusion(
            drug="ketamine",
            enantiomer="S",
            rate="1 mg/kg/h",
            duration="0.5 h",
            repeat={"count": 3, "days": "daily"},
        )
        regimen = compile_regimen(Regimen(setting="icu", doses=(dose,)))
        edges = np.array([0, 0.5, 24, 24.5, 48, 48.5])
        rates = np.asarray(people.weight)[:, None] * np.array([1.0, 0, 1, 0, 1])
    exact = followed(people, hypothesis, flare_paths(hypothesis), edges, rates)
    course = simulate_people(people, IDS, regimen, AT_H, Setting(seed=SEED, hypothesis=hypothesis))
    assert not course.failed().size
    for k, name in enumerate(("synaptic_gain", "latent_memory", "protection")):
        np.testing.assert_allclose(course.states[name][1:], exact[:, k], rtol=0, atol=1e-6, err_msg=name)


def test_the_titration_reaches_what_its_rule_says(people):
    course = simulate_people(people, IDS, compile_regimen(Trial.published("SIG09").regimen), AT_H, Setting(seed=SEED))
    for i in range(len(IDS)):
        edges, rates = titrated(people, i)
        assert course.rate_reached[0, i] * float(people.weight[i]) == pytest.approx(rates[-1], rel=1e-9)
        assert course.dose_total_mg[i] == pytest.approx(float(rates @ np.diff(edges)), rel=1e-9)
        assert bool(course.stepped_back[0, i]) == bool((np.diff(rates) < 0).any())


# -------------------------------------------------------------------------------- short infusions do not last


HALF_MG_PER_KG = Infusion(drug="ketamine", enantiomer="S", amount="0.5 mg/kg", duration="30 min")


@pytest.mark.parametrize("hypothesis", ["H0", "H1", "H2"])
def test_half_a_milligram_per_kilogram_gives_a_typical_person_no_lasting_relief(hypothesis):
    person = typical_person(weight=70.0, baseline=7.1, effects=4, age=45.0, duration=7.0)
    regimen = compile_regimen(Regimen(setting="icu", doses=(HALF_MG_PER_KG,)))
    at = np.array([0.5, 24.0, 72.0, 168.0, 672.0])
    course = simulate_people(person, np.zeros(1, int), regimen, at, Setting(hypothesis=hypothesis, flares=False))
    pain = course.pain_nrs[:, 0]
    assert float(course.relief_days(0.5)[0]) == 0
    assert (pain[2:] > 0.9 * 7.1).all()  # H0 knows no threshold: a twelfth of the pain, fading
    if hypothesis != "H0":
        assert pain[1] < pain[0] - 0.5  # but at its end it does relieve
        np.testing.assert_allclose(pain[3:], 7.1, atol=0.1)


def test_half_a_milligram_per_kilogram_moves_a_population_no_further_than_placebo():
    ids = np.arange(200)
    regimen = compile_regimen(Regimen(setting="icu", doses=(HALF_MG_PER_KG,)))
    crps, at = sample(6, ids, "CRPS-1"), np.array([168.0, 672.0])
    drug, saline = (
        simulate_people(crps, ids, regimen, at, Setting(seed=6), treated) for treated in (None, np.zeros(200))
    )
    beyond = saline.pain_nrs[1:].mean(axis=1) - drug.pain_nrs[1:].mean(axis=1)
    assert (abs(beyond) < 0.3).all()
