"""A frozen prediction: one dated JSON file, written once, never edited.

    name      DATE-HASH.json, with the first twelve letters of the hash
    hash      sha256 of the canonical JSON of everything else in the file: sorted keys, no spaces

The hash finds an accident or a later change of heart; the history of the repository tells when the file came. The date
is that of the machine and cannot be chosen.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import pathlib
import platform
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from unwound.core.errors import StoreError, UnknownName
from unwound.core.files import parse_toml, sync
from unwound.core.safety import SIMULATION_ONLY
from unwound.evidence import planned
from unwound.trials.expectancy import SHARES
from unwound.trials.forecast import Cell
from unwound.trials.frozen import evidence_hash, model_hash
from unwound.trials.ledger import Drawn, Foreteller, check_foretellers, combined, foretell
from unwound.trials.trial import Trial

FORMAT = 1
LIBRARIES = ("unwound", "jax", "jaxlib", "equinox", "numpy")
_CELL = ("arm", "endpoint", "week", "unit", "kind", "primary")
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Frozen:
    """One record: its header and rows as they stand in the file."""

    data: Mapping[str, Any]

    @property
    def file_name(self) -> str:
        """``2026-11-26-0123456789ab.json``"""
        return f"{self.data['date']}-{self.data['record_sha256'][:12]}.json"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Cell by cell: what it is, and ``foretold``: share -> foreteller -> numbers."""
        return list(self.data["rows"])

    @property
    def weights(self) -> dict[str, float]:
        """Foreteller -> weight, as they were frozen."""
        return {one["name"]: one["weight"] for one in self.data["foretellers"]}

    def text(self) -> str:
        """The file: a header for people to read, then one line per row."""
        head = {key: own for key, own in self.data.items() if key != "rows"}
        rows = ",\n".join("  " + json.dumps(row, allow_nan=False) for row in self.rows)
        body = json.dumps(head, indent=1, allow_nan=False, ensure_ascii=False)
        return f'{body[:-2]},\n "rows": [\n{rows}\n ]\n}}\n'


def cell_of(row: Mapping[str, Any]) -> Cell:
    """The cell of a row."""
    return Cell(**{name: row[name] for name in _CELL})


def planned_trial(name: str) -> Trial:
    """A planned trial that ships, by name. Raises `UnknownName`."""
    source = f"ledger/{planned.planned_name(name)}/protocol.toml"
    return Trial.from_dict(parse_toml(planned.planned_protocol_text(name), source), source)


def freeze(
    name: str, foretellers: Sequence[Foreteller], replicates: int, also: Sequence[Drawn] = (),
    shares: Sequence[float] = SHARES, weighed: str = "equal weights: nothing has weighed them yet",
    progress: Progress | None = None,
) -> Frozen:  # fmt: skip
    """Foretell the planned trial `name`; `weighed` says where the weights come from. Nothing is written.

    `also` brings the draws of models that conduct no trial. Raises what `conduct` raises.
    """
    check_foretellers(foretellers)
    trial = planned_trial(name)
    drawn = [*(foretell(trial, one, replicates, shares, progress) for one in foretellers), *also]
    data = {
        "tool": "unwound", "format": FORMAT, "simulation_only": SIMULATION_ONLY,
        "trial": trial.name, "title": trial.title, "cite": trial.cite, "assumed": list(trial.assumed),
        "difference": f"{trial.treated.name} minus {trial.control.name}",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "replicates": replicates,
        "expectancy_percent": [f"{share:g}" for share in shares],
        "foretellers": [*(one.about() for one in foretellers), *(one.about() for one in also)], "weights_from": weighed,
        "results_known": planned.planned_results(name) is not None,
        "model_sha256": model_hash(), "evidence_sha256": evidence_hash(),
        "protocol_sha256": _digest(planned.planned_protocol_text(name).encode()),
        "versions": {"python": platform.python_version(), **{own: _version(own) for own in LIBRARIES}},
        "rows": combined(drawn),
    }  # fmt: skip
    return Frozen({**data, "record_sha256": _digest(_canonical(data))})


def write_once(record: Frozen, folder: pathlib.Path) -> pathlib.Path:
    """Write `record` into `folder`, whole or not at all. Raises `StoreError`: what is frozen is never overwritten."""
    target = folder / record.file_name
    hidden = folder / f".{record.file_name}.{secrets.token_hex(4)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with hidden.open("xb") as stream:
            stream.write(record.text().encode())
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(hidden, target)  # unlike a rename it fails where something lies already
        finally:
            hidden.unlink(missing_ok=True)
        sync(folder)
    except FileExistsError:
        raise StoreError(f"{target}: this prediction is frozen already, and is never overwritten") from None
    except OSError as error:
        raise StoreError(f"{target}: cannot be written ({error.strerror or error}); choose another --out") from None
    return target


def read_record(text: str, source: str) -> Frozen:
    """The record in `text`. Raises `StoreError` for one that is none, or was altered since it was frozen."""
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("tool") != "unwound" or data.get("format") != FORMAT:
            raise ValueError("it is no frozen prediction of this version")
        found = Frozen(data)
        rest = {key: own for key, own in data.items() if key != "record_sha256"}
        if _digest(_canonical(rest)) != data["record_sha256"]:
            raise ValueError("it was altered after it was frozen: text and hash do not agree")
        for row in found.rows:
            cell_of(row)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{source}: {error}") from None
    return found


def frozen_records(name: str) -> dict[str, Frozen]:
    """The records that ship with a planned trial, file name -> record, in the order of dates."""
    return {file: read_record(text, file) for file, text in planned.frozen_texts(name).items()}


def find_record(name: str, wanted: str) -> Frozen:
    """A shipped record by the beginning of its file name, or a file of your own.

    "" is the latest that was frozen before the results were known, or the latest of all; of those of one day, the one
    of the model that is installed. Raises `UnknownName`, `StoreError`.
    """
    if wanted.endswith(".json") and pathlib.Path(wanted).is_file():
        return read_record(pathlib.Path(wanted).read_text(encoding="utf-8"), wanted)
    shipped = frozen_records(name)
    if not shipped:
        raise StoreError(f"{name}: nothing is frozen yet; freeze a prediction, or name a file with --record")
    found = [record for file, record in shipped.items() if file.startswith(wanted)]
    if not found:
        raise UnknownName("record", wanted, tuple(shipped))
    blind = [record for record in found if not record.data["results_known"]]
    return max(reversed(blind or found), key=lambda one: (one.data["date"], one.data["model_sha256"] == model_hash()))


def _canonical(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
