"""Search for circuits of the dorsal horn that meet the stated targets, and write the ensemble that ships.

    search    CMA-ES over the free numbers within their ranges (`unwound.dorsal_horn.calibration`), quick measurements
    choose    the best tried circuits measured in full with two seeds; those that miss at most one target; far apart
    write     dorsal_horn/data/ensemble.csv, and the first member into evidence/tables/dorsal_horn.csv

Usage: ``python scripts/calibrate_dorsal_horn.py`` (about half an hour on two quiet cores; the same seed gives the same
circuits on one machine). It starts from the numbers in the evidence table: on calibrated ones it looks around them. The
shipped ensemble came from the first guesses, which are in the notes of the rows.
"""

from __future__ import annotations

import argparse
import csv
import io
import pathlib

import numpy as np
from rich.console import Console
from rich.progress import Progress

from unwound.dorsal_horn.calibration import COLUMNS, FREE, Member, choose, search

ROOT = pathlib.Path(__file__).parents[1] / "src" / "unwound"
ENSEMBLE = ROOT / "dorsal_horn" / "data" / "ensemble.csv"
TABLE = ROOT / "evidence" / "tables" / "dorsal_horn.csv"
KEYS = [key for keys in FREE.values() for key in keys]
NOTE = "calibrated to the targets by scripts/calibrate_dorsal_horn.py from a first guess of {}"


def written(members: list[Member], told: str) -> str:
    """The ensemble as the package reads it."""
    text = io.StringIO()
    for line in ("Circuits that miss at most one target; made by scripts/calibrate_dorsal_horn.py; do not edit.", told):
        text.write(f"# {line}\n")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *KEYS])
    for one in members:
        numbers = [repr(one.given[key]) for key in KEYS]
        rows.writerow([one.number, f"{one.loss:.6g}", ";".join(one.missed), *numbers])
    return text.getvalue()


def adopted(member: Member) -> str:
    """The evidence table with the numbers of `member`; the first guess moves into the note."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    head = next(csv.reader([lines[0]]))
    out = io.StringIO()
    rows = csv.DictWriter(out, head, lineterminator="\n")
    rows.writeheader()
    for row in csv.DictReader(lines):
        if row["key"] in member.given:
            if not row["note"].startswith("calibrated"):
                row["note"] = f"{NOTE.format(row['value'])}; {row['note']}"
            row["value"] = repr(member.given[row["key"]])
        rows.writerow(row)
    return out.getvalue()


def main() -> None:
    """Search, choose, write."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--generations", type=int, default=12)
    ask.add_argument("--size", type=int, default=16)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--members", type=int, default=8)
    ask.add_argument("--tried", type=pathlib.Path, help="keep (or read, when there) what the search tried: .npz")
    given = ask.parse_args()
    if given.tried and given.tried.exists():
        with np.load(given.tried) as held:
            tried = list(zip(held["points"], held["losses"].tolist(), strict=True))
    else:
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("searching", total=given.generations)
            seen = lambda n, best: bar.update(task, completed=n, description=f"searching, best loss {best:.4f}")  # noqa: E731
            tried = list(search(given.generations, given.size, given.seed, progress=seen))
        if given.tried:
            np.savez(given.tried, points=[point for point, _ in tried], losses=[one for _, one in tried])
    members = choose(tried, given.members, seeds=(0, 1))
    if not members:
        raise SystemExit("no circuit misses at most one target; search longer (--generations)")
    told = f"CMA-ES seed {given.seed}, {len(tried)} circuits tried, judged with circuit seeds 0 and 1."
    ENSEMBLE.parent.mkdir(exist_ok=True)
    ENSEMBLE.write_text(written(members, told), encoding="utf-8")
    TABLE.write_text(adopted(members[0]), encoding="utf-8")
    for one in members:
        print(f"circuit {one.number}: loss {one.loss:.4g}, misses {', '.join(one.missed) or 'nothing'}")


if __name__ == "__main__":
    main()
