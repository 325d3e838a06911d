"""The register of all mechanisms, and the laws that run over it.

A mechanism is a flow: (state, stimulus, parameters) -> rate of change of the state. A formula is anything else with
units: arguments -> result. Joining the register is all a new one has to do; `test_scaling` refuses a room with a
function that is neither here nor among the stated exceptions. A bare number carries its unit as `In(number, unit)`.

The scale of pain is never rewritten: 0 to 10 is its definition, not a choice of unit.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from unwound.core.arrays import Record, Scalar, jax, jnp
from unwound.core.units import exponents, rescale, unit, units_of
from unwound.outcomes import Pain, Placebo, Psychomimetic
from unwound.outcomes import pain as pain_room
from unwound.outcomes import placebo as placebo_room
from unwound.outcomes import psychomimetic as psychomimetic_room
from unwound.patient.wiring import Equivalents, SwitchWiring, TurnoverWiring
from unwound.pharmacokinetics import Amounts, Disposition, Individual, Metabolite, Modes, Otto2021, TwoCompartment
from unwound.pharmacokinetics import convolution as convolution_room
from unwound.pharmacokinetics import flow_limited as flow_limited_room
from unwound.pharmacokinetics import followers as followers_room
from unwound.pharmacokinetics import kinetics as kinetics_room
from unwound.pharmacokinetics import modes as modes_room
from unwound.pharmacokinetics import partner_kinetics as partner_kinetics_room
from unwound.pharmacokinetics import residual as residual_room
from unwound.pharmacokinetics import system as system_room
from unwound.pharmacokinetics import well_stirred as well_stirred_room
from unwound.pharmacokinetics.exposure import Exposure, concentrations, exposure_of
from unwound.pharmacokinetics.kinetics import Reading
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import ROUTED, routed_model
from unwound.pharmacokinetics.residual import Residual
from unwound.pharmacokinetics.system import LinearSystem
from unwound.pharmacokinetics.well_stirred import SaturableGut, WellStirred
from unwound.sensitization import Empirical, Memory, Pore, Stimulus, Switch, Tonic, Turnover
from unwound.sensitization import switch as switch_room
from unwound.sensitization import turnover as turnover_room

FIRST_GUESS = Switch(
    activation=1.2, decay=0.45, hill=6.0, threshold=0.62, gain=0.8, latent_gain=0.08, input=0.25,
    protection_strength=0.5, protection_on=1.2, protection_off=math.log(2.0) / 10.9, latent_time=300.0,
    latent_saturation=0.6,
)  # fmt: skip
"""H2 as first guessed, typed once more: tables that were computed with it do not move with the evidence."""
AS_GUESSED = {f"protected_switch.{name}": getattr(FIRST_GUESS, name) for name in units_of(FIRST_GUESS)}
AS_GUESSED |= {"empirical.half_block": 200.0 / 237.73, "empirical.r_potency": 0.5}

# ---------------------------------------------------------------------------------------------- units


@dataclasses.dataclass(frozen=True)
class In:
    """A number in a unit."""

    number: Any
    unit: str


class Protection(Record):
    """The drug-induced protection Z, on its own."""

    protection: Scalar = unit("1")


class SlowConcentration(Record):
    """The slow effect compartment of H0."""

    concentration: Scalar = unit("uM")


def growth(label: str, k: dict[str, float]) -> float:
    """By how much a number in unit `label` grows when it is written in the other units."""
    return math.prod(k[dimension] ** power for dimension, power in exponents(label).items())


def rewritten(thing: Any, k: dict[str, float]) -> Any:
    """The same physical thing, written in other units: records field by field, records within records too."""
    if isinstance(thing, In):
        return In(np.asarray(thing.number) * growth(thing.unit, k), thing.unit)
    if isinstance(thing, (tuple, list)):
        return tuple(rewritten(part, k) for part in thing)
    if dataclasses.is_dataclass(thing):
        inner = {
            f.name: rewritten(getattr(thing, f.name), k)
            for f in dataclasses.fields(thing)
            if "unit" not in f.metadata and dataclasses.is_dataclass(getattr(thing, f.name))
        }
        return rescale(dataclasses.replace(thing, **inner), k)
    return thing


def plain(thing: Any) -> Any:
    """The number of an `In`; anything else as it is."""
    return thing.number if isinstance(thing, In) else thing


def numbers(thing: Any) -> list[np.ndarray]:
    """All numbers in a thing, in one order."""
    return [np.asarray(leaf, float) for leaf in jax.tree.leaves(jax.tree.map(plain, thing, is_leaf=_is_in))]


def _is_in(thing: Any) -> bool:
    return isinstance(thing, In)


# ---------------------------------------------------------------------------------------------- entries


@dataclasses.dataclass(frozen=True)
class Edge:
    """A boundary of a state: at `field` = `value` the flow must have the sign `inward`, or be zero."""

    field: str
    value: float
    inward: int


@dataclasses.dataclass(frozen=True)
class Mechanism:
    """A flow with random states, stimuli and parameters to try it on."""

    name: str
    states: SearchStrategy[Any]
    stimuli: SearchStrategy[Any]
    parameters: SearchStrategy[Any]
    flow: Callable[[Any, Any, Any], Any]
    per: str
    """The unit of time of the flow, "h" or "d"."""
    edges: tuple[Edge, ...]
    of: tuple[Callable[..., Any], ...]
    """The functions of the package that this entry puts under the laws."""


@dataclasses.dataclass(frozen=True)
class Formula:
    """A closed form with random arguments; `gives` is the unit of each number it returns, None for records."""

    name: str
    arguments: SearchStrategy[tuple[Any, ...]]
    call: Callable[..., Any]
    gives: tuple[str, ...] | str | None
    of: tuple[Callable[..., Any], ...]
    tolerance: float = 1e-8


# ---------------------------------------------------------------------------------------------- what to try


def decades(low: float, high: float) -> SearchStrategy[float]:
    """Positive numbers from 10^low to 10^high."""
    return st.floats(low, high).map(lambda power: 10.0**power)


positive = decades(-1.5, 1.5)
fraction = st.floats(0.0, 1.0)
amount_mg = st.one_of(st.just(0.0), decades(-3, 3))


def several(count: int, of: SearchStrategy[float]) -> SearchStrategy[np.ndarray]:
    """An array of `count` numbers."""
    return st.lists(of, min_size=count, max_size=count).map(np.array)


def disposition(peripherals: int) -> SearchStrategy[Disposition]:
    """Any person with so many peripheral compartments."""
    return st.builds(
        Disposition,
        clearance=decades(0, 2.3),
        central=decades(0, 2.5),
        peripheral=several(peripherals, decades(0, 2.7)),
        exchange=several(peripherals, decades(0, 2.5)),
    )


def amounts(peripherals: int) -> SearchStrategy[Amounts]:
    """Any amounts in such a person."""
    return st.builds(Amounts, central=amount_mg, peripheral=several(peripherals, amount_mg))


switches = st.builds(
    Switch,
    activation=positive,
    decay=positive,
    hill=st.floats(1.0, 8.0),
    threshold=decades(-1, 1),
    gain=positive,
    latent_gain=positive,
    input=positive,
    protection_strength=fraction,
    protection_on=positive,
    protection_off=positive,
    latent_time=decades(0, 3),
    latent_saturation=st.floats(0.1, 1.0),
)
memories = st.builds(Memory, gain=fraction, latent=fraction)
stimuli = st.builds(Stimulus, block=fraction, protection=fraction, flare=st.floats(-1.0, 1.0))
turnovers = st.builds(Turnover, half_life=positive, half_effect=positive, emax=fraction, r_potency=fraction)
empiricals = st.builds(Empirical, half_block=positive, r_potency=fraction)
pores = st.builds(
    Pore,
    dissociation=positive,
    reference_voltage=st.floats(-80.0, -50.0),
    delta=st.floats(0.0, 1.0),
    magnesium=st.floats(0.0, 3.0),
    magnesium_dissociation=positive,
    magnesium_slope=st.floats(10.0, 30.0),
    voltage=st.floats(-90.0, 40.0),
    thermal_voltage=st.floats(24.0, 28.0),
    unbound=st.floats(0.1, 1.0),
    r_potency=fraction,
)
tonics = st.builds(Tonic, half_block=positive, largest=fraction, r_potency=fraction)
micromolar = st.one_of(st.just(0.0), decades(-4, 3))
pains = st.builds(
    Pain,
    acute_block=fraction,
    acute_half=positive,
    half_drive=positive,
    power=st.floats(1.0, 4.0),
    residual_sd=positive,
    grain=st.floats(0.1, 1.0),
)
placebos = st.builds(
    Placebo,
    size_mean=st.floats(-1, 2),
    size_sd=positive,
    onset_half_time=positive,
    decay_half_time=positive,
    expectancy_gain=fraction,
)
psychomimetics = st.builds(
    Psychomimetic,
    report_concentration=positive,
    intolerable_concentration=positive,
    sensitivity_sd=positive,
    placebo_floor=fraction,
    r_potency=fraction,
)
otto_models = st.builds(
    Otto2021,
    **{f.name: fraction if "variance" in f.metadata["unit"] else positive for f in dataclasses.fields(Otto2021)},
)
two_compartment_models = st.builds(TwoCompartment, **{f.name: positive for f in dataclasses.fields(TwoCompartment)})
modes_of_people = st.builds(Modes, rate=several(3, decades(-3, 1)), gain=several(3, decades(-4, 0)))


def with_unit(numbers: SearchStrategy[Any], label: str) -> SearchStrategy[In]:
    """Random numbers in a unit."""
    return numbers.map(lambda number: In(number, label))


scales = st.fixed_dictionaries(
    {
        **dict.fromkeys(("mass", "volume", "time", "amount", "voltage", "body"), positive),
        "score": st.just(1.0),
    }
)
"""Factors from our units to other ones."""


def _protection_flow(state: Protection, block: Any, p: Switch) -> Protection:
    rate, source = switch_room.protection_in(block, p)
    return Protection(source - rate * state.protection)


def _slow_flow(state: SlowConcentration, concentration: Any, p: Turnover) -> SlowConcentration:
    rate, source = turnover_room.effect_in(concentration, p)
    return SlowConcentration(source - rate * state.concentration)


def _equivalents(molar_mass: Any, r_potency: Any) -> Equivalents:
    return Equivalents(jnp.asarray(molar_mass), jnp.asarray([1.0, r_potency]))


def _readings(concentrations: Any) -> tuple[Reading, ...]:
    return tuple(Reading(jnp.asarray(c), jnp.zeros((0,))) for c in concentrations)


def _wired_switch_flow(state: Memory, stimulus: tuple[Any, ...], p: tuple[Any, ...]) -> Memory:
    concentrations, protection, flare = (plain(part) for part in stimulus)
    switch, driver, molar_mass = (plain(part) for part in p)
    slow = _equivalents(molar_mass, driver.r_potency)
    wiring = SwitchWiring(switch, driver, slow, slow, None)
    return wiring.flow(state, _readings(concentrations), (protection,), flare)


def _wired_protection_flow(state: Protection, concentrations: Any, p: tuple[Any, ...]) -> Protection:
    switch, driver, molar_mass = (plain(part) for part in p)
    slow = _equivalents(molar_mass, driver.r_potency)
    (protection,) = SwitchWiring(switch, driver, slow, slow, None).driven()
    rate, source = protection(_readings(concentrations), ())
    return Protection(source - rate * state.protection)


def _wired_slow_flow(state: SlowConcentration, concentrations: Any, p: tuple[Any, ...]) -> SlowConcentration:
    turnover, molar_mass = (plain(part) for part in p)
    both = _equivalents(molar_mass, turnover.r_potency)
    (slow,) = TurnoverWiring(turnover, both, both).driven()
    rate, source = slow(_readings(concentrations), ())
    return SlowConcentration(source - rate * state.concentration)


molar_mass = with_unit(decades(-1, 0), "mg/umol")
plasma = with_unit(several(2, st.one_of(st.just(0.0), decades(-4, 1))), "mg/L")
"""S- and R-ketamine."""
wired_switches = st.tuples(switches, empiricals, molar_mass)
unit_interval = {name: (Edge(name, 0.0, +1), Edge(name, 1.0, -1)) for name in ("gain", "latent", "protection")}
memory_edges = unit_interval["gain"] + unit_interval["latent"]

MECHANISMS = (
    *(
        Mechanism(
            f"disposition with {n} peripheral compartments",
            amounts(n),
            with_unit(amount_mg, "mg/h"),
            disposition(n),
            lambda state, rate, p: modes_room.flow(state, plain(rate), p),
            "h",
            (Edge("central", 0.0, +1), Edge("peripheral", 0.0, +1)),
            (modes_room.flow,),
        )
        for n in (1, 2, 3)
    ),
    Mechanism(
        "switch: synaptic gain and latent memory",
        memories,
        stimuli,
        switches,
        switch_room.flow,
        "d",
        memory_edges,
        (switch_room.flow, switch_room.drive, switch_room.saturation),
    ),
    Mechanism(
        "switch: protection",
        st.builds(Protection, protection=fraction),
        with_unit(fraction, "1"),
        switches,
        lambda state, block, p: _protection_flow(state, plain(block), p),
        "d",
        unit_interval["protection"],
        (switch_room.protection_in,),
    ),
    Mechanism(
        "turnover: slow concentration",
        st.builds(SlowConcentration, concentration=micromolar),
        with_unit(micromolar, "uM"),
        turnovers,
        lambda state, concentration, p: _slow_flow(state, plain(concentration), p),
        "d",
        (Edge("concentration", 0.0, +1),),
        (turnover_room.effect_in,),
    ),
    Mechanism(
        "blood to switch",
        memories,
        st.tuples(plasma, with_unit(fraction, "1"), with_unit(st.floats(-1, 1), "1")),
        wired_switches,
        _wired_switch_flow,
        "d",
        memory_edges,
        (SwitchWiring.flow,),
    ),
    Mechanism(
        "blood to protection",
        st.builds(Protection, protection=fraction),
        plasma,
        wired_switches,
        lambda state, concentration, p: _wired_protection_flow(state, plain(concentration), p),
        "d",
        unit_interval["protection"],
        (SwitchWiring.driven,),
    ),
    Mechanism(
        "blood to slow concentration",
        st.builds(SlowConcentration, concentration=micromolar),
        plasma,
        st.tuples(turnovers, molar_mass),
        lambda state, concentration, p: _wired_slow_flow(state, plain(concentration), p),
        "d",
        (Edge("concentration", 0.0, +1),),
        (TurnoverWiring.driven,),
    ),
)


STEPWISE = ("parent_only", "empty", "steps", "given", "moved", "read")


def _after_bolus(p: Disposition, dose: In, time: In) -> Any:
    modes = modes_room.modes_of(p)
    return jnp.sum(modes.gain * jnp.exp(-modes.rate * plain(time))) * plain(dose)


def _course(person: Individual, ke0: In, lengths: In, rates: In, doses: In) -> Any:
    exposure = exposure_of(person, plain(ke0))
    breakpoints = np.concatenate([[0.0], np.cumsum(plain(lengths))])
    at = np.concatenate([breakpoints[1:], [breakpoints[-1] + plain(lengths)[0]]])
    parent, followers = concentrations(exposure, breakpoints, jnp.asarray(plain(rates)), jnp.asarray(plain(doses)), at)
    return parent, jnp.sum(followers[:, :-1], axis=1), followers[:, -1]


def _family(person: Individual, second: Disposition, clearance: Any, lengths: In, rates: In, doses: In) -> Any:
    """The metabolite and the one formed from it, with an effect site."""
    later = (Metabolite(jax.tree.map(jnp.asarray, second), jnp.asarray(clearance)),)
    exposure = exposure_of(dataclasses.replace(person, later=later))
    breakpoints = np.concatenate([[0.0], np.cumsum(plain(lengths))])
    return concentrations(exposure, breakpoints, jnp.asarray(plain(rates)), jnp.asarray(plain(doses)), breakpoints[1:])[
        1
    ]


def _one_step(person: Individual, ke0: In, length: In, rate: In, dose: In) -> Any:
    """A bolus, then one interval at a constant rate; the parent alone and with what follows it."""
    exposure = exposure_of(person, plain(ke0))
    found = []
    for blood in (exposure, exposure.parent_only()):
        step = jax.tree.map(lambda leaf: leaf[0], blood.steps(jnp.asarray([plain(length)])))
        state = blood.moved(blood.given(blood.empty(), jnp.asarray(plain(dose))), step, jnp.asarray(plain(rate)))
        found.append(blood.read(state))
    return found[0].parent, found[0].followers, found[1].parent


def _by_matrix(p: Disposition, lengths: In, rates: In, doses: In) -> Any:
    network = system_room.Network("blood", "blood_2", "blood_3")
    pairs = list(zip(map(jnp.asarray, p.peripheral), map(jnp.asarray, p.exchange), strict=True))
    system_room.mammillary(p.clearance, p.central, pairs, network, "blood")
    system = system_room.LinearSystem(network.matrix(()), network.readout((), ("blood", 1 / p.central)))
    breakpoints = np.concatenate([[0.0], np.cumsum(plain(lengths))])
    into_blood = jnp.array([1.0, 0.0, 0.0])
    inputs, boluses = (jnp.asarray(plain(given))[:, None] * into_blood for given in (rates, doses))
    return system_room.solve(system, breakpoints, inputs, boluses, breakpoints[1:])


def _absorbed(p: Disposition, fraction: In, length: In, rate: In, dose: In) -> Any:
    """An amount at once and a rate into a depot and a vein, over one interval."""
    network = system_room.Network("depot", "unused", "blood", "blood_2", "blood_3")
    pairs = list(zip(map(jnp.asarray, p.peripheral), map(jnp.asarray, p.exchange), strict=True))
    system_room.mammillary(p.clearance, p.central, pairs, network, "blood")
    for depot in ("depot", "unused"):
        network.flow(depot, "blood", p.clearance / p.central)
    system = system_room.LinearSystem(network.matrix((1,)), network.readout((1,), ("blood", 1 / p.central)))
    places = [0, 2]
    kept = kinetics_room.reachable(np.asarray(system.matrix[..., 0]), places)
    assert kept == [0, 2, 3, 4]
    shares = jnp.asarray([[plain(fraction)], [1.0]])
    blood = kinetics_room.absorbed(system, shares, places, kept)
    given = jnp.full((2, 1), plain(dose)), jnp.full((2, 1), plain(rate))
    step = jax.tree.map(lambda leaf: leaf[0], blood.steps(jnp.asarray([plain(length)])))
    state = blood.moved(blood.given(blood.empty(), given[0]), step, given[1])
    (parent,) = blood.parent_only().read(state).each()
    return state[:, 0], parent[0]


def _spaced(lengths: list[float]) -> np.ndarray:
    """Distinct lengths, so that one compiled program serves all examples."""
    return np.array(lengths) + 0.01 * np.arange(1, len(lengths) + 1)


people = st.builds(
    Individual,
    parent=disposition(2).map(lambda p: jax.tree.map(jnp.asarray, p)),
    formation=positive,
    metabolite=disposition(1).map(lambda p: jax.tree.map(jnp.asarray, p)),
)


def _kinetics_of(model: Any, who: Covariates, eta: In) -> LinearSystem:
    """A routed model's system for one person, without the generic depots, whose rates are read from their table."""
    who = jax.tree.map(jnp.asarray, who)
    system = model.system(who, jnp.asarray(plain(eta)), model.enantiomers[0])
    kept = np.array([i for i, n in enumerate(model.compartments()) if not n.startswith("depot_")])
    return LinearSystem(system.matrix[kept[:, None], kept], system.readout[:, kept])


