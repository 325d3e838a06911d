"""The dorsal horn: cells, wiring, volleys, wind-up and what is read from it."""

import numpy as np
import pytest

from unwound import evidence
from unwound.core.arrays import jax, jnp
from unwound.core.errors import InputError
from unwound.dorsal_horn import OUTPUTS, POPULATIONS, Condition, Trapped, cell, places, windup
from unwound.dorsal_horn.circuit import physiology, pieces
from unwound.dorsal_horn.stimulation import KEYS
from unwound.dorsal_horn.targets import TARGET_KEYS
from unwound.dorsal_horn.trapping import Ensembles, millisecond
from unwound.dorsal_horn.volleys import brush, ectopic, raster, stimuli
from unwound.dorsal_horn.wiring import PROJECTIONS, WEIGHT_KEYS, connections, sizes, strengths, weight_key

BLOCKS = [0.0, 0.3, 0.6, 1.0]
HEALTHY = Condition(*(jnp.asarray([x]) for x in (1.0, 0.0, 1.0, -72.0, 0.0, 1.0, 0.0, 0.0, 1.0)))


@pytest.fixture(scope="module")
def blocked():
    """Ten stimuli at 1 Hz under four blocks."""
    return windup(1.0, 10, block=BLOCKS, raster=True)


@pytest.fixture(scope="module")
def conditions():
    """Four circuits: healthy, disinhibited, up-regulated and half blocked, without chloride gradient."""
    return windup(
        1.0, 3, nmda=[1, 1, 2, 1], block=[0, 0, 0.5, 0], inhibition=[1, 0.3, 1, 1], chloride=[-72, -72, -72, -55]
    )


# ------------------------------------------------------------------------------------------------------ one cell


def transcribed(arrivals, noise, inhibition, chloride, opioid, steps, dt=0.1):
    """One output cell in plain numbers, equations typed again; constants from the table by name."""
    m, y, q = (
        {key.split(".")[1]: evidence.value(key, evidence.estimate(key).unit) for key in KEYS if key.startswith(prefix)}
        for prefix in ("horn_membrane.", "horn_synapse.", "horn_plateau.")
    )
    C, gL, EL, VT, D, bad, tauw = 200.0, 8.0, -65.0, -50.0, 2.0, m["adaptation"], 150.0
    gP, tauP, tauCa = q["conductance"], q["time"], q["calcium_time"]
    kCa, dCa = q["calcium_per_charge"], q["calcium_per_spike"]
    tr, td = y["nmda_rise"], y["nmda_decay"]
    tpeak = tr * td / (td - tr) * np.log(td / tr)
    norm = 1.0 / (np.exp(-tpeak / td) - np.exp(-tpeak / tr))
    V, w, gA, gs, gf, gI, gK, Ca, x, wait = EL, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0
    trace, fired = [], []
    for n in range(steps):
        a, nm, i, k = arrivals[n]
        spike = V >= -35.0
        w = w + bad * spike
        V, Ca, wait = (-60.0, Ca + dCa, 20) if spike else (V, Ca, max(wait - 1, 0))
        gA, gI, gK = gA * np.exp(-dt / 5) + a, gI * np.exp(-dt / 20) + i, gK * np.exp(-dt / 3000) + k
        gs, gf = gs * np.exp(-dt / td) + norm * nm, gf * np.exp(-dt / tr) + norm * nm
        B = 1.0 / (1.0 + np.exp(-V / 16.129) / 3.57)
        IN = -(gs - gf) * B * V
        total = gL * (EL - V) + gL * D * np.exp((V - VT) / D) - gA * V + IN - gK * V - inhibition * gI * (V - chloride)
        total += -gP * x * (V + 20.0) - 4.0 * opioid * (V + 90.0) - w + noise[n]
        Ca, x, V = (
            Ca + dt * (-Ca / tauCa + kCa * IN), x + dt * (Ca**2 / (1 + Ca**2) - x) / tauP,
            -60.0 if wait else V + dt * total / C,
        )  # fmt: skip
        w = w * np.exp(-dt / tauw)
        trace.append((V, Ca, x, w))
        fired.append(spike)
    return np.array(trace), np.array(fired)


