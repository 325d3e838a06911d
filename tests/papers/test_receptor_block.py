"""Block of the channel against what was printed, recalled or computed before.

Each test says which of these its numbers are. *Regression* means our own earlier computation: it shows that nothing
moved, not that it is true. *Recalled* means that nobody of us has seen the number in its paper.
"""

import dataclasses
import functools

import numpy as np
import pytest
from scipy.linalg import eigvals, expm

from unwound.core.arrays import jnp
from unwound.receptor import Agonists, gating_scheme, ligand, magnesium_of, thermal_voltage
from unwound.receptor.calibration import (
    last_recovery,
    macroscopic_off,
    macroscopic_on,
    microscopic_off,
    open_probability,
)
from unwound.receptor.lumped import lumped_generator, magnesium_free
from unwound.receptor.pore import (
    Magnesium,
    Solution,
    dissociation,
    full_generator,
    half_inhibition,
    inhibition,
    magnesium_dissociation,
    off_rate,
)
from unwound.receptor.potency import enantiomers
from unwound.receptor.reduced import averages, course, current, equilibrium, exchange, time_constant
from unwound.receptor.scheme import generator, stationary
from unwound.receptor.superficial import superficial_site, trapped_share
from unwound.receptor.tonic import cell_attached, outside_out, tonic

RT_F = thermal_voltage(23.0)
SUBTYPES = ("GluN2A", "GluN2B", "GluN2C", "GluN2D")
JAHR_STEVENS = Magnesium(dissociation=3.57, reference_voltage=0.0, slope=1 / 0.062, off_rate=5400.0, off_slope=47.0)


def lost(drug, subtype, concentration, voltage, magnesium):
    return float(
        inhibition(voltage, magnesium, [concentration], magnesium_of(subtype), [ligand(drug).blocker(subtype)], RT_F)
    )


def half(drug, subtype, voltage, magnesium):
    return float(half_inhibition(voltage, magnesium, magnesium_of(subtype), ligand(drug).blocker(subtype), RT_F))


# --------------------------------------------------------------------------- magnesium


def test_3_magnesium_block_follows_jahr_and_stevens():
    """Printed by programs that use Jahr and Stevens 1990."""
    printed = {-80: 0.0244, -60: 0.0796, -40: 0.2302, -20: 0.5081, 0: 0.7812, 40: 0.9771}
    for voltage, free in printed.items():
        assert magnesium_free(voltage, 1.0, JAHR_STEVENS) == pytest.approx(free, abs=1e-3)


def test_4_the_current_is_most_inward_near_minus_27_mv_and_folds_back_below():
    """Regression, from the equation of Jahr and Stevens."""
    voltage = np.linspace(-100.0, 0.0, 10001)
    flows = np.asarray(current(1.0, 0.0, voltage, 1.0, JAHR_STEVENS, 1.0, 0.0))
    assert voltage[np.argmin(flows)] == pytest.approx(-27.0, abs=0.5)
    assert np.interp(-80.0, voltage, flows) / flows.min() == pytest.approx(0.18, abs=0.01)


# --------------------------------------------------------------------------- half-inhibition


@pytest.mark.parametrize(("subtype", "ratio"), list(zip(SUBTYPES, (16.4, 16.4, 2.3, 3.6), strict=True)))
def test_8_magnesium_raises_the_ic50_of_ketamine(subtype, ratio):
    """Calibration input: K_Mg was fitted to these pairs, and they are recalled (Kotermanski and Johnson 2009)."""
    assert half("ketamine", subtype, -66.0, 1.0) / half("ketamine", subtype, -66.0, 0.0) == pytest.approx(
        ratio, rel=0.2
    )


@pytest.mark.parametrize(
    ("drug", "subtype", "recalled"),
    [("ketamine", s, v) for s, v in zip(SUBTYPES, (5.4, 5.08, 1.18, 2.95), strict=True)]
    + [("memantine", s, v) for s, v in zip(SUBTYPES, (13.0, 10.0, 1.6, 1.8), strict=True)],
)
def test_8_four_magnesium_constants_reproduce_eight_recalled_ic50s(drug, subtype, recalled):
    """Calibration input, recalled."""
    assert half(drug, subtype, -66.0, 1.0) == pytest.approx(recalled, rel=0.16)


