"""Cycles and resources of every kind of hardware node: one small module per kind."""
