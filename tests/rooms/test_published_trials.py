"""Every published trial of the evidence: its role, its results, its protocol. Lists here are typed independently."""

import re

import pytest

from unwound import evidence
from unwound.core.errors import EvidenceError, InputError
from unwound.core.files import parse_toml
from unwound.evidence.shipped import text_of
from unwound.evidence.trial_index import read_index
from unwound.regimen import Titration
from unwound.trials import Described, Trial, catalog, published_protocol, published_protocols, published_trials
from unwound.trials.exposure import exposure


def words(text):
    return text.split()


CALIBRATION = words("""
SIG09 DAH11 GOL10 NOP11 GRA00 SOR95 EID94 NIK96 AMR10 RAB01 NIE17 JOL05 KOP03 MUR13 MRB13 FAV18 SIN16 DAL18
TRF1 TRF2 SUS2 AEWK ASP WIL19 AND20 FED14 TAY18 LIV11 COL23 ESKBP PHI19 SUS1""")
CONTEXT = words("""
GOL05 COR04 PAT12 SOR97 COH06 NGX21 KAN15 EID95 MAX95 BAC94 JOR03 MIT02 LAU16 SVE08 SUB11 BER00 ZAR06 WIN12
CAS08 BEL99 AHR10""")
ROLES = {
    **dict.fromkeys(CALIBRATION, "calibration"),
    **dict.fromkeys(CONTEXT, "context"),
    "TRF12S": "population",
    "KIE08B": "stress",
}

RESULTS = {
    **dict.fromkeys(words("GOL05 KIE08B SOR95 SOR97 COH06 KAN15 EID95 BAC94 JOR03 SUB11 AND20 FED14 LIV11"), 1),
    **dict.fromkeys(words("WIN12 CAS08 BEL99"), 1),
    **dict.fromkeys(words("PAT12 MAX95 MIT02 NIK96 SVE08 KOP03 BER00 MRB13 WIL19 AHR10 PHI19"), 2),
    **dict.fromkeys(words("DAH11 GOL10 RAB01 LAU16 NIE17"), 3),
    **dict.fromkeys(words("EID94 JOL05 ZAR06 FAV18 TAY18"), 4),
    "AMR10": 5,
    "COL23": 5,
    "GRA00": 6,
    "NGX21": 6,
    "AEWK": 6,
    "ESKBP": 6,
    "MUR13": 7,
    "NOP11": 8,
    "COR04": 8,
    "TRF1": 8,
    "TRF12S": 8,
    "SUS2": 9,
    "SIN16": 10,
    "TRF2": 11,
    "SIG09": 17,
    "ASP": 24,
    "DAL18": 28,
    "SUS1": 36,
}

S_KETAMINE = set(words("SIG09 DAH11 NOP11 NIE17 KIE08B LIV11 KOP03 DAL18 TRF1 TRF2 SUS2 ASP SUS1"))

every_trial = pytest.mark.parametrize("name", evidence.trial_names())


def short(name):
    return evidence.trial_note(name).short


def rows(name, **wanted):
    found = evidence.trial_results(name)
    return [row for row in found if all(getattr(row, key) == value for key, value in wanted.items())]


def regimens(protocol):
    found = [protocol.regimen_of_arm(arm) for arm in protocol.arms]
    return [regimen for regimen in found if regimen is not None]


def test_every_trial_has_the_role_of_the_frozen_list():
    assert {note.short: note.role for note in evidence.trial_index().values()} == ROLES


def test_no_calibration_trial_lacks_a_folder_with_results_and_protocol():
    for alias in CALIBRATION:
        assert evidence.trial_results(alias)
        assert published_protocol(alias).name == evidence.trial_name(alias)


def test_no_result_was_dropped_or_added():
    assert {note.short: len(evidence.trial_results(note.name)) for note in evidence.trial_index().values()} == RESULTS


def test_dahan_and_sigtermans_are_the_same_patients_and_never_in_one_fit():
    assert evidence.trial_note("DAH11").shares_patients_with == ("sigtermans2009",)
    assert evidence.trial_note("SIG09").shares_patients_with == ("dahan2011",)
    assert evidence.for_fitting("SIG09", "NOP11") == ("sigtermans2009", "noppers2011")
    with pytest.raises(InputError, match=r"SIG09 and DAH11.*share patients"):
        evidence.for_fitting("SIG09", "DAH11")
    with pytest.raises(InputError, match="share patients"):
        evidence.for_fitting("SIG09", "sigtermans2009")


