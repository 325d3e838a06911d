"""The result folder, sentence by sentence."""

from __future__ import annotations

import errno
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from unwound.core.errors import StoreError
from unwound.core.safety import SIMULATION_ONLY
from unwound.reporting import store
from unwound.reporting.manifest import canonical, plain
from unwound.reporting.store import ResultFolder, read, verify

TIME = np.arange(100.0)
PAIN = np.linspace(8.0, 3.0, 100, dtype=np.float32)


def fill(folder: ResultFolder, pain: np.ndarray = PAIN) -> None:
    folder.write_table("courses", {"time_h": TIME, "pain": pain}, {"time_h": "h", "pain": "points"})
    folder.write_json("endpoints", {"responders": np.float64(0.5), "relapse_week": float("nan")})
    folder.write_bytes("report.html", b"<p>report</p>")
    folder.describe(command="unwound simulate", seed=7, specification={"dose": "0.35 mg/kg/h"})


def written(path: pathlib.Path) -> pathlib.Path:
    with ResultFolder.reserve(path) as folder:
        fill(folder)
    return path


def test_what_was_written_is_read_back(tmp_path):
    results = read(written(tmp_path / "deep" / "er" / "run"))
    table = results.table("courses")
    np.testing.assert_array_equal(table["time_h"], TIME)
    np.testing.assert_array_equal(table["pain"], PAIN)
    assert table["pain"].dtype == np.float32
    assert results.units("courses") == {"time_h": "h", "pain": "points"}
    assert results.json("endpoints") == {"responders": 0.5, "relapse_week": None}
    assert results.bytes("report.html") == b"<p>report</p>"
    assert results.manifest.seed == 7
    assert results.manifest.specification == {"dose": "0.35 mg/kg/h"}
    assert verify(results.folder) == []


def test_nothing_but_the_result_lies_beside_it(tmp_path):
    written(tmp_path / "run")
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_a_table_keeps_texts_missing_numbers_and_many_row_groups(tmp_path):
    rows = 2 * store.ROWS_PER_GROUP + 3
    columns = {"patient": np.arange(rows), "arm": ["placebo"] * rows, "pain": np.full(rows, np.nan)}
    with ResultFolder.reserve(tmp_path / "run") as folder:
        folder.write_table("long.parquet", columns, {"pain": "points"})
        folder.describe(command="", seed=None, specification={})
    table = read(tmp_path / "run").table("long")
    assert table["arm"][-1] == "placebo"
    assert np.isnan(table["pain"]).all()
    np.testing.assert_array_equal(table["patient"], columns["patient"])


def test_the_same_data_give_the_same_bytes_and_the_same_result_hash(tmp_path):
    one, two = written(tmp_path / "one"), written(tmp_path / "two")
    assert (one / "courses.parquet").read_bytes() == (two / "courses.parquet").read_bytes()
    assert read(one).manifest.result_sha256 == read(two).manifest.result_sha256


def test_other_data_give_another_result_hash(tmp_path):
    with ResultFolder.reserve(tmp_path / "other") as folder:
        fill(folder, pain=PAIN + 1)
    usual = read(written(tmp_path / "usual")).manifest
    assert read(tmp_path / "other").manifest.result_sha256 != usual.result_sha256
    assert read(tmp_path / "other").manifest.specification_sha256 == usual.specification_sha256


def test_the_safety_sentence_is_a_field_of_the_manifest_and_of_every_table(tmp_path):
    import pyarrow.parquet

    run = written(tmp_path / "run")
    assert json.loads((run / "manifest.json").read_text())["simulation_only"] == SIMULATION_ONLY
    schema = pyarrow.parquet.read_schema(run / "courses.parquet")
    assert schema.metadata[b"simulation_only"].decode() == SIMULATION_ONLY
    assert b"pandas" not in schema.metadata
    assert SIMULATION_ONLY == "Simulation for research and education, not for clinical use"


