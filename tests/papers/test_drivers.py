"""What each driver of the slow memory implies: a first computation's table, computed again, and the pages that show it.

The table (H2, first-guess parameters, two-compartment kinetics) is a regression of the code and no claim about
patients. Its "780 ng/mL" of the pore at rest is a *free* concentration: with a free share of 0.55 it is 1,419 ng/mL in
all, and only so the row of the table (no relief) comes out; counted as total, the pore at rest would give a month.
"""

import dataclasses
import math
import pathlib
import re

import pytest

from unwound import evidence
from unwound.patient import Setting
from unwound.patient.driver_table import driver_table, half_block, racemate_table, regimens, relief
from unwound.patient.wiring import DRIVERS, driver_keys, driver_of, hypothesis_keys, wiring_of
from unwound.sensitization import Empirical, Pore, Tonic
from unwound.trials import driver_verdicts

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "rooms" / "sensitization.md"
PRINTED = {
    "empirical": (39.5, 0, 0),
    "pore": (0, 0, 0),
    "pore_depolarized": (34, 0, 0),
    "tonic": (42, 40, 0),
}


@pytest.fixture(scope="module")
def table():
    return {row.driver: row for row in driver_table()}


@pytest.fixture(scope="module")
def racemate():
    return {(row.model, row.r_potency): row.relief_days for row in racemate_table()}


def k_of_s_ketamine():
    """Recalled K of the racemate at -66 mV, divided between the enantiomers by their binding (0.3 and 1.4 uM)."""
    return 0.33 * (1 + 0.3 / 1.4) / 2


def test_the_pore_at_rest_is_half_blocked_at_780_free_and_1419_in_all():
    free = k_of_s_ketamine() * (1 + 1 / 0.065) * 237.73
    assert free == pytest.approx(780, abs=1)
    assert half_block(driver_of("pore")) == pytest.approx(free / 0.55, rel=1e-4)


def test_the_depolarized_pore_is_half_blocked_at_434_in_all():
    there = k_of_s_ketamine() * math.exp(0.79 * 26 / 25.52) * (1 + 1 / (0.065 * math.exp(26 * 0.062)))
    assert half_block(driver_of("pore_depolarized")) == pytest.approx(there * 237.73, rel=1e-4)
    assert half_block(driver_of("pore_depolarized")) == pytest.approx(434, abs=1)


def test_the_tonic_site_is_half_blocked_at_24_and_the_empirical_driver_at_200():
    assert half_block(driver_of("tonic")) == pytest.approx(24, abs=0.5)
    assert half_block(driver_of("empirical")) == pytest.approx(200, abs=0.01)


@pytest.mark.parametrize("driver", DRIVERS)
def test_relief_of_every_driver_is_that_of_the_table(table, driver):
    assert tuple(table[driver].relief_days.values()) == pytest.approx(PRINTED[driver], abs=2)


def test_with_the_largest_block_complete_the_tonic_site_does_what_the_table_says():
    """The table left Imax open; at 1 its numbers come out closest, and 0.8 changes them by less than a day."""
    own = dataclasses.replace(driver_of("tonic"), largest=1.0)
    regimen = regimens()["40 min at 52 mg/h on 14 days"]
    assert relief(regimen, Setting(model="twocompartment", own_driver=own)) == pytest.approx(40, abs=1)


def test_the_pore_at_rest_counted_in_total_drug_would_relieve():
    own = dataclasses.replace(driver_of("pore"), unbound=1.0)
    regimen = regimens()["4.2 d, titrated 5-12-22 mg/h"]
    assert relief(regimen, Setting(model="twocompartment", own_driver=own)) == pytest.approx(31, abs=2)


def test_the_racemate_relieves_for_as_long_as_r_counts(racemate):
    for f, days in ((0.0, 0), (0.5, 21), (1.0, 32)):
        assert racemate["twocompartment", f] == pytest.approx(days, abs=2)


def test_kinetics_of_both_enantiomers_do_not_change_that_s_alone_is_too_little(racemate):
    """Behind kamp2020 (S cleared faster or slower than R) f = 0 still gives nothing; f = 0.5 gives a week more."""
    assert racemate["kamp2020", 0.0] == 0
    assert racemate["kamp2020", 0.5] == pytest.approx(29, abs=1)
    assert racemate["kamp2020", 1.0] == pytest.approx(33, abs=1)


def test_a_hypothesis_rests_on_the_rows_of_its_driver():
    for name in DRIVERS:
        assert set(driver_keys(name)) <= set(hypothesis_keys("H2", name))
        assert set(driver_keys(name)) & set(hypothesis_keys("H0", name)) == set()
        assert evidence.citations(driver_keys(name)) or name == "empirical"
    assert "pore_depolarized.voltage" in driver_keys("pore_depolarized")
    assert "pore_driver.voltage" not in driver_keys("pore_depolarized")


def test_every_driver_is_a_record_of_its_own_and_carries_its_own_f():
    kinds = {name: type(driver_of(name)) for name in DRIVERS}
    assert kinds == {"empirical": Empirical, "pore": Pore, "pore_depolarized": Pore, "tonic": Tonic}
    assert driver_of("pore").r_potency == pytest.approx(0.3 / 1.4, rel=1e-6)
    shares = wiring_of("H2", ("S", "R"), driver="pore").slow.shares
    assert [float(share) for share in shares] == pytest.approx([1.0, 0.3 / 1.4])


def cells(row):
    (found,) = re.findall(rf"^\| `{row}` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [cell.strip() for cell in found.split("|")]


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_page_shows_what_is_computed(table, driver):
    half, *days = cells(driver)[:4]
    assert float(half.replace(",", "")) == pytest.approx(table[driver].half_block_ng_per_mL, abs=0.6)
    assert [float(day) for day in days] == pytest.approx(list(table[driver].relief_days.values()), abs=0.3)


def test_the_page_shows_the_racemate_as_computed(racemate):
    for model in ("twocompartment", "kamp2020"):
        computed = [racemate[model, f] for f in (0.0, 0.5, 1.0)]
        assert [float(cell) for cell in cells(model)] == pytest.approx(computed, abs=0.3)


@pytest.mark.slow
def test_the_page_says_which_rows_of_the_reference_trial_each_driver_misses():
    for verdict in driver_verdicts("SIG09", 200):
        shown = cells(f"{verdict.driver} in SIG09")
        assert len(shown) == len(verdict.rows) == 4
        for cell, row in zip(shown, verdict.rows, strict=True):
            assert float(cell.split()[0]) == pytest.approx(row.simulated.mean, abs=0.03)
            assert ("missed" in cell) == (row.passed is False)
