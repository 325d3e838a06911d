"""What Pydantic found wrong with a protocol, in our words: path of the field, value, rule, remedy.

The record's own types supply the remedy: an unknown key gets the nearest known one, a missing key an example,
a wrong choice the choices. Validators that raise `unwound.core.strict.refusal` bring rule and remedy along.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from unwound.core.errors import Problem


class _NotGiven:
    def __repr__(self) -> str:
        return "(not given)"


NOT_GIVEN = _NotGiven()
"""The value of a missing key in a `Problem`."""


def problems_of(error: ValidationError, model: Any) -> list[Problem]:
    """Pydantic's errors about `model` in our words."""
    return [_problem(e, model) for e in error.errors(include_url=False)]


def _problem(error: Any, model: Any) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    keys, owner, info = _place(model, error["loc"], kind)
    name = path_of(keys)
    last = str(keys[-1]) if keys else "it"
    value = error["input"]
    if kind == "refused":
        name = ".".join(part for part in (name, context["field"]) if part)
        value = context["value"] if context["field"] else value
        return Problem(name or _title(model), value, context["rule"], context["remedy"])
    if kind == "missing":
        about = f" ({info.description})" if info is not None and info.description else ""
        return Problem(name, NOT_GIVEN, f"required{about}", f"write for example {last} = {_example(info)}")
    if kind == "extra_forbidden":
        return Problem(name, value, "unknown key", nearest(last, list(getattr(owner, "model_fields", {}))))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        key = context["discriminator"].strip("'")
        tags = [t.strip(" '") for t in context.get("expected_tags", "").split(",") if t.strip()]
        tags = tags or _tags(info)
        if kind == "union_tag_invalid":
            return Problem(f"{name}.{key}", context["tag"], f"no such {key}", nearest(context["tag"], tags))
        remedy = f"write {key} = one of " + ", ".join(f'"{t}"' for t in tags)
        return Problem(f"{name}.{key}", NOT_GIVEN, "required", remedy)
    if kind == "literal_error":
        choices = [c.strip(" '") for c in context["expected"].replace(" or ", ", ").split(",") if c.strip()]
        return Problem(name, value, f"no such {last}", nearest(str(value), choices))
    rule = _RULES.get(kind, str(error["msg"]).lower().removeprefix("value error, "))
    remedy = f"write for example {last} = {_example(info)}" if info is not None else "correct it"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        remedy = "write a table of key = value"
    return Problem(name or _title(model), value, rule.format(**context), remedy)


_RULES = {
    "model_type": "must be a table of keys and values",
    "model_attributes_type": "must be a table of keys and values",
    "dict_type": "must be a table of keys and values",
    "invalid_key": "a key must be a text",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "string_type": "must be a text in quotes",
    "string_unicode": "must be a text in UTF-8",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "finite_number": "must be finite",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
}


def path_of(keys: Sequence[str | int]) -> str:
    """``("doses", 2, "rate")`` -> ``doses[2].rate``; keys that are no words are quoted."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            word = key if key.isidentifier() and key.isascii() and len(key) <= 40 else repr(key[:40])
            text += f".{word}" if text else word
    return text


def _title(model: Any) -> str:
    return str(getattr(model, "__name__", "input")).lower()


def nearest(value: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(value.lower()[:80], [k.lower() for k in known], n=2)
    offered = [k for word in near for k in known if k.lower() == word]
    if offered:
        return "did you mean " + " or ".join(repr(k) for k in offered) + "?"
    return "choose one of " + ", ".join(known)


def _example(info: FieldInfo | None) -> str:
    if info is not None:
        for mark in info.metadata:
            if getattr(mark, "example", None):
                return f'"{mark.example}"'
        if info.examples:
            return json.dumps(info.examples[0])
        if get_origin(info.annotation) is Literal:
            return " or ".join(json.dumps(choice) for choice in get_args(info.annotation))
        if info.annotation is int:
            return "10"
    return '"..."'


def _tags(info: Any) -> list[str]:
    return [tag for member in _members(info) for tag in _tags_of(member)]


def _tags_of(model: Any) -> tuple[Any, ...]:
    info = getattr(model, "model_fields", {}).get("kind")
    return get_args(info.annotation) if info is not None else ()


def _members(kind: Any) -> list[Any]:
    """The plain types behind annotations and unions."""
    if isinstance(kind, FieldInfo):
        return _members(kind.annotation)
    if get_origin(kind) is Annotated:
        return _members(get_args(kind)[0])
    if get_origin(kind) is Union or type(kind).__name__ == "UnionType":
        return [m for part in get_args(kind) for m in _members(part)]
    return [kind]


def _place(model: Any, location: Sequence[str | int], kind: str) -> tuple[list[str | int], Any, Any]:
    """The keys of `location` without Pydantic's union tags, the record that holds the last key, its field."""
    keys: list[str | int] = []
    here, owner, info = model, None, model
    for key in location:
        members = _members(here)
        tagged = [m for m in members if len(members) > 1 and key in _tags_of(m)]
        if tagged:
            here = tagged[0]
            continue
        keys.append(key)
        owner, info = (members[0] if len(members) == 1 else None), None
        for member in members:
            fields = getattr(member, "model_fields", {})
            if key in fields:
                owner, info = member, fields[key]
            elif isinstance(key, int) and get_origin(member) in (tuple, list):
                info = get_args(member)[0]
            elif get_origin(member) is dict:
                info = get_args(member)[1]
        here = info
    return keys, owner, info if isinstance(info, FieldInfo) or kind.startswith("union_tag") else None