def test_a_cell_does_what_its_equations_typed_again_do():
    steps = 6000
    arrivals, noise = np.zeros((steps, 4)), np.zeros(steps)
    arrivals[300::190] = (6.0, 2.5, 0.0, 0.05)
    arrivals[420::410] = (0.0, 0.0, 3.0, 0.0)
    expected, expected_spikes = transcribed(arrivals, noise, 0.7, -68.0, 0.1, steps)
    c = Condition(*map(jnp.asarray, (1.0, 0.2, 0.7, -68.0, 0.1, 1.0, 0.0, 0.0, 1.0)))
    kinds = cell.Kinds(output=jnp.ones(1), opioid=jnp.ones(1))
    p = physiology()

    def one(cells, now):
        cells, fired = cell.step(cells, cell.Arrivals(*now[:, None]), jnp.zeros(1), c, kinds, p, 0.1)
        return cells, (jnp.stack([cells.voltage, cells.calcium, cells.plateau, cells.adaptation])[:, 0], fired[0])

    found, spikes = jax.jit(lambda a: jax.lax.scan(one, cell.at_rest((1,), p.membrane), a)[1])(jnp.asarray(arrivals))
    assert expected_spikes.sum() > 5
    np.testing.assert_array_equal(np.asarray(spikes) > 0, expected_spikes)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_a_cell_at_rest_stays_there():
    p = physiology()
    cells = cell.at_rest((1,), p.membrane)
    silent = cell.Arrivals(*jnp.zeros((4, 1)))
    kinds = cell.Kinds(output=jnp.ones(1), opioid=jnp.ones(1))
    after, fired = cell.step(cells, silent, jnp.zeros(1), HEALTHY, kinds, p, 0.1)
    assert float(fired[0]) == 0.0
    assert float(after.voltage[0]) == pytest.approx(-65.0, abs=1e-3)


def test_the_nmda_conductance_of_one_arrival_peaks_at_its_weight():
    p = physiology().synapse
    t = np.linspace(0.0, 100.0, 100001)
    shape = np.exp(-t / p.nmda_decay) - np.exp(-t / p.nmda_rise)
    assert float(cell.nmda_peak(p)) * shape.max() == pytest.approx(1.0, abs=1e-6)


# ------------------------------------------------------------------------------------------ wiring and volleys


def test_a_cell_receives_from_a_population_what_full_connection_would_give_whatever_the_seed():
    where = places(POPULATIONS)
    table = strengths({key: evidence.value(key, "nS") for key in WEIGHT_KEYS})
    for seed in (0, 7):
        there = connections(seed)
        for (source, target), receptors in PROJECTIONS.items():
            for receptor in receptors:
                got = there[source].sum(axis=0)[where[target]] * table[receptor][source][0, where[target]]
                wanted = sizes()[source] * evidence.value(weight_key(source, target, receptor), "nS")
                np.testing.assert_allclose(got, wanted)


def test_who_is_not_listed_is_not_connected():
    where = places(POPULATIONS)
    for source, there in connections().items():
        for target in POPULATIONS:
            assert ((source, target) in PROJECTIONS) == bool(np.asarray(there[:, where[target]]).any())


def test_the_volley_of_the_third_stimulus_does_not_depend_on_how_many_follow():
    few, many = stimuli(np.arange(3) * 1000.0), stimuli(np.arange(9) * 1000.0)
    np.testing.assert_array_equal(raster(few, 2000, 500, 10), raster(many, 2000, 500, 10))


def test_brushed_fibers_fire_regularly_and_ectopic_ones_at_their_rate():
    assert sum(len(times) for times, _ in brush(0.0, 1000.0)) == 20 * sizes()["a_beta"]
    spikes = sum(len(times) for times, _ in ectopic(5.0, 20_000.0))
    expected = 5.0 * 20.0 * sizes()["c"]
    assert spikes == pytest.approx(expected, abs=4.0 * np.sqrt(expected))


# --------------------------------------------------------------------------------------------------- the circuit


def test_without_input_no_cell_fires():
    fired = [counts.sum() for _, counts in pieces(HEALTHY, [], 1000.0)]
    assert fired == [0, 0]


def test_the_same_seed_gives_the_same_spikes_and_another_one_others(blocked):
    again = windup(1.0, 2, block=BLOCKS, raster=True, touch=False)
    np.testing.assert_array_equal(again.raster[:2000], blocked.raster[:2000])
    other = windup(1.0, 2, block=BLOCKS, raster=True, touch=False, seed=5)
    assert (other.raster != again.raster).any()


def test_single_precision_gives_the_read_outs_of_double():
    spikes, duration = stimuli(np.arange(4) * 1000.0), 4000.0
    counts = [
        sum(
            fired[:, 0, places(POPULATIONS)["wide"]].sum()
            for _, fired in pieces(HEALTHY, spikes, duration, precision=p)
        )
        for p in ("single", "double")
    ]
    assert counts[0] == pytest.approx(counts[1], rel=0.02)


