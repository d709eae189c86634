"""Which track is the patient, and why: decided when the walk is over."""