covariates = st.builds(
    Covariates,
    weight=st.floats(5, 150),
    age=st.floats(1, 95),
    female=st.sampled_from([0.0, 1.0]),
    asian=st.sampled_from([0.0, 1.0]),
    japanese=st.sampled_from([0.0, 1.0]),
)


def _routed(name: str) -> Formula:
    """Every published model of the register, with its own numbers, for random people."""
    model = routed_model(name)
    effects = len(model.random_effects)
    return Formula(
        f"{name}: kinetics of a person",
        st.tuples(st.just(model), covariates, with_unit(several(effects, st.floats(-1, 1)), "1")),
        lambda model, who, eta: _kinetics_of(model, who, eta),
        None,
        (type(model).system, *((type(model.model).individual,) if hasattr(model, "model") else ())),
    )


def _not_at(concentration: In, threshold: float) -> bool:
    """Exactly at a threshold rounding decides, which is no business of the units."""
    return bool(abs(concentration.number - threshold) > 1e-9 * threshold)


FORMULAS = (
    *(_routed(name) for name in ROUTED),
    *(
        Formula(
            f"concentration after a bolus, {n} peripheral compartments",
            st.tuples(disposition(n), with_unit(amount_mg, "mg"), with_unit(decades(-2, 1), "h")),
            _after_bolus,
            "mg/L",
            (modes_room.modes_of,),
            tolerance=1e-6,  # late concentrations amplify the rounding of the rates
        )
        for n in (1, 2)
    ),
    Formula(
        "amounts and concentrations, step by step",
        st.tuples(
            people,
            with_unit(decades(-1, 1), "1/h"),
            with_unit(decades(-1, 1), "h"),
            with_unit(amount_mg, "mg/h"),
            with_unit(amount_mg, "mg"),
        ),
        _one_step,
        ("mg/L", "mg/L", "mg/L"),
        tuple(getattr(Exposure, name) for name in STEPWISE),
    ),
    Formula(
        "concentrations of parent, metabolite and effect site in a course",
        st.tuples(
            people,
            with_unit(decades(-1, 1), "1/h"),
            with_unit(st.lists(decades(-1, 1), min_size=4, max_size=4).map(_spaced), "h"),
            with_unit(several(4, amount_mg), "mg/h"),
            with_unit(several(4, amount_mg), "mg"),
        ),
        _course,
        ("mg/L", "mg/L", "mg/L"),
        (exposure_of, concentrations),
        tolerance=1e-6,  # times are rounded to 1e-9 h
    ),
    Formula(
        "concentrations of a metabolite and of what is formed from it",
        st.tuples(
            people,
            disposition(1),
            with_unit(decades(0, 2), "L/h"),
            with_unit(st.lists(decades(-1, 1), min_size=4, max_size=4).map(_spaced), "h"),
            with_unit(several(4, amount_mg), "mg/h"),
            with_unit(several(4, amount_mg), "mg"),
        ),
        lambda person, second, clearance, *given: _family(person, second, plain(clearance), *given),
        "mg/L",
        (followers_room.step_of,),
        tolerance=1e-6,  # times are rounded to 1e-9 h
    ),
    Formula(
        "a chain of three compartments",
        st.tuples(*[with_unit(decades(-3, 1), "1/h")] * 3, with_unit(decades(-2, 1.5), "h")),
        lambda *chained: convolution_room.chain(tuple(plain(r) for r in chained[:3]), plain(chained[3])),
        "h^2",
        (convolution_room.chain,),
    ),
    Formula(
        "amounts and concentrations of a linear system by the matrix exponential",
        st.tuples(
            disposition(2),
            with_unit(st.lists(decades(-1, 1), min_size=4, max_size=4).map(_spaced), "h"),
            with_unit(several(4, amount_mg), "mg/h"),
            with_unit(several(4, amount_mg), "mg"),
        ),
        _by_matrix,
        ("mg", "mg/L"),
        (system_room.solve, system_room.mammillary, system_room.transitions),
        tolerance=1e-6,  # times are rounded to 1e-9 h
    ),
    Formula(
        "amounts and concentration after doses through a depot and a vein",
        st.tuples(
            disposition(2),
            with_unit(fraction, "1"),
            with_unit(decades(-1, 1), "h"),
            with_unit(amount_mg, "mg/h"),
            with_unit(amount_mg, "mg"),
        ),
        _absorbed,
        ("mg", "mg/L"),
        (
            kinetics_room.absorbed,
            kinetics_room.reachable,
            *(getattr(kinetics_room.Absorbed, name) for name in STEPWISE),
        ),
    ),
    Formula(
        "otto2021: a person of some weight",
        st.tuples(
            otto_models,
            with_unit(decades(1, 2.2), "kg"),
            with_unit(several(4, st.floats(-1, 1)), "1"),
        ),
        lambda model, weight, eta: model.individual(jnp.asarray(plain(weight)), jnp.asarray(plain(eta))),
        None,
        (Otto2021.individual,),
    ),
    Formula(
        "twocompartment: a person",
        st.tuples(two_compartment_models, with_unit(decades(1, 2.2), "kg")),
        lambda model, weight: model.individual(jnp.asarray(plain(weight)), jnp.zeros((0,))),
        None,
        (TwoCompartment.individual,),
    ),
    Formula(
        "empirical driver",
        st.tuples(empiricals, with_unit(micromolar, "uM")),
        lambda p, concentration: p.block(plain(concentration)),
        "1",
        (Empirical.block,),
    ),
    Formula(
        "pore driver",
        st.tuples(pores, with_unit(micromolar, "uM")),
        lambda p, concentration: p.block(plain(concentration)),
        "1",
        (Pore.block,),
    ),
    Formula(
        "pore driver: free concentration at half block",
        st.tuples(pores),
        lambda p: p.half_free(),
        "uM",
        (Pore.half_free,),
    ),
    Formula(
        "tonic driver",
        st.tuples(tonics, with_unit(micromolar, "uM")),
        lambda p, concentration: p.block(plain(concentration)),
        "1",
        (Tonic.block,),
    ),
    Formula(
        "relief by the slow concentration",
        st.tuples(with_unit(micromolar, "uM"), turnovers),
        lambda slow, p: turnover_room.relief(plain(slow), p),
        "1",
        (turnover_room.relief,),
    ),
    Formula(
        "resting state in pain",
        st.tuples(with_unit(fraction, "1"), switches),
        lambda latent, p: switch_room.pain_state(plain(latent), p),
        None,
        (switch_room.pain_state,),
    ),
    Formula(
        "baseline pain of a drive",
        st.tuples(with_unit(positive, "1"), pains),
        lambda drive, p: pain_room.typical_baseline(plain(drive), p),
        "points",
        (pain_room.typical_baseline,),
    ),
    Formula(
        "acute relief",
        st.tuples(with_unit(positive, "uM"), pains),
        lambda concentration, p: pain_room.acute(plain(concentration), p),
        "1",
        (pain_room.acute,),
    ),
    Formula(
        "pain of a relative drive",
        st.tuples(with_unit(st.floats(0.5, 9.5), "points"), with_unit(positive, "1"), with_unit(fraction, "1"), pains),
        lambda baseline, drive, share, p: pain_room.intensity(plain(baseline), plain(drive), plain(share), p),
        "points",
        (pain_room.intensity,),
    ),
    Formula(
        "pain in proportion to relief",
        st.tuples(with_unit(st.floats(0.5, 9.5), "points"), with_unit(fraction, "1"), with_unit(fraction, "1")),
        lambda *parts: pain_room.proportional(*(plain(part) for part in parts)),
        "points",
        (pain_room.proportional,),
    ),
    Formula(
        "pain lowered by placebo",
        st.tuples(with_unit(st.floats(0.5, 9.5), "points"), with_unit(st.floats(-3, 3), "1")),
        lambda *parts: pain_room.lowered(*(plain(part) for part in parts)),
        "points",
        (pain_room.lowered,),
    ),
    Formula(
        "rating in a diary",
        st.tuples(with_unit(st.floats(0.0, 10.0), "points"), with_unit(st.floats(-3, 3), "1"), pains),
        lambda nrs, scatter, p: pain_room.observed(plain(nrs), plain(scatter), p),
        "points",
        (pain_room.observed,),
    ),
    Formula(
        "placebo response",
        st.tuples(
            with_unit(st.floats(-10, 300), "d"), with_unit(st.floats(-2, 3), "1"), with_unit(fraction, "1"), placebos
        ),
        lambda time, size, noticed, p: placebo_room.response(plain(time), plain(size), plain(noticed), p),
        "1",
        (placebo_room.response,),
    ),
    Formula(
        "psychomimetic effect: reported",
        st.tuples(
            with_unit(micromolar, "uM"), with_unit(positive, "1"), with_unit(fraction, "1"), psychomimetics
        ).filter(lambda a: _not_at(a[0], a[3].report_concentration * a[1].number)),
        lambda peak, sensitivity, chance, p: psychomimetic_room.reported(
            plain(peak), plain(sensitivity), plain(chance), p
        ),
        "1",
        (psychomimetic_room.reported,),
    ),
    Formula(
        "psychomimetic effect: intolerable",
        st.tuples(with_unit(micromolar, "uM"), with_unit(positive, "1"), psychomimetics).filter(
            lambda a: _not_at(a[0], a[2].intolerable_concentration * a[1].number)
        ),
        lambda peak, sensitivity, p: psychomimetic_room.intolerable(plain(peak), plain(sensitivity), p),
        "1",
        (psychomimetic_room.intolerable,),
    ),
)

