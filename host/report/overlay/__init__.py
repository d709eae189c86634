"""``overlay.mp4``: the recording with what was found drawn on it, same frames, same times."""
