"""What lies behind the predictions of the dorsal horn: states, what follows a train, studies on the axis, verdicts."""

import dataclasses
import pathlib
import re

import numpy as np
import pytest

from unwound import evidence
from unwound.dorsal_horn import OUTPUTS, POPULATIONS, judge, places
from unwound.dorsal_horn.circuit import horn, pieces
from unwound.dorsal_horn.emulator import fingerprint
from unwound.dorsal_horn.states import bursts, states
from unwound.dorsal_horn.stimulation import Bench, conditions
from unwound.evidence.prediction_rows import predictions
from unwound.patient.horn_predictions import dose_response, frequency_ratios, outcomes, quantities
from unwound.patient.horn_runs import MATCHED, Effort, horn_runs, matched
from unwound.patient.summation_studies import RIVAL, summation_studies, total_after
from unwound.pharmacokinetics.curves import Given
from unwound.receptor.plasma import free_concentration

ROOMS = pathlib.Path(__file__).parents[2] / "docs" / "rooms"
LITTLE = Effort(frequencies=(1.0, 2.0), totals=(300.0, 3000.0), substeps=5, stimuli=6)
STATES = {"nmda": 1.0, "block": [0.0, 0.5], "inhibition": 1.0, "chloride": -72.0, "opioid": 0.0, "substance_p": 1.0}


@pytest.fixture(scope="module")
def runs():
    """Every run, coarsely."""
    return horn_runs(effort=LITTLE)


@pytest.fixture(scope="module")
def found(runs):
    return quantities(runs)


# ------------------------------------------------------------------------------------------------ inside the circuit


def test_looking_inside_changes_no_spike():
    condition, bench, spikes = conditions(STATES), Bench(horn(), substeps=5), bursts(100.0, 0.2, 1, 1.0)
    inside = states(condition, bench, spikes, 1000.0)
    fired = np.concatenate([counts for _, counts in pieces(condition, spikes, 1000.0, substeps=5)])
    for output in OUTPUTS:
        counts = fired[:, :, places(POPULATIONS)[output]].mean(axis=-1).reshape(10, 100, 2).sum(axis=1)
        np.testing.assert_allclose(inside.spikes[output], counts, atol=1e-6)
        assert counts.sum() > 0


def test_a_burst_has_its_stimuli_at_their_times():
    volley = [times for times, fibers in bursts(10.0, 0.5, 2, 4.0) if fibers[0] == 0]
    starts = np.array([times.min() for times in volley])
    assert len(starts) == 10
    assert starts[5] - starts[0] == pytest.approx(4000.0, abs=60.0)
    assert starts[4] - starts[0] == pytest.approx(400.0, abs=60.0)


def test_block_lowers_calcium_of_outputs_and_leaves_the_neurokinin_conductance(found):
    assert (found["calcium_left"] < 1.0).all()
    np.testing.assert_allclose(found["neurokinin_left"], 1.0, atol=1e-6)


# --------------------------------------------------------------------------------------------------- after a train


def test_a_train_leaves_nothing_behind_after_fifteen_seconds(runs):
    for read in (runs.after.c_spikes, runs.after.brush_spikes):
        without, after = read["wide"][0]
        assert without > 0
        assert after == pytest.approx(without, rel=0.2)


# ------------------------------------------------------------------------------------------------- doses and blocks


def test_a_dose_per_kilogram_becomes_a_concentration_of_its_model():
    dose = 0.15 * evidence.value("summation.weight", "kg")
    soon, late = total_after("kamp2020", [Given(0.0, dose, 1 / 60, "racemic", "intravenous")], np.array([0.25, 6.0]))
    assert 10.0 < soon < 200.0
    assert late < 0.2 * soon
    twice = total_after("kamp2020", [Given(0.0, 2 * dose, 1 / 60, "racemic", "intravenous")], np.array([0.25]))
    assert twice[0] == pytest.approx(2 * soon, rel=1e-6)


def test_studies_lie_on_the_axis_by_their_dose_and_time():
    found = {study.key: study for study in summation_studies()}
    assert found["eide1994"].total_ng_per_mL < found["guirimand2000"].total_ng_per_mL  # same dose, tested later
    assert found["arendtnielsen1995"].total_ng_per_mL > found["hughes2002"].total_ng_per_mL
    for study in found.values():
        assert study.rival_ng_per_mL == pytest.approx(study.total_ng_per_mL, rel=0.6), RIVAL
        assert study.block.concentration_uM == pytest.approx(float(free_concentration(study.total_ng_per_mL)))
        assert study.least_ng_per_mL <= study.total_ng_per_mL <= study.most_ng_per_mL
    assert (found["gravennielsen2000"].frequency, found["gravennielsen2000"].stimuli) == (2.0, 5)


