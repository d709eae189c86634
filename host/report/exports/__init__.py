"""Files that open in the field's own tools."""
