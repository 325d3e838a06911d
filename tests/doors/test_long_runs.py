"""Long runs as people meet them: killed, interrupted, out of disk, in a folder they may not write, dealt out."""

from __future__ import annotations

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
import pytest

from laws.long_trial import TOML, job
from laws.long_trial import run as run_of
from unwound.core.safety import SIMULATION_ONLY
from unwound.interfaces.long_progress import time_left
from unwound.long_runs import JobFolder, verify
from unwound.reporting import read

UNWOUND = "import sys; from unwound.interfaces.cli import main; sys.argv[0] = 'unwound'; main()"


@pytest.fixture
def trial(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(TOML)
    return path


def command(*words, before=""):
    return [sys.executable, "-c", before + UNWOUND, "trial", *map(str, words)]


def apart(*words, before=""):
    """The command in a process of its own: (exit code, stderr)."""
    done = subprocess.run(command(*words, before=before), capture_output=True, text=True, timeout=300)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stderr


def lines(folder):
    return len(list((folder / "blocks").glob("[0-9]*.json")))


# ------------------------------------------------------------------------------------------ everyday use


def test_a_long_run_is_stored_told_and_verified(unwound, trial, tmp_path):
    out = tmp_path / "out"
    code, text, _ = unwound("trial", "run", trial, "--out", out, "--patients", 100, "--block-size", 64, "--json")
    told = json.loads(text)
    assert code == 0
    assert told["simulation_only"] == SIMULATION_ONLY
    assert (told["people"], told["replicates"]) == (105, 15)
    assert told["result_sha256"] == read(out / "result").manifest.result_sha256
    assert unwound("trial", "verify", out)[1].strip().endswith("whole and unaltered")
    state = json.loads(unwound("trial", "status", out, "--json")[1])
    assert (state["stored"], state["blocks"], state["missing"], state["finished"]) == (2, 2, [], True)
    again = unwound("trial", "run", trial, "--out", out, "--patients", 100, "--json")
    assert json.loads(again[1])["result_sha256"] == told["result_sha256"]


def test_a_run_is_dealt_out_to_the_tasks_of_a_batch_scheduler(unwound, trial, tmp_path):
    out = tmp_path / "out"
    prepared = ("--out", out, "--replicates", 40, "--block-size", 64, "--prepare")
    assert unwound("trial", "run", trial, *prepared)[0] == 0
    assert "missing: 0-4" in unwound("trial", "status", out)[1]
    assert unwound("trial", "block", out, 1, "--of", 2)[0] == 0
    code, _, err = unwound("trial", "finish", out)
    assert code == 2
    assert "3 of 5 blocks are missing (0, 2, 4)" in err
    assert "so far (2 of 5 blocks are stored)" in unwound("trial", "verify", out)[1]
    assert json.loads(unwound("trial", "block", out, 0, "--of", 2, "--json")[1])["blocks"] == [0, 2, 4]
    assert "nothing is missing" in unwound("trial", "status", out)[1]
    assert unwound("trial", "finish", out)[0] == 0
    np.testing.assert_array_equal(read(out / "result").table("people")["person"], np.arange(280))


def test_a_small_run_with_a_folder_is_what_it_was(unwound, trial, tmp_path):
    assert unwound("trial", "run", trial, "--replicates", 6, "--out", tmp_path / "out")[0] == 0
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "TRIAL", "--patients", 100), "a long run is stored; name a folder: --out DIR"),
        (("run", "TRIAL", "--daily", "--hypothesis", "all", "--out", "DIR"), "a long run has one hypothesis"),
        (("run", "TRIAL", "--executor", "cloud", "--out", "DIR"), "auto, threads, threads:N, processes:N or dask"),
        (("run", "TRIAL", "--executor", "dask:tcp://127.0.0.1:1", "--prepare", "--out", "FILE/x"), "cannot be stored"),
        (("run", "TRIAL", "--patients", 9, "--replicates", 3, "--out", "DIR"), "give either replicates or patients"),
        (("resume", "DIR"), "no job here"),
        (("status", "DIR"), "no job here"),
        (("finish", "DIR"), "no job here"),
        (("block", "DIR", 0), "no job here"),
        (("verify", "DIR"), "manifest.json cannot be read"),
    ],
)
def test_wrong_words_are_told_with_the_remedy(unwound, trial, tmp_path, words, message):
    (tmp_path / "file").touch()
    named = {"TRIAL": trial, "DIR": tmp_path / "out", "FILE/x": tmp_path / "file" / "x"}
    code, _, err = unwound("trial", *(named.get(word, word) for word in words))
    assert code == 2
    assert message in err
    assert not (tmp_path / "out").exists()


def test_a_block_or_task_there_is_none_of_is_refused(unwound, trial, tmp_path):
    unwound("trial", "run", trial, "--out", tmp_path / "out", "--patients", 100, "--prepare")
    assert "this job has the blocks 0 to 0" in unwound("trial", "block", tmp_path / "out", 1)[2]
    assert "tasks are 0 to 2" in unwound("trial", "block", tmp_path / "out", 3, "--of", 3)[2]


