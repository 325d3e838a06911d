"""How open receptors stand in a class of synapses: shipped data against the chains they come from."""

import importlib.util
import pathlib

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from unwound.core.errors import UnknownName
from unwound.evidence import value
from unwound.receptor.averages import (
    ACTIVITIES,
    CLASSES,
    COLUMNS,
    MEMBRANES,
    average,
    of_class,
    retention,
    shares,
    shipped,
)
from unwound.receptor.ligands import ligand
from unwound.receptor.register import gating_scheme

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts" / "make_receptor_averages.py"


def the_script():
    spec = importlib.util.spec_from_file_location("make_receptor_averages", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shipped_table_is_what_the_script_writes():
    anew = the_script().rows()
    assert len(anew) == len(shipped())
    for row, old in zip(anew, shipped(), strict=True):
        for name in COLUMNS[:4]:
            assert row[name] == getattr(old, name)
        for name in COLUMNS[4:]:
            assert float(row[name]) == pytest.approx(getattr(old, name), rel=2e-6), (row, name)


def test_every_subtype_activity_and_membrane_has_one_row():
    rows = shipped()
    found = {(row.subtype, row.activity, row.membrane) for row in rows}
    assert len(rows) == len(found) == 4 * len(ACTIVITIES) * len(MEMBRANES)


def test_pulses_of_glutamate_once_a_second_open_glun2a_a_sixtieth_of_the_time():
    """Integrated anew over forty pulses with a stiff solver, from rates typed again."""
    kon, koff, kf, kfm, ks, ksm, d1, d1m, d2, d2m = 31.6, 1010, 3140, 174, 230, 178, 85.1, 29.7, 230, 1.01

    def flow(glutamate):
        def change(t, y):
            R, RA, RA2, F, S, D1, D2, O, _ = y
            bind = kon * glutamate
            steps = (
                2 * bind * R - koff * RA, bind * RA - 2 * koff * RA2, kf * RA2 - kfm * F, ks * RA2 - ksm * S,
                ks * F - ksm * O, kf * S - kfm * O, d1 * RA2 - d1m * D1, d2 * RA2 - d2m * D2,
            )  # fmt: skip
            first, second, fast, slow, late_slow, late_fast, into1, into2 = steps
            return [
                -first, first - second, second - fast - slow - into1 - into2, fast - late_slow, slow - late_fast,
                into1, into2, late_slow + late_fast, O,
            ]  # fmt: skip

        return change

    y = np.array([1.0, 0, 0, 0, 0, 0, 0, 0, 0])
    for _ in range(40):
        before = y[-1]
        for glutamate, length in ((1000.0, 1e-3), (0.0, 0.999)):
            y = solve_ivp(flow(glutamate), (0, length), y, "LSODA", rtol=1e-8, atol=1e-11).y[:, -1]
    assert average("GluN2A", "1 Hz").mean_open == pytest.approx(y[-1] - before, rel=1e-5)
    assert y[-1] - before == pytest.approx(0.016, abs=3e-4)


def test_depolarization_lets_drug_in_and_out_faster():
    for row in shipped():
        if row.membrane == "rest":
            other = average(row.subtype, row.activity, "depolarized")
            assert other.a_on > row.a_on
            assert other.a_off > row.a_off == pytest.approx(row.mean_open)


def test_a_faster_train_opens_every_subtype_longer():
    for subtype in ("GluN2A", "GluN2B", "GluN2C", "GluN2D"):
        opened = [average(subtype, activity).mean_open for activity in ("0.1 Hz", "1 Hz", "2 Hz")]
        assert opened == sorted(opened)


def test_a_class_of_synapses_is_the_mixture_of_its_subtypes():
    assert sum(shares().values()) == pytest.approx(1.0)
    mixed = of_class("C to relay", "1 Hz")
    by_hand = 0.35 * 9.856951e-04 + 0.5 * 9.602376e-04 + 0.15 * 1.373760e-03
    assert mixed.binding == pytest.approx(by_hand, rel=1e-6)


def test_a_class_has_only_the_activities_that_open_it():
    for name, kind in CLASSES.items():
        wrong = "ambient 0.5 uM" if kind == "pulses" else "1 Hz"
        with pytest.raises(UnknownName, match=name):
            of_class(name, wrong)
    with pytest.raises(UnknownName, match="no class"):
        of_class("no class", "1 Hz")


def test_trapped_ketamine_stays_for_seconds_in_a_firing_synapse_and_for_hours_in_a_silent_one():
    """Retention of a first computation: 24 s, 77 s, 7.7 h at -70 mV; at -66 mV channels let go a ninth faster."""
    ketamine = ligand("ketamine")
    assert value("blockers.escape_rate", "1/s") == 0
    for activity, recalled in (("1 Hz", 24.0), ("ambient 0.5 uM", 77.0), ("ambient 25 nM", 7.7 * 3600)):
        assert retention(ketamine, "GluN2A", activity) == pytest.approx(recalled / 1.131, rel=0.05)


def test_mk801_outstays_ketamine_and_ketamine_memantine():
    for activity in ACTIVITIES:
        stay = [retention(ligand(name), "GluN2A", activity) for name in ("MK-801", "ketamine", "memantine")]
        assert stay == sorted(stay, reverse=True)


def test_schemes_of_the_data_are_the_defaults_of_today():
    for row in shipped():
        assert gating_scheme(row.subtype).prefix == row.scheme
