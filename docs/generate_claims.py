"""Writes the page "What the articles claim" and its numbers; takes minutes, so by hand and not in every build:

    python docs/generate_claims.py            compute everything, then write numbers and page
    python docs/generate_claims.py reset ...  compute these computations only, keep the others, write both
    python docs/generate_claims.py --page     write the page from the numbers that ship

Run it after the model has changed. The numbers ship with the package (`evidence/claims_computed.json`) with the hash of
the model that made them; a test holds the page against numbers and claims.
"""

from __future__ import annotations

import json
import pathlib
import sys
import time
from collections.abc import Iterable

HERE = pathlib.Path(__file__).parent
PAGE = HERE / "what-the-articles-claim.md"
NUMBERS = HERE.parent / "src" / "unwound" / "evidence" / "claims_computed.json"
COMMAND = "python docs/generate_claims.py"
WORDS = ("supported", "contested", "not supported")
MODULES = ("claim_courses", "claim_mechanisms", "claim_outcomes")
INTRODUCTION = (
    "Popular and clinical articles say a great deal about ketamine infusions. Each claim stands here with the evidence",
    "we have, what the model says of it, what would settle it, and a plain verdict. `unwound claims` shows the same;",
    "`unwound claims ID --compute` computes the numbers of one claim again.",
)
MEANINGS = (
    "- *Supported*: somebody here has read a controlled result, or a source, that says so, and nothing read says",
    "  otherwise.",
    "- *Contested*: evidence on both sides, or indirect: animals, no control, other patients.",
    "- *Not supported*: nothing read here says so. That does not make it false.",
    "",
    "Evidence that is only recalled cannot give *supported*. What the model says is no evidence: most of its numbers",
    "are assumed, and an interval holds under the model alone. Where hypotheses differ, their distance is the larger",
    "doubt.",
)


def claims_page() -> str:
    """The whole page."""
    from unwound.evidence.claims import claims
    from unwound.trials.claims import shipped

    held, found = shipped(), claims()
    counted = ", ".join(f"{sum(one.verdict == word for one in found)} {word}" for word in WORDS)
    lines = [
        "# What the articles claim", "",
        f"<!-- made by docs/generate_claims.py, model {held.model_sha256[:16]}; do not edit -->", "",
        *INTRODUCTION, "",
        f"**Of {len(found)} claims: {counted}.**", "", *MEANINGS, "",
        _table(("claim", "in a sentence", "verdict"),
               [(f"[{one.title}](#{anchor(one.title)})", one.claim, f"**{one.verdict}**") for one in found]), "",
    ]  # fmt: skip
    for one in found:
        lines += [f"## {one.title}", "", f"*{one.claim}*", "", f"**{one.verdict.capitalize()}.** {one.reason}", ""]
        lines += ["Evidence:", "", *(f"- {line}" for line in one.provenance() or ["none that we have read"]), ""]
        lines += [f"In the model: {one.used}", ""]
        if one.not_modelled:
            lines += [f"Not modelled: {one.not_modelled}", ""]
        lines += [f"What would settle it: {one.refuted_by}", ""]
        told = held.of(one)
        if told:
            lines += [_table(("what the model says, and counts", "number (interval)", "what the interval is"),
                             [(row.what, row.number, row.spread) for row in told]), ""]  # fmt: skip
    lines += [
        "## How this page is made", "",
        "Claims, evidence and verdicts are read from `evidence/claims.toml`. The numbers were computed by "
        f"`{held.command}` with seed {held.seed} and the model `{held.model_sha256[:16]}`; "
        "nothing of them is typed.", "",
        *(f"```{{include}} generated/parts/unwound.trials.{module}.md\n```\n" for module in MODULES),
        "*Simulation for research and education, not for clinical use.*", "",
    ]  # fmt: skip
    return "\n".join(lines)


def anchor(title: str) -> str:
    """The name under which a heading is linked."""
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def numbers(names: Iterable[str]) -> dict[str, object]:
    """What ships, with the computations `names` made anew."""
    from unwound.trials.claims import COMPUTATIONS, SEED, needed
    from unwound.trials.frozen import model_hash

    before = json.loads(NUMBERS.read_text(encoding="utf-8"))["findings"] if NUMBERS.exists() else {}
    found = {}
    for name in needed():
        if name not in names and name in before:
            found[name] = before[name]
            continue
        began = time.monotonic()
        found[name] = [one.as_dict() for one in COMPUTATIONS[name](SEED)]
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    return {"command": COMMAND, "seed": SEED, "model_sha256": model_hash(), "findings": found}


def as_text(data: dict[str, object]) -> str:
    """The file of numbers: one line per finding."""
    findings = data["findings"]
    assert isinstance(findings, dict)
    head = json.dumps({key: own for key, own in data.items() if key != "findings"}, indent=1)[:-2]
    blocks = [
        f'  "{name}": [\n' + ",\n".join("   " + json.dumps(row) for row in rows) + "\n  ]"
        for name, rows in findings.items()
    ]
    return head + ',\n "findings": {\n' + ",\n".join(blocks) + "\n }\n}\n"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    header = tuple(header)
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def main() -> None:
    """Compute what was asked for, write both files."""
    from unwound.trials.claims import needed

    if sys.argv[1:] != ["--page"]:
        asked = set(sys.argv[1:]) or set(needed())
        NUMBERS.write_text(as_text(numbers(asked)), encoding="utf-8")
    PAGE.write_text(claims_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
