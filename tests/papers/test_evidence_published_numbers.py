"""The tables against numbers typed a second time, from the papers, in the papers' own symbols."""

import math

import pytest

from unwound.evidence import estimate, value

# Otto 2021, Table 3: symbol of the paper, our key, value, unit. Parent parameters are those of Fanta 2015.
OTTO_2021 = [
    ("V1 [L/70 kg]", "central", 133, "L"),
    ("CL [L/h/70 kg]", "clearance", 95.2, "L/h"),
    ("Vp1 [L]", "deep", 187, "L"),
    ("Q1 [L/h]", "to_deep", 23.2, "L/h"),
    ("Vp2 [L]", "shallow", 98.8, "L"),
    ("Q2 [L/h]", "to_shallow", 157, "L/h"),
    ("V norketamine [L/70 kg]", "metabolite_central", 98.638, "L"),
    ("CL norketamine [L/h/70 kg]", "metabolite_clearance", 57.72, "L/h"),
    ("Vp norketamine [L]", "metabolite_peripheral", 160.04, "L"),
    ("Q norketamine [L/h]", "metabolite_exchange", 42.778, "L/h"),
    ("omega2 V1", "variance_central", 0.084177, "1"),
    ("cov V1 CL", "covariance_central_clearance", 0.02261, "1"),
    ("omega2 CL", "variance_clearance", 0.026048, "1"),
    ("omega2 V norketamine", "metabolite_variance_central", 0.040426, "1"),
    ("cov V CL norketamine", "metabolite_covariance", 0.04456, "1"),
    ("omega2 CL norketamine", "metabolite_variance_clearance", 0.10319, "1"),
    ("proportional error", "proportional_error", 0.236, "1"),
    ("proportional error norketamine", "metabolite_proportional_error", 0.143, "1"),
    ("(WT/70)^x, clearances", "clearance_weight_exponent", 0.75, "1"),
    ("(WT/70)^x, volumes", "volume_weight_exponent", 1, "1"),
]


@pytest.mark.parametrize(("symbol", "field", "number", "unit"), OTTO_2021, ids=[row[0] for row in OTTO_2021])
def test_otto_2021_is_typed_as_published(symbol, field, number, unit):
    del symbol
    row = estimate(f"otto2021.{field}")
    assert (row.value, row.unit) == (number, unit)
    assert "otto2021" in row.cite
    assert row.seen != "primary"  # known from a transcription of the paper


@pytest.mark.parametrize(
    ("variance", "quantity", "printed"),
    [
        ("variance_central", "central", 29.6),
        ("variance_clearance", "clearance", 16.2),
        ("metabolite_variance_central", "metabolite_central", 20.3),
        ("metabolite_variance_clearance", "metabolite_clearance", 33.0),
    ],
)
def test_the_printed_variation_of_otto_2021_is_that_of_its_omega_block(variance, quantity, printed):
    spread = estimate(f"otto2021.{quantity}").spread
    assert (spread.kind, spread.amount) == ("cv_percent", printed)
    lognormal = 100 * math.sqrt(math.expm1(value(f"otto2021.{variance}", "1")))
    assert lognormal == pytest.approx(printed, abs=0.06)


def test_the_omega_blocks_of_otto_2021_are_covariances():
    for volume, both, clearance in (
        ("variance_central", "covariance_central_clearance", "variance_clearance"),
        ("metabolite_variance_central", "metabolite_covariance", "metabolite_variance_clearance"),
    ):
        a, b, c = (value(f"otto2021.{name}", "1") for name in (volume, both, clearance))
        assert a * c - b * b > 0


def test_dahan_2011_is_typed_as_published():
    half_life, c50 = estimate("turnover.half_life"), estimate("turnover.c50")
    assert (half_life.value, half_life.unit) == (10.9, "d")
    assert (half_life.spread.kind, str(half_life.spread.interval)) == ("ci95", "5.3 to 20.5")
    assert (c50.value, c50.unit) == (10.5, "ng/mL")
    assert (c50.spread.kind, str(c50.spread.interval)) == ("ci95", "4.37 to 21.2")
    assert half_life.seen == c50.seen == "primary"


def test_the_label_dose_of_hydrochloride_is_the_dose_of_base():
    # Esketamine nasal spray: 32.3 mg of hydrochloride are 28 mg of base.
    assert 32.3 * value("ketamine.base_per_hydrochloride", "1") == pytest.approx(28.0, abs=0.05)


def test_a_micromole_of_ketamine_per_litre_is_238_nanograms_per_millilitre():
    assert value("ketamine.molar_mass", "ng/nmol") == pytest.approx(237.7, abs=0.05)
    ratio = value("norketamine.molar_mass", "mg/umol") / value("ketamine.molar_mass", "mg/umol")
    assert ratio == pytest.approx(0.941, abs=0.0005)


def test_protection_is_half_near_the_c50_of_dahan_2011():
    # H2 explains the gap between 200 ng/mL (block) and 10.5 ng/mL (slow relief): b = kz0/kz1 at half of Z.
    block = value("protected_switch.protection_off", "1/d") / value("protected_switch.protection_on", "1/d")
    assert block == pytest.approx(0.053, abs=0.0005)
    concentration = value("empirical.half_block_mass", "ng/mL") * block / (1 - block)
    interval = estimate("turnover.c50").spread.interval
    assert concentration == pytest.approx(11.2, abs=0.05)
    assert concentration in interval


def test_the_first_guesses_put_the_chronic_patient_at_7_points():
    # R = p + gS S + gL L at S = 0.706, L = 1; NRS = 10 R^g / (R^g + K^g).
    field = "protected_switch.{}".format
    R = value(field("input"), "1") + 0.706 * value(field("gain"), "1") + value(field("latent_gain"), "1")
    K, g = value("pain.half_drive", "1"), value("pain.power", "1")
    assert 10 * R**g / (R**g + K**g) == pytest.approx(7.1, abs=0.05)
    n, th = value(field("hill"), "1"), value(field("threshold"), "1")
    on = value(field("activation"), "1/d") * (1 - 0.706) * R**n / (R**n + th**n)
    assert on == pytest.approx(value(field("decay"), "1/d") * 0.706, rel=0.01)
