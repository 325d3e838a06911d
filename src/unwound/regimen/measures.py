"""The quantities of a dose: which units they take, their bounds, and what people confuse them with.

Amounts are mg or mg/kg, rates mg/h or mg/kg/h, times h; any unit of the same kind is read. A pump rate in
mL/h is no dose, since the strength of the syringe is not in it.
"""

from __future__ import annotations

from typing import Annotated

from unwound.core.strict import Measure, Quantity

_PUMP = {
    "mL/h": 'multiply by the strength of the syringe in mg/mL and write for example rate = "20 mg/h"',
    "mL/kg/h": 'multiply by the strength of the syringe in mg/mL and write for example rate = "0.3 mg/kg/h"',
}
_VOLUME = {"mL": 'multiply by the strength of the ampoule in mg/mL and write for example amount = "35 mg"'}

AMOUNT = Quantity(
    "mg or mg/kg",
    at_least="0 mg",
    example="35 mg",
    elsewhere=_VOLUME,
    remedy="to give nothing leave the dose out",
)
RATE = Quantity(
    "mg/h or mg/kg/h",
    at_least="0 mg/h",
    example="20 mg/h",
    elsewhere=_PUMP,
    remedy="to stop an infusion early use Regimen.truncate(...)",
)
DURATION = Quantity("h", at_least="1 s", example="4 h", remedy="give what is over at once as a bolus")
WEIGHT = Quantity("kg", above="0 kg", example="70 kg")
HEIGHT = Quantity("cm", above="0 cm", example="170 cm")
START = Quantity("h", at_least="0 h", example="0 h", remedy="count hours from the first dose")
Amount = Annotated[Measure, AMOUNT]
Rate = Annotated[Measure, RATE]
Start = Annotated[Measure, START]
Duration = Annotated[Measure, DURATION]
Interval = Annotated[Measure, Quantity("h", at_least="1 min", example="2 h")]


def per_kg(measure: Measure) -> bool:
    """Whether an amount or rate is per kilogram of body weight."""
    return "/kg" in measure.unit
