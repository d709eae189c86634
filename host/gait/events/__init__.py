"""Initial contact and foot off of each foot."""

from host.gait.events.base import Kind
from host.gait.events.detect import Detected, EventDetector

__all__ = ["Detected", "EventDetector", "Kind"]
