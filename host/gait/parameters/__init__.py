"""Spatio-temporal parameters with count, spread, interval and norm, or why they are absent."""

from host.gait.parameters.catalogue import NAMES
from host.gait.parameters.samples import Measured
from host.gait.parameters.table import Gates, build_parameters

__all__ = ["NAMES", "Gates", "Measured", "build_parameters"]
