"""The box: what it keeps, what it answers over HTTP, and the worker that analyses."""