NO_EQUATION = ("_keys", "_parameters", "_warning", "_warnings")
"""Endings of functions that look names up or speak in sentences."""

EXCEPTIONS = {
    "flares.knot_times": "no equation: knots 24 h apart",
    "flares.path": "its knots are 24 h apart by choice, so it is not free to be written in other hours",
    "otto2021.Otto2021.covariance": "rearranges table rows; its transcription is in tests/papers",
    "two_compartment.TwoCompartment.covariance": "no variability",
    "register.population_model": "looks up a name",
    "register.routed_model": "looks up a name",
    "grid.merged_grid": "no equation: a grid of times; see tests/rooms/test_modes.py",
    "curves.curves": "doses to a system and its solution, both under the laws here",
    "curves.parts_of": "no equation: halves of a racemic dose",
    "classical.PerKilogram.covariance": "no variability",
    "classical.PerSeventy.covariance": "rearranges table rows",
    "brunette2011.Brunette2011.covariance": "rearranges table rows",
    "brunette2011.Brunette2011.compartments": "names",
    "brunette2011.Brunette2011.entries": "the share of the table",
    "kamp2020.Kamp2020.covariance": "no variability",
    "kamp2020.Kamp2020.enantiomer": "chooses between table rows",
    "perezruixo2021.PerezRuixo2021.covariance": "rearranges table rows",
    "perezruixo2021.PerezRuixo2021.compartments": "names",
    "perezruixo2021.PerezRuixo2021.entries": "counts spray devices, so it is not free to be written in other units",
    "perezruixo2021.PerezRuixo2021.nasal_share": "counts spray devices",
    "simons2022.Simons2022.covariance": "rearranges table rows",
    "simons2022.Simons2022.compartments": "names",
    "simons2022.Simons2022.entries": "shares and durations of the table",
    "routes.depot_rate": "reads a table row",
    "routes.require_route": "no equation",
    "routes.simple_entries": "shares of the table",
    "variability.diagonal": "reads table rows",
    "variability.log_variance": "reads a table row",
    "variability.occasion_covariance": "reads table rows",
    "variability.occasion_of": "counts days, so it is not free to be written in other units",
    "variability.occasions_of": "counts days",
    "simons2022.Simons2022.today": "factors without units",
    "residual.residuals_of": "reads table rows",
    "uncertainty.known_exactly": "names",
    "uncertainty.replicated": "multiplies by factors without units; mean and error are in tests/rooms",
    "uncertainty.standard_error": "reads table rows",
    "uncertainty.uncertain_values": "reads table rows",
    "uncertainty.with_values": "puts values in fields",
}
"""Functions of the rooms of mechanisms that are not in the register, and why."""