def test_9_magnesium_makes_ketamine_prefer_glun2c():
    """Recalled: 0.65 without and 4.6 with magnesium."""
    for magnesium, selectivity in ((0.0, 0.65), (1.0, 4.6)):
        found = half("ketamine", "2A", -66.0, magnesium) / half("ketamine", "2C", -66.0, magnesium)
        assert found == pytest.approx(selectivity, rel=0.3)


def oocyte_ic50(subtype, dissociation_at_minus_70):
    """Memantine at -30 mV and 1 mM magnesium, from its constant in oocytes at -70 mV."""
    p = dataclasses.replace(
        ligand("memantine").blocker(subtype), dissociation=dissociation_at_minus_70, reference_voltage=-70.0
    )
    return float(half_inhibition(-30.0, 1.0, magnesium_of(subtype), p, RT_F))


@pytest.mark.parametrize(("subtype", "without", "printed"), [("2A", 0.9, 10.3), ("2C", 0.3, 2.0), ("2D", 0.3, 1.9)])
def test_magnesium_constants_carry_over_to_memantine_in_oocytes(subtype, without, printed):
    """Copied (original not identified); K_Mg was fitted elsewhere, a delta of 1 was chosen to fit here."""
    assert oocyte_ic50(subtype, without) == pytest.approx(printed, rel=0.16)


def test_memantine_at_glun2b_in_oocytes_is_missed_by_a_factor_of_two():
    """What the model gets wrong, kept in sight: 10.9 uM was printed."""
    assert oocyte_ic50("2B", 0.4) == pytest.approx(5.2, abs=0.05)


def test_21_hydroxynorketamine_at_1_um_leaves_the_channel_alone():
    """From the printed IC50 of 46 uM (Abbott and Popescu 2020)."""
    assert 0.0 < lost("(2R,6R)-HNK", "2A", 1.0, -66.0, 1.0) < 0.02
    assert lost("(2R,6R)-HNK", "2A", 1.0, -66.0, 0.0) < 0.03


def test_22_anesthetic_concentrations_block_half_to_four_fifths_of_the_current():
    """Regression on recalled constants. The corner of least block, 5 uM at -66 mV, lies at 0.48, not at 0.5."""
    for subtype in ("2A", "2B"):
        found = [lost("ketamine", subtype, c, v, 1.0) for c in (5.0, 10.0) for v in (-66.0, -40.0)]
        assert min(found) == pytest.approx(0.485, abs=0.01)
        assert sorted(found)[1] > 0.5
        assert max(found) < 0.8


def test_24_s_ketamine_blocks_three_to_five_times_as_much_as_r_at_low_dose():
    """Calibration input: affinities 0.3 and 1.4 uM (Ebert 1997, read second hand)."""
    for subtype in SUBTYPES:
        ratio = lost("esketamine", subtype, 1e-4, -66.0, 1.0) / lost("arketamine", subtype, 1e-4, -66.0, 1.0)
        assert ratio == pytest.approx(1.4 / 0.3, rel=1e-3)
        s, r = enantiomers(ligand("ketamine").dissociation(subtype), 1.4 / 0.3)
        assert ligand("esketamine").dissociation(subtype) == pytest.approx(s, rel=1e-5)
        assert ligand("arketamine").dissociation(subtype) == pytest.approx(r, rel=1e-5)


# --------------------------------------------------------------------------- kinetics


def recovery(drug, voltage):
    """First and last rate of recovery in 100 uM glutamate without drug or magnesium [1/s], from the full scheme."""
    gating = gating_scheme("2A")
    bath = Solution(Agonists(100.0), 0.0, [0.0], voltage)
    matrix = np.asarray(full_generator(gating, bath, magnesium_of("2A"), [ligand(drug).blocker("2A")], RT_F))
    states = len(gating.states)
    arm = matrix[2 * states :, 2 * states :]  # the drug's: what leaves does not come back
    rest = np.asarray(stationary(generator(gating, bath.agonists)))  # block in equilibrium leaves the gate alone
    return -np.sum(arm @ rest), -np.max(eigvals(arm).real)


def test_10_ketamine_begins_to_leave_glun2a_at_the_printed_rate():
    """Calibration input (Gilling 2009, abstract: 0.22 ± 0.05 per second at -70 mV): consistency only.

    The last exponential of the whole scheme is slower, 0.18: inside the printed error, and not what was calibrated.
    """
    first, last = recovery("ketamine", -70.0)
    assert first == pytest.approx(0.22, rel=0.05)
    assert last == pytest.approx(0.22, abs=0.05)
    assert last == pytest.approx(0.182, abs=0.002)  # regression


