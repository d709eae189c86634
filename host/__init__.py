"""What runs in the clinic: from a walking video to a gait report."""
