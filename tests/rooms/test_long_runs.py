"""Long runs in blocks, sentence by sentence."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from laws.long_trial import job, run, trial
from unwound.core.errors import InputError, StoreError
from unwound.core.safety import SIMULATION_ONLY
from unwound.long_runs import Job, JobFolder, execute, executor_of, finish, simulate_block, status, verify
from unwound.long_runs.line import Line
from unwound.long_runs.verify import ranges
from unwound.patient import Setting
from unwound.reporting import read
from unwound.reporting.parquet import ROWS_PER_GROUP, row_groups
from unwound.trials import conduct
from unwound.trials.people_rows import people_rows

BLOCKS = 3  # 140 people in blocks of 64


@pytest.fixture
def folder(tmp_path):
    """A prepared run of 140 people in three blocks."""
    return JobFolder.prepare(tmp_path / "run", job(), 64)


@pytest.fixture
def stored(folder):
    """The same with every block done."""
    for block in range(folder.blocks):
        simulate_block(folder, block)
    return folder


# ------------------------------------------------------------------------------------------------ people


def test_the_rows_of_people_are_those_of_the_whole_trial():
    whole = conduct(trial(), Setting(seed=5, metabolites=False), 20)
    ids = np.array([139, 3, 4, 70])
    rows = people_rows(trial(), Setting(seed=5, metabolites=False), ids)
    ratings = whole.ratings.reshape(3, -1)[:, ids].T
    np.testing.assert_array_equal(rows.weekly["rating_nrs"], ratings.astype(np.float32))
    np.testing.assert_array_equal(rows.columns["dose_total_mg"], whole.course.dose_total_mg[ids].astype(np.float32))
    assert list(rows.columns["arm"]) == ["none", "drug", "none", "drug"]
    assert list(rows.columns["replicate"]) == [19, 0, 0, 10]
    assert list(rows.columns["patient"]) == [6, 3, 4, 0]
    assert set(whole.keys) == set(rows.keys)


def test_daily_states_are_kept_when_asked_for(tmp_path):
    table = run(tmp_path / "run", replicates=2, daily=True).table("people")
    assert table["daily_pain_nrs"].shape == (14, 15)
    np.testing.assert_array_equal(table["daily_pain_nrs"][:, ::7], table["pain_nrs"])
    assert {name for name in table if name.startswith("daily_")} > {"daily_pain_nrs"}


# --------------------------------------------------------------------------------------------------- job


def test_a_job_is_known_by_what_it_computes_and_not_by_how():
    assert job(threads=1).sha256 == job(threads=2, hypothesis="protected_switch").sha256
    others = [job(21), job(seed=6), job(hypothesis="H1"), job(daily=True), job(driver="pore"), job(flares=False)]
    assert len({job().sha256, *(other.sha256 for other in others)}) == 1 + len(others)
    assert job(hypothesis="H0").sha256 == job(hypothesis="H0", driver="pore").sha256  # H0 has no driver


def test_a_job_comes_back_from_its_file(folder):
    again = JobFolder.open(folder.path)
    assert again.job == job()
    assert json.loads((folder.path / "job.json").read_text())["simulation_only"] == SIMULATION_ONLY


def test_patients_are_rounded_up_to_whole_trials():
    made = Job.of("SIG09", Setting(), patients=61)
    assert (made.replicates, made.people) == (2, 120)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: job(0),
        lambda: job(10**9),
        lambda: Job.of("SIG09", Setting()),
        lambda: Job.of("SIG09", Setting(), 1, 60),
        lambda: executor_of("dask:"),
        lambda: executor_of("processes"),
        lambda: executor_of("threads:0"),
        lambda: executor_of("auto:2"),
        lambda: executor_of("cloud"),
    ],
)
def test_what_is_no_job_or_executor_is_refused(wrong):
    with pytest.raises(InputError):
        wrong()


@pytest.mark.parametrize("size", [0, -1, 10**6])
def test_an_impossible_block_size_is_refused(tmp_path, size):
    with pytest.raises(InputError, match="block size"):
        JobFolder.prepare(tmp_path / "run", job(), size)
    assert not (tmp_path / "run").exists()


# ------------------------------------------------------------------------------------------------ folder


def test_the_folder_of_another_job_is_refused_by_what_differs(folder):
    with pytest.raises(StoreError, match=r"another job \(it differs in setting.seed: 5, asked for 6\).*resume"):
        JobFolder.prepare(folder.path, job(seed=6))
    with pytest.raises(InputError, match="begun with blocks of 64"):
        JobFolder.prepare(folder.path, job(), 65)
    assert JobFolder.prepare(folder.path, job()).block_size == 64


def test_a_folder_with_something_else_is_refused_and_kept(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="holds something else than a job"):
        JobFolder.prepare(tmp_path, job())
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(StoreError, match="no job here"):
        JobFolder.open(tmp_path)


def test_what_a_killed_preparation_left_is_no_obstacle(tmp_path):
    (tmp_path / "blocks").mkdir()
    (tmp_path / ".job.json.0a1b.part").write_text("{")
    assert JobFolder.prepare(tmp_path, job()).sha256 == job().sha256


def test_other_software_or_evidence_is_refused(folder):
    made = dict(folder.made_with) | {"jax": "0.0.1", "evidence_sha256": "0" * 64}
    old = dataclasses.replace(folder, made_with=made)
    (folder.path / "job.json").write_bytes(old.render())
    with pytest.raises(StoreError, match=r"begun with evidence_sha256 000000000000 \(now .*jax 0.0.1 \(now"):
        execute(JobFolder.open(folder.path), executor_of("threads:1"))


def test_an_altered_job_is_found(folder):
    file = folder.path / "job.json"
    file.write_bytes(file.read_bytes().replace(b'"seed": 5', b'"seed": 6'))
    assert "altered" in verify(folder.path)[0]
    with pytest.raises(StoreError, match="altered"):
        JobFolder.open(folder.path)


# ------------------------------------------------------------------------------------------------ blocks


def test_a_block_is_one_part_and_one_line_with_its_people(folder):
    line = simulate_block(folder, 1)
    assert (line.first, line.last, line.rows) == (64, 127, 64)
    assert sorted(entry.name for entry in folder.blocks_path.iterdir()) == ["000001.json", "000001.parquet"]
    assert Line.parse(folder.line_path(1).read_bytes(), "") == line
    assert json.loads(folder.line_path(1).read_text())["simulation_only"] == SIMULATION_ONLY
    assert folder.part_path(1).stat().st_size == line.size
    state = status(folder)
    assert (state.stored, state.missing, state.people_stored, state.finished) == (1, (0, 2), 64, False)


def test_a_block_that_is_done_is_not_done_again(folder, monkeypatch):
    line = simulate_block(folder, 2)
    monkeypatch.setattr("unwound.long_runs.block.part_bytes", None)
    assert simulate_block(folder, 2) == line


@pytest.mark.parametrize("harm", ["no line", "no part", "half a part", "an altered line", "a hidden half"])
def test_a_block_killed_or_damaged_at_any_step_is_done_again_with_the_same_bytes(stored, harm):
    before = {path.name: path.read_bytes() for path in stored.blocks_path.iterdir()}
    part, line = stored.part_path(1), stored.line_path(1)
    if harm in ("no line", "a hidden half"):
        line.unlink()
    if harm == "a hidden half":
        os.utime(part.rename(part.with_name(f".{part.name}.12ab.part")), (0, 0))  # left long ago
    if harm == "no part":
        part.unlink()
    if harm == "half a part":
        part.write_bytes(before[part.name][:100])
    if harm == "an altered line":
        line.write_bytes(before[line.name].replace(b'"rows":64', b'"rows":65'))
    assert execute(stored, executor_of("threads:1")) == 1
    assert {path.name: path.read_bytes() for path in stored.blocks_path.iterdir()} == before


def test_what_somebody_else_is_writing_now_is_left_alone(folder):
    theirs = folder.blocks_path / ".000000.parquet.12ab.part"
    theirs.touch()
    execute(folder, executor_of("threads:1"))
    assert theirs.exists()
    assert verify(folder.path) == []


def test_a_block_there_is_none_of_is_refused(folder):
    with pytest.raises(InputError, match="blocks 0 to 2"):
        simulate_block(folder, BLOCKS)


def test_a_full_disk_is_told_with_the_remedy_and_what_is_stored_stays(folder, monkeypatch):
    simulate_block(folder, 0)

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(
            StoreError, match=r"block [12] cannot .*No space left.*what is stored stays.*unwound trial resume"
        ):
            execute(folder, executor_of("threads:2"))
    assert verify(folder.path) == []
    assert status(folder).stored == 1
    execute(folder, executor_of("threads:2"))
    assert status(folder).missing == ()


# ------------------------------------------------------------------------------------------------ finish


def test_a_finished_run_holds_everybody_once_in_order(stored):
    table = finish(stored.path).table("people")
    np.testing.assert_array_equal(table["person"], np.arange(140))
    assert table["rating_nrs"].dtype == np.float32
    assert table["rating_nrs"].shape == (140, 3)
    assert (table["arm"] == "drug").sum() == 80


def test_the_means_of_the_arms_are_those_of_the_rows(stored):
    result = finish(stored.path)
    people, weekly = result.table("people"), result.table("weekly")
    for arm in ("drug", "none"):
        ratings = people["rating_nrs"][people["arm"] == arm].astype(float)
        ours = weekly["arm"] == arm
        np.testing.assert_array_equal(weekly["rated"][ours], (~np.isnan(ratings)).sum(axis=0))
        np.testing.assert_allclose(weekly["rating_nrs_mean"][ours], np.nanmean(ratings, axis=0), rtol=1e-12)
        np.testing.assert_allclose(weekly["rating_nrs_sd"][ours], np.nanstd(ratings, axis=0, ddof=1), rtol=1e-9)
        (told,) = (entry for entry in result.json("result")["endpoints"] if entry["arm"] == arm)
        dose = people["dose_total_mg"][people["arm"] == arm].astype(float)
        assert told["dose_total_mg"]["mean"] == pytest.approx(dose.mean())
    assert result.json("result")["simulation_only"] == SIMULATION_ONLY
    assert sum(result.manifest.verdicts.values()) == 140


def test_who_is_lost_has_no_rating_and_no_nan(tmp_path):
    import pyarrow.parquet

    run(tmp_path / "run", replicates=60, block_size=512)
    column = pyarrow.parquet.read_table(tmp_path / "run" / "result" / "people.parquet")["rating_nrs"]
    flat = column.combine_chunks().flatten()
    assert flat.null_count > 0
    assert not np.isnan(flat.drop_null().to_numpy()).any()


def test_a_gap_is_refused_by_name(stored):
    stored.line_path(0).unlink()
    stored.line_path(2).unlink()
    with pytest.raises(StoreError, match=r"2 of 3 blocks are missing \(0, 2\), with 76 people.*resume"):
        finish(stored.path)
    assert not stored.result_path.exists()


def test_people_who_are_there_twice_are_refused(stored):
    """The part of block 0 in the place of block 1, with a line that vouches for it."""
    doubled = stored.part_path(0).read_bytes()
    line = dataclasses.replace(stored.line(0), block=1, first=64, last=127)
    stored.part_path(1).write_bytes(doubled)
    stored.line_path(1).write_bytes(line.render())
    with pytest.raises(StoreError, match="holds other people than 64 to 127"):
        finish(stored.path)
    assert not stored.result_path.exists()


@pytest.mark.parametrize("stranger", ["000003.parquet", "000003.json", "notes.txt"])
def test_a_stranger_among_the_blocks_is_refused(stored, stranger):
    (stored.blocks_path / stranger).write_bytes(b"x")
    with pytest.raises(StoreError, match=f"blocks/{stranger} does not belong"):
        finish(stored.path)


def test_a_line_of_another_job_is_refused(stored, tmp_path):
    other = JobFolder.prepare(tmp_path / "other", job(seed=6), 64)
    simulate_block(other, 1)
    for name in ("part_path", "line_path"):
        getattr(stored, name)(1).write_bytes(getattr(other, name)(1).read_bytes())
    with pytest.raises(StoreError, match="belongs to another job"):
        finish(stored.path)


def test_finishing_twice_is_finishing_once(stored):
    first = finish(stored.path).manifest
    assert finish(stored.path).manifest == first
    assert verify(stored.path) == []


def test_a_finished_run_may_lose_its_blocks_as_a_whole_but_not_one_of_them(stored):
    finish(stored.path)
    stored.part_path(1).unlink()
    stored.line_path(1).unlink()
    assert verify(stored.path) == ["1 of 3 blocks are missing (1), with 64 people"]
    for path in stored.blocks_path.iterdir():
        path.unlink()
    stored.blocks_path.rmdir()
    assert verify(stored.path) == []


def test_a_stranger_beside_the_result_is_found(stored):
    finish(stored.path)
    (stored.path / "notes.txt").touch()
    assert verify(stored.path) == ["notes.txt does not belong to this job"]


def test_what_killed_workers_left_is_swept_away(stored):
    (stored.blocks_path / ".000009.parquet.ab12.part").touch()
    (stored.path / ".unwound-0123").mkdir()
    finish(stored.path)
    assert sorted(entry.name for entry in stored.path.iterdir()) == ["blocks", "job.json", "result"]
    assert len(list(stored.blocks_path.iterdir())) == 2 * BLOCKS


def test_the_manifest_names_sources_assumptions_and_warnings(stored):
    manifest = finish(stored.path).manifest
    assert manifest.seed == 5
    assert manifest.specification["job_sha256"] == stored.sha256
    assert manifest.specification["evidence"]
    assert manifest.citations
    assert manifest.assumed
    assert list(manifest.warnings) == [str(warning) for warning in trial().warnings()]


# --------------------------------------------------------------------------------------------- small parts


def test_row_groups_do_not_depend_on_how_rows_were_dealt_out():
    import pyarrow

    rows = 2 * ROWS_PER_GROUP + 5
    whole = pyarrow.table({"a": np.arange(rows)})
    for cut in (1000, ROWS_PER_GROUP, rows):
        groups = list(row_groups(whole.slice(begin, cut) for begin in range(0, rows, cut)))
        assert [group.num_rows for group in groups] == [ROWS_PER_GROUP, ROWS_PER_GROUP, 5]
        np.testing.assert_array_equal(np.concatenate([group["a"].to_numpy() for group in groups]), np.arange(rows))


def test_missing_blocks_are_told_as_ranges():
    assert ranges([7, 1, 2, 3, 9]) == [(1, 3), (7, 7), (9, 9)]
    assert ranges([]) == []


def test_long_runs_load_neither_jax_nor_pyarrow_nor_dask_on_import():
    heavy = "{'jax', 'pyarrow', 'pandas', 'dask', 'distributed'}"
    program = f"import sys, unwound.long_runs; sys.exit(bool({heavy} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_result_is_read_like_any_other(stored):
    finish(stored.path)
    assert read(stored.result_path).units("people")["peak_ng_per_mL"] == "ng/mL"
