"""Patterns of walking: named features, an auditable model over them, published criteria."""