def test_10_memantine_begins_to_leave_at_the_printed_rate_and_ends_too_slowly():
    """Calibration input (Gilling 2009, abstract: 0.53 ± 0.10 per second, two exponentials). The last one is missed."""
    first, last = recovery("memantine", -70.0)
    assert first == pytest.approx(0.53, rel=0.05)
    assert last == pytest.approx(0.347, abs=0.005)  # regression: outside the printed error


def test_10_the_last_exponential_is_that_of_the_calibration_page():
    off = float(off_rate(-70.0, ligand("ketamine").blocker("2A"), RT_F))
    found = float(last_recovery(gating_scheme("2A"), Agonists(100.0), off))
    assert found == pytest.approx(recovery("ketamine", -70.0)[1], rel=1e-9)


def test_10_ketamine_and_memantine_come_equally_fast_on_the_same_gating():
    """The prior of one on-rate: two unbinding rates and two constants, from different papers, agree within a tenth."""
    po = float(open_probability(gating_scheme("2A"), Agonists(100.0)))
    assert po == pytest.approx(0.0848, rel=2e-3)
    rates = [
        microscopic_off(macro, po) / float(dissociation(-70.0, ligand(drug).blocker("2A"), RT_F))
        for drug, macro in (("ketamine", 0.22), ("memantine", 0.53))
    ]
    assert rates[0] == pytest.approx(rates[1], rel=0.1)
    assert ligand("PCP").blocker("2A").on_rate == pytest.approx(rates[0], rel=0.02)


def test_the_printed_on_rate_of_ketamine_is_slower_than_the_model_allows():
    """What is not reproduced: 0.15 per uM and second printed, and that paper's own rates give 1.5 uM, not 0.71."""
    least, most = macroscopic_on(ligand("ketamine").blocker("2A").on_rate, 0.085, 0.454)
    assert 0.15 < least < most
    printed_off, printed_on = 0.22, 0.15
    assert printed_off / printed_on == pytest.approx(1.5, abs=0.05)


def test_13_recovery_from_mk801_takes_ninety_minutes():
    """Calibration input (Huettner and Bean 1988, abstract)."""
    assert [1 / rate for rate in recovery("MK-801", -75.0)] == pytest.approx([5400.0, 5400.0], rel=0.1)
    po = float(open_probability(gating_scheme("2A"), Agonists(100.0)))
    rate = float(off_rate(-75.0, ligand("MK-801").blocker("2A"), RT_F))
    assert 1 / macroscopic_off(rate, po) == pytest.approx(5400.0, rel=0.1)


def trapped(drug, subtype, concentration, site=True):
    """Mealing's experiment, -70 mV: 30 s of agonist and drug, 120 s of wash; gating of GluN2B."""
    p = ligand(drug).blocker(subtype)
    deep = dissociation(-70.0, p, RT_F)
    shallow = superficial_site(ligand(drug), deep)
    if not site:
        shallow = shallow.__class__(affinity=0.0, off_rate=shallow.off_rate)
    bath = Solution(Agonists(100.0), 0.0, [concentration], -70.0)
    share = trapped_share(gating_scheme("2B"), bath, p, shallow, magnesium_of("2B"), RT_F, 30.0, 120.0)
    return tuple(map(float, share))


@functools.cache
def mealing():
    return {
        ("ketamine", True): trapped("ketamine", "2A", 10.0),
        ("ketamine", False): trapped("ketamine", "2A", 10.0, site=False),
        ("memantine", True): trapped("memantine", "2A", 10.0),
        ("memantine", False): trapped("memantine", "2A", 10.0, site=False),
        ("lanicemine", True): trapped("lanicemine", "native", 50.0),
    }


def test_11_ketamine_and_memantine_stay_trapped_as_observed():
    """The shares of the shallow site, 5 and 10 %, were chosen for this (Mealing 1999, abstract: 0.86 and 0.71)."""
    assert mealing()["ketamine", True][1] == pytest.approx(0.86, abs=0.06)
    assert mealing()["memantine", True][1] == pytest.approx(0.71, abs=0.08)
    assert mealing()["ketamine", True][1] == pytest.approx(0.853, abs=0.01)  # regression
    assert mealing()["memantine", True][1] == pytest.approx(0.710, abs=0.01)  # regression