def test_a_damaged_block_is_found_and_mended(unwound, trial, tmp_path):
    out = tmp_path / "out"
    unwound("trial", "run", trial, "--out", out, "--replicates", 20, "--block-size", 64)
    shutil.rmtree(out / "result")
    part = out / "blocks" / "000001.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    code, _, err = unwound("trial", "verify", out)
    assert code == 2
    assert "the part 000001.parquet was altered" in err
    assert unwound("trial", "finish", out)[0] == 2
    assert unwound("trial", "resume", out)[0] == 0
    assert unwound("trial", "verify", out)[0] == 0


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "about 1 s"), (62, "about 62 s"), (600, "about 10 min"), (9000, "about 2.5 h")]
)
def test_time_left_is_said_as_people_say_it(seconds, said):
    assert time_left(seconds) == said


# --------------------------------------------------------------------------------------------- accidents

PEOPLE, BLOCK = 7000, 256


def prepared(out):
    return JobFolder.prepare(out, job(PEOPLE // 7), BLOCK).path


@pytest.mark.slow
def test_a_run_killed_three_times_loses_nobody_and_doubles_nobody(unwound, tmp_path):
    calm = run_of(tmp_path / "calm", PEOPLE // 7, 1024)
    out, dice, hits = prepared(tmp_path / "out"), random.Random(11), []
    for executor in ("threads:1", "processes:2", "threads:2"):
        run = subprocess.Popen(
            command("resume", out, "--executor", executor),
            start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wanted = lines(out) + dice.choice((1, 2, 3))
        while run.poll() is None and lines(out) < wanted:
            time.sleep(0.005)
        time.sleep(dice.uniform(0.0, 0.15))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        hits.append(lines(out))
    assert 0 < hits[0] < hits[1] < hits[2] < -(-PEOPLE // BLOCK)  # each kill came in the midst of the work
    assert unwound("trial", "resume", out)[0] == 0
    result = read(out / "result")
    np.testing.assert_array_equal(result.table("people")["person"], np.arange(PEOPLE))
    assert result.manifest.result_sha256 == calm.manifest.result_sha256
    assert verify(out) == []
    assert not list(out.rglob(".*"))


@pytest.mark.slow
def test_killed_workers_of_a_pool_are_replaced(tmp_path):
    """One worker is killed, as the system does when memory is short; the run goes on by itself."""
    out = prepared(tmp_path / "out")
    run = subprocess.Popen(
        command("resume", out, "--executor", "processes:2"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while run.poll() is None and lines(out) < 2:
        time.sleep(0.01)
    children = pathlib.Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    workers = [pid for pid in children if b"spawn_main" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(int(workers[0]), signal.SIGKILL)
    _, err = run.communicate(timeout=300)
    assert run.returncode == 0, err
    assert verify(out) == []


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["threads:2", "processes:2"])
def test_ctrl_c_says_how_to_go_on(trial, tmp_path, executor):
    out = tmp_path / "out"
    words = ("run", trial, "--out", out, "--patients", 50 * PEOPLE, "--block-size", BLOCK, "--executor", executor)
    run = subprocess.Popen(
        command(*words), start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while run.poll() is None and lines(out) < 2:
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGINT)  # a terminal sends it to everybody
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert f"blocks are stored; continue with: unwound trial resume {out}" in err
    assert "Traceback" not in err
    assert not list(out.rglob(".*"))
    assert verify(out) == []


SMALL_FILES_ONLY = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000)); "
"""As on a full disk: the system refuses to write more than a few KB into a file."""


def test_a_disk_that_refuses_is_told_and_the_run_goes_on_later(unwound, trial, tmp_path):
    out = tmp_path / "out"
    unwound("trial", "run", trial, "--out", out, "--replicates", 100, "--block-size", 350, "--prepare")
    assert unwound("trial", "block", out, 1)[0] == 0  # keeps the compiled programs, which would not fit either
    code, err = apart("block", out, 0, before=SMALL_FILES_ONLY)
    assert code == 2
    assert f"error: {out}: block 0 cannot be stored (File too large)" in err
    assert f"what is stored stays: make room and permission, then `unwound trial resume {out}`" in err
    assert sorted(path.name for path in (out / "blocks").iterdir()) == ["000001.json", "000001.parquet"]
    assert unwound("trial", "resume", out)[0] == 0
    assert unwound("trial", "verify", out)[0] == 0


@pytest.fixture
def as_nobody():
    """Root may write everywhere: be somebody else for a while, who is refused what others are refused."""
    if os.geteuid() != 0:
        yield lambda: None
        return
    yield lambda: os.seteuid(65534)
    os.seteuid(0)


def test_a_folder_that_may_not_be_written_is_told_and_the_run_goes_on_later(unwound, trial, as_nobody):
    with tempfile.TemporaryDirectory() as place:  # not tmp_path, whose parents nobody may enter
        os.chmod(place, 0o755)
        out = pathlib.Path(place) / "out"
        unwound("trial", "run", trial, "--out", out, "--replicates", 20, "--block-size", 64, "--prepare")
        unwound("trial", "block", out, 0)  # everything is compiled
        os.chmod(out / "blocks", 0o555)
        as_nobody()
        code, _, err = unwound("trial", "resume", out)
        assert code == 2
        assert "Permission denied" in err
        assert f"unwound trial resume {out}" in err
        assert lines(out) == 1
        if os.getuid() == 0:
            os.seteuid(0)
        os.chmod(out / "blocks", 0o755)
        assert unwound("trial", "resume", out)[0] == 0
        assert unwound("trial", "verify", out)[0] == 0
