"""Laws of long runs: the same bytes however the work was cut and whoever did it; every flipped bit is found."""

from __future__ import annotations

import functools
import pathlib
import random
import tempfile
import warnings

import numpy as np
import pytest

from laws.long_trial import job, run
from unwound.long_runs import JobFolder, finish, simulate_block, verify

REPLICATES = 1200
"""8,400 people: more than one block of the largest size tried here, and no multiple of any."""


def told(result):
    """What must be the same: the bytes of the rows, and the hash of the result."""
    return (result.folder / "people.parquet").read_bytes(), result.manifest.result_sha256


@functools.cache
def usual():
    """The run that the others are compared with: blocks of 4096, one thread."""
    place = pathlib.Path(tempfile.mkdtemp()) / "run"
    return told(run(place, REPLICATES, 4096))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("block_size", "executor"),
    [(512, "threads:2"), (1000, "threads:1"), (8192, "threads:2"), (2048, "processes:1"), (4096, "processes:2")],
)
def test_block_size_threads_and_processes_change_no_byte(tmp_path, block_size, executor):
    assert told(run(tmp_path / "run", REPLICATES, block_size, executor)) == usual()


@pytest.mark.slow
def test_the_order_of_the_blocks_changes_no_byte(tmp_path):
    folder = JobFolder.prepare(tmp_path / "run", job(REPLICATES), 1024)
    for block in np.random.default_rng(3).permutation(folder.blocks):
        simulate_block(folder, int(block))
    assert told(finish(folder.path)) == usual()


@pytest.mark.slow
def test_a_cluster_changes_no_byte(tmp_path):
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other people's sockets
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            result = run(tmp_path / "run", REPLICATES, 2048, f"dask:{cluster.scheduler_address}")
    assert told(result) == usual()


def test_a_thousand_flipped_bits_are_a_thousand_finds(tmp_path):
    """One at a time, anywhere in a finished run: job, lines, parts, result."""
    run(tmp_path / "run", 20, 64)
    files = sorted(path for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert len(files) == 1 + 2 * 3 + 4
    assert verify(tmp_path / "run") == []
    dice, found = random.Random(7), 0
    sizes = [path.stat().st_size for path in files]
    for turn in range(1000):
        # every file in turn, then wherever most of the bytes are
        path = files[turn % len(files)] if turn % 2 else dice.choices(files, sizes)[0]
        content = path.read_bytes()
        place = dice.randrange(len(content))
        flipped = bytearray(content)
        flipped[place] ^= 1 << dice.randrange(8)
        path.write_bytes(flipped)
        found += bool(verify(tmp_path / "run"))
        path.write_bytes(content)
    assert found == 1000
    assert verify(tmp_path / "run") == []