AWAITED: set[str] = {
    *("antinociception", "benzodiazepine", "cardiac_output", "consciousness", "discharge", "dissociation", "eeg"),
    *("effect_site", "effects", "equivalents", "events", "haemodynamics", "high", "pressure_pain", "sedation"),
    "ventilation",
}
"""Files whose functions stand under the laws in tests/laws/test_acute_effects.py, which covers every one of them."""

AWAITED |= {"mood", "mood_control", "mood_relapse", "mood_scales"}  # in tests/laws/test_mood.py
AWAITED |= {"patient_controlled"}  # in tests/laws/test_surgery.py
AWAITED |= {"equilibria", "reset", "relapse", "basins"}  # in tests/laws/test_slow_memory_laws.py
AWAITED |= {
    "affect",
    "attacks",
    "cost",
    "hazards",
    "opioid_hyperalgesia",
    "session_events",
}  # in tests/laws/test_repeated.py
AWAITED |= {"causes"}  # in tests/laws/test_chronification.py
AWAITED |= {"descending", "disinhibition", "full_memory", "glia", "mechanisms", "opioid_tolerance", "receptor_number"}
# in tests/laws/test_slow_states.py

# ------------------------------------------------------------------- interactions and partner drugs

livers = st.builds(WellStirred, flow=decades(0, 2.5), intrinsic=decades(-1, 4), gut=st.floats(0.01, 1))
saturable = st.builds(
    SaturableGut, low_dose=decades(0, 1.4), low_fraction=st.floats(0.05, 0.4),
    high_dose=decades(1.6, 2.5), high_fraction=st.floats(0.5, 0.95),
)  # fmt: skip
_RATES = dict.fromkeys(("k12", "k21", "k13", "k31"), decades(-2, 1))
_FLOWS = dict.fromkeys(("clearance", "to_shallow", "to_deep"), decades(0, 2.3))
_VOLUMES = dict.fromkeys(("central", "shallow", "deep"), decades(0, 2.7))
_WHO = with_unit(st.floats(10, 150), "kg")
PARTNER_KINETICS = {
    partner_kinetics_room.ByRates: {**_RATES, "central": decades(0, 2), "clearance": decades(0, 2)},
    partner_kinetics_room.ByRatesPerKilogram: {**_RATES, "volume": decades(-2, 1), "k10": decades(-2, 1)},
    partner_kinetics_room.ThreeVolumes: {
        **_FLOWS, **_VOLUMES, "volume_exponent": st.floats(0, 1), "flow_exponent": st.floats(0, 1),
        "reference_weight": st.just(70.0),
    },
    partner_kinetics_room.TwoVolumes: {
        n: {**_FLOWS, **_VOLUMES}[n] for n in ("central", "shallow", "clearance", "to_shallow")
    },
    partner_kinetics_room.OneVolume: {"clearance": decades(-2, 1), "volume": decades(-1, 1)},
}  # fmt: skip

