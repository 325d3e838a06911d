"""The generated parts of the page of published trials: one table of all, what is recalled, why some do not run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

ROLES = ("calibration", "population", "stress", "context")


def trial_parts(plain: Callable[[str], str]) -> dict[str, str]:
    """Every part, by file name; `plain` takes the meaning out of the symbols of Markdown."""
    return {
        "trials_table.md": _table(plain),
        "trials_not_run.md": _not_run(plain),
        "trials_assumed.md": _assumed(plain),
    }


def _table(plain: Callable[[str], str]) -> str:
    from unwound.trials import catalog

    header = (
        *("id", "what", "disorder", "drug and total dose (70 kg)", "duration", "n", "against", "role", "what it pins"),
        *("results", "runs"),
    )
    every = sorted(catalog(), key=lambda one: ROLES.index(one.note.role))
    rows = [
        (
            f"`{one.note.short}`",
            plain(one.note.title) + " " + ", ".join(f"{{ref}}`{key} <bib-{key}>`" for key in one.note.cite),
            plain(one.note.disorder),
            plain(one.doses),
            plain(one.durations),
            "-" if one.note.patients is None else f"{one.note.patients}",
            plain(one.note.comparator),
            one.note.role,
            plain(one.note.pins),
            one.counts,
            "yes" if one.simulated else "no",
        )
        for one in every
    ]
    total = {role: sum(one.note.role == role for one in every) for role in ROLES}
    told = ", ".join(f"{count} {role}" for role, count in total.items())
    marks = ("read", "read-derived", "memory")
    read, derived, recalled = (sum(one.provenance[mark] for one in every) for mark in marks)
    said = f"{len(every)} trials and pooled analyses ({told}); {sum(one.simulated for one in every)} can be run. "
    said += f"Of their {read + derived + recalled} results {read} were read, {derived} derived from what was read, "
    said += f"{recalled} recalled."
    return said + "\n\n" + _listed(header, rows)


def _not_run(plain: Callable[[str], str]) -> str:
    from unwound.trials import catalog

    rows = [(f"`{one.note.short}`", plain(one.why)) for one in catalog() if not one.simulated]
    return _listed(("id", "why it does not run"), rows)


def _assumed(plain: Callable[[str], str]) -> str:
    from unwound.trials import catalog

    lines = []
    for one in catalog():
        if one.protocol.assumed:
            lines.append(f"- `{one.note.short}`: {plain('; '.join(one.protocol.assumed))}.")
    return "\n".join([*lines, ""])


def _listed(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [":::{list-table}", ":header-rows: 1", ":class: numbers", ""]
    for cells in (header, *rows):
        first, *others = cells
        lines += [f"* - {first}", *(f"  - {cell}" for cell in others)]
    return "\n".join([*lines, ":::", ""])