def test_circuits_side_by_side_are_those_run_alone():
    given = [{"horn_plateau.conductance": g, "c_to_wide.nmda": n} for g, n in ((20.0, 1.2), (35.0, 2.0))]
    both = {key: np.array([one[key] for one in given]) for key in given[0]}
    found = windup(1.0, 3, block=[0.0, 0.0], given=both, touch=False)
    for place, one in enumerate(given):
        alone = windup(1.0, 3, given=one, touch=False)
        np.testing.assert_array_equal(found.c_spikes["wide"][place], alone.c_spikes["wide"][0])
    assert (found.c_spikes["wide"][0] != found.c_spikes["wide"][1]).any()


# --------------------------------------------------------------------------------------------------- trapped block


def test_trapped_block_follows_its_equation_typed_again_and_solved_by_another_integrator():
    from scipy.integrate import solve_ivp

    p, voltage, used = physiology().synapse, -50.0, 0.02  # a volley spread evenly: 20 spikes per source and second
    c = Condition(*(jnp.asarray([[x]]) for x in (1.0, 0.1, 1.0, -72.0, 0.0, 1.0, 9.0, 18.0, 32.0)))
    now, found = Ensembles(jnp.full((1, 1), 0.1), jnp.zeros((1, 1)), jnp.zeros((1, 1))), []
    for _ in range(400):
        now = millisecond(now, jnp.full((1, 1), used), jnp.full((1, 1), voltage), c, p, 0.3)
        found.append(float(now.block[0, 0]))
    tpeak = 300.0 / 97.0 * np.log(100.0 / 3.0)
    norm = 1.0 / (np.exp(-tpeak / 100.0) - np.exp(-tpeak / 3.0))

    def flow(t, y):
        b, slow, fast = y
        opened = 0.3 * (1.0 - np.exp(-(slow - fast)))
        free = 1.0 / (1.0 + np.exp(-voltage / 16.129) / 3.57)
        db = opened * (9.0 * free * (1.0 - b) - 18.0 * np.exp(voltage / 32.0) * b) * 1e-3
        return [db, norm * used - slow / 100.0, norm * used - fast / 3.0]

    exact = solve_ivp(flow, (0.0, 400.0), [0.1, 0.0, 0.0], t_eval=np.arange(1.0, 401.0), rtol=1e-9, atol=1e-12).y[0]
    assert exact[-1] - exact[0] > 0.05
    np.testing.assert_allclose(found, exact, atol=2e-3)  # steps of 1 ms


