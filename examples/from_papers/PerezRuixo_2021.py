"""Perez-Ruixo 2021, Table 4: nasal esketamine in six groups of adults, three doses, printed beside computed.

Computed: the typical person of each group (45 or 70 years). The printed table was read in nlmixr2lib, not in the paper.
Usage: python examples/from_papers/PerezRuixo_2021.py
"""

import numpy as np

import unwound
from unwound.core.arrays import jnp
from unwound.pharmacokinetics.curves import Given, curves
from unwound.pharmacokinetics.model import Covariates
from unwound.pharmacokinetics.register import routed_model

GROUPS = {  # age, Asian, Japanese, rows of 28, 56, 84 mg: esketamine Cmax, AUC 0-24 h, the same of noresketamine
    "Caucasian, 18-60 y": (45, 0, 0, "43.8 147.3 59.1 274.4  72.5 254.7 119.7 516.3  101.0 362.2 180.0 758.0"),
    "Asian, 18-60 y": (45, 1, 0, "44.1 158.2 73.4 371.8  73.2 275.9 148.5 704.8  102.4 393.5 223.5 1037.0"),
    "Japanese, 18-60 y": (45, 1, 1, "57.5 194.7 72.1 406.4  94.5 335.1 146.3 760.8  131.3 475.4 220.4 1114.0"),
    "Caucasian, > 60 y": (70, 0, 0, "44.6 160.4 57.3 277.9  73.8 275.8 117.2 522.0  102.7 391.2 177.0 765.9"),
    "Asian, > 60 y": (70, 1, 0, "44.9 171.0 71.4 373.9  74.4 296.3 145.9 708.0  103.8 421.5 220.4 1042.0"),
    "Japanese, > 60 y": (70, 1, 1, "58.8 212.2 69.0 409.2  96.5 363.1 141.7 765.3  133.8 513.9 214.4 1121.0"),
}
DISCREPANCIES = """Discrepancies:
- AUC of noresketamine: 1.38 to 1.56 times the printed one in all 18 rows, with the parameters as printed. A part of it
  is kmet/(kel + kmet) = 0.71; no single factor meets Cmax and AUC together. Known to others; not corrected here.
- Cmax of esketamine is up to 1.2 % above, its AUC up to 0.4 % below the printed values, growing with the dose.
- Clearance from Table 3 is 109 L/h, in the abstract 114; swallowed esketamine arrives to 17.8 %, in the paper 18.6 %.
- Variability of kmet is not printed; occasions are left out. Weight has no effect in this model, as published.
- "Asian" is not Japanese; above 60 years the typical person is taken to be 70, as earlier readers of the paper did."""

model = routed_model("perezruixo2021")
age, asian, japanese, rows = zip(*GROUPS.values(), strict=True)
printed = np.array([row.split() for row in rows], float).reshape(6, 3, 4)
columns = (np.full(6, 74.0), age, np.zeros(6), asian, japanese)  # kg, years, female, Asian, Japanese
who = Covariates(*(jnp.asarray(column, float) for column in columns))
typical = jnp.zeros((len(model.random_effects), 6))
hours = np.arange(0.0, 24.01, 0.02)

print(f"{'':20s}{'mg':>3s} {'esketamine Cmax':>20s}{'AUC 0-24 h':>20s}{'noresketamine Cmax':>20s}{'AUC 0-24 h':>20s}")
print(f"{'':20s}{'':>3s} " + f"{'printed':>7s}{'here':>7s}{'ratio':>6s}" * 4)
for n, mg in enumerate((28.0, 56.0, 84.0)):
    course = curves(model, [Given(0.0, mg, 0.0, "S", "nasal")], who, typical, hours).concentration
    found = [exposure for c in course.values() for exposure in (c.max(axis=0), np.trapezoid(c, hours, axis=0))]
    for group, name in enumerate(GROUPS):
        cells = zip(printed[group, n], (values[group] for values in found), strict=True)
        print(f"{name:20s}{mg:3.0f} " + "".join(f"{a:7.1f}{b:7.1f}{b / a:6.2f}" for a, b in cells))
print(f"{DISCREPANCIES}\n{unwound.SIMULATION_ONLY}.")
