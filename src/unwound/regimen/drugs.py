"""Which drugs and enantiomers we have, and what to write instead of their many other names."""

from __future__ import annotations

from typing import Any, Literal

from unwound.core.complaints import nearest
from unwound.core.errors import Problem, UnknownName
from unwound.core.strict import refusal

Drug = Literal["ketamine"]

DRUGS = ("ketamine",)
ENANTIOMERS = ("racemic", "S", "R")

_WRITE = 'write drug = "ketamine" and enantiomer = '
OTHER_NAMES = {
    **dict.fromkeys(("s-ketamine", "s(+)-ketamine", "esketamine", "spravato", "ketanest s", "(s)-ketamine"), "S"),
    **dict.fromkeys(("r-ketamine", "r(-)-ketamine", "arketamine", "(r)-ketamine"), "R"),
    **dict.fromkeys(("racemic ketamine", "rac-ketamine", "rs-ketamine", "ketalar", "ketaject"), "racemic"),
}
_OTHER_ENANTIOMERS = {
    **dict.fromkeys(("s", "s(+)", "(s)", "s-ketamine", "esketamine"), "S"),
    **dict.fromkeys(("r", "r(-)", "(r)", "r-ketamine", "arketamine"), "R"),
    **dict.fromkeys(("racemate", "racemic ketamine", "rs", "(rs)", "rac", "r,s", "both"), "racemic"),
}


def drug_problem(value: Any) -> Problem | None:
    """What is wrong with a drug's name, or None."""
    if isinstance(value, str) and value in DRUGS:
        return None
    key = value.strip().lower() if isinstance(value, str) else ""
    if key in OTHER_NAMES:
        enantiomer = OTHER_NAMES[key]
        return Problem("drug", value, "the enantiomer is said apart", f'{_WRITE}"{enantiomer}"')
    if "hydrochloride" in key or key.endswith(" hcl"):
        remedy = 'write drug = "ketamine" and form = "hydrochloride"'
        return Problem("drug", value, "the salt is said apart", remedy)
    return Problem("drug", value, "no such drug", nearest(str(value), DRUGS))


def enantiomer_problem(value: Any) -> Problem | None:
    """What is wrong with the name of an enantiomer, or None."""
    if isinstance(value, str) and value in ENANTIOMERS:
        return None
    meant = _OTHER_ENANTIOMERS.get(value.strip().lower()) if isinstance(value, str) else None
    remedy = f"did you mean {meant!r}?" if meant else "choose one of " + ", ".join(ENANTIOMERS)
    return Problem("enantiomer", value, "no such enantiomer", remedy)


def known_drug(value: Any) -> Any:
    """Validator of a drug field."""
    if (problem := drug_problem(value)) is not None:
        raise refusal(problem.rule, problem.remedy)
    return value


def known_enantiomer(value: Any) -> Any:
    """Validator of an enantiomer field."""
    if (problem := enantiomer_problem(value)) is not None:
        raise refusal(problem.rule, problem.remedy)
    return value


def require_known(drug: Any, enantiomer: Any) -> None:
    """Raises `UnknownName` when an argument names no drug or enantiomer of ours."""
    for field, known, problem in (
        ("drug", DRUGS, drug_problem(drug)),
        ("enantiomer", ENANTIOMERS, enantiomer_problem(enantiomer)),
    ):
        if problem is not None:
            error = UnknownName(field, drug if field == "drug" else enantiomer, known)
            error.problems = (problem,)
            error.args = (str(error),)
            raise error