def test_11_most_of_the_untrapping_needs_no_shallow_site():
    """Regression: drug leaves while the slow GluN2B deactivates."""
    assert mealing()["ketamine", False][1] == pytest.approx(0.898, abs=0.005)
    assert mealing()["memantine", False][1] == pytest.approx(0.789, abs=0.005)


def test_11_the_block_before_the_wash_is_deeper_than_in_neurons():
    """What is not reproduced: 80 and 81 % were printed."""
    assert mealing()["ketamine", False][0] > 0.95
    assert mealing()["memantine", False][0] > 0.9


def test_12_ketamine_is_trapped_more_than_memantine_and_that_more_than_lanicemine():
    """The order of Mealing 1999. Lanicemine's share itself, 0.54, is missed: the common on-rate gives 0.30."""
    shares = [mealing()[drug, True][1] for drug in ("ketamine", "memantine", "lanicemine")]
    assert shares == sorted(shares, reverse=True)
    assert shares[2] == pytest.approx(0.30, abs=0.02)


# --------------------------------------------------------------------------- reduced against full

PULSE, PERIOD = 1e-3, 1.0
STEPS = ((1000.0, PULSE / 10, 10), (0.0, 1e-3, 49), (0.0, 0.01, 15), (0.0, 0.02, 40))  # glutamate [uM], step [s], count


@functools.cache
def train(voltage, magnesium, concentration, lumped=False, pulses=120):
    """A 1 Hz train of 1 ms of 1 mM glutamate at GluN2A from rest, by scipy: steps [s], open time in each, occupancy.

    Occupancy is (time, arm, gate). The open time is integrated exactly, by a state that nothing leaves.
    """
    gating, mg, p = gating_scheme("2A"), magnesium_of("2A"), ligand("ketamine").blocker("2A")
    build = lumped_generator if lumped else full_generator
    gates, arms = len(gating.states), 2 if lumped else 3
    is_open = np.tile([name in gating.open_states for name in gating.states], arms).astype(float)
    moves, lengths = [], []
    for glutamate, step, count in STEPS:
        bath = Solution(Agonists(glutamate), magnesium, [concentration], voltage)
        matrix = np.zeros((gates * arms + 1,) * 2)
        matrix[:-1, :-1] = build(gating, bath, mg, [p], RT_F)
        matrix[-1, :-1] = is_open
        moves += [expm(matrix * step)] * count
        lengths += [step] * count
    last = PERIOD - sum(lengths)
    moves.append(expm(matrix * last))
    lengths.append(last)
    state = np.zeros(gates * arms + 1)
    rest = gating.states.index(gating.resting[0])
    free = float(magnesium_free(voltage, magnesium, mg))
    state[rest] = 1.0 if lumped else free  # magnesium has had time to find its place
    if not lumped:
        state[gates + rest] = 1.0 - free
    seen = []
    for _ in range(pulses):
        for move in moves:
            state = move @ state
            seen.append(state)
    seen = np.array(seen)
    opened = np.diff(seen[:, -1], prepend=0.0)
    return np.tile(lengths, pulses), opened, seen[:, :-1].reshape(-1, arms, gates)


def conducting(occupancy, share=1.0):
    return share * occupancy[:, 0, gating_scheme("2A").states.index("O")]


def reduced_block(voltage, magnesium, concentration=1.0):
    lengths, opened, occupancy = train(voltage, magnesium, concentration)
    mg, p = magnesium_of("2A"), ligand("ketamine").blocker("2A")
    into, out = exchange(concentration, voltage, magnesium, mg, p, RT_F)
    found = course(0.0, opened / lengths, lengths, into, out, 0.0)
    return np.asarray(found), occupancy[:, 2].sum(axis=1)


CONDITIONS = {"-40 mV, 1 mM Mg": (-40.0, 1.0), "-66 mV, 1 mM Mg": (-66.0, 1.0), "-66 mV, no Mg": (-66.0, 0.0)}


def test_2b_sixteen_states_stand_for_twenty_four():
    """Exact but for the time that magnesium takes: 1e-3 of the peak current, 2e-4 of block."""
    voltage, magnesium = CONDITIONS["-40 mV, 1 mM Mg"]
    _, _, full = train(voltage, magnesium, 1.0, pulses=5)
    _, _, short = train(voltage, magnesium, 1.0, lumped=True, pulses=5)
    free = float(magnesium_free(voltage, magnesium, magnesium_of("2A")))
    flowing, expected = conducting(short, free), conducting(full)
    assert np.max(np.abs(flowing - expected)) < 1e-3 * expected.max()
    assert np.max(np.abs(short[:, 1].sum(axis=1) - full[:, 2].sum(axis=1))) < 2e-4
    assert full[:, 2].sum(axis=1).max() > 0.03  # something was blocked