FORMULAS = (
    *FORMULAS,
    *(
        Formula(f"well-stirred liver: {call.__name__}", st.tuples(livers, *direct), call, gives, (call,))
        for call, direct, gives in (
            (well_stirred_room.extraction, (), "1"),
            (well_stirred_room.systemic_clearance, (), "L/h"),
            (well_stirred_room.bioavailability, (st.floats(0, 1),), "1"),
            (well_stirred_room.exposure_per_dose, (st.floats(0, 1),), "h/L"),
            (well_stirred_room.reaching_liver, (st.floats(0, 1),), "1"),
        )
    ),
    Formula(
        "factor on clearance of a factor on the enzymes",
        st.tuples(with_unit(decades(-1.5, 1.5), "1"), with_unit(st.floats(0.0, 1.0), "1")),
        lambda m, e: flow_limited_room.clearance_factor(plain(m), plain(e)),
        "1",
        (flow_limited_room.clearance_factor,),
    ),
    Formula(
        "liver of a person",
        st.tuples(st.just(routed_model("perezruixo2021")), covariates),
        well_stirred_room.liver_of,
        None,
        (well_stirred_room.liver_of,),
    ),
    Formula(
        "what an assay reports",
        st.tuples(
            plasma,
            with_unit(st.floats(-3, 3), "1"),
            st.builds(Residual, additive=decades(-3, 0), proportional=fraction, logarithmic=fraction),
        ),
        lambda c, normal, residual: residual_room.observed(plain(c), plain(normal), residual),
        "mg/L",
        (residual_room.observed,),
    ),
    Formula(
        "saturable gut wall",
        st.tuples(with_unit(decades(0, 3), "mg"), saturable),
        lambda dose, p: well_stirred_room.gut_fraction(plain(dose), p),
        "1",
        (well_stirred_room.gut_fraction,),
    ),
    *(
        Formula(
            f"{kind.__name__}: a partner's disposition",
            st.tuples(st.builds(kind, **fields), _WHO),
            lambda p, weight: p.disposition(plain(weight)),
            None,
            (kind.disposition,),
        )
        for kind, fields in PARTNER_KINETICS.items()
    ),
)

