"""One person, or many: the only place where the rooms of floor 1 meet.

`people` holds the parameters in which people differ, `wiring` says which signal feeds which room, `engine` steps
everything on one shared `mesh`, `simulation` puts it together and `course` is the record of what happened.
"""

from unwound.patient.course import Course
from unwound.patient.mesh import Accuracy
from unwound.patient.people import People, typical_person
from unwound.patient.protocol import Person, Protocol
from unwound.patient.simulation import Setting, simulate, simulate_events, simulate_people

__all__ = [
    "Accuracy",
    "Course",
    "People",
    "Person",
    "Protocol",
    "Setting",
    "simulate",
    "simulate_events",
    "simulate_people",
    "typical_person",
]
