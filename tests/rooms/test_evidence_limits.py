"""Dose limits: sourced or conservative, never looser for the stronger drug or the lighter supervision."""

from itertools import pairwise

import pytest

from unwound import evidence
from unwound.core import quantities, units
from unwound.core.errors import EvidenceError
from unwound.evidence.limits import read_limits
from unwound.evidence.shipped import text_of

LIMITS = evidence.dose_limits()
PAGE = text_of("guidelines/dose_limits.toml")
SETTINGS = ("ward", "monitored", "icu")


def limit(form, route, setting, quantity):
    (found,) = [x for x in LIMITS if (x.form, x.route, x.setting, x.quantity) == (form, route, setting, quantity)]
    return found


def test_every_limit_is_there_for_both_forms_and_every_setting():
    groups = {(x.route, x.quantity) for x in LIMITS}
    assert {
        ("intravenous", "rate_per_kg"),
        ("intramuscular", "bolus_per_kg"),
        ("nasal", "total_per_day"),
    } <= groups
    for route, quantity in groups:
        for form in ("racemic", "S"):
            for setting in SETTINGS:
                assert limit(form, route, setting, quantity)


def test_a_soft_limit_never_exceeds_the_hard_one():
    assert all(0 < x.soft <= x.hard for x in LIMITS)


def test_more_supervision_never_allows_less():
    for x in LIMITS:
        for less, more in pairwise(SETTINGS):
            if x.setting == less:
                above = limit(x.form, x.route, more, x.quantity)
                assert x.soft <= above.soft
                assert x.hard <= above.hard


def test_s_ketamine_is_never_allowed_more_than_the_racemate():
    for x in LIMITS:
        if x.form == "S":
            racemic = limit("racemic", x.route, x.setting, x.quantity)
            assert x.soft <= racemic.soft
            assert x.hard <= racemic.hard


def test_every_limit_says_what_it_rests_on():
    known = set(evidence.bibliography()) | {"assumption"}
    for x in LIMITS:
        assert x.cite
        assert set(x.cite) <= known
        assert len(x.note) > 10
        assert units.exponents(x.unit) is not None
        assert quantities.quantity(1.0, x.unit).magnitude == 1.0
        if x.basis == "assumed":
            assert "assumption" in x.cite
            assert x.seen == "no"


def test_the_guideline_anchors_hold_on_a_ward():
    assert limit("racemic", "intravenous", "ward", "bolus_per_kg").hard == 0.35
    assert limit("racemic", "intravenous", "ward", "rate_per_kg").hard == 1.0


def test_anaesthetic_rates_load_in_intensive_care_only():
    sedation = (1.1, 1.3)  # mg/kg/h, racemate, intensive care
    for setting in ("ward", "monitored"):
        assert limit("racemic", "intravenous", setting, "rate_per_kg").hard < min(sedation)
    assert limit("racemic", "intravenous", "icu", "rate_per_kg").soft >= max(sedation)


def test_anaesthetic_injections_load_in_intensive_care_only():
    for setting in ("ward", "monitored"):
        assert limit("racemic", "intravenous", setting, "bolus_per_kg").hard < 1.0
        assert limit("racemic", "intramuscular", setting, "bolus_per_kg").hard < 6.5
    assert limit("racemic", "intravenous", "icu", "bolus_per_kg").hard == 4.5
    assert limit("racemic", "intramuscular", "icu", "bolus_per_kg").hard == 13.0


def test_the_crps_titration_loads_in_a_monitored_bed_and_not_on_a_ward():
    ceiling = 7.2e-3 * 60  # mg/kg/h
    assert ceiling <= limit("S", "intravenous", "monitored", "rate_per_kg").soft
    assert 24 * ceiling <= limit("S", "intravenous", "monitored", "total_per_day_per_kg").hard
    assert 24 * ceiling > limit("S", "intravenous", "ward", "total_per_day_per_kg").hard


def test_half_a_milligram_of_s_ketamine_per_kilogram_in_half_an_hour_loads_in_a_monitored_bed():
    assert limit("S", "intravenous", "monitored", "rate_per_kg").hard >= 0.5 / 0.5
    assert limit("S", "intravenous", "monitored", "total_per_day_per_kg").soft >= 0.5


def test_that_rate_cannot_be_kept_up_for_a_day():
    assert limit("S", "intravenous", "monitored", "total_per_day_per_kg").hard < 24 * 1.0


def test_the_nasal_spray_is_held_to_its_label():
    for setting in SETTINGS:
        assert limit("S", "nasal", setting, "total_per_day").hard == 84.0
        assert limit("S", "nasal", setting, "doses_per_week").hard == 2.0


def test_a_dose_without_body_weight_is_held_to_that_of_seventy_kilograms():
    per_kg = limit("S", "intravenous", "monitored", "rate_per_kg")
    plain = limit("S", "intravenous", "monitored", "rate")
    assert (plain.unit, plain.basis, plain.cite) == ("mg/h", "derived", per_kg.cite)
    assert plain.hard == pytest.approx(70 * per_kg.hard)
    assert plain.soft == pytest.approx(70 * per_kg.soft)
    assert plain.note.startswith("rate_per_kg for 70 kg.")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("soft = 0.25\nhard = 0.35", "soft = 0.45\nhard = 0.35", "ward: soft and hard are decimal numbers"),
        ("soft = 0.25\nhard = 0.35", 'soft = "0.25"\nhard = 0.35', "ward: soft and hard are decimal numbers"),
        ("soft = 0.25\nhard = 0.35", "soft = 0.25\nhard = 0.55", "ward allows more than monitored"),
        ("soft = 0.5\nhard = 2.25", "soft = 0.5\nhard = 4.75", "S is allowed more than the racemate"),
        ('unit = "mg/kg"\n', 'unit = "mg"\n', "is not limited in 'mg'"),
        ('form = "racemic"', 'form = "R"', "form must be one of racemic, S"),
        ('basis = "guideline"', 'basis = "habit"', "basis must be one of"),
        ('cite = ["acute_pain_guideline2018"]', "cite = []", "what it rests on"),
        ('cite = ["acute_pain_guideline2018"]', 'cite = ["assumption"]', "cites assumption"),
        ('drug = "ketamine"\n', 'drug = "ketamine"\ncolour = "red"\n', "must hold exactly"),
        ("[limit.ward]\nsoft = 0.25\n", "[limit.ward]\n", "ward: must hold exactly"),
        ('plain_weight = "70 kg"', "", "must hold plain_weight"),
        ('plain_weight = "70 kg"', "plain_weight =", "Invalid value"),
    ],
)
def test_a_defect_is_reported_with_file_limit_and_setting(old, new, reason):
    assert old in PAGE
    with pytest.raises(EvidenceError, match=rf"^guidelines/dose_limits\.toml.*{reason}"):
        read_limits(PAGE.replace(old, new, 1), "guidelines/dose_limits.toml")
