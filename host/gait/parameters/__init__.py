"""Spatio-temporal parameters with count, spread, interval and norm, or why they are absent."""

from host.gait.parameters.table import Gates, build_parameters

__all__ = ["Gates", "build_parameters"]
