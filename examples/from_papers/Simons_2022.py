"""Simons 2022: a film of S-ketamine in the mouth, 20 mg over 20 min into a vein six hours later; arterial plasma.

Observed: means of 20 volunteers, Table 2, as transcribed in nlmixr2lib. Computed: the typical person of 70 kg.
Usage: python examples/from_papers/Simons_2022.py [FIGURE.png]
"""

import sys

import numpy as np
from matplotlib.figure import Figure

import unwound
from unwound.core.arrays import jnp
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import routed_model

ANALYTES = ("S-ketamine", "S-norketamine", "S-hydroxynorketamine")
OBSERVED = {  # film mg -> by analyte: Cmax [ng/mL], time of it [min], AUC over six hours [ng min/mL]
    50: ((96, 18.8, 8363), (276, 61, 38497), (101, 81, 24087)),
    100: ((144, 19.1, 13347), (426, 78, 67959), (189, 109, 44972)),
}
INFUSION = {50: (273, 259, 287), 100: (260, 251, 269)}  # peak, its interval
DISCREPANCIES = """Discrepancies:
- S-ketamine after a film: 11 % low at 50 mg; at 100 mg the area is 12 % and the peak 19 % high. In people the second
  50 mg add less than the first (area 1.6-fold, peak 1.5-fold); the model is linear and doubles.
- The same for the metabolites: areas 3 to 6 % low at 50 mg, 4 to 7 % high at 100 mg; peaks 9 % low to 18 % high.
- After 100 mg the infusion peaks at 277 ng/mL here, at 260 (251 to 269) in people: 7 % high.
- Metabolites of 100 mg peak 17 to 33 min too early. Means of people stand beside one typical person.
- F2 = 1.16: film and swallowed share exceed the dose, as fitted. Exponents of weight are not printed but assumed.
- Variation between occasions is left out; parameters and observations were read in a transcription."""

model = routed_model("simons2022")
who = Covariates(*(jnp.asarray(x) for x in (70.0, 24.0, 0.5, 0.0, 0.0)))  # kg, years, female, Asian, Japanese
minutes = np.arange(0.0, 481.0, 0.5)
early = minutes <= 360
figure = Figure(figsize=(9, 4), layout="constrained")
print(f"{'film':>4s} {'':22s}{'Cmax, ng/mL':>18s}{'at, min':>18s}{'AUC 0-6 h':>18s}")
print(f"{'mg':>4s} {'':22s}" + f"{'observed':>10s}{'here':>8s}" * 3)
for place, (mg, rows) in enumerate(OBSERVED.items(), 1):
    doses = [Given(0.0, mg, 0.0, "S", "sublingual"), Given(6.0, 20.0, 1 / 3, "S", "intravenous")]
    course = curves(model, doses, who, jnp.zeros(len(model.random_effects)), minutes / 60).concentration
    axes = figure.add_subplot(1, 2, place, xlabel="minutes", ylabel="ng/mL", title=f"{mg} mg film, 20 mg i.v. at 6 h")
    for name, observed in zip(ANALYTES, rows, strict=True):
        c = course[name][early]
        here = (c.max(), minutes[c.argmax()], np.trapezoid(c, minutes[early]))
        print(f"{mg:4d} {name:22s}" + "".join(f"{a:10g}{b:8.0f}" for a, b in zip(observed, here, strict=True)))
        (line,) = axes.plot(minutes, course[name], label=f"{name}, o observed")
        axes.plot(observed[1], observed[0], "o", color=line.get_color())
    (top, low, high), found = INFUSION[mg], course["S-ketamine"].max()
    print(f"{mg:4d} {'S-ketamine, infusion':22s}{top:10d}{found:8.0f}   (observed {low} to {high})")
axes.legend(frameon=False)
figure.suptitle(unwound.SIMULATION_ONLY, size=7)
path = sys.argv[1] if len(sys.argv) > 1 else "Simons_2022.png"
figure.savefig(path, dpi=150)
print(f"figure: {path}\n{DISCREPANCIES}\n{unwound.SIMULATION_ONLY}.")
