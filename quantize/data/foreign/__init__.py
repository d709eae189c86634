"""Readers of other sets' label files, for users who own these sets."""
