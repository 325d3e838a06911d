"""Laws of event tables: two ways to write the same doses give the same doses, and what is written reads back equal."""

import itertools
import math
import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unwound.regimen import (
    Bolus,
    Infusion,
    Occasion,
    Person,
    Regimen,
    compile_regimen,
    parse_events,
    read_events,
    to_nonmem,
)
from unwound.regimen.event_said import Said
from unwound.regimen.measures import per_kg

HEAD = "ID,TIME,AMT,RATE,EVID,II,ADDL,SS\n"
UNITS = {"AMT": "mg", "TIME": "h"}
times = st.one_of(st.sampled_from([0.0, 0.1, 0.3, 24.0]), st.floats(0, 200).map(lambda t: round(t, 3)))
amounts = st.floats(0.1, 500).map(lambda a: round(a, 4))
rates = st.one_of(st.just(0.0), st.floats(0.5, 50).map(lambda r: round(r, 3)))
counts = st.integers(1, 12)
intervals = st.floats(0.05, 60).map(lambda i: round(i, 3))


def person(rows, **other):
    text = HEAD + "\n".join(",".join("." if x is None else repr(x) for x in row) for row in rows)
    (only,) = parse_events(text, drug="ketamine", enantiomer="S", units=UNITS, **other)
    return only


def row(time, amount, rate=0.0, interval=None, more=None, steady=None, evid=1):
    return (1, time, amount, rate, evid, interval, more, steady)


def expanded(occasion, weight=None):
    """Every single dose: start, amount [mg as stated], hours, what it is of; in order."""
    doses = []
    for dose in occasion.regimen.doses:
        amount = dose.main.value * (dose.hours if dose.main_field == "rate" else 1.0)
        amount *= weight if per_kg(dose.main) else 1.0
        what = (dose.drug, dose.enantiomer, dose.form, dose.route)
        doses += [(float(start), amount, dose.hours, what) for start in dose.starts()]
    return sorted(doses, key=lambda d: (round(d[0], 7), d[3], round(d[2], 7), round(d[1], 7)))  # but for float noise


def assert_same_doses(one, other, tolerance=1e-9):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert a[:3] == pytest.approx(b[:3], rel=1e-9, abs=tolerance)
        assert a[3] == b[3]


def amount_at(doses, time, k):
    """What one compartment with rate constant `k` [1/h] holds at `time`, by superposition of the single doses."""
    total = 0.0
    for start, amount, hours, _ in doses:
        if start > time + 1e-9:
            continue
        if hours == 0:
            total += amount * math.exp(-k * (time - start))
            continue
        over = min(time - start, hours)
        total += amount / hours / k * (1 - math.exp(-k * over)) * math.exp(-k * (time - start - over))
    return total


@given(times, amounts, rates, counts, intervals)
def test_additional_doses_are_repeated_rows(time, amount, rate, count, interval):
    series = person([row(time, amount, rate, interval, count - 1)]) if count > 1 else person([row(time, amount, rate)])
    by_hand = person([row(time + n * interval, amount, rate) for n in range(count)])
    assert_same_doses(expanded(series.occasion), expanded(by_hand.occasion))


@given(amounts, rates, st.floats(0.1, 24.0), st.floats(2.0, 60.0), st.integers(0, 3), st.sampled_from([1, 2]))
def test_steady_state_is_the_limit_of_many_doses(amount, rate, half_life, interval, more, steady):
    """For every half-life up to the one allowed, to 1e-9: against the closed form of the endless series."""
    occasion = person([row(7.0, amount, rate, interval, more, steady)]).occasion
    k, doses = math.log(2) / half_life, expanded(occasion)
    hours = amount / rate if rate else 0.0
    now = occasion.lead_h + 7.0
    if hours > interval:  # overlapping infusions: the closed form below is for those that end in time
        many = [(now - n * interval, amount, hours, ()) for n in range(4000)]
        assert amount_at(doses, now, k) == pytest.approx(amount_at(many, now, k), rel=3e-9)
        return
    end = now + hours
    one = amount if hours == 0 else rate / k * (1 - math.exp(-k * hours))
    assert amount_at(doses, end, k) == pytest.approx(one / (1 - math.exp(-k * interval)), rel=2e-9)


def test_the_half_life_allowed_is_twice_the_slowest_of_the_models():
    from unwound.pharmacokinetics.model import Covariates
    from unwound.pharmacokinetics.register import ROUTED, routed_model

    who = Covariates(*(np.float64(x) for x in (70, 45, 0, 0, 0)))
    slowest = 0.0
    for model in map(routed_model, ROUTED):
        for enantiomer in model.enantiomers:
            system = model.system(who, np.zeros(len(model.random_effects)), enantiomer)
            rates = -np.linalg.eigvals(np.asarray(system.matrix)).real
            slowest = max(slowest, math.log(2) / rates[rates > 1e-9].min())
    assert 2 * slowest < Said().slowest_h


@given(st.floats(0.5, 50), st.floats(0.1, 24.0))
def test_an_infusion_without_beginning_is_at_rate_over_clearance(rate, half_life):
    occasion = person([row(3.0, 0.0, rate, None, None, 1)]).occasion
    k = math.log(2) / half_life
    assert amount_at(expanded(occasion), occasion.lead_h + 3.0, k) == pytest.approx(rate / k, rel=2e-9)
    later = amount_at(expanded(occasion), occasion.lead_h + 3.0 + half_life, k)
    assert later == pytest.approx(rate / k / 2, rel=2e-9)


