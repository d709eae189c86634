"""Networks that mark the events of a walk, one file per architecture."""