def test_the_manifest_says_how_the_result_was_made(tmp_path):
    found = json.loads((written(tmp_path / "run") / "manifest.json").read_text())
    assert {
        "tool",
        "version",
        "command",
        "seed",
        "specification",
        "specification_sha256",
        "libraries",
    } <= set(found)
    assert {"python", "parts", "created_utc", "result_sha256", "assumed", "citations"} <= set(found)
    assert {"verdicts", "warnings", "manifest_sha256"} <= set(found)
    assert set(found["libraries"]) == {"jax", "jaxlib", "numpy", "pyarrow", "equinox"}
    assert [set(part) for part in found["parts"]] == [{"name", "sha256", "bytes"}] * 3


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_an_interrupted_run_leaves_nothing(tmp_path, stop):
    def run():
        with ResultFolder.reserve(tmp_path / "made" / "run") as folder:
            fill(folder)
            raise stop

    with pytest.raises(stop):
        run()
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_a_part_is_synced_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt), ResultFolder.reserve(tmp_path / "run") as folder:
        fill(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_ends_inside_the_block_leaves_nothing(tmp_path):
    program = (
        "import sys; from unwound.reporting.store import ResultFolder\n"
        "folder = ResultFolder.reserve(sys.argv[1]).__enter__(); folder.write_bytes('half', b'written')"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "run")], check=True)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_store_error_and_leaves_nothing(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder = ResultFolder.reserve(tmp_path / "run")
    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(StoreError, match=r"part report.html cannot be written: No space left.*make room"),
        folder,
    ):
        folder.write_bytes("report.html", b"")
    assert list(tmp_path.iterdir()) == []


def test_reserving_leaves_nothing(tmp_path):
    ResultFolder.reserve(tmp_path / "a" / "b" / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_filled_folder_is_refused_and_kept(tmp_path):
    run = written(tmp_path / "run")
    with pytest.raises(StoreError, match=r"run: the folder exists and is not empty.*choose another --out or rem"):
        ResultFolder.reserve(run)
    assert verify(run) == []


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "run").mkdir()
    assert verify(written(tmp_path / "run")) == []


def test_a_folder_that_appears_during_the_computation_is_refused_and_kept(tmp_path):
    def run():
        with ResultFolder.reserve(tmp_path / "run") as folder:
            fill(folder)
            (tmp_path / "run").mkdir()
            (tmp_path / "run" / "precious").touch()

    with pytest.raises(StoreError, match="not empty"):
        run()
    assert [entry.name for entry in tmp_path.rglob("*")] == ["run", "precious"]


def test_a_file_at_the_path_is_refused(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(StoreError, match=r"run: something that is not a folder lies here: choose another --out"):
        ResultFolder.reserve(tmp_path / "run")


@pytest.mark.parametrize("place", ["file/run", "file/deep/run", "n" * 300 + "/run", "nul\0/run"])
def test_a_parent_that_cannot_be_written_is_refused_before_the_computation(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"a result cannot be written here: .*; choose another --out"):
        ResultFolder.reserve(tmp_path / place)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not pathlib.Path("/proc").is_dir(), reason="a system without /proc")
def test_a_file_system_that_cannot_be_written_is_refused():
    with pytest.raises(StoreError, match="cannot be written here"):
        ResultFolder.reserve("/proc/run")


def test_a_result_without_a_description_is_refused(tmp_path):
    with pytest.raises(StoreError, match="describe"), ResultFolder.reserve(tmp_path / "run") as folder:
        folder.write_bytes("report.html", b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "manifest.json", "Manifest.JSON", "-x", "two words"])
def test_a_part_name_is_one_plain_file_name(tmp_path, name):
    with pytest.raises(StoreError, match="part name"), ResultFolder.reserve(tmp_path / "run") as folder:
        folder.write_bytes(name, b"")


