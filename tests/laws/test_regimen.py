"""Laws of doses: nothing is lost on the clock, order does not matter, rounding never gives more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unwound.core.errors import UnsafeDose
from unwound.regimen import Bolus, Infusion, Regimen, Titration, check_limits, compile_regimen, total_mg
from unwound.regimen.pump import rounded_dose

WEIGHT = 70.0
hours = st.one_of(st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.1 + 0.2, 1.0, 24.0]), st.floats(0, 500))
sizes = st.floats(1e-3, 1e3)
enantiomers = st.sampled_from(["S", "R", "racemic"])
series = st.one_of(
    st.none(),
    st.builds(lambda n, d: {"count": n, "days": d}, st.integers(1, 8), st.sampled_from(["daily", "weekdays"])),
    st.builds(lambda n, h: {"count": n, "every": f"{h!r} h"}, st.integers(1, 8), st.floats(0.02, 100)),
)
shared = {
    "drug": st.just("ketamine"),
    "enantiomer": enantiomers,
    "form": st.sampled_from(["base", "hydrochloride"]),
    "start": hours.map(lambda h: f"{h!r} h"),
    "repeat": series,
}
durations = st.floats(0.001, 200).map(lambda h: f"{h!r} h")
amounts = st.builds(lambda x, u: f"{x!r} {u}", sizes, st.sampled_from(["mg", "mg/kg", "ug", "g"]))
rates = st.builds(lambda x, u: f"{x!r} {u}", sizes, st.sampled_from(["mg/h", "ug/kg/min", "mg/h/70kg"]))
boluses = st.builds(Bolus, amount=amounts, **shared)
infusions = st.one_of(
    st.builds(Infusion, rate=rates, duration=durations, **shared),
    st.builds(Infusion, amount=amounts, duration=durations, **shared),
)
doses = st.one_of(boluses, infusions)
regimens = st.lists(doses, min_size=1, max_size=6).map(lambda d: Regimen(doses=tuple(d)))


def stated_mg(regimen):
    total = 0.0
    for dose in regimen.doses:
        amount = dose.in_base(dose.main) * (WEIGHT if "/kg" in dose.main.unit else 1.0)
        total += amount * (dose.hours if dose.main_field == "rate" else 1.0) * len(dose.starts())
    return total


def given_mg(regimen):
    return sum(total_mg(compile_regimen(regimen), WEIGHT).values())


@given(regimens)
def test_what_is_compiled_is_what_was_stated(regimen):
    assert given_mg(regimen) == pytest.approx(stated_mg(regimen), rel=1e-9)


@given(regimens)
def test_the_clock_only_goes_forward(regimen):
    compiled = compile_regimen(regimen)
    assert compiled.times[0] == 0
    assert np.diff(compiled.times).min() > 1e-9
    for part in compiled.inputs.values():
        for values in (part.rate, part.rate_per_kg, part.bolus, part.bolus_per_kg):
            assert values.shape == (len(compiled.times) - 1,)
            assert values.min() >= 0


@given(regimens, st.randoms(use_true_random=False))
def test_the_order_of_doses_is_irrelevant(regimen, random):
    mixed = list(regimen.doses)
    random.shuffle(mixed)
    first, second = compile_regimen(regimen), compile_regimen(Regimen(doses=tuple(mixed)))
    np.testing.assert_array_equal(first.times, second.times)
    for name, part in first.inputs.items():
        np.testing.assert_allclose(part.rate, second.inputs[name].rate, rtol=1e-12)
        np.testing.assert_allclose(part.bolus, second.inputs[name].bolus, rtol=1e-12)


@given(regimens, regimens)
def test_two_regimens_together_give_the_sum(first, second):
    both = Regimen(doses=first.doses + second.doses)
    assert given_mg(both) == pytest.approx(given_mg(first) + given_mg(second), rel=1e-9)


@given(st.floats(0.1, 100), st.floats(0.1, 100), st.floats(0.1, 100))
def test_two_infusions_in_a_row_equal_one(rate, first, second):
    one = Infusion(drug="ketamine", enantiomer="S", rate=f"{rate!r} mg/h", duration=f"{first + second!r} h")
    begin = Infusion(drug="ketamine", enantiomer="S", rate=f"{rate!r} mg/h", duration=f"{first!r} h")
    rest = Infusion(
        drug="ketamine", enantiomer="S", rate=f"{rate!r} mg/h", duration=f"{second!r} h", start=f"{first!r} h"
    )
    whole, halves = compile_regimen(Regimen(doses=(one,))), compile_regimen(Regimen(doses=(begin, rest)))
    assert whole.times[-1] == pytest.approx(halves.times[-1], rel=1e-12)
    np.testing.assert_allclose(halves.inputs["S"].rate, whole.inputs["S"].rate[0], rtol=1e-7)
    assert given_mg(Regimen(doses=(one,))) == pytest.approx(given_mg(Regimen(doses=(begin, rest))), rel=1e-9)


@given(regimens, st.floats(0, 800))
def test_truncation_never_gives_more_and_ends_in_time(regimen, stop):
    cut = regimen.truncate(f"{stop!r} h")
    assert cut.end <= stop + 1e-6
    assert given_mg(cut) <= given_mg(regimen) * (1 + 1e-9)


@given(doses, st.floats(0.01, 10))
def test_rounding_never_increases_the_dose(dose, step):
    (before,) = [stated_mg(Regimen(doses=(dose,)))]
    after = stated_mg(Regimen(doses=(rounded_dose(dose, f"{step!r} mg/h", f"{step!r} mg", "70 kg", "dose"),)))
    assert after <= before * (1 + 1e-9) + step * 1e-7
    most = len(dose.starts()) * step * max(dose.hours, 1.0)
    assert before - after <= most * (1 + 1e-9)


@given(regimens)
def test_a_regimen_is_read_back_from_its_own_text(regimen):
    assert Regimen.from_toml_text(regimen.to_toml()) == regimen


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0, 500), st.integers(1, 100))
def test_a_titration_never_exceeds_its_ceiling(start, step, more, back):
    ceiling = min(start + more, start + 190 * step)
    dose = Titration(
        drug="ketamine",
        enantiomer="S",
        start_rate=f"{start!r} mg/h",
        step=f"{step!r} mg/h",
        ceiling=f"{ceiling!r} mg/h",
        every="1 h",
        duration="9 h",
        step_back=back,
    )
    levels = dose.levels()
    assert levels[0] == pytest.approx(start, abs=1e-8 * step)
    assert levels[-1] == ceiling
    assert np.all(np.diff(levels) > 0) or len(levels) == 1
    assert np.all(np.diff(levels) <= step * (1 + 1e-6))


@given(st.lists(boluses | infusions, min_size=1, max_size=4), st.floats(2.5, 300))
def test_the_more_is_given_the_more_is_warned_of(some, weight):
    """A regimen that is refused stays refused when a dose is added."""

    def verdict(chosen):
        try:
            check_limits(Regimen(doses=tuple(chosen)), weight, 45)
        except UnsafeDose:
            return True
        return False

    assert verdict(some) or not verdict(some[:-1])
