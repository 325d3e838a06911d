"""What the rows of an event table mean: resets, steady state, order at one time, codes of compartments, RATE."""

import numpy as np
import pytest

from unwound.core.errors import EventTableError, UnknownName
from unwound.regimen import Bolus, parse_events, parse_units, read_events

UNITS = parse_units("AMT=mg,TIME=h,DV=ng/mL,WT=kg,AGE=y")
HEAD = "ID,TIME,AMT,RATE,EVID,MDV,CMT,DV,II,ADDL,SS,OCC\n"


def table(rows, head=HEAD, **other):
    text = head + "\n".join(rows) + "\n"
    return parse_events(text, **{"drug": "ketamine", "enantiomer": "S", "units": UNITS, **other})


def person(rows, head=HEAD, **other):
    (only,) = table(rows, head, **other)
    return only


def refusal(rows, head=HEAD, **other):
    with pytest.raises(EventTableError) as caught:
        table(rows, head, **other)
    return str(caught.value)


# ---------------------------------------------------------------------------------------------- resets and occasions


def test_a_reset_begins_an_occasion_without_drug():
    rows = ["1,0,10,0,1,.,.,.,.,.,.,.", "1,5,.,.,0,.,.,3,.,.,.,.", "1,8,.,.,3,.,.,.,.,.,.,.", "1,9,.,.,0,.,.,0,.,.,.,."]
    first, second = person(rows).occasions
    assert len(first.regimen.doses) == 1
    assert second.regimen.doses == ()
    assert (first.observed_h.tolist(), second.observed_h.tolist()) == ([5], [9])


def test_reset_and_dose_lets_time_start_again():
    first, second = person(["1,40,10,0,1,.,.,.,.,.,.,1", "1,0,20,0,4,.,.,.,.,.,.,2"]).occasions
    assert [o.regimen.doses[0].amount.value for o in (first, second)] == [10, 20]
    assert (first.label, second.label) == ("1", "2")


def test_a_reset_cuts_off_what_was_still_to_be_given_and_says_so():
    events = table(["1,0,40,10,1,.,.,.,24,9,.,.", "1,26,20,0,4,.,.,.,.,.,.,."])
    (only,) = events
    first, second = only.occasions
    assert [float(d.starts()[0]) for d in first.regimen.doses] == [0, 24]
    assert first.regimen.doses[1].amount.value == pytest.approx(20)
    assert events.warnings == ("row 3, ID 1: the reset cuts off doses that were still to be given",)
    assert second.regimen.doses[0].start.value == 26


def test_when_time_starts_again_earlier_doses_stay_whole():
    events = table(["1,0,40,10,1,.,.,.,.,.,.,.", "1,1,.,.,0,.,.,5,.,.,.,.", "1,0,40,10,4,.,.,.,.,.,.,."])
    (only,) = events
    assert [o.regimen.doses[0].hours for o in only.occasions] == [4, 4]
    assert events.warnings == ()


def test_time_may_start_again_with_another_occasion_and_says_so():
    events = table(["1,5,10,0,1,.,.,.,.,.,.,1", "1,0,20,0,1,.,.,.,.,.,.,2"])
    assert len(next(iter(events)).occasions) == 2
    assert events.warnings == ("row 3, ID 1: TIME starts again with OCC, read as a reset",)
    assert "earlier than row 2" in refusal(["1,5,10,0,1,.,.,.,.,.,.,1", "1,0,20,0,1,.,.,.,.,.,.,1"])


def test_another_occasion_alone_keeps_the_drug():
    assert len(person(["1,0,10,0,1,.,.,.,.,.,.,1", "1,24,20,0,1,.,.,.,.,.,.,2"]).occasions) == 1


def test_several_occasions_are_never_taken_for_one():
    several = person(["1,0,10,0,1,.,.,.,.,.,.,.", "1,0,20,0,4,.,.,.,.,.,.,.", "1,2,.,.,0,.,.,3,.,.,.,."])
    assert len(several.occasions) == 1  # the first bolus was washed away at once
    several = person(["1,0,10,0,1,.,.,.,.,.,.,.", "1,5,20,0,4,.,.,.,.,.,.,."])
    with pytest.raises(EventTableError, match=r"2 occasions.*go through person.occasions"):
        _ = several.regimen


def test_other_events_and_unmeasured_samples():
    rows = ["1,0,10,0,1,.,.,.,.,.,.,.", "1,1,.,.,2,.,.,7,.,.,.,.", "1,2,.,.,0,1,.,7,.,.,.,.", "1,3,.,.,0,0,.,7,.,.,.,."]
    only = person(rows)
    assert only.observed_h.tolist() == [2, 3]
    np.testing.assert_array_equal(only.observed, [np.nan, 7])


