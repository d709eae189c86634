"""Pose networks: one file per architecture."""
