"""The page "What the articles claim" says what claims and shipped numbers say.

Renew with: python docs/generate_claims.py --page   (numbers as well: without --page; takes minutes)
"""

import importlib.util
import pathlib

DOCS = pathlib.Path(__file__).parents[2] / "docs"


def generator():
    spec = importlib.util.spec_from_file_location("generate_claims", DOCS / "generate_claims.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_the_one_that_claims_and_numbers_make():
    own = generator()
    assert own.PAGE.read_text(encoding="utf-8") == own.claims_page(), "run: python docs/generate_claims.py --page"


def test_the_page_links_every_claim_to_its_section():
    own = generator()
    page = own.PAGE.read_text(encoding="utf-8")
    from unwound.evidence.claims import claims

    for one in claims():
        assert f"(#{own.anchor(one.title)})" in page
        assert f"\n## {one.title}\n" in page
        assert f"**{one.verdict.capitalize()}.**" in page


def test_the_numbers_are_written_as_they_are_read():
    import json

    own = generator()
    text = own.NUMBERS.read_text(encoding="utf-8")
    assert own.as_text(json.loads(text)) == text
