"""Initial contact and foot off of each foot."""

from host.gait.events.base import Kind
from host.gait.events.detect import METHODS, Detected, EventDetector, Lead, detector_led_by
from host.gait.events.lead import STAND_IN, lead_for
from host.gait.events.learned import LearnedEvents

NAMES = (*METHODS, LearnedEvents.name)
"""Every method that can lead."""

__all__ = [
    "METHODS",
    "NAMES",
    "STAND_IN",
    "Detected",
    "EventDetector",
    "Kind",
    "Lead",
    "LearnedEvents",
    "detector_led_by",
    "lead_for",
]