# ------------------------------------------------------------------------------------------------------ steady state


def test_steady_state_is_written_out_as_the_doses_that_lead_to_it():
    only = person(["1,0,10,0,1,.,.,.,24,.,1,.", "1,5,.,.,0,.,.,3,.,.,.,."])
    (dose,) = only.regimen.doses
    assert dose.repeat.count == 30  # 30 doses a day: 2^-30 of a half-life of 24 h is below 1e-9
    assert only.occasion.lead_h == 29 * 24
    assert dose.starts()[-1] == only.occasion.lead_h
    assert only.observed_h.tolist() == [29 * 24 + 5]


def test_a_table_with_a_steady_state_says_what_it_is():
    (warning,) = table(["1,0,10,0,1,.,.,.,24,.,1,."]).warnings
    assert "written out as the doses that lead to it" in warning


def test_additional_doses_go_on_after_the_steady_state():
    (dose,) = person(["1,0,10,0,1,.,.,.,24,3,1,."]).regimen.doses
    assert (dose.repeat.count, float(dose.starts()[-1])) == (33, 32 * 24)


def test_an_infusion_without_beginning_ends_at_its_row():
    only = person(["1,6,0,5,1,.,.,.,.,.,1,."])
    (dose,) = only.regimen.doses
    assert dose.start.value == 0
    assert dose.hours == pytest.approx(only.occasion.lead_h + 6)
    assert dose.amount.value == pytest.approx(5 * dose.hours)


def test_steady_state_forgets_or_adds_up():
    rows = ["1,0,10,0,1,.,.,.,.,.,.,.", "1,9,20,0,1,.,.,.,24,.,{},."]
    first, second = person([rows[0], rows[1].format(1)]).occasions
    assert [len(o.regimen.doses) for o in (first, second)] == [1, 1]
    together = person([rows[0], rows[1].format(2)]).occasion
    assert [dose.amount.value for dose in together.regimen.doses] == [10, 20]
    assert together.regimen.doses[0].start.value == together.lead_h == 29 * 24 - 9


def test_the_slowest_half_life_decides_how_far_back():
    (dose,) = person(["1,0,10,0,1,.,.,.,24,.,1,."], slowest_half_life="48 h").regimen.doses
    assert dose.repeat.count == 60
    assert "slowest_half_life" in refusal(["1,0,10,0,1,.,.,.,24,.,1,."], slowest_half_life="48")
    rule = "steady state needs 4305 doses before this one, more than 1000 in all"
    assert rule in refusal(["1,0,10,0,1,.,.,.,0.16666666666666666,.,1,."])


# ------------------------------------------------------------------------------------------------- order at one time


def test_a_sample_is_taken_before_the_bolus_it_stands_before():
    rows = ["1,0,10,0,1,.,.,.,.,.,.,.", "1,5,.,.,0,.,.,3,.,.,.,.", "1,5,10,0,1,.,.,.,.,.,.,."]
    assert person(rows).occasion.before_dose.tolist() == [True]
    assert person([rows[0], rows[2], rows[1]]).occasion.before_dose.tolist() == [False]


def test_additional_doses_come_before_a_sample_of_their_time():
    rows = ["1,0,10,0,1,.,.,.,5,3,.,.", "1,5,.,.,0,.,.,3,.,.,.,."]
    assert person(rows).occasion.before_dose.tolist() == [False]


def test_a_sample_between_two_doses_of_one_time_is_refused():
    rows = ["1,5,10,0,1,.,.,.,.,.,.,.", "1,5,.,.,0,.,.,3,.,.,.,.", "1,5,10,0,1,.,.,.,.,.,.,."]
    assert "row 3, ID 1, TIME = '5': a sample between two doses of one time" in refusal(rows)
    infusion = "1,5,10,5,1,.,.,.,.,.,.,."
    assert person([rows[0], rows[1], infusion]).occasion.before_dose.tolist() == [False]


# ----------------------------------------------------------------------------------------------------- what and where


def test_rate_says_how_long_whatever_the_bioavailability():
    """F never touches the record: a nasal infusion of 28 mg at 56 mg/h lasts half an hour."""
    (dose,) = person(["1,0,28,56,1,.,2,.,.,.,.,."], routes={2: "nasal"}).regimen.doses
    assert (dose.route, dose.amount.value, dose.hours) == ("nasal", 28, 0.5)


