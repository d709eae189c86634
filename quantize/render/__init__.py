"""Walkers drawn by the computer: labelled single pictures and clips whose truth is exact.

``body`` (shapes), ``mocap`` and ``parametric`` (motions), ``clothes``, ``scene``, ``camera``,
``light`` and ``picture`` are the parts; ``stills`` and ``clip`` put them together.

Axes everywhere: metres, z up, floor at z = 0; at rest the body faces -y and +x is its left.
"""
