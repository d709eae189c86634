"""Networks that name the pattern of a walk from keypoints over time."""
