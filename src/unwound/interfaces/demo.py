"""`unwound demo`: the main job."""

from __future__ import annotations

from unwound.interfaces.output import Driver, Json, Out, Seed, Threads
from unwound.interfaces.trial import Hypothesis, Replicates, Strict, perform


def demo(
    hypothesis: Hypothesis = "H2",
    replicates: Replicates = 500,
    seed: Seed = 1,
    out: Out = None,
    threads: Threads = None,
    strict: Strict = False,
    driver: Driver = None,
    as_json: Json = False,
) -> None:
    """Re-enact the 100-hour S-ketamine trial in CRPS (Sigtermans 2009) beside what was observed.

    Sixty virtual patients, S-ketamine titrated to about 22 mg/h per 70 kg over 100 hours or saline, weekly pain to
    week 12, 500 times over. Example: unwound demo --hypothesis all --out my-first-run
    """
    perform("sigtermans2009", hypothesis, replicates, "otto2021", seed, out, threads, strict, as_json, driver)