def test_trapped_block_of_a_silent_synapse_stays_and_of_a_used_one_nears_the_equilibrium_of_its_voltage():
    p, voltage = physiology().synapse, -40.0
    c = Condition(*(jnp.asarray([[x]]) for x in (1.0, 0.1, 1.0, -72.0, 0.0, 1.0, 9.0, 18.0, 32.0)))
    now = Ensembles(jnp.full((1, 1), 0.1), jnp.zeros((1, 1)), jnp.zeros((1, 1)))
    silent = millisecond(now, jnp.zeros((1, 1)), jnp.full((1, 1), voltage), c, p, 0.3)
    assert float(silent.block[0, 0]) == 0.1
    for _ in range(20_000 // 20):
        now = millisecond(now, jnp.full((1, 1), 1.0), jnp.full((1, 1), voltage), c, p, 1.0)
    into, out = 9.0 * float(cell.unblocked(voltage, p)), 18.0 * np.exp(voltage / 32.0)
    assert float(now.block[0, 0]) == pytest.approx(into / (into + out), rel=1e-3)


def test_trapping_breaks_the_identity_of_block_and_up_regulation():
    found = windup(1.0, 8, nmda=[1.0, 1.0, 1.25], block=[0.0, 0.2, 0.2], touch=False,
                   trapped=Trapped([0.0, 9.0, 9.0], [0.0, 18.0, 18.0], 32.0))  # fmt: skip
    constant = windup(1.0, 8, nmda=[1.0, 1.25], block=[0.0, 0.2], touch=False)
    np.testing.assert_array_equal(constant.c_spikes["wide"][0], constant.c_spikes["wide"][1])
    assert (found.c_spikes["wide"][2] != found.c_spikes["wide"][0]).any()


def test_counts_are_those_of_the_single_spikes(blocked):
    where = places(POPULATIONS)["wide"]
    for n in (0, 4, 9):
        window = blocked.raster[1000 * n + 150 : 1000 * (n + 1), :, where]
        np.testing.assert_allclose(blocked.c_spikes["wide"][:, n], window.sum(axis=0).mean(axis=1))


def test_a_condition_does_not_depend_on_those_beside_it(blocked):
    alone = windup(1.0, 2, block=BLOCKS[1], touch=False)
    np.testing.assert_array_equal(alone.c_spikes["wide"][0], blocked.c_spikes["wide"][1, :2])


def test_half_the_step_gives_the_same_read_outs():
    coarse, fine = (windup(1.0, 6, block=BLOCKS, noise=0.0, substeps=n, touch=False) for n in (10, 20))
    for output in OUTPUTS:
        np.testing.assert_allclose(coarse.c_spikes[output][:, -1], fine.c_spikes[output][:, -1], rtol=0.05)
        np.testing.assert_allclose(coarse.c_spikes[output].sum(axis=1), fine.c_spikes[output].sum(axis=1), rtol=0.05)


# ---------------------------------------------------------------------------------------------------- physiology


def test_the_circuit_winds_up_and_block_flattens_it_step_by_step(blocked):
    for output in OUTPUTS:
        assert 3.0 < blocked.ratio(output)[0] < 6.0
        assert (np.diff(blocked.ratio(output)) < 0.0).all()
        assert (np.diff(blocked.slope(output)) < 0.0).all()
        assert (np.diff(blocked.absolute(output)) < 0.0).all()


def test_block_that_halves_the_last_response_spares_the_first(blocked):
    for output in OUTPUTS:
        counts = blocked.c_spikes[output]
        assert counts[2, -1] < 0.5 * counts[0, -1]
        assert counts[2, 0] > 0.75 * counts[0, 0]


def test_up_regulation_and_block_count_only_as_their_product(conditions):
    for read in (conditions.c_spikes, conditions.a_spikes, conditions.brush_spikes):
        for output in OUTPUTS:
            np.testing.assert_array_equal(read[output][0], read[output][2])


def test_lamina_one_is_silent_to_brush_until_inhibition_fails(conditions):
    touch = conditions.brush_spikes["lamina_one"]
    assert touch[0] == 0.0
    assert touch[1] > 1.0
    assert touch[3] > 1.0
    assert conditions.brush_spikes["wide"][0] > 5.0


def test_touch_of_the_healthy_circuit_does_not_feel_the_block(blocked):
    np.testing.assert_allclose(blocked.brush_spikes["wide"], blocked.brush_spikes["wide"][0], rtol=0.05)


def test_opioid_tone_quiets_and_substance_p_drives_wind_up():
    found = windup(1.0, 6, opioid=[0, 0.5, 0, 0], substance_p=[1, 1, 0, 1.5], touch=False).absolute("lamina_one")
    assert found[1] < found[0]
    assert found[2] < found[0] < found[3]


def test_ectopic_discharge_of_c_fibers_makes_a_resting_rate():
    quiet, loud = windup(1.0, 1), windup(1.0, 1, ectopic=2.0)
    assert quiet.rest_rate["lamina_one"][0] == 0.0
    assert loud.rest_rate["lamina_one"][0] > 1.0


# ----------------------------------------------------------------------------------------- read-outs and mistakes


def test_read_outs_of_known_counts():
    found = windup(1.0, 1, touch=False)
    counts = np.array([[2.0, 4.0, 6.0, 8.0], [0.0, 1.0, 1.0, 3.0]])
    made = type(found)(**{**vars(found), "c_spikes": {"wide": counts}})
    np.testing.assert_allclose(made.ratio("wide"), [4.0, np.nan])
    np.testing.assert_allclose(made.slope("wide"), [2.0, 0.9])
    np.testing.assert_allclose(made.absolute("wide"), [12.0, 5.0])
    assert np.isnan(found.slope("wide")[0])
    assert np.isnan(found.brush_spikes["wide"][0])


def test_everything_wrong_is_told_at_once():
    with pytest.raises(InputError) as error:
        windup(10.0, 0, block=1.5, opioid=float("nan"), ectopic=-1.0, nmda=[1, 2], inhibition=[1, 1, 1])
    fields = [problem.field for problem in error.value.problems]
    assert fields == ["frequency", "stimuli", "ectopic", "block", "opioid", "conditions"]


def test_every_number_of_the_room_is_traced():
    used = {*KEYS, *TARGET_KEYS}
    assert used == {row.key for row in evidence.table("dorsal_horn")}
    assert len(evidence.citations(KEYS)) >= 4
