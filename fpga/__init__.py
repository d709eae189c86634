"""How released networks become circuits, and the proof of them without a board."""
