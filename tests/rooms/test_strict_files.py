"""Files that cannot be read end in one clear problem; files that we write are whole or absent."""

import os
import pathlib

import pytest

from unwound.core.errors import ProtocolError, StoreError
from unwound.core.files import DEEPEST, atomic_write, parse_toml, read_text, read_toml


def refused(path, words):
    with pytest.raises(ProtocolError) as caught:
        read_toml(path)
    (problem,) = caught.value.problems
    assert problem.field == "file"
    assert problem.remedy
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["empty"]),
        (b" \n\t\n", ["empty"]),
        (b"\xef\xbb\xbf", ["empty"]),
        (b"\x00\x01\x02", ["binary"]),
        (b"PK\x03\x04\xff\xfe", ["not UTF-8", "line 1"]),
        (b"a = 1\nb = \xff", ["not UTF-8", "line 2"]),
        (b"a = 1\nb = ", ["not TOML", "end of document"]),
        (b"a = 1\na = 2\nb = 3", ["not TOML", "line 2"]),
        (b"a = " + b"[" * 1500, ["nested"]),
        (b"a = " + b"[" * 900 + b"]" * 900, ["nested"]),
        (b"a = " + b"9" * 1999, ["longer than"]),
        (b"# x\n" * (1 << 18) + b"a = 1", ["larger than", "1024 KiB"]),
    ],
)
def test_a_bad_file_has_one_clear_problem(tmp_path, content, words):
    path = tmp_path / "protocol.toml"
    path.write_bytes(content)
    if "longer than" in words:
        with pytest.raises(ProtocolError, match=r"line 1.*longer than"):
            read_toml(path)
    else:
        refused(path, words)


def test_keys_with_many_dots_are_refused_before_the_parser_sees_them():
    with pytest.raises(ProtocolError, match=r"line 2 .*nested deeper"):
        parse_toml("b = 1\na" + ".a" * 100 + " = 1")
    assert parse_toml("a.b.c = 1 # " + "." * 50) == {"a": {"b": {"c": 1}}}


def test_missing_files_folders_and_bad_names_are_told_apart(tmp_path):
    refused(tmp_path / "no.toml", ["no such file"])
    refused(tmp_path, ["folder"])
    refused("bad\x00name", ["no such file"])
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    refused(fifo, ["not a regular file"])


def test_a_byte_order_mark_is_no_matter(tmp_path):
    path = tmp_path / "protocol.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\n")
    assert read_toml(path) == {"a": 1}


def test_depth_is_counted_in_levels():
    assert parse_toml("a = " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1))
    with pytest.raises(ProtocolError, match=f"deeper than {DEEPEST} levels"):
        parse_toml("a = " + "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2))


def test_writing_replaces_the_whole_file(tmp_path):
    path = tmp_path / "out.txt"
    atomic_write(path, "one")
    atomic_write(path, b"two \xff")
    assert path.read_bytes() == b"two \xff"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "out.txt"
    atomic_write(path, "old")

    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        atomic_write(path, "new")
    assert read_text(path) == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize("where", ["missing/out.txt", ""])
def test_an_impossible_target_is_a_store_error(tmp_path, where):
    with pytest.raises(StoreError, match="cannot be written"):
        atomic_write(pathlib.Path(f"{tmp_path}/{where}"), "x")
