"""Stretches of walking in one direction; standing, turning, pausing and leaving are not walking."""

from host.gait.bouts.activity import Activities
from host.gait.bouts.progression import ProgressionBouts

__all__ = ["Activities", "ProgressionBouts"]
