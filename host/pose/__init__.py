"""Keypoints of one person: crop, network, decoder, sides over time."""
