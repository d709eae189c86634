"""Labelled pictures: reading, splits, augmentation."""