@pytest.mark.parametrize(("where", "most"), [("-40 mV, 1 mM Mg", 0.01), ("-66 mV, no Mg", 0.04)])
def test_14_the_reduced_equation_tracks_the_full_scheme(where, most):
    """Proven error of R2, 1 uM for 120 s at 1 Hz; the tolerance of the check is 0.005."""
    short, full = reduced_block(*CONDITIONS[where])
    error = np.max(np.abs(short - full))
    assert 0.5 * most < error < most + 0.005
    assert full[-1] > 0.2


def mean_activity(voltage, magnesium):
    lengths, opened, _ = train(voltage, magnesium, 1.0)
    p, mg = ligand("ketamine").blocker("2A"), magnesium_of("2A")
    return averages(opened / lengths, jnp.full(len(lengths), voltage), lengths, magnesium, mg, p, RT_F)


@pytest.mark.parametrize(("where", "expected"), list(zip(CONDITIONS, (0.247, 0.154, 0.752), strict=True)))
def test_15_block_settles_where_the_averages_say(where, expected):
    """Regression on recalled constants; b_inf is also the exact occupancy of the pore."""
    voltage, magnesium = CONDITIONS[where]
    p = ligand("ketamine").blocker("2A")
    found = float(equilibrium(1.0, mean_activity(voltage, magnesium), p, 0.0))
    assert found == pytest.approx(expected, abs=0.005)
    assert found == pytest.approx(lost("ketamine", "2A", 1.0, voltage, magnesium), rel=1e-10)


@pytest.mark.parametrize(("where", "seconds"), list(zip(CONDITIONS, (7.1, 17.9, 5.2), strict=True)))
def test_16_block_takes_seconds_at_one_stimulus_a_second(where, seconds):
    """Regression; the mean open probability of the train is 0.016."""
    voltage, magnesium = CONDITIONS[where]
    activity = mean_activity(voltage, magnesium)
    assert activity.binding / magnesium_free(voltage, magnesium, magnesium_of("2A")) == pytest.approx(0.016, rel=0.02)
    assert float(time_constant(1.0, activity, ligand("ketamine").blocker("2A"), 0.0)) == pytest.approx(
        seconds, rel=0.05
    )


@pytest.mark.parametrize("where", CONDITIONS)
def test_17_the_first_pulse_is_spared_and_the_last_is_not(where):
    """Regression; use dependence as Emnett 2013 describes it, relative to the same pulse without drug."""
    voltage, magnesium = CONDITIONS[where]
    peaks = [conducting(train(voltage, magnesium, c)[2]).reshape(120, -1).max(axis=1) for c in (1.0, 0.0)]
    left = peaks[0] / peaks[1]
    assert 0.96 <= left[0] < 1.0
    assert np.all(np.diff(left[:5]) < 0.0)
    assert 1 - left[-1] == pytest.approx(lost("ketamine", "2A", 1.0, voltage, magnesium), abs=0.02)


# --------------------------------------------------------------------------- single channels


def test_20_two_sites_describe_single_channels_within_a_seventh():
    """Four points of Orser 1997 (abstract); Imax and K_pore were fitted to them, three parameters in all."""
    p = tonic()
    model = [1 - float(cell_attached(c, p)) for c in (0.1, 1.0)] + [1 - float(outside_out(c, p)) for c in (1.0, 10.0)]
    assert model == pytest.approx([0.42, 0.80, 0.25, 0.77], abs=0.005)  # regression
    assert model == pytest.approx([0.47, 0.76, 0.37, 0.66], abs=0.13)


def test_the_fitted_magnesium_constants_agree_with_jahr_and_stevens_for_native_like_subtypes():
    """Independent support: 0.060 mM at -66 mV against 0.065 and 0.063 (fitted to recalled pairs)."""
    native = float(magnesium_dissociation(-66.0, JAHR_STEVENS))
    assert native == pytest.approx(0.060, abs=1e-3)
    for subtype in ("2A", "2B"):
        assert float(magnesium_dissociation(-66.0, magnesium_of(subtype))) == pytest.approx(native, rel=0.1)
