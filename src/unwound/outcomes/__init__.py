"""What a person reports and a monitor shows: pain, placebo response, psychomimetic effects, acute effects."""

from unwound.outcomes.acute import AcuteEffects, AcuteParameters, acute_keys, acute_parameters
from unwound.outcomes.effect_site import EffectSites
from unwound.outcomes.effects import acute_effects, site_warnings
from unwound.outcomes.events import share_interval
from unwound.outcomes.pain import Pain
from unwound.outcomes.placebo import Placebo
from unwound.outcomes.psychomimetic import Psychomimetic

__all__ = [
    "AcuteEffects",
    "AcuteParameters",
    "EffectSites",
    "Pain",
    "Placebo",
    "Psychomimetic",
    "acute_effects",
    "acute_keys",
    "acute_parameters",
    "share_interval",
    "site_warnings",
]