@pytest.mark.parametrize("drug", MATCHED)
def test_drugs_are_matched_by_their_block_at_rest(drug):
    assert matched(drug, 0.5).block == pytest.approx(0.5, abs=1e-3)


def test_s_ketamine_blocks_more_than_the_racemate_at_every_total(runs):
    assert (runs.s_blocks[1:] > runs.blocks[1:]).all()
    assert (found := runs.blocks)[0] == 0.0
    assert (np.diff(found) > 0.0).all()


# ------------------------------------------------------------------------------------------------------ quantities


def test_ratios_and_shares_are_those_of_the_counts(runs, found):
    none, study = (runs.c[runs.lanes[name]] for name in ("none", "hughes2002"))
    np.testing.assert_allclose(found["hughes2002_first_left"], study[0] / none[0])
    np.testing.assert_allclose(found["hughes2002_ratio_left"], study[-1] / study[0] / (none[-1] / none[0]))
    np.testing.assert_allclose(found["ratio_two_over_one_hz"], frequency_ratios(runs)[1] / frequency_ratios(runs)[0])
    np.testing.assert_allclose(dose_response(runs)["first"][1], runs.c[runs.lanes["constant 300"], 0])
    assert np.isnan(found["ratio_sixth_hz"]).all()  # was not run
    assert np.isfinite(found["opioid_ratio"]).all()


def test_the_ratio_at_the_studys_own_train_is_taken(runs, found):
    healthy, blocked = runs.five
    assert healthy.shape == (5, 2)
    np.testing.assert_allclose(
        found["gravennielsen2000_ratio_left"], blocked[-1] / blocked[0] * healthy[0] / healthy[-1]
    )


def test_half_of_wind_up_is_read_off_the_curve(runs):
    curve = np.array([[5.0, 3.0], [4.0, 2.5], [1.0, 1.0]])
    c = runs.c.copy()
    for n, name in enumerate(("none", "constant 300", "constant 3000")):
        c[runs.lanes[name], 0], c[runs.lanes[name], -1] = 1.0, curve[n]
    made = dataclasses.replace(
        runs, c=c, blocks=np.array([0.0, 0.1, 0.4]), s_blocks=np.array([0.0, 0.2, 0.6]), totals=np.array([0, 300, 3000])
    )
    # wide: half is 2, a third of the way from 2.5 to 1, block 0.2: 300 + 2700 / 3
    half = quantities(made)["half_windup_concentration"]
    assert half[1] == pytest.approx(1200.0)
    # S-ketamine: the block 0.2 is reached at 300
    assert quantities(made)["half_windup_s_over_racemic"][1] == pytest.approx(300.0 / 1200.0)


def test_constant_block_and_up_regulation_cancel_and_trapped_block_does_not(found):
    assert (found["identity_constant"] == 0.0).all()
    for drug in MATCHED:
        assert (np.abs(found[f"identity_{drug}"]) > 0.0).all()


# -------------------------------------------------------------------------------------------------------- verdicts


def test_every_prediction_is_computed_and_judged_by_its_own_range(runs):
    found = outcomes(runs)
    assert [one.prediction for one in found] == list(predictions("dorsal_horn"))
    for one in found:
        inside = all(one.prediction.low - 1e-9 <= n <= one.prediction.high + 1e-9 for n in one.found.values())
        assert one.verdict == ("held" if inside else "missed")
        assert (one.study == "cannot be compared") == bool(one.prediction.why_not)
        assert set(one.found) <= set(OUTPUTS)
    assert {"held", "missed"} == {one.verdict for one in found}


# -------------------------------------------------------------------------------------------------- what pages say


def test_the_page_of_predictions_belongs_to_the_circuit_that_ships():
    page = (ROOMS / "dorsal_horn_predictions.md").read_text(encoding="utf-8")
    assert f"from the circuit {fingerprint()};" in page, "run docs/generate_dorsal_horn.py: the circuit has changed"
    for one in predictions("dorsal_horn"):
        assert f"| {one.statement} |" in page
        assert f"- *{one.statement}*: {one.why}." in page


@pytest.mark.slow
def test_the_tables_of_the_room_are_what_is_computed():
    page = (ROOMS / "dorsal_horn.md").read_text(encoding="utf-8")
    found = judge()
    for target in found:
        output = "lamina I" if target.output == "lamina_one" else "deep WDR"
        (row,) = re.findall(rf"^\| {re.escape(target.about)} \| {output} \| (.+) \|$", page, re.MULTILINE)
        wanted, number, verdict = row.split(" | ")
        assert wanted == target.wanted
        # single precision: another order of sums moves single spikes, as half the step does
        assert float(number) == pytest.approx(target.found, rel=0.05, abs=0.05)
        assert verdict == ("hit" if target.met else "missed")
    assert len(found) == page.split("<!-- targets -->")[1].split("<!-- end of targets -->")[0].count("| hit") + sum(
        not target.met for target in found
    )
