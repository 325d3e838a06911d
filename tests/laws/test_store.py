"""Laws of the result store: an alteration anywhere is found, and hashes depend on content alone."""

from __future__ import annotations

import functools
import pathlib
import shutil
import tempfile

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unwound.reporting.manifest import Manifest, Part, canonical, digest
from unwound.reporting.store import ResultFolder, read, verify

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, width=64) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
specifications = st.dictionaries(st.text(), values, max_size=5)


@functools.cache
def original() -> pathlib.Path:
    run = pathlib.Path(tempfile.mkdtemp()) / "run"
    rows = np.random.default_rng(1).normal(size=3000)
    with ResultFolder.reserve(run) as folder:
        folder.write_table("courses", {"time_h": np.arange(3000.0), "pain": rows}, {"time_h": "h"})
        folder.write_json("endpoints", {"responders": 0.5, "words": "as they are"})
        folder.describe(command="unwound simulate --seed 3", seed=3, specification={"dose": "0.35 mg/kg/h"})
    return run


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_one_flipped_bit_anywhere_is_found(data):
    with tempfile.TemporaryDirectory() as place:
        run = pathlib.Path(shutil.copytree(original(), pathlib.Path(place) / "copy"))
        assert verify(run) == []
        file = data.draw(st.sampled_from(sorted(run.iterdir())))
        content = bytearray(file.read_bytes())
        offset = data.draw(st.integers(0, len(content) - 1))
        content[offset] ^= 1 << data.draw(st.integers(0, 7))
        file.write_bytes(content)
        assert len(verify(run)) >= 1


@settings(deadline=None, max_examples=30)
@given(columns=st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.integers(0, 2**32), max_size=4))
def test_any_table_comes_back_as_it_was(columns):
    arrays = {name: np.random.default_rng(seed).normal(size=17) for name, seed in columns.items()}
    with tempfile.TemporaryDirectory() as place:
        with ResultFolder.reserve(pathlib.Path(place) / "run") as folder:
            folder.write_table("t", arrays, dict.fromkeys(arrays, "mg/L"))
            folder.describe(command="", seed=0, specification={})
        results = read(pathlib.Path(place) / "run")
        table = results.table("t")
        assert list(table) == list(arrays)
        assert results.units("t") == dict.fromkeys(arrays, "mg/L")
        for name, array in arrays.items():
            np.testing.assert_array_equal(table[name], array)


@given(specifications, st.lists(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1), unique=True))
def test_the_result_hash_knows_content_alone(specification, names):
    parts = [Part(name, digest(name.encode()), len(name)) for name in names]
    one = Manifest("unwound a", 1, specification, parts, "2024-01-01T00:00:00+00:00")
    turned = dict(reversed(specification.items()))
    two = Manifest("unwound b", 1, turned, parts[::-1], "2025-01-01T00:00:00+00:00", python="9.9", libraries={})
    assert one.result_sha256 == two.result_sha256
    three = Manifest("unwound a", 1, {**specification, "more": "than before"}, parts, one.created_utc)
    assert (three.result_sha256 == one.result_sha256) == (specification.get("more") == "than before")


@given(specifications, st.text())
def test_a_manifest_is_read_as_it_was_written(specification, command):
    manifest = Manifest(command, None, specification, (Part("a.json", digest(b""), 0),), "2024-01-01T00:00:00+00:00")
    again = Manifest.parse(manifest.render())
    assert again.render() == manifest.render()
    assert again.result_sha256 == manifest.result_sha256
    assert canonical(again.specification) == canonical(specification)