def test_a_part_is_written_once_and_only_inside_the_block(tmp_path):
    with ResultFolder.reserve(tmp_path / "run") as folder:
        fill(folder)
        with pytest.raises(StoreError, match="has one already"):
            folder.write_bytes("Report.html", b"")
    assert verify(tmp_path / "run") == []
    with pytest.raises(StoreError, match="inside `with folder:`"):
        folder.write_bytes("later.html", b"")
    with pytest.raises(StoreError, match="reserve another"), folder:
        pass


@pytest.mark.parametrize(
    ("columns", "units", "message"),
    [
        ({"a": [1.0], "b": [1.0, 2.0]}, {}, "column 'b': 2 rows, but 'a' has 1"),
        ({"a": np.ones((2, 2))}, {}, "column 'a'"),
        ({"a": [1.0, "text"]}, {}, "column 'a'"),
        ({"a": [1.0]}, {"b": "h"}, "unit is given for 'b', which is not a column"),
    ],
)
def test_a_crooked_table_is_refused_by_column(tmp_path, columns, units, message):
    with pytest.raises(StoreError, match=message), ResultFolder.reserve(tmp_path / "run") as folder:
        folder.write_table("t", columns, units)


def test_missing_extra_and_altered_parts_are_all_named(tmp_path):
    run = written(tmp_path / "run")
    (run / "endpoints.json").unlink()
    (run / "report.html").write_bytes(b"<p>better report</p>")
    (run / "extra.txt").touch()
    missing, altered, extra = verify(run)
    assert missing == "the part endpoints.json is missing"
    assert altered.startswith("the part report.html was altered")
    assert extra == "extra.txt does not belong to this result"
    with pytest.raises(StoreError, match=r"missing; .*altered.*; extra.txt does not belong"):
        read(run)


def test_a_part_replaced_by_a_link_is_found(tmp_path):
    run = written(tmp_path / "run")
    (run / "report.html").rename(tmp_path / "elsewhere")
    (run / "report.html").symlink_to(tmp_path / "elsewhere")
    assert [problem[:24] for problem in verify(run)] == ["the part report.html was"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"tool":"unwound","format":1}',
        b'{"tool":"unwound","format":2}',
        b"[" * 10**5,
    ],
)
def test_an_unreadable_manifest_is_a_problem_not_a_crash(tmp_path, raw):
    run = written(tmp_path / "run")
    (run / "manifest.json").write_bytes(raw)
    assert len(verify(run)) == 1
    with pytest.raises(StoreError, match=r"manifest.json cannot be read"):
        read(run)


def test_a_place_without_a_result_is_a_problem_not_a_crash(tmp_path):
    assert verify(tmp_path)[0].startswith("manifest.json cannot be read: No such file")
    assert verify(tmp_path / "nowhere")[0].startswith("manifest.json cannot be read")


def test_asking_for_a_part_that_is_not_there_names_those_that_are(tmp_path):
    results = read(written(tmp_path / "run"))
    with pytest.raises(StoreError, match=r"no part 'course.parquet'; it has courses.parquet, endpoints.json"):
        results.table("course")


def test_a_table_altered_after_it_was_verified_is_found_by_its_page_checksum(tmp_path):
    results = read(written(tmp_path / "run"))
    content = bytearray((results.folder / "courses.parquet").read_bytes())
    content[100] ^= 1
    (results.folder / "courses.parquet").write_bytes(content)
    with pytest.raises(StoreError, match=r"cannot be read as a table: .*CRC"):
        results.table("courses")


def test_json_without_numbers_has_null_and_the_rest_is_refused_by_its_place():
    value = {"b": [float("nan"), -np.inf, np.array([1, 2])], "a": np.True_}
    assert canonical(value) == b'{"a":true,"b":[null,null,[1,2]]}'
    with pytest.raises(StoreError, match=r"value.a\[0\]: JSON cannot hold a set"):
        plain({"a": [{1, 2}]})
    with pytest.raises(StoreError, match="the key 3 is not a text"):
        plain({3: "x"})


def test_the_store_loads_neither_jax_nor_pyarrow():
    program = "import sys, unwound.reporting.store; sys.exit(bool({'jax', 'pyarrow', 'pandas'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", program], check=True)
