"""Parts of the page about the joint fit of pain, from what is shipped."""

from __future__ import annotations

from typing import Any


def pain_fit_parts() -> dict[str, str]:
    """File name -> Markdown."""
    return {
        "pain_scores.md": scores(),
        "pain_rows.md": rows(),
        "pain_numbers.md": numbers(),
        "pain_beside.md": beside(),
    }


def scores() -> str:
    """The verdict, then every trial under every model."""
    from unwound.inference.pain_shipped import record

    found = record()
    trials, table = found["trials"], found["scores"]
    lines = [f"**{found['first_line']['sentence']}**", "", f"| model | {' | '.join(trials)} | all | weight |"]
    lines.append(f"|---|{'---|' * (len(trials) + 2)}")
    for name in sorted(table, key=lambda one: -sum(table[one].values())):
        cells = [f"{table[name][trial]:.1f}" for trial in trials] + [f"{sum(table[name].values()):.1f}"]
        weight = found["weights"].get(name)
        lines.append(f"| {name} | {' | '.join(cells)} | {'' if weight is None else f'{weight:.2f}'} |")
    lines += ["", "| the mechanisms together less | difference | 90 % by bootstrap over trials |", "|---|---|---|"]
    for rival, (total, low, high) in found["first_line"]["skill"].items():
        lines.append(f"| {rival} | {total:+.1f} | {low:+.1f} to {high:+.1f} |")
    return "\n".join(lines)


def rows() -> str:
    """Every row: printed, and expected by the average, by H0 and by the meta-analysis."""
    from unwound.inference.pain_shipped import AVERAGE, record

    found, shown = record()["predicted"], (AVERAGE, "H0", "analysis")
    lines = [f"| trial | result | printed | {' | '.join(shown)} |", f"|---|---|---|{'---|' * len(shown)}"]
    for n, row in enumerate(found[AVERAGE]):
        what = f"{row['arm']} {row['what']}".strip()
        lines.append(
            f"| {row['trial']} | {what} | {row['text']} | {' | '.join(_cell(found[name][n]) for name in shown)} |"
        )
    lines.append("")
    inside = {name: [row["covered"] for row in own if row["covered"] is not None] for name, own in found.items()}
    told = "; ".join(f"{name} {sum(own)} of {len(own)}" for name, own in inside.items())
    lines.append(
        f"Printed values inside the 90 % interval: {told}. A P value is told as the chance of what was printed."
    )
    return "\n".join(lines)


def numbers() -> str:
    """Open numbers of the default hypothesis and driver, and whether trials of this size can find them."""
    from unwound.inference.pain_shipped import record
    from unwound.reporting.publish_pain_fit import parameters

    model = next(iter(record()["recovery"]))
    again = {row["name"]: row for row in record()["recovery"][model]}
    lines = [
        f"| {model} | unit | median (90 %) | prior | spread gone | again: inside 90 % | spread gone | identifiable |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in parameters(model):
        own = again[row["parameter"]]
        told = f"{row['median']:.3g} ({row['low_5']:.3g} to {row['high_95']:.3g})"
        prior = f"{row['prior_low']:.3g} to {row['prior_high']:.3g}"
        found = f"{own['covered']:.2f} | {own['contraction']:.2f} | {'yes' if own['identified'] else 'no'}"
        lines.append(f"| {row['about']} | {row['unit']} | {told} | {prior} | {row['contraction']:.2f} | {found} |")
    return "\n".join(lines)


def beside() -> str:
    """Mechanisms switched on, unblinding, the four patients of Kiefer 2008, diagnostics."""
    from unwound.inference.pain_shipped import record

    found = record()
    lines = [
        "| mechanism switched on | gain of log score on trials left out | 90 % | Pareto k | draws | |",
        "|---|---|---|---|---|---|",
    ]
    for mechanisms in found["mechanisms"].values():
        for name, own in mechanisms.items():
            told = "improves" if own["improves"] else "stays off"
            interval = f"{own['low']:+.1f} to {own['high']:+.1f}"
            lines.append(
                f"| {name} | {own['gain']:+.1f} | {interval} | {own['pareto_k']:.2f} | {own['how']} | {told} |"
            )
    lines += [
        "",
        "| model | SIG09, week 1: difference [points] | 25 % unblinding | 50 % | four non-responders of KIE08B |",
    ]
    lines.append("|---|---|---|---|---|")
    for name, own in found["effects"].items():
        cells = [f"{one['mean']:.1f} ({one['low']:.1f} to {one['high']:.1f})" for one in own.values()]
        four = found["four_non_responders"].get(name)
        lines.append(f"| {name} | {' | '.join(cells)} | {'' if four is None else f'{four:.3f}'} |")
    lines += [
        "",
        "| model | R-hat | Pareto k | effective draws | SD of ln potency between studies (90 %) |",
        "|---|---|---|---|---|",
    ]
    for name, own in found["diagnostics"].items():
        spread = found["potency_sd"].get(name)
        told = "" if spread is None else f"{spread[1]:.2f} ({spread[0]:.2f} to {spread[2]:.2f})"
        cells = f"{_told(own, 'pareto_k', '.2f')} | {_told(own, 'effective_draws', '.0f')}"
        lines.append(f"| {name} | {own['r_hat']:.3f} | {cells} | {told} |")
    return "\n".join(lines)


def _told(own: dict[str, Any], name: str, style: str) -> str:
    return format(own[name], style) if name in own else ""


def _cell(row: dict[str, Any]) -> str:
    if row["low"] is None:
        return f"{row['mean']:.2g}"
    return f"{row['mean']:.3g} ({row['low']:.3g} to {row['high']:.3g})"
