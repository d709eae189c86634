"""``report.html``: one file without internet, fonts or scripts from elsewhere."""
