"""What the articles claim: every key exists, every verdict has a reason, recalled evidence proves nothing."""

import dataclasses
import json
import re

import pytest

from unwound.core.errors import EvidenceError, UnknownName
from unwound.evidence import all_estimates, bibliography, trial_note
from unwound.evidence.claims import claim, claims, read_claims
from unwound.evidence.shipped import text_of
from unwound.trials import claim_mechanisms, claim_outcomes
from unwound.trials.claim_findings import Finding, finding
from unwound.trials.claims import COMPUTATIONS, compute, needed, shipped

ASKED = (
    *("reset", "up-regulation", "inhibition", "inflammation", "plasticity", "pain-memory", "reuptake", "sub-receptor"),
    *("dissociation", "benzodiazepine", "opioids", "series", "boosters-pain", "boosters-mood", "normal-pathways"),
    *("stopping", "long-term", "addiction", "death", "cost", "one-disorder", "without-doubt", "esketamine"),
    "guidelines",
)


def test_every_claim_of_the_articles_has_a_verdict_and_what_would_settle_it():
    assert set(ASKED) <= {one.id for one in claims()}
    for one in claims():
        assert one.verdict in ("supported", "contested", "not supported"), one.id
        assert one.reason.endswith("."), one.id
        assert one.refuted_by.endswith("."), one.id
        assert one.computed or one.not_modelled, one.id


def test_every_key_of_a_claim_exists():
    for one in claims():
        assert set(one.rows) <= set(all_estimates()), one.id
        assert all(trial_note(name).short == name for name in one.trials), one.id
        assert all(source.cite in bibliography() for source in one.sources), one.id
        assert set(one.computed) <= set(COMPUTATIONS), one.id
    assert set(needed()) == set(COMPUTATIONS)


def test_what_is_supported_was_read():
    assert all(one.read for one in claims() if one.verdict == "supported")


def test_a_permanent_reset_and_certainty_are_not_supported():
    assert {claim(name).verdict for name in ("reset", "without-doubt", "addiction", "long-term")} == {"not supported"}
    assert claim("one-disorder").verdict == "contested"


def entry(**other):
    usual = {
        "id": "made-up", "title": "A claim", "claim": "It works.", "used": "Nowhere.", "verdict": "supported",
        "reason": "Because.", "refuted_by": "A trial.", "not_modelled": "Everything.",
    }  # fmt: skip
    lines = [f"{key} = {json.dumps(text)}" for key, text in (usual | other).items()]
    return "[[claim]]\n" + "\n".join(lines) + "\n"


def test_recalled_evidence_alone_cannot_support_a_claim():
    recalled = '[[claim.sources]]\ncite = "cohen2018"\nseen = "recalled"\nsays = "it works"\n'
    with pytest.raises(EvidenceError, match="recalled evidence alone"):
        read_claims(entry() + recalled, "here")
    with pytest.raises(EvidenceError, match="recalled evidence alone"):
        read_claims(entry(trials=["SUB11"]), "here")
    assert read_claims(entry() + recalled.replace("recalled", "abstract", 1), "here")[0].verdict == "supported"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verdict": "true"}, "verdict is one of"),
        ({"rows": ["no.such"]}, "'no.such' does not exist"),
        ({"trials": ["XYZ99"]}, "'XYZ99' does not exist"),
        ({"reason": ""}, "'reason' must not be empty"),
        ({"not_modelled": ""}, "either something is computed"),
        ({"opinion": "mine"}, "unknown field 'opinion'"),
        ({"sources": "cohen2018"}, "a source has cite"),
    ],
)
def test_a_claim_that_cannot_be_checked_is_refused(change, said):
    with pytest.raises(EvidenceError, match=re.escape(said)):
        read_claims(entry(**{"verdict": "contested", **change}), "here")


def test_two_claims_of_one_id_and_a_page_that_holds_more_are_refused():
    with pytest.raises(EvidenceError, match="occurs twice"):
        read_claims(entry(verdict="contested") * 2, "here")
    with pytest.raises(EvidenceError, match="nothing else"):
        read_claims('title = "x"\n' + entry(verdict="contested"), "here")
    with pytest.raises(UnknownName, match="reset"):
        claim("reseted")


def test_the_shipped_numbers_have_what_every_claim_asks_for():
    held = shipped()
    assert re.fullmatch(r"[0-9a-f]{64}", held.model_sha256)
    for one in claims():
        found = held.of(one)
        assert bool(found) == bool(one.computed), one.id
        for number in found:
            assert number.spread or number.low is not None, number.what
            assert Finding.from_dict(number.as_dict()) == number
    other = dataclasses.replace(claims()[0], computed=("never made",))
    with pytest.raises(EvidenceError, match="never made"):
        held.of(other)
    with pytest.raises(EvidenceError, match="no computation is called"):
        compute(other)


def test_none_of_101_is_shown_as_up_to_three_percent_and_never_as_none():
    printed = claim_outcomes.organs(1)
    found = next(one for one in printed if one.what.startswith("COL23"))
    assert "at most" in found.what
    assert found.value == pytest.approx(100.0 * (1.0 - 0.05 ** (1.0 / 101.0)), abs=1e-3)
    three_of_six = next(one for one in printed if one.what.startswith("LIV11"))
    assert (three_of_six.low, three_of_six.high) == (pytest.approx(11.81, abs=0.01), pytest.approx(88.19, abs=0.01))


def test_block_undoes_twice_the_receptors_exactly_as_half_of_them_would():
    found = {one.what.split(":")[0]: one for one in claim_mechanisms.up_regulation(1) if "C spikes" in one.what}
    assert found["the same with 50 % blocked"].value == pytest.approx(found["healthy"].value)
    assert found["2 times the receptors"].low > found["healthy"].high


def test_the_counts_of_a_claim_follow_the_tables():
    found = {one.what: one.value for one in claim_outcomes.null_trials(1)}
    assert found["published trials and reviews in the package"] > found["of them with a comparator"] > 0
    assert 0 < found["results that were read, not recalled"] < 100


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        (finding("x", -2.71828, "points", -3.5, -1.9), "-2.7 points (-3.5 to -1.9)"),
        (finding("x", -0.001, "points", -0.3, 0.3), "0.00 points (-0.30 to 0.30)"),
        (finding("x", 43.21, "percent"), "43 %"),
        (finding("x", 2.0, "1"), "2"),
    ],
)
def test_a_number_is_shown_with_its_interval_and_without_a_negative_zero(shown, number):
    assert shown.number == number


def test_no_number_of_the_model_is_typed_into_a_claim():
    """Verdicts speak of printed results; what the model says stands in the computed numbers alone."""
    for line in text_of("claims.toml").splitlines():
        if line.startswith(("used", "not_modelled")):
            assert not re.search(r"\d+(\.\d+)? ?(%|points|d\b|ng)", line), line