EXCEPTIONS |= {
    "ashraf2018.Ashraf2018.compartments": "names",
    "followers.added": "a sum",
    "followers.way_to": "numbers of analytes",
    "curves.inputs_of": "puts doses on a clock; mass balance over every model is in test_linear_systems",
    "system.delayed": "appends effect sites to a matrix; compared with the modal follower in tests/rooms",
    "ashraf2018.Ashraf2018.covariance": "rearranges table rows",
    "ashraf2018.Ashraf2018.entries": "chooses a compartment",
    "ashraf2018.without_cyp2b6": "a share without units; its limit is in tests/papers",
    "cautions.cautions_for": "no equation: sentences",
    "cautions.known_names": "names",
    "cautions.read_cautions": "reads a page",
    "exposure_ratios.comparison": "runs over the readings",
    "exposure_ratios.predicted": "ratios of formulas that are under the laws here",
    "flow_limited.carried": "puts a number into a record",
    "flow_limited.factor_of": "a factor without units; see tests/papers/test_interactions.py",
    "flow_limited.with_factor": "puts a number into a record",
    "interactions.interaction": "looks up a name",
    "interactions.observed": "looks up rows",
    "interactions.perturbed": "multiplies by factors without units; the whole system is compared in tests/papers",
    "interactions.readings": "looks up a name",
    "partners.partner_concentrations": "doses to a system and its solution, both under the laws here",
    "partners.partner_models": "looks up a name",
    "well_stirred.direct_share": "counts spray devices",
    "well_stirred.saturable_gut": "reads table rows",
}

