"""Kamp 2020 meets Koeppel 1990: racemic ketamine for days in intensive care, 1.1 to 1.3 mg/kg/h.

Observed: nine patients on day 3, mean and SD. Computed: the typical person of 70 kg, both enantiomers, and the band of
200 people with the (assumed) variability. Usage: python examples/from_papers/Kamp_2020_Koeppel_1990.py [FIGURE.png]
"""

import sys

import numpy as np
from matplotlib.figure import Figure

import unwound
from unwound.core.arrays import jnp
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import routed_model

MEAN, SD = 1200.0, 300.0  # ng/mL, Koeppel 1990
DISCREPANCIES = """Discrepancies:
- The typical person reaches 1.00 mg/L at 1.2 mg/kg/h, 17 % below the observed mean of 1.2 and within its SD of 0.3.
- Intensive care slows clearance in some (renal failure: +20 % ketamine, not significant); the model knows no illness.
- R stays 16 % above S by construction: the ratio of clearances comes from three other studies, not from either paper.
- Variability, and exponents of weight, are assumed: those of Kamp 2020 were not available to us. The band is no test.
- Arterial model, samples of unstated site; Koeppel's norketamine (1.0) and dehydronorketamine (2.6 mg/L) have no model.
- Values of Kamp 2020 were read in a program that uses them (opentiva), not in the paper."""

model = routed_model("kamp2020")
hours = np.concatenate([np.arange(0.0, 72.0, 0.5), np.arange(72.0, 84.01, 0.1)])
people = 201
rng = np.random.default_rng(1)
eta = np.linalg.cholesky(np.asarray(model.covariance())) @ rng.standard_normal((2, people))
eta[:, 0] = 0.0  # the first is the typical person
who = Covariates(*(jnp.full(people, x) for x in (70.0, 45.0, 0.0, 0.0, 0.0)))  # kg, years, female, Asian, Japanese

print(
    f"{'mg/kg/h':>8s} {'S ng/mL':>8s} {'R ng/mL':>8s} {'R/S':>5s} {'total':>7s} {'5 to 95 % of people':>22s}   observed"
)
for rate in (1.1, 1.2, 1.3):
    dose = Given(0.0, rate * 70.0 * 72.0, 72.0, "racemic", "intravenous")
    course = curves(model, [dose], who, jnp.asarray(eta), hours).concentration
    s, r = (course[name][:, 0] for name in ("S-ketamine", "R-ketamine"))
    total = course["S-ketamine"] + course["R-ketamine"]
    low, high = np.quantile(total, (0.05, 0.95), axis=1)
    at = np.searchsorted(hours, 72.0)
    cells = f"{rate:8.1f} {s[at]:8.0f} {r[at]:8.0f} {r[at] / s[at]:5.2f} {total[at, 0]:7.0f}"
    print(f"{cells} {f'{low[at]:.0f} to {high[at]:.0f}':>22s}   {MEAN:.0f} (SD {SD:.0f})")
    if rate == 1.2:
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        axes = figure.add_subplot(xlabel="hours", ylabel="ng/mL", title="Racemic ketamine, 1.2 mg/kg/h for three days")
        axes.fill_between(hours, low, high, alpha=0.2, label="90 % of people, variability assumed")
        axes.plot(hours, total[:, 0], label="both enantiomers, Kamp 2020")
        axes.plot(hours, r, label="R-ketamine")
        axes.plot(hours, s, label="S-ketamine")
        axes.errorbar(60.0, MEAN, SD, fmt="o", color="black", capsize=3, label="Koeppel 1990, day 3, mean and SD")
        axes.legend(frameon=False)
figure.text(0.01, 0.005, unwound.SIMULATION_ONLY, size=6)
path = sys.argv[1] if len(sys.argv) > 1 else "Kamp_2020_Koeppel_1990.png"
figure.savefig(path, dpi=150)
print(f"figure: {path}\n{DISCREPANCIES}\n{unwound.SIMULATION_ONLY}.")
