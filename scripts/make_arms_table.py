"""Write the table of arms for meta-analysis from the trial folders.

Usage: ``python scripts/make_arms_table.py``; tests/drift says when it must be run again.
"""

from __future__ import annotations

import pathlib

import unwound.evidence
from unwound.evidence.arms import PAGE, as_csv
from unwound.trials.arms_table import arms_table


def main() -> None:
    """Write, and say how much."""
    file = pathlib.Path(unwound.evidence.__file__).parent / PAGE
    file.parent.mkdir(exist_ok=True)
    rows = arms_table()
    file.write_text(as_csv(rows), encoding="utf-8")
    print(f"{file}: {len(rows)} rows of {len({row.trial for row in rows})} trials")


if __name__ == "__main__":
    main()