def test_a_fit_cannot_pick_up_context_population_or_stress_by_mistake():
    for alias, role in ROLES.items():
        if role == "calibration":
            assert evidence.for_fitting(alias)
        else:
            with pytest.raises(InputError, match=f"its role is {role}"):
                evidence.for_fitting(alias)


def test_a_fit_hears_of_everything_wrong_at_once():
    with pytest.raises(InputError) as caught:
        evidence.for_fitting("SIG09", "KIE08B", "COR04", "DAH11")
    assert len(caught.value.problems) == 3


INDEX = """[a2000]
aliases = ["AAA00"]
title = "a"
role = "calibration"
disorder = "CRPS-1"
comparator = "none"
read = "abstract"
pins = "nothing"
cite = ["sigtermans2009"]
"""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("calibration", "tuning"), "a2000: the role is one of"),
        (('pins = "nothing"', ""), "a2000: 'pins' must not be empty"),
        (("comparator", "against"), "a2000: unknown field 'against'"),
        (("cite = [", 'shares_patients_with = ["b2000"]\ncite = ['), "b2000 does not say"),
        (("AAA00", "a2000"), "two trials answer to a2000"),
    ],
)
def test_a_defect_of_the_index_is_named(change, reason):
    assert read_index(INDEX, "index")["a2000"].patients is None
    with pytest.raises(EvidenceError, match=re.escape(reason)):
        read_index(INDEX.replace(*change), "index")


@every_trial
def test_a_protocol_belongs_to_its_folder(name):
    protocol = published_protocol(name)
    assert (protocol.name, protocol.cite) == (name, name)
    assert protocol.title
    size = evidence.trial_note(name).patients
    in_arms = sum(arm.patients or 0 for arm in protocol.arms)
    assert size is None or in_arms <= size


@every_trial
def test_what_runs_is_a_trial_within_the_dose_limits_and_what_does_not_says_why(name):
    protocol = published_protocol(name)
    if isinstance(protocol, Trial):
        protocol.warnings()  # raises beyond a hard limit
        assert protocol in published_trials()
    else:
        assert protocol.why
        with pytest.raises(InputError, match="written down and not simulated"):
            Trial.published(name)


def test_the_trials_that_run():
    assert {short(trial.name) for trial in published_trials()} == set(
        words("SIG09 GOL05 GOL10 COR04 KIE08B NOP11 SOR95 COH06 NGX21 KAN15 MAX95 BAC94 NIK96 AMR10 RAB01 LAU16")
    )


@every_trial
def test_a_trial_that_lacks_a_mood_scale_only_is_a_trial_of_the_grammar(name):
    protocol = published_protocol(name)
    if not isinstance(protocol, Described) or protocol.lacks != ("mood scale",):
        return
    source = f"trials/{name}/protocol.toml"
    data = {k: v for k, v in parse_toml(text_of(source), source).items() if k not in ("simulated", "lacks", "why")}
    trial = Trial.from_dict(data, source)
    assert trial.name == name
    trial.warnings()


def test_s_ketamine_and_the_racemate_are_never_mixed_up():
    for protocol in published_protocols():
        forms = {dose.enantiomer for regimen in regimens(protocol) for dose in regimen.doses}
        if forms:
            assert forms == ({"S"} if short(protocol.name) in S_KETAMINE else {"racemic"}), protocol.name


def test_every_protocol_with_ketamine_says_what_it_assumes():
    for protocol in published_protocols():
        assert protocol.assumed or not regimens(protocol), protocol.name


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("SIG09", 1_900, 2_200),
        ("GOL10", 1_200, 4_800),
        ("AMR10", 560, 560),
        ("NOP11", 34, 38),
        ("SOR95", 20, 23),
        ("COR04", 900, 1_100),
        ("KIE08B", 2_700, 2_800),
    ],
)
def test_total_doses_are_those_of_the_notes(name, least, most):
    (regimen,) = regimens(published_protocol(name))
    assert least <= exposure(regimen).amount_mg <= most


