"""Sigtermans 2009: 100 hours of S-ketamine or saline in CRPS-1, conducted again under three rival hypotheses.

Usage: python examples/from_papers/Sigtermans_2009.py [REPLICATES]     (default 50; the figures of the paper need 500)
"""

import sys

import unwound

DISCREPANCIES = """Discrepancies:
- P<0.001 over weeks 1 to 12 is found by few virtual trials, whatever the hypothesis: the effect is too weak.
- H1 keeps most trials significant at week 12, where the published one was not.
- H2 puts the treated arm at week 1 above the observed 2.68, on the weak side of its band.
- Hit by construction: baselines (inputs), placebo arm, psychomimetic effects and dose reached (fitted or inputs).
- Steps of the titration and analysis were not available to us and are assumed; the weekly curve is missing.
- Nausea, vomiting, headache and disability have no outcome in this version."""

replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 50
trial = unwound.Trial.published("SIG09")
print(f"{trial.title}: {trial.size} patients, {replicates} replicates\n")
print(f"{'':3s} {'row':58s} {'observed':>24s} {'simulated (90 % interval)':>28s}  verdict")
for hypothesis in ("H0", "H1", "H2"):
    setting = unwound.Setting(hypothesis=hypothesis, seed=1, metabolites=False)
    for row in unwound.rows_of(unwound.conduct(trial, setting, replicates)):
        if row.simulated is None:
            continue
        found = f"{row.simulated.mean:.2f} ({row.simulated.low:.2f} to {row.simulated.high:.2f})"
        verdict = {True: "hit", False: "MISSED", None: "not judged"}[row.passed]
        name = row.name if len(row.name) <= 58 else row.name[:55] + "..."
        print(f"{hypothesis:3s} {name:58s} {row.observed_text[:24]:>24s} {found:>28s}  {verdict}")
    print()
print(f"{DISCREPANCIES}\n{unwound.SIMULATION_ONLY}.")
