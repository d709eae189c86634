"""Initial contact and foot off of each foot."""

from host.gait.events.base import Kind
from host.gait.events.detect import METHODS, Detected, EventDetector, methods_led_by
from host.gait.events.zeni import Zeni

LEADING = Zeni.name
"""The method that leads where the settings say nothing."""

__all__ = ["LEADING", "METHODS", "Detected", "EventDetector", "Kind", "methods_led_by"]
