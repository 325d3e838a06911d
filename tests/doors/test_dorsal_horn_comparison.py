"""The page that lays the dorsal horn beside Brian2 and beside a published model of wind-up."""

import importlib.util
import json
import pathlib
import re

import numpy as np
import pytest

DOCS = pathlib.Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def pages():
    spec = importlib.util.spec_from_file_location("generate_dorsal_horn", DOCS / "generate_dorsal_horn.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made_up(pages):
    """A circuit whose C response to stimulus i is 10 + i under every condition, and its A response 2."""
    one = {output: (10.0 + np.arange(16.0), np.full(16, 2.0)) for output in pages.OUTPUTS}
    return {row["condition"]: one for row in pages.published() if pages.has_ours(row)}


def test_the_published_model_is_marked_as_a_computation_of_ours(pages):
    assert "not evidence" in pages.PUBLISHED.read_text(encoding="utf-8")
    assert "computation of ours, not evidence" in " ".join(
        (DOCS / "rooms" / "dorsal_horn_comparison.md").read_text(encoding="utf-8").split()
    )


def test_the_published_model_does_not_spare_the_first_response_and_winds_up_at_1_hertz(pages):
    found = {row["condition"]: row for row in pages.published()}
    assert (found["1 Hz"]["c1"], found["1 Hz"]["c16"]) == ("4", "19")
    assert [found[f"1 Hz, block {share}"]["c1"] for share in ("0.1", "0.2", "0.3", "0.5", "1")] == list("20000")


def test_what_our_circuit_has_no_word_for_stands_alone(pages, made_up):
    table = pages.published_table(pages.published(), made_up).splitlines()
    (alone,) = [line for line in table if "AMPA raised" in line]
    assert alone.endswith("| - | - | - | - | - |")
    assert all("10.0 / 17.0 / 25.0 | 2.5 | 2.0 to 2.0 |" in line for line in table[2:] if line != alone)
    assert len({line.count("|") for line in table}) == 1


def test_the_sentences_take_their_numbers_from_the_table(pages, made_up):
    text = pages.differences(pages.published(), made_up)
    assert "block 0.2, 0.5, 1 leaves 1.00, 1.00, 1.00 of the first response" in text
    assert "from 19 to 34 there and from 25 to 25 here" in text


def test_the_table_of_brian2_shows_what_is_frozen(pages):
    frozen = json.loads(pages.FROZEN.read_text(encoding="utf-8"))
    row = re.search(r"^\| 1 Hz \| block 0.5 \| ([\d.]+) \(([\d.]+)\) \|", pages.brian2_table(), re.MULTILINE)
    c = frozen["runs"][0]["counts"]["1 Hz"]["block 0.5"]["lamina_one"]["c"]
    assert [float(one) for one in row.groups()] == pytest.approx([sum(c), c[-1]], abs=0.051)
