"""The shipped table of arms is what the trial folders give. After a change: `python scripts/make_arms_table.py`."""

from unwound.evidence.arms import PAGE, as_csv
from unwound.evidence.shipped import text_of
from unwound.trials.arms_table import arms_table


def test_the_shipped_table_of_arms_is_what_the_trial_folders_give():
    assert as_csv(arms_table()) == text_of(PAGE)
