"""Parts of pages about fits, from what is shipped: the posterior of mood and the scores on trials left out."""

from __future__ import annotations

import numpy as np


def inference_parts() -> dict[str, str]:
    """File name -> Markdown."""
    return {"mood_posterior.md": posterior(), "mood_scores.md": scores()}


def posterior() -> str:
    """The shipped posterior beside the prior."""
    from unwound.inference import mood_shipped
    from unwound.reporting.publish_fit import fit_summary

    record = mood_shipped.record_of(mood_shipped.POSTERIOR)
    rows = fit_summary(mood_shipped.mood_draws(), record)["parameters"]
    lines = [
        "| parameter | unit | median (90 %) | prior (90 %) | share of the prior's spread gone | R-hat | effective |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        after, before = (
            f"{row[f'{when}median']:.3g} ({row[f'{when}low_5']:.3g} to {row[f'{when}high_95']:.3g})"
            for when in ("", "prior_")
        )
        sound = f"{row['contraction']:.2f} | {row['r_hat']:.3f} | {row['effective']:.0f}"
        lines.append(f"| `{row['parameter']}` | {row['unit']} | {after} | {before} | {sound} |")
    told = f"{len(record['rows'])} rows of {', '.join(record['trials'])}; {record['divergent']} divergent transitions."
    return "\n".join([*lines, "", told])


def scores() -> str:
    """The verdict, then every trial under every account."""
    from unwound.core.errors import EvidenceError
    from unwound.inference import mood_shipped
    from unwound.inference.mood_scores import by_account

    try:
        record, found = mood_shipped.record_of(mood_shipped.SCORES), mood_shipped.mood_scores()
    except EvidenceError as error:
        return f"Scores are not shipped with this version: {error}."
    pages = by_account(found)
    lines = [f"**{record['verdict']}**", "", f"| trial | {' | '.join(pages)} |", f"|---|{'---|' * len(pages)}"]
    for n, trial in enumerate(dict.fromkeys(score.trial for score in found)):
        lines.append(f"| {trial} | {' | '.join(f'{page[n]:.2f}' for page in pages.values())} |")
    lines.append(f"| all | {' | '.join(f'{np.sum(page):.2f}' for page in pages.values())} |")
    for told in ("stacking", "pseudo_bma"):
        shown = " | ".join(f"{record['weights'][name][told]:.2f}" for name in pages)
        lines.append(f"| weight, {told.replace('_', '-')} | {shown} |")
    lines += [
        "",
        "| the mechanism less | difference | 90 % by bootstrap over trials | share ahead |",
        "|---|---|---|---|",
    ]
    for gap in record["differences"]:
        interval = f"{gap['low']:+.1f} to {gap['high']:+.1f}"
        lines.append(f"| {gap['rival']} | {gap['sum']:+.1f} | {interval} | {gap['share_above']:.2f} |")
    return "\n".join(lines)