def test_compartments_have_names():
    rows = ["1,0,10,0,1,.,1,.,.,.,.,.", "1,1,20,0,1,.,2.0,.,.,.,.,.", "1,2,30,0,1,.,depot,.,.,.,.,."]
    routes = {1: "intravenous", "2": {"route": "IM", "enantiomer": "S", "form": "hydrochloride"}, "depot": "oral"}
    doses = person(rows, routes=routes).regimen.doses
    assert [dose.route for dose in doses] == ["intravenous", "intramuscular", "oral"]
    assert [dose.form for dose in doses] == ["base", "hydrochloride", "base"]
    assert "row 4, ID 1, CMT = 'depot': no route is said for this compartment" in refusal(
        rows, routes={1: "intravenous", 2: "nasal"}
    )
    assert "nobody says which they are" in refusal(rows)


def test_words_in_the_rows_say_what_was_given():
    head = "ID,TIME,AMT,RATE,EVID,ENANT,ROUTE\n"
    rows = ["1,0,10,0,1,S,IV", "1,1,20,0,1,racemic,NASAL", "1,2,.,.,0,.,."]
    doses = person(rows, head, enantiomer=None, columns={"ENANTIOMER": "ENANT"}).regimen.doses
    assert [(d.enantiomer, d.route) for d in doses] == [("S", "intravenous"), ("racemic", "nasal")]
    said = refusal(rows, head, columns={"ENANTIOMER": "ENANT"})
    assert "row 3, ID 1, ENANTIOMER (ENANT) = 'racemic': the row says 'racemic' and the argument 'S'" in said
    assert "the drug of this dose is not said" in refusal(rows, head, drug=None)


def test_samples_have_analytes():
    head = "ID,TIME,AMT,RATE,EVID,DV,DVID\n"
    rows = ["1,0,10,0,1,.,.", "1,1,.,.,0,5,1", "1,1,.,.,0,3,2", "1,2,.,.,0,3,."]
    only = person(rows, head, analytes={1: "S-ketamine", 2: "S-norketamine"})
    assert only.occasion.analytes == ("S-ketamine", "S-norketamine", None)
    assert "row 4, ID 1, DVID = '2': no analyte is said" in refusal(rows, head, analytes={1: "S-ketamine"})
    assert "samples in several compartments (1, 2)" in refusal(rows, head)


def test_columns_of_other_names_are_mapped():
    head = "SUBJ,TAFD,DOSE,RATE,EVID,TIME\n"
    only = person(["1,3,10,0,1,99"], head, columns={"ID": "SUBJ", "TIME": "TAFD", "AMT": "DOSE"})
    assert only.regimen.doses[0].start.value == 3
    assert "columns.TIME = 'TAD': no such column in the table; did you mean 'TAFD'" in refusal(
        ["1,3,10,0,1,99"], head, columns={"ID": "SUBJ", "TIME": "tad", "AMT": "DOSE"}
    )


def test_the_sidecar_can_say_everything(tmp_path):
    path = tmp_path / "study.csv"
    path.write_text(HEAD + "1,0,10,0,1,.,2,.,.,.,.,.\n")
    sidecar = tmp_path / "study.csv.units.toml"
    sidecar.write_text(
        'AMT = "mg"\nTIME = "h"\ndrug = "ketamine"\n[routes]\n2 = { route = "oral", enantiomer = "R" }\n'
    )
    (dose,) = next(iter(read_events(path))).regimen.doses
    assert isinstance(dose, Bolus)
    assert (dose.enantiomer, dose.route) == ("R", "oral")
    sidecar.write_text('AMT = "mg"\nTIME = "h"\ndrug = "esketamine"\n')
    with pytest.raises(UnknownName, match='enantiomer = "S"'):
        read_events(path)


def test_problems_of_rows_units_and_order_stand_on_one_list():
    said = refusal(
        ["1,5,10,-1,1,.,.,.,.,.,.,.", "1,5,x,0,1,.,.,.,.,.,.,.", "1,4,10,0,1,.,.,.,.,.,.,."], units={"AMT": "mL"}
    )
    for word in ("units.AMT = 'mL'", "row 2, ID 1, RATE", "row 3, ID 1, AMT = 'x'"):
        assert word in said
    both = refusal(["1,5,10,0,1,.,.,.,.,.,.,.", "1,5,x,0,1,.,.,.,.,.,.,.", "1,4,10,1e9,1,.,.,.,.,.,.,."])
    for word in ("row 3, ID 1, AMT = 'x'", "row 4, ID 1, TIME = '4'", "row 4, ID 1, RATE = '1e9'"):
        assert word in both


def test_comments_before_the_header_are_skipped():
    text = "C made by hand, for nobody\n# another\n" + HEAD + "1,0,10,0,1,.,.,.,.,.,.,.\n1,x,1,0,1,.,.,.,.,.,.,.\n"
    with pytest.raises(EventTableError, match="row 5, ID 1, TIME = 'x'"):
        parse_events(text, drug="ketamine", enantiomer="S", units=UNITS)