@given(times, amounts, amounts, st.floats(1.0, 60.0))
def test_steady_state_forgets_what_came_before(time, amount, other, interval):
    alone = person([row(time, amount, 0.0, interval, None, 1)])
    after = person([row(0.0, other, 5.0), row(time, amount, 0.0, interval, None, 1)])
    assert_same_doses(expanded(alone.occasion), expanded(after.occasions[-1]))


@given(times, st.floats(1, 500), st.floats(0.5, 50), st.floats(0.05, 0.95))
def test_an_infusion_split_in_two_is_one(time, amount, rate, share):
    first = amount * share
    split = compile_regimen(person([row(time, first, rate), row(time + first / rate, amount - first, rate)]).regimen)
    whole = compile_regimen(person([row(time, amount, rate)]).regimen)
    at = np.linspace(0, time + amount / rate + 1, 50)
    assert given_until(split, at) == pytest.approx(given_until(whole, at), rel=1e-9, abs=1e-9)


def given_until(compiled, at):
    """What of S has been given until the times `at` [mg], boluses included."""
    inputs, hours = compiled.inputs["S"], np.diff(compiled.times)
    flowed = np.interp(at, compiled.times, np.append(0.0, np.cumsum(inputs.rate * hours)))
    return flowed + np.array([inputs.bolus[compiled.times[:-1] <= t].sum() for t in at])


@given(times, st.lists(st.tuples(amounts, rates), min_size=2, max_size=4))
def test_the_order_of_doses_at_one_time_makes_no_difference(time, doses):
    orders = [person([row(time, a, r) for a, r in order]) for order in itertools.permutations(doses)]
    for other in orders[1:]:
        assert_same_doses(expanded(orders[0].occasion), expanded(other.occasion))


@given(st.lists(st.tuples(times, amounts, rates), min_size=1, max_size=4), times, amounts)
def test_nothing_given_before_a_reset_is_there_after_it(doses, time, amount):
    before = [row(*dose) for dose in sorted(doses)]
    after = row(before[-1][1] + time, amount, 0.0, evid=4)
    last = person([*before, after]).occasions[-1]
    assert_same_doses(expanded(last), [(after[1], amount, 0.0, ("ketamine", "S", "base", "intravenous"))])


# ------------------------------------------------------------------------------------------------------- round trips

words = {
    "drug": st.just("ketamine"),
    "enantiomer": st.sampled_from(["S", "R", "racemic"]),
    "form": st.sampled_from(["base", "hydrochloride"]),
    "route": st.sampled_from(["intravenous", "nasal", "oral", "intramuscular"]),
    "start": times.map(lambda t: f"{t!r} h"),
    "repeat": st.one_of(
        st.none(),
        st.builds(lambda n, i: {"count": n, "every": f"{i!r} h"}, counts, intervals),
        st.builds(lambda n, d: {"count": n, "days": d}, counts, st.sampled_from(["daily", "weekdays", "weekly"])),
    ),
}
sizes = st.builds(lambda a, u: f"{a!r} {u}", amounts, st.sampled_from(["mg", "mg/kg", "ug"]))
durations = st.floats(0.01, 50).map(lambda h: f"{h!r} h")
doses = st.one_of(
    st.builds(Bolus, amount=sizes, **words),
    st.builds(Infusion, amount=sizes, duration=durations, **words),
    st.builds(Infusion, rate=sizes.map(lambda s: s + "/h"), duration=durations, **words),
)
samples = st.lists(
    st.tuples(times, st.one_of(st.just(math.nan), st.floats(0, 1e4)), st.sampled_from(["S-ketamine", "R-ketamine"])),
    max_size=5,
)


@st.composite
def occasions(draw):
    regimen = Regimen(doses=tuple(draw(st.lists(doses, max_size=3))))
    seen = sorted(draw(samples), key=lambda s: s[0])
    at = np.array([s[0] for s in seen])
    # a flag has a meaning only where a single bolus meets the sample
    starts = [(n, t) for n, d in enumerate(regimen.doses) if isinstance(d, Bolus) for t in d.starts()]
    meet = [sum(abs(t - time) < 1e-8 for _, t in starts) for time in at]
    before = np.array([bool(m == 1 and draw(st.booleans())) for m in meet], dtype=bool)
    values = np.array([s[1] for s in seen])
    return Occasion(regimen, at, values, before, tuple(s[2] for s in seen), label="")


people = st.builds(
    Person,
    id=st.sampled_from(["1", "17", "X-003"]),
    occasions=st.lists(occasions(), min_size=1, max_size=3).map(tuple),
    weight_kg=st.floats(40, 120),
    age_y=st.one_of(st.none(), st.floats(20, 90)),
)


@settings(max_examples=60)
@given(people)
def test_what_is_exported_reads_back_equal(one):
    files = to_nonmem([one], observed_unit="ng/mL")
    with tempfile.TemporaryDirectory() as folder:
        files.write(f"{folder}/table.csv")
        (again,) = read_events(f"{folder}/table.csv")
    assert (again.id, again.weight_kg, again.age_y) == (one.id, one.weight_kg, one.age_y)
    kept = [o for o in one.occasions if o.regimen.doses or o.observed_h.size]
    assert len(again.occasions) == max(len(kept), 1)
    for here, there in zip(kept, again.occasions, strict=False):
        assert_same_doses(expanded(here, one.weight_kg), expanded(there, one.weight_kg))
        np.testing.assert_array_equal(here.observed_h, there.observed_h)
        assert sorted(zip(map(repr, here.observed.tolist()), here.analytes, strict=True)) == sorted(
            zip(map(repr, there.observed.tolist()), there.analytes, strict=True)
        )
        assert here.before_dose.sum() == there.before_dose.sum()
