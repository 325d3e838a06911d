"""Set the gain of hyperalgesia so that remifentanil alone leaves the area recalled of Koppert 2003.

Prints `opioid.area_gain` for src/unwound/evidence/tables/opioid.csv. The arm with ketamine, and Joly 2005, are not
looked at. The number is recalled, so the gain stays an assumption.
"""

from unwound.evidence import fill, value
from unwound.outcomes import opioid_hyperalgesia as opioid
from unwound.outcomes.opioid_hyperalgesia import OpioidHyperalgesia
from unwound.patient.remifentanil import opioid_course


def main() -> None:
    p = fill(OpioidHyperalgesia, "opioid")
    lasts, tested = value("koppert2003.lasts", "h"), value("koppert2003.tested", "h")
    course = opioid_course(value("koppert2003.remifentanil", "mg/kg/h"), lasts, lasts + tested + 0.1, [], "otto2021")
    tolerance, level = (course.at(lasts + tested, what) for what in ("tolerance", "remifentanil_mg_per_L"))
    uncovered = 1.0 - float(opioid.occupancy(level, p))
    gain = (value("koppert2003.area", "1") / uncovered - 1.0) / tolerance
    print(f"opioid.area_gain = {gain:.3g}: the state is {tolerance:.4f}, still covered {1.0 - uncovered:.4f}")


if __name__ == "__main__":
    main()
