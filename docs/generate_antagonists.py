"""The generated parts of the page of antagonists: tables, sentences, conflicts, block in people, averages."""

from __future__ import annotations

from collections.abc import Iterable


def antagonist_parts() -> dict[str, str]:
    """Every part, by file name."""
    return {
        "antagonists_table.md": _table(),
        "antagonists_facts.md": _facts(),
        "antagonists_conflicts.md": _conflicts(),
        "plasma_block.md": _plasma(),
        "retention.md": _retention(),
    }


def _table() -> str:
    from unwound.receptor.antagonists import compare

    header = (
        *("drug", "IC50 without Mg (uM)", "IC50 in 1 mM Mg (uM)", "unbinding when open (1/s)", "trapped"),
        "block under treatment (%)",
    )
    rows = []
    for one in compare():
        block = {subtype: 100 * share for subtype, share in one.block_at_treatment.items()}
        at = "-" if one.free_uM is None else f"at {_two(one.free_uM)} uM free: {_subtypes(block, one.at_most)}"
        off = _subtypes(one.open_off_rate) + (" (shared on-rate)" if one.kinetics == "prior" else "")
        trapped = "-" if one.trapped is None else f"{100 * one.trapped:.0f} %"
        halves = (_subtypes(one.half_without_magnesium), _subtypes(one.half_in_magnesium))
        rows.append((one.drug, *halves, off if one.open_off_rate else "-", trapped, at))
    return _listed(header, rows)


def _facts() -> str:
    from unwound.receptor.antagonists import compare

    lines = []
    for one in compare():
        for fact in one.facts:
            lines.append(f"- **{one.drug}**, {fact.topic}: {fact.text} {_source(fact.cite, fact.basis)}")
    return "\n".join([*lines, ""])


def _conflicts() -> str:
    from unwound.receptor.antagonists import conflicts

    lines = []
    for conflict in conflicts():
        lines += [f"**{conflict.question}**", ""]
        lines += [f"- {reading.text} {_source(reading.cite, reading.basis)}" for reading in conflict.readings] + [""]
    return "\n".join(lines)


def _plasma() -> str:
    from unwound.receptor.plasma import finding, predicted_block

    rows = predicted_block()
    cells = [
        (
            row.reached,
            _between(row.low_ng_per_mL, row.high_ng_per_mL),
            row.subtype,
            f"{row.membrane} ({row.voltage_mV:g} mV)",
            _between(100 * row.at_low, 100 * row.at_high),
            _between(100 * row.band_low, 100 * row.band_high),
        )
        for row in rows
    ]
    header = ("reached", "plasma (ng/mL)", "subtype", "membrane", "block (%)", "5-95 % of draws (%)")
    return f"**{finding(rows)}**\n\n" + _listed(header, cells)


def _retention() -> str:
    from unwound.receptor import ligand
    from unwound.receptor.averages import ACTIVITIES, average, retention

    rows = []
    for subtype in ("GluN2A", "GluN2B", "GluN2C", "GluN2D"):
        for activity in ACTIVITIES:
            row, firing = average(subtype, activity), average(subtype, activity, "depolarized")
            stays = [
                _duration(retention(ligand(drug), subtype, activity)) for drug in ("ketamine", "memantine", "MK-801")
            ]
            numbers = (f"{value:.2g}" for value in (row.mean_open, row.a_on, firing.a_on, row.a_off, firing.a_off))
            rows.append((subtype, activity, *numbers, *stays))
    header = (
        *("subtype", "activity", "open", "A_on, rest", "A_on, depol.", "A_off, rest", "A_off, depol."),
        *("ketamine stays", "memantine stays", "MK-801 stays"),
    )
    return _listed(tuple(name.replace("_", "\\_") for name in header), rows)


def _listed(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
    lines += [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([*lines, ""])


def _subtypes(values: dict[str, float], at_most: bool = False) -> str:
    mark = "at most " if at_most else ""
    return ", ".join(f"{s.removeprefix('GluN')} {mark}{_two(value)}" for s, value in values.items()) or "-"


def _two(value: float) -> str:
    """Two digits, without exponents."""
    return f"{float(f'{value:.2g}'):g}"


def _between(low: float, high: float) -> str:
    return f"{low:.0f}" if round(low) == round(high) else f"{low:.0f} to {high:.0f}"


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{_two(seconds / length)} {unit}"
    return f"{_two(seconds)} s"


def _source(cite: tuple[str, ...], basis: str) -> str:
    return f"({', '.join(f'{{ref}}`{key} <bib-{key}>`' for key in cite)})" if cite else f"({basis}, not seen)"
