"""Initial contact and foot off of each foot."""

from host.gait.events.base import Kind
from host.gait.events.detect import METHODS, Detected, EventDetector, detector_led_by
from host.gait.events.learned import LearnedEvents
from host.gait.events.zeni import Zeni

LEADING = Zeni.name
"""The method that leads where nobody says which."""

NAMES = (*METHODS, LearnedEvents.name)
"""Every method that can lead."""

__all__ = [
    "LEADING",
    "METHODS",
    "NAMES",
    "Detected",
    "EventDetector",
    "Kind",
    "LearnedEvents",
    "detector_led_by",
]
