"""The capture guide: one printable page that says how a walk is recorded."""
