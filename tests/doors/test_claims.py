"""`unwound claims`: all claims with their verdicts, one with its reasons, one computed again."""

import json


def test_all_claims_are_listed_with_their_verdicts(unwound):
    code, out, _ = unwound("claims")
    assert code == 0
    for word in ("reset", "not supported", "contested", "one-disorder", "it need not be false", "not for clinical use"):
        assert word in out


def test_one_claim_shows_evidence_reason_numbers_and_what_would_settle_it(unwound):
    code, out, _ = unwound("claims", "reset")
    assert code == 0
    for word in ("not supported", "SIG09", "What would settle it", "H1: pain, four days minus saline, week 52", "90 %"):
        assert word in out


def test_claims_as_json_carry_the_model_that_computed_them(unwound, tmp_path):
    file = tmp_path / "claims.json"
    code, out, _ = unwound("claims", "--json", "--out", str(file))
    assert code == 0
    found = json.loads(out)
    assert found["simulation_only"]
    assert len(found["made"]["model_sha256"]) == 64
    assert json.loads(file.read_text()) == found
    reset = next(one for one in found["claims"] if one["id"] == "reset")
    assert reset["verdict"] == "not supported"
    assert all({"what", "value", "unit", "low", "high", "spread"} <= set(row) for row in reset["model_says"])
    code, _, err = unwound("claims", "--out", str(file))
    assert code == 2
    assert "exists already" in err


def test_a_claim_is_computed_again_and_unknown_ones_are_refused(unwound):
    found = json.loads(unwound("claims", "long-term", "--compute", "--json")[1])
    assert found["made"]["same_model_as_installed"]
    assert any("none of 101, at most" in row["what"] for row in found["claims"][0]["model_says"])
    code, _, err = unwound("claims", "--compute")
    assert code == 2
    assert "one claim is computed at a time" in err
    assert "did you mean reset" in unwound("claims", "resett")[2]
