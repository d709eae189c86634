"""Networks that find people: one file per architecture."""
