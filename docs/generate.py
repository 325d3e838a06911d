"""Writes the generated half of the pages: numbers, assumptions, sources, equations, commands, programming interface.

`conf.py` calls `write_all` before every build; `python docs/generate.py` does the same by hand. Everything is read
from the package itself, so a page cannot say another value than the code computes with.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import io
import os
import pathlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from typing import Any
from unittest import mock

PACKAGE = pathlib.Path(__file__).parents[1] / "src" / "unwound"
COMMANDS = (
    (),
    ("demo",),
    ("simulate",),
    ("pk",),
    ("effects",),
    ("mood",),
    ("arms",),
    ("fit",),
    ("fit", "mood"),
    ("fit", "pain"),
    ("fit", "scores"),
    ("outlook",),
    ("receptor",),
    *(
        ("receptor", name)
        for name in (
            *("curve", "onset", "recovery", "trapping", "train"),
            *("epsc", "iv", "unblock", "attribution", "list"),
            *("compare", "plasma", "drivers"),
        )
    ),
    ("cortex",),
    ("windup",),
    ("reset-map",),
    ("sensitivity",),
    ("chronify",),
    ("population",),
    *(("population", name) for name in ("list", "show", "sample", "variance")),
    ("qualify",),
    ("predict",),
    *(("predict", name) for name in ("list", "show", "freeze", "score")),
    ("surgery",),
    ("export",),
    ("export", "sbml"),
    ("export", "mrgsolve"),
    ("export", "nonmem"),
    ("trial",),
    ("trial", "list"),
    ("trial", "run"),
    ("trial", "blinding"),
    ("trial", "power"),
    *(("trial", name) for name in ("resume", "status", "block", "finish", "verify")),
    ("claims",),
    ("evidence",),
    ("cite",),
    ("validate",),
    ("schema",),
)


def write_all(folder: pathlib.Path) -> None:
    """All generated pages and parts of pages, below `folder`."""
    from generate_antagonists import antagonist_parts
    from generate_horn_comparison import horn_parts
    from generate_inference import inference_parts
    from generate_models import model_parts
    from generate_pain_fit import pain_fit_parts
    from generate_trials import trial_parts

    from unwound import evidence

    parts = {f"numbers_{room}.md": numbers(evidence.table(room)) for room in evidence.rooms()}
    parts["assumptions.md"] = assumptions()
    parts["bibliography.md"] = bibliography()
    parts["limits.md"] = dose_limits()
    parts["commands.md"] = commands()
    parts["front_door.md"] = front_door()
    parts["accuracy.md"] = accuracy()
    parts["populations.md"] = populations()
    parts |= model_parts()
    parts |= antagonist_parts()
    parts |= trial_parts(plain)
    parts |= horn_parts()
    parts |= inference_parts() | pain_fit_parts()
    for module in modules():
        parts[f"{module}.md"] = fenced(as_text(docstring(module)))
    pages = {f"{room}.rst": api_page(room) for room in rooms()}
    pages["index.rst"] = api_index()
    for name, text in parts.items():
        _write(folder / "parts" / name, text)
    for name, text in pages.items():
        _write(folder / "api" / name, text)


def rooms() -> tuple[str, ...]:
    """The room folders of the package."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules([str(PACKAGE)]) if found.ispkg))


def modules() -> Iterator[str]:
    """Every module of every room, the rooms themselves and their inner rooms included."""
    for room in rooms():
        yield from _within(room)


def _within(package: str) -> Iterator[str]:
    yield f"unwound.{package.replace('/', '.')}"
    for found in sorted(pkgutil.iter_modules([str(PACKAGE / package)]), key=lambda m: m.name):
        name = f"{package}/{found.name}"
        if found.ispkg:
            yield from _within(name)
        else:
            yield f"unwound.{name.replace('/', '.')}"


def docstring(module: str) -> str:
    """The docstring of a module, read and not imported."""
    path = PACKAGE.parent / module.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def as_text(doc: str) -> str:
    """A docstring without the marks that only reStructuredText needs."""
    doc = re.sub(r"^::\n\n", "", doc, flags=re.MULTILINE)
    return re.sub(r"::$", ":", doc, flags=re.MULTILINE).replace("``", "`")