def test_the_patients_who_did_not_respond_had_the_rate_of_those_who_did():
    def last_rate(name):
        (dose,) = regimens(published_protocol(name))[0].doses
        assert isinstance(dose, Titration)
        return dose.levels()[-1] * (70.0 if dose.ceiling.unit == "mg/kg/h" else 1.0)

    assert last_rate("KIE08B") == pytest.approx(21, abs=0.5)
    assert last_rate("KIE08B") < last_rate("SIG09")
    assert exposure(regimens(published_protocol("KIE08B"))[0]).hours > 2 * 100


def test_an_exposure_is_added_up_by_hand():
    repeated = exposure(regimens(published_protocol("SIN16"))[1])  # three times a week, two weeks, 0.5 mg/kg
    assert (repeated.amount_mg, repeated.occasions, repeated.time) == (pytest.approx(210), 6, "6 x 40 min in 11 d")
    spray = exposure(regimens(published_protocol("TRF1"))[1])
    assert (str(spray), spray.time) == ("S-ketamine 672 mg, nasal", "8 doses in 24 d")
    loaded = exposure(regimens(published_protocol("NIK96"))[0])  # 0.1 mg/kg, then 7 ug/kg/min for 40 min
    assert loaded.amount_mg == pytest.approx(70 * (0.1 + 0.28))
    assert (loaded.occasions, loaded.time) == (1, "45 min")


def test_some_results_typed_a_second_time():
    (row,) = rows("TRF2", arm="difference")
    assert (row.value, row.spread, row.spread_kind, row.low, row.high) == (-4.0, 1.69, "se", -7.31, -0.64)
    (row,) = rows("TRF2", arm="placebo + AD", endpoint="MADRS change")
    assert (row.value, row.spread, row.n, row.week) == (-17.0, 13.88, 100, 4)
    (row,) = rows("DAL18", arm="esk 84", endpoint="MADRS change", window="day 8")
    assert (row.value, row.spread, row.spread_kind, row.n) == (-15.3, 2.56, "se", 12)
    (row,) = rows("NIE17", arm="placebo")
    assert (row.value, row.spread, row.unit) == (121, 53, "mg")
    (row,) = rows("SUS1", statistic="hazard ratio", arm="esk + AD against placebo + AD (stable remitters)")
    assert (row.value, row.low, row.high) == (0.49, 0.29, 0.84)
    (row,) = rows("SIN16", arm="pbo 3x/wk", endpoint="MADRS change")
    assert (row.value, row.spread) == (-3.1, 5.7)
    (row,) = rows("WIL19", arm="ketamine vs saline")
    assert (row.value, row.low, row.high) == (1.8, 1.4, 2.2)
    (row,) = rows("ASP", arm="esk 84 + SoC", endpoint="dissociation")
    assert (row.value, row.n) == (33.9, 227)


def test_standard_deviations_follow_from_the_t_statistics():
    for arm, mean, t, n in (("ketamine", -16.5, -10.31, 47), ("midazolam", -8.8, -4.63, 25)):
        (row,) = rows("MUR13", arm=arm, statistic="standard deviation")
        assert row.provenance == "read-derived"
        assert row.value == pytest.approx(mean / t * n**0.5, abs=0.05)


def test_what_was_recalled_is_recalled_in_every_trial_that_was_not_available():
    for alias in words("DAH11 EID95 BAC94 JOR03 MIT02 KOP03 SUB11 BER00 ZAR06 MRB13 WIN12 CAS08 BEL99 AHR10 PHI19"):
        assert evidence.trial_note(alias).read == "not available to us"
        assert {row.provenance for row in evidence.trial_results(alias)} == {"memory"}


def test_the_middle_of_a_printed_range_is_no_result():
    for row in rows("GOL10", endpoint="pain NRS"):
        assert (row.value, row.interval_kind) == (None, "range of means")


def test_the_catalog_counts_what_results_rest_on():
    listed = {one.note.short: one for one in catalog()}
    assert listed["MUR13"].counts == "2 read, 2 derived, 3 recalled"
    assert sum(sum(one.provenance.values()) for one in listed.values()) == sum(RESULTS.values())
    assert listed["FAV18"].doses.startswith("ket 0.1: ketamine 7 mg, intravenous; ket 0.2")
    assert (listed["WIL19"].doses, listed["WIL19"].durations) == ("-", "-")
