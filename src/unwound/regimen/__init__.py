"""What is given: doses as people write them, the same doses on an exact clock, and the limits they must keep."""

from unwound.regimen.compile import ROUTES, TOLERANCE_H, compile_regimen, total_mg
from unwound.regimen.doses import AnyDose, Bolus, Dose, Infusion, Titration
from unwound.regimen.limits import LimitWarning, check_limits
from unwound.regimen.regimen import Regimen, Setting
from unwound.regimen.series import Repeat