def fields_of(record: Any) -> Iterator[tuple[str, str]]:
    """(field, its unit or type) of a record."""
    if hasattr(record, "model_fields"):
        for name, field in record.model_fields.items():
            examples = [m.example for m in field.metadata if getattr(m, "example", "")] or field.examples or ()
            about = field.description or (f"such as {examples[0]}" if examples else "")
            yield name, "; ".join(filter(None, ("" if field.is_required() else "optional", about))) or "required"
    elif dataclasses.is_dataclass(record):
        for field in dataclasses.fields(record):
            kind = field.metadata.get("unit") or re.sub(r"^<class '(.*)'>$", r"\1", str(field.type))
            yield field.name, kind


def numbers(rows: Iterable[Any]) -> str:
    """A table of evidence rows."""
    header = ("key and meaning", "value", "unit", "spread", "basis", "source", "note")
    lines = [":::{list-table}", ":header-rows: 1", ":class: numbers", ":widths: 30 8 8 12 8 14 30", ""]
    lines += _row(*header)
    for row in rows:
        meaning = f"`{row.key}` {plain(row.about)}"
        source = ", ".join(_cited(key) for key in row.cite) + (f"; {plain(row.where)}" if row.where else "")
        note = plain(row.note) + (f" Formula: `{row.formula}`." if row.formula else "")
        lines += _row(meaning, f"{row.value:g}", plain(row.unit), plain(str(row.spread or "")), row.basis, source, note)
    return "\n".join([*lines, ":::", ""])


def populations() -> str:
    """Every disorder with its scale and how much of it was read."""
    from unwound.reporting.publish_population import listed

    lines = ["| name | who | scale | baseline | read | in a summary | assumed |", "|---|---|---|---|---|---|---|"]
    for one in listed():
        marks = one["marks"]
        lines.append(
            f"| `{one['name']}` | {one['title']} | {one['scale']} | {one['baseline_points']:g} | {marks['primary']} | "
            f"{marks['secondary']} | {marks['assumed']} |"
        )
    return "\n".join([*lines, ""])


def assumptions() -> str:
    """Every number that rests on an assumption, by room, with its range and rationale."""
    from unwound import evidence

    every = evidence.all_estimates()
    assumed = [row for row in every.values() if row.is_assumption]
    lines = [f"{len(assumed)} of the {len(every)} numbers rest on an assumption.", ""]
    for room in evidence.rooms():
        rows = [row for row in evidence.table(room) if row.is_assumption]
        lines += [f"## {room.capitalize()} ({len(rows)})", ""]
        for row in rows:
            number = f"{row.value:g}" if row.unit == "1" else f"{row.value:g} {plain(row.unit)}"
            spread = f" ({plain(str(row.spread))})" if row.spread else ""
            lines.append(f"- `{row.key}` = {number}{spread}. {_sentence(row.about)} *{_sentence(row.note)}*")
        lines.append("")
    return "\n".join(lines)


def bibliography() -> str:
    """Every source, with a place to link to."""
    from unwound import evidence

    lines = []
    for key, source in sorted(evidence.bibliography().items()):
        if key != "assumption":
            lines += [f"(bib-{key})=", f"`{key}`", f": {plain(source.text())}", ""]
    return "\n".join(lines)


def dose_limits() -> str:
    """The limit table, doses without body weight included."""
    from unwound import evidence

    header = ("drug form", "route", "setting", "quantity", "unit", "soft", "hard", "basis of the hard limit", "source")
    lines = [":::{list-table}", ":header-rows: 1", ":class: numbers", ""]
    lines += _row(*header)
    for limit in evidence.dose_limits():
        cited = ", ".join(_cited(key) for key in limit.cite)
        quantity = limit.quantity.replace("_", " ")
        form = f"{limit.form} {limit.drug}"
        limits = (limit.unit, f"{limit.soft:g}", f"{limit.hard:g}")
        lines += _row(form, limit.route, limit.setting, quantity, *limits, limit.basis, cited)
    return "\n".join([*lines, ":::", ""])


