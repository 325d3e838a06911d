"""Which kinetics a regimen needs, and each person's own: from the register of models to what the engine moves.

A regimen is compiled for a model: the model says how each route is taken up, and whether the racemate is two
enantiomers or one total. For every form given there is a `Plan`: the channels that doses come through and the names of
what is measured. Mammillary models with doses into a vein run on their modes; everything else runs on the exponential
of its matrix, reduced to the compartments that the doses can reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from unwound.core.arrays import Array, jax, jnp
from unwound.core.errors import InputError, Problem
from unwound.core.signals import Channel, CompiledRegimen, Uptake
from unwound.patient.lanes import MIDDLE, WIDE
from unwound.patient.people import People
from unwound.pharmacokinetics.exposure import Exposure, exposure_of
from unwound.pharmacokinetics.kinetics import Absorbed, Kinetics, absorbed, reachable
from unwound.pharmacokinetics.mammillary import Mammillary
from unwound.pharmacokinetics.model import Covariates, RoutedModel
from unwound.pharmacokinetics.register import ROUTED, routed_model
from unwound.regimen import Regimen, compile_regimen

VEIN = "intravenous"
_TYPICAL_MG = 1.0  # how long an uptake takes does not depend on the amount


@dataclass(frozen=True)
class Plan:
    """One form of the drug: whether it enters a vein, and its other channels; the vein comes first."""

    form: str
    vein: bool
    absorbed: tuple[Channel, ...]
    analytes: tuple[str, ...]


@dataclass(frozen=True)
class Blood:
    """The kinetics of everybody under one regimen."""

    model: RoutedModel
    plans: tuple[Plan, ...]
    metabolites: bool

    @property
    def generic_routes(self) -> bool:
        """Whether other routes than a vein use the generic depots (see `pharmacokinetics.routes`)."""
        return isinstance(self.model, Mammillary)

    @property
    def width(self) -> int:
        """How many people a lane holds."""
        return WIDE if all(self._by_modes(plan) for plan in self.plans) else MIDDLE

    def _by_modes(self, plan: Plan) -> bool:
        return isinstance(self.model, Mammillary) and not plan.absorbed

    @cached_property
    def _builders(self) -> tuple[Callable[[People], Kinetics], ...]:
        return tuple(self._builder(plan) for plan in self.plans)

    def of(self, people: People) -> tuple[Kinetics, ...]:
        """The kinetics of these people, one for each plan."""
        return tuple(build(people) for build in self._builders)

    def _builder(self, plan: Plan) -> Callable[[People], Kinetics]:
        model = self.model
        if isinstance(model, Mammillary) and self._by_modes(plan):
            record = model.of_enantiomer(plan.form)
            with_metabolite = self.metabolites and model.with_metabolite
            return lambda people: _modes(record, people.weight, people.kinetics, with_metabolite)
        builder: Callable[[People], Kinetics] = jax.jit(self._matrix_builder(plan))
        return builder

    def _matrix_builder(self, plan: Plan) -> Callable[[People], Absorbed]:
        model, names = self.model, self.model.compartments()
        nobody = typical_covariates(), jnp.zeros((len(model.random_effects), 1))
        ways = [(VEIN, 0, _TYPICAL_MG, False)] if plan.vein else []
        ways += [(channel.route, channel.part, channel.size, channel.per_kg) for channel in plan.absorbed]
        typical = [model.entries(*nobody, plan.form, route, size)[part] for route, part, size, _ in ways]
        places = [names.index(entry.compartment) for entry in typical]
        kept = reachable(np.asarray(model.system(*nobody, plan.form).matrix[..., 0]), places)
        rows = len(plan.analytes)

        def build(people: People) -> Absorbed:
            who, eta = covariates(people), people.kinetics
            shares = []
            for route, part, size, per_kg in ways:
                amount = size * people.dosing_weight if per_kg else size
                entry = model.entries(who, eta, plan.form, route, amount)[part]
                shares.append(jnp.broadcast_to(jnp.asarray(entry.fraction, float), people.weight.shape))
            whole = model.system(who, eta, plan.form)
            seen = type(whole)(whole.matrix, whole.readout[:rows])
            return absorbed(seen, jnp.stack(shares), places, kept)

        return build


def _exposure(record: Any, weight: Array, eta: Array, with_metabolite: bool) -> Exposure:
    whole = exposure_of(record.individual(weight, eta))
    return whole if with_metabolite else whole.parent_only()


_modes = jax.jit(_exposure, static_argnames="with_metabolite")


def covariates(people: People) -> Covariates:
    """People as the kinetic models see them."""
    return Covariates(people.weight, people.age, people.female, people.asian, people.japanese)


def typical_covariates() -> Covariates:
    """Somebody, for questions whose answer is the same for everybody."""
    one, no = jnp.ones(1), jnp.zeros(1)
    return Covariates(weight=one, age=one, female=no, asian=no, japanese=no)


def compile_for(model: RoutedModel, regimen: Regimen, horizon_h: float | None = None) -> CompiledRegimen:
    """`regimen` on the clock of `model`. Raises `InputError` when the model does not know the drug form or a route."""
    require_knows(model, regimen)
    nobody = typical_covariates(), jnp.zeros((len(model.random_effects), 1))
    uptakes: dict[str, tuple[Uptake, ...]] = {}
    for route in sorted({dose.route for dose in regimen.possible_doses} - {VEIN}):
        entries = model.entries(*nobody, model.enantiomers[0], route, _TYPICAL_MG)
        uptakes[route] = tuple(Uptake(entry.duration, entry.lag) for entry in entries)
    return compile_regimen(regimen, horizon_h, uptakes, split="racemic" not in model.enantiomers)


def blood_of(model: RoutedModel, compiled: CompiledRegimen, metabolites: bool = True) -> Blood:
    """The plans for a compiled regimen; nobody is given anything when it is empty."""
    unknown = [form for form in compiled.enantiomers if form not in model.enantiomers]
    if unknown:
        given = "racemic" if set(compiled.enantiomers) == {"S", "R"} else "/".join(compiled.enantiomers)
        raise InputError(_mismatch("enantiomer", given, model, f"describes {'/'.join(model.enantiomers)}-ketamine"))
    in_vein = set(compiled.inputs)
    for rule in compiled.titrations:
        in_vein |= {"S", "R"} if rule.enantiomer == "racemic" and compiled.split else {rule.enantiomer}
    plans = []
    for form in compiled.enantiomers or model.enantiomers[:1]:
        own = [analyte for analyte in model.analytes if analyte.enantiomer == form]
        names = tuple(analyte.name for analyte in own if analyte.is_parent or metabolites)
        channels = tuple(channel for channel in compiled.absorbed if channel.enantiomer == form)
        plans.append(Plan(form, form in in_vein or not channels, channels, names))
    return Blood(model, tuple(plans), metabolites)


def require_knows(model: RoutedModel, regimen: Regimen) -> None:
    """Refuse a drug form or a route that `model` does not know; the remedy names the models that do."""
    known, problems = set(model.enantiomers), []
    fields = [f"doses[{n}]" for n in range(len(regimen.doses))]
    fields += [f"rules[{n}].dose" for n, rule in enumerate(regimen.rules) if hasattr(rule, "dose")]
    for field, dose in zip(fields, regimen.possible_doses, strict=True):
        forms = {"S", "R"} if dose.enantiomer == "racemic" and "racemic" not in known else {dose.enantiomer}
        if not forms <= known:
            rule = f"describes {'/'.join(model.enantiomers)}-ketamine only"
            problems.append(_mismatch(f"{field}.enantiomer", dose.enantiomer, model, rule, dose))
        elif dose.route not in model.routes:
            rule = f"has no {dose.route} input"
            problems.append(_mismatch(f"{field}.route", dose.route, model, rule, dose))
    if problems:
        raise InputError(problems)


def _mismatch(field: str, value: Any, model: RoutedModel, rule: str, dose: Any = None) -> Problem:
    able = [] if dose is None else _who_knows(dose)
    remedy = f"choose a model that knows it{': ' + ', '.join(able) if able else ''}"
    if value == "racemic" and model.enantiomers == ("S",):
        remedy += (
            ', or give enantiomer = "S" if that is what is infused '
            "(S-ketamine is not half of a racemic dose: check the milligrams)"
        )
    return Problem(field, value, f"the model {model.prefix} {rule}", remedy)


def _who_knows(dose: Any) -> list[str]:
    able = []
    for name in ROUTED:
        other = routed_model(name)
        split = dose.enantiomer == "racemic" and {"S", "R"} <= set(other.enantiomers)
        if (dose.enantiomer in other.enantiomers or split) and dose.route in other.routes and name != "twocompartment":
            able.append(name)
    return able
