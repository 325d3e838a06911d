"""What a person reports: pain on a bounded scale, placebo response, psychomimetic effects."""

from unwound.outcomes.pain import Pain
from unwound.outcomes.placebo import Placebo
from unwound.outcomes.psychomimetic import Psychomimetic

__all__ = ["Pain", "Placebo", "Psychomimetic"]