def commands() -> str:
    """What every command says of itself."""
    from typer.main import get_command

    from unwound.interfaces.cli import app

    lines, whole = [], get_command(app)  # built once: that takes longer than all the help texts
    for words in COMMANDS:
        said = io.StringIO()
        with mock.patch.dict(os.environ, {"COLUMNS": "100"}), contextlib.redirect_stdout(said):
            whole.main([*words, "--help"], prog_name="unwound", standalone_mode=False)
        lines += [f"### `{' '.join(('unwound', *words))}`", "", fenced(said.getvalue())]
    return "\n".join(lines)


def front_door() -> str:
    """The names of the package itself, where each lives and what it is."""
    import unwound

    lines = ["| name | lives in | what it is |", "|---|---|---|"]
    for name in unwound.__all__:
        value = getattr(unwound, name)
        home = next((module for module, names in unwound._HOME.items() if name in names), "unwound")
        about = repr(value) if isinstance(value, str) else (value.__doc__ or "").strip().splitlines()[0]
        lines.append(f"| `{name}` | `{home}` | {plain(about)} |")
    return "\n".join([*lines, ""])


def accuracy() -> str:
    """How fine the shared mesh is, unless told."""
    from unwound import Accuracy

    about = {
        "first": "h: the step right after a switch of the pump",
        "growth": "a step is at most this part of the time since the last switch",
        "longest": "h: no step is longer",
        "tolerance": "estimated error above which a person is run again on a finer mesh, per slow state",
        "acceptable": "estimated error of a person on the finest mesh above which the verdict is INACCURATE",
    }
    usual = Accuracy()
    rows = [
        f"| `{field.name}` | {getattr(usual, field.name):g} | {about[field.name]} |"
        for field in dataclasses.fields(usual)
    ]
    return "\n".join(["| `Accuracy` | default | meaning |", "|---|---|---|", *rows, ""])


def api_page(room: str) -> str:
    """Autodoc of one room, module by module."""
    title = f"unwound.{room}"
    lines = [title, "=" * len(title), "", f".. automodule:: {title}", "   :no-members:", ""]
    for module in modules():
        if module.startswith(f"{title}."):
            # an inner room offers what its modules define: once is enough
            inner = (PACKAGE.parent / module.replace(".", "/")).is_dir()
            shown = "   :no-members:" if inner else "   :members:"
            lines += [module, "-" * len(module), "", f".. automodule:: {module}", shown, ""]
    return "\n".join(lines)


def api_index() -> str:
    """The list of the rooms."""
    title = "Programming interface"
    lines = [title, "=" * len(title), "", "Every module of every room, from its own docstrings.", ""]
    return "\n".join([*lines, ".. toctree::", "   :maxdepth: 1", "", *(f"   {room}" for room in rooms()), ""])


def fenced(text: str) -> str:
    """`text` as a block that nothing interprets."""
    return f"````text\n{text.rstrip()}\n````\n"


def plain(text: str) -> str:
    """`text` on one line, its symbols without meaning in Markdown; backticks stay."""
    parts = re.split(r"(`[^`]+`)", " ".join(text.split()))
    return "".join(part if n % 2 else re.sub(r"([\\*_<>\[\]|$])", r"\\\1", part) for n, part in enumerate(parts))


def _sentence(text: str) -> str:
    text = plain(text)
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _cited(key: str) -> str:
    return "assumption" if key == "assumption" else f"{{ref}}`{key} <bib-{key}>`"


def _row(*cells: str) -> list[str]:
    first, *others = (cell or " " for cell in cells)
    return [f"* - {first}", *(f"  - {cell}".rstrip() for cell in others)]


def _write(path: pathlib.Path, text: str) -> None:
    """Only when it changed, so that a second build has nothing to do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_all(pathlib.Path(__file__).parent / "generated")
