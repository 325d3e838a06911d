"""The safety contract: which doses load, which load with a warning, which are refused.

The limits are rows of the evidence page ``guidelines/dose_limits.toml``, for each form (racemic, S), route
and setting (ward, monitored, icu). A dose above a soft limit gives a `LimitWarning`, which stays in the
result; a dose above a hard limit raises `UnsafeDose`, which names the limit and the likelier readings of the
unit. Rates of the anaesthetic range therefore load only with ``setting = "icu"``. Four quantities are judged
(`unwound.regimen.peaks`), first for each dose alone and then for all together:

    bolus   the amount given at once, infusions over a few minutes included      mg/kg
    rate    the rate of longer infusions, titrations at their ceiling            mg/kg/h
    hour    the amount in any 60 minutes: one bolus and one hour at the limits   mg/kg
    day     the amount in any 24 hours                                           mg/kg/d

A dose written without body weight is judged as that of a person of 70 kg, or of the patient if lighter. A dose per kg
of ideal, lean or adjusted weight must keep the limits both as it is written and per kg of actual weight.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from unwound import evidence
from unwound.core.errors import EvidenceError, InputError, Problem, UnsafeDose
from unwound.core.quantities import convert
from unwound.core.strict import Measure
from unwound.regimen import persons, slips
from unwound.regimen.compile import require_possible
from unwound.regimen.doses import AnyDose
from unwound.regimen.dosing_weight import Sex, bases_of
from unwound.regimen.measures import per_kg
from unwound.regimen.other_routes import Excess, other_routes
from unwound.regimen.peaks import Piece, as_rate, at_once, form_of, pieces, within_hours
from unwound.regimen.regimen import Regimen, Setting
from unwound.regimen.rule_checks import worst_cases
from unwound.regimen.weight_basis import for_person

_HOUR = 1.0  # h
_FULL = 1 + 1e-9  # a limit wholly used, but for float noise
_SETTINGS: tuple[Setting, ...] = ("ward", "monitored", "icu")
_WHAT = {
    "bolus": ("amount given at once", "mg/kg"),
    "rate": ("rate", "mg/kg/h"),
    "hour": ("amount within an hour", "mg/kg"),
    "day": ("amount within a day", "mg/kg"),
}

_ROWS = {"bolus": "bolus_per_kg", "rate": "rate_per_kg", "day": "total_per_day_per_kg"}


@dataclass(frozen=True)
class LimitWarning(Problem):
    """A dose that loads although it is above a soft limit, or a value that may be a slip.

    `field`, `value`, `rule` and `remedy` as in `Problem`; `quantity` is bolus, rate, hour, day or person, and
    `share` how often the soft limit is used (1 is at the limit). `basis` and `cite` speak for the limit.
    """

    quantity: str = "person"
    share: float = math.nan
    basis: str = "assumed"
    cite: tuple[str, ...] = ("assumption",)

    def as_dict(self) -> dict[str, str]:
        more = {"quantity": self.quantity, "basis": self.basis, "cite": ", ".join(self.cite)}
        return {**super().as_dict(), **more, "share_of_limit": f"{self.share:.4g}"}


def check_limits(
    regimen: Regimen, weight_kg: float | None = None, age_y: float | None = None, height_cm: float | None = None,
    sex: Sex | None = None,
) -> list[LimitWarning]:  # fmt: skip
    """`check_plan` of a regimen; one with rules is judged by the most that its rules may give."""
    if not regimen.rules:
        return check_plan(regimen, weight_kg, age_y, height_cm, sex)
    require_possible(regimen)
    found: dict[tuple[str, str, str], LimitWarning] = {}
    for worst, fields in worst_cases(regimen):
        try:
            warnings = check_plan(worst, weight_kg, age_y, height_cm, sex)
        except UnsafeDose as error:
            raise UnsafeDose([_named(problem, fields) for problem in error.problems], regimen.title) from None
        for warning in warnings:
            named = _named(warning, fields)
            found.setdefault((named.field, named.quantity, named.rule), named)
    return list(found.values())


def _named(problem: Any, fields: Sequence[str]) -> Any:
    """A problem of a worst case, with the field of the file that its dose comes from."""
    said = f"{problem.rule} (when the rules give the most they may)"
    head, _, rest = problem.field.partition("]")
    if not head.startswith("doses["):
        return replace(problem, rule=said)
    return replace(problem, field=fields[int(head.removeprefix("doses["))] + rest, rule=said)


def check_plan(
    regimen: Regimen, weight_kg: float | None = None, age_y: float | None = None, height_cm: float | None = None,
    sex: Sex | None = None,
) -> list[LimitWarning]:  # fmt: skip
    """The warnings that stay in the result. Raises `UnsafeDose` with everything beyond a hard limit.

    `weight_kg` [kg], `age_y` [years], `height_cm` [cm] and `sex` of the patient, None if unknown. Raises
    `ProtocolError` when the regimen cannot be given at all, `InputError` when it is per kg of an unknown weight.
    """
    require_possible(regimen)
    refused = persons.impossible(weight_kg, age_y)
    if not refused:
        regimen = _per_actual_kg(regimen, weight_kg, height_cm, sex)
    if any(problem.field == "patient.weight" for problem in refused):
        weight_kg = None
    warnings = [_person(problem) for problem in persons.unusual(weight_kg, age_y)] if not refused else []
    soft: set[str] = set()
    into_vein = tuple(dose for dose in regimen.doses if dose.route == "intravenous")
    for n, dose in enumerate(regimen.doses):
        if dose.route != "intravenous":
            continue
        judged = _Judged((dose,), regimen.setting, weight_kg)
        soft.update(judged.beyond("soft"))
        field = f"doses[{n}].{dose.main_field}"
        if hard := judged.beyond("hard"):  # one size is to blame for all of them
            refused.append(judged.warning(hard[0], "hard", field, dose.main.text, judged.remedy(True)))
            continue
        for quantity in judged.beyond("soft"):
            warnings.append(judged.warning(quantity, "soft", field, dose.main.text, judged.remedy(False)))
    for found in other_routes(regimen.doses, regimen.setting, weight_kg):
        (refused if found.hard else warnings).append(_by_route(found))
    together = _Judged(into_vein, regimen.setting, weight_kg)
    count, remedy = f"{len(regimen.doses)} doses", "doses add up: give less, or further apart"
    if not refused:
        refused += [together.warning(q, "hard", "doses", count, remedy) for q in together.beyond("hard")]
    if refused:
        raise UnsafeDose(refused, regimen.title)
    added = [q for q in together.beyond("soft") if q not in soft]
    warnings += [together.warning(q, "soft", "doses", count, remedy) for q in added]
    return [*warnings, *_next_to_nothing(regimen, into_vein, together.reference)]


def _per_actual_kg(regimen: Regimen, weight_kg: float | None, height_cm: float | None, sex: Sex | None) -> Regimen:
    """`regimen` as it is judged: doses per kg of another weight as written, or of the actual one if that is more.

    Raises `InputError` when the weight, height or sex it needs is unknown.
    """
    if not bases_of(regimen.doses):
        return regimen
    if weight_kg is None:
        rule = "a dose is per kg of another body weight than the actual one"
        raise InputError(Problem("patient.weight", "(not given)", rule, 'write for example weight = "70 kg"'))
    own = for_person(regimen, weight_kg, height_cm, sex)
    return regimen.model_copy(update={"doses": tuple(map(_larger, regimen.doses, own.doses))})


def _larger(written: AnyDose, actual: AnyDose) -> AnyDose:
    if written.weight_basis == "actual" or actual.main.value <= written.main.value:
        return written.model_copy(update={"weight_basis": "actual"})
    main, unit = actual.main.value, actual.main.unit
    text = f"{written.main} of {written.weight_basis} weight, {main:.4g} {unit} of actual"
    return actual.model_copy(update={actual.main_field: Measure(text, main, unit)})


class _Judged:
    """Some doses against the limits of a setting: how often each limit is used, and what to say about it."""

    def __init__(self, doses: Sequence[AnyDose], setting: Setting, weight_kg: float | None):
        self.doses, self.setting, self.weight_kg = doses, setting, weight_kg
        self.forms = sorted({form_of(dose) for dose in doses})
        limit = _limit("racemic", setting, "rate")
        plain = limit.hard / _limit("racemic", setting, "rate_per_kg").hard
        self.reference = plain if weight_kg is None else min(plain, weight_kg)  # kg
        given = pieces(doses, self.reference)
        self.soft, self.hard = (self._used(given, kind) for kind in ("soft", "hard"))

    def beyond(self, kind: str) -> list[str]:
        """The quantities above a ``soft`` or ``hard`` limit; the hour only when bolus and rate are silent."""
        used = self.soft if kind == "soft" else self.hard
        found = [quantity for quantity in _WHAT if used[quantity] > _FULL]
        return [q for q in found if q != "hour" or not {"bolus", "rate"} & {*found}]

    def _used(self, given: list[Piece], kind: str) -> dict[str, float]:
        """How often each limit is used. Forms with limits of their own add up by their shares."""
        share = {q: {form: 1 / self._limit_of(q, form, kind) for form in self.forms} for q in _WHAT}
        return {
            "bolus": at_once(given, share["bolus"]),
            "rate": as_rate(given, share["rate"]),
            "hour": within_hours(given, share["hour"], _HOUR),
            "day": within_hours(given, share["day"], convert(1.0, "day", "h")),
        }

    def _limit_of(self, quantity: str, form: str, kind: str) -> float:
        if quantity == "hour":
            return self._limit_of("bolus", form, kind) + self._limit_of("rate", form, kind) * _HOUR
        limit: float = getattr(_limit(form, self.setting, _ROWS[quantity]), kind)
        return limit

    def warning(self, quantity: str, kind: str, field: str, value: str, remedy: str) -> LimitWarning:
        """What to say about a quantity above its limit of this `kind`."""
        used = (self.soft if kind == "soft" else self.hard)[quantity]
        what, unit = _WHAT[quantity]
        row = _limit(self.forms[0], self.setting, _ROWS.get(quantity, "rate_per_kg"))
        if len(self.forms) == 1:
            top = self._limit_of(quantity, self.forms[0], kind)
            size = f"{used * top:.3g} {unit}, above the {kind} limit of {top:.3g} {unit}"
            if not all(per_kg(dose.main) for dose in self.doses):
                size += f" ({top * self.reference:.3g} {unit.replace('/kg', '')} for {self.reference:g} kg)"
        else:
            size = f"{used:.3g} times the {kind} limit, racemate and S-ketamine together"
        names = " and ".join({"S": "S-ketamine", "racemic": "racemic ketamine"}[form] for form in self.forms)
        source = f"{names}, intravenous, {self.setting}; {row.basis}: {', '.join(row.cite)}"
        return LimitWarning(
            field, value, f"the {what} is {size} [{source}]", remedy, quantity, used, row.basis, row.cite
        )

    def remedy(self, beyond: bool) -> str:
        """The likelier readings of a single dose; `beyond` a hard limit also where such doses are given."""
        (dose,) = self.doses
        found = [text for text, other in slips.readings(dose) if self._likely(other, beyond)]
        advice = ["did you mean " + " or ".join(found[:4]) + "?"] if found else []
        if not beyond:
            meant = ["it loads; check that it is meant"]
            return ", and not ".join([*meant, *(" or ".join(found[:4]),) * bool(found)])
        for setting in _SETTINGS[_SETTINGS.index(self.setting) + 1 :]:
            if max(_Judged(self.doses, setting, self.weight_kg).hard.values()) <= _FULL:
                return " ".join([*advice, f'A dose of this size loads only with setting = "{setting}".'])
        return " ".join([*advice, "No setting allows a dose of this size."])

    def _likely(self, other: AnyDose, beyond: bool) -> bool:
        """Whether another reading is an ordinary dose; below a hard limit only the small slips are said."""
        (dose,) = self.doses
        if not beyond and (other.enantiomer, other.form) == (dose.enantiomer, dose.form):
            return False
        judged = _Judged((other,), self.setting, self.weight_kg)
        least = evidence.value("regimen.likely_reading_least", "1")
        highest = max(judged.soft.values())
        return least <= highest and (max(judged.hard.values()) if beyond else highest) <= _FULL


@functools.cache
def _limit(form: str, setting: str, quantity: str) -> evidence.DoseLimit:
    for limit in evidence.dose_limits():
        if (limit.form, limit.route, limit.setting, limit.quantity) == (
            form,
            "intravenous",
            setting,
            quantity,
        ):
            return limit
    raise EvidenceError(f"guidelines/dose_limits.toml: no intravenous {quantity} for {form}, {setting}")


def _next_to_nothing(regimen: Regimen, into_vein: tuple[AnyDose, ...], reference: float) -> list[LimitWarning]:
    """A warning when a regimen gives something and yet so little that a unit may have slipped."""
    least = evidence.value("regimen.least_total_per_day", "mg/kg/d")
    given = pieces(into_vein, reference)
    day = within_hours(given, dict.fromkeys(("racemic", "S"), 1.0), convert(1.0, "day", "h"))
    if not 0 < day < least:
        return []
    rule = f"never more than {day:.2g} mg/kg in a day, next to nothing"
    dose = into_vein[0]
    remedy = "check the unit: is ug written for mg, or mg for mg/kg?"
    place = regimen.doses.index(dose)
    return [LimitWarning(f"doses[{place}].{dose.main_field}", dose.main.text, rule, remedy, "day", day / least)]


def _by_route(found: Excess) -> LimitWarning:
    remedy = "give less, or less often" if found.hard else "it loads; check that it is meant"
    return LimitWarning(
        found.field, found.value, found.rule, remedy, found.quantity, found.share, found.basis, found.cite
    )


def _person(problem: Problem) -> LimitWarning:
    return LimitWarning(problem.field, problem.value, problem.rule, problem.remedy)