# ---------------------------------------------------------------------------------------------- the laws

TOLERANCE = 1e-8


def close(first: Any, second: Any, tolerance: float = TOLERANCE) -> bool:
    """Whether all numbers of two things agree, each to `tolerance` of the largest number of its kind."""
    for one, other in zip(numbers(first), numbers(second), strict=True):
        size = max(np.abs(one).max(initial=0.0), np.abs(other).max(initial=0.0))
        if not (np.isfinite(one).all() and np.abs(one - other).max(initial=0.0) <= tolerance * size + 1e-280):
            return False
    return True


def flow_obeys_scaling(mechanism: Mechanism, state: Any, stimulus: Any, p: Any, k: dict[str, float]) -> bool:
    """Written in other units, a flow is the same flow: per unit of time, whatever the unit of time."""
    per_time = growth(f"1/{mechanism.per}", k)

    def written(state: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
        here = mechanism.flow(state, stimulus, p)
        there = mechanism.flow(rewritten(state, k), rewritten(stimulus, k), rewritten(p, k))
        return [number * per_time for number in numbers(rewritten(here, k))], numbers(there)

    # a flow is a difference of large terms, which show where parts of the state are zero
    fields = [f.name for f in dataclasses.fields(state)]
    sizes = [np.zeros(()) for _ in fields]
    for zero in itertools.product((0.0, 1.0), repeat=len(fields)):
        part = {name: getattr(state, name) * keep for name, keep in zip(fields, zero, strict=True)}
        here, _ = written(dataclasses.replace(state, **part))
        sizes = [np.maximum(size, np.abs(number)) for size, number in zip(sizes, here, strict=True)]
    return all(
        bool(np.isfinite(there).all() and (np.abs(here - there) <= TOLERANCE * size + 1e-280).all())
        for here, there, size in zip(*written(state), sizes, strict=True)
    )


def formula_obeys_scaling(formula: Formula, arguments: tuple[Any, ...], k: dict[str, float]) -> bool:
    """Written in other units, a formula gives the same answer."""
    here, there = formula.call(*arguments), formula.call(*rewritten(arguments, k))
    if formula.gives is None:
        return close(there, rewritten(here, k), formula.tolerance)
    labels = (formula.gives,) if isinstance(formula.gives, str) else formula.gives
    parts = (here,) if isinstance(formula.gives, str) else here
    expected = tuple(np.asarray(x) * growth(u, k) for x, u in zip(parts, labels, strict=True))
    return close(there, expected, formula.tolerance)


def flow_points_inwards(mechanism: Mechanism, state: Any, stimulus: Any, p: Any) -> bool:
    """On the boundary of what is possible, no flow leads out of it."""
    for edge in mechanism.edges:
        for index in np.ndindex(np.shape(getattr(state, edge.field))):
            values = np.array(getattr(state, edge.field), float)
            values[index] = edge.value
            there = mechanism.flow(dataclasses.replace(state, **{edge.field: values}), stimulus, p)
            if not edge.inward * np.asarray(getattr(there, edge.field))[index] >= 0.0:
                return False
    return True


def only_clearance_removes_drug(flow: Callable[..., Amounts], state: Amounts, rate: float, p: Disposition) -> bool:
    """What is in the body changes by what comes in and by what clearance takes from the central volume."""
    change = flow(state, rate, p)
    removed = p.clearance * state.central / p.central
    total = change.central + jnp.sum(change.peripheral)
    size = rate + removed + float(np.abs(np.asarray(change.peripheral)).max()) + 1e-280
    return bool(abs(total - (rate - removed)) <= 1e-12 * size)
