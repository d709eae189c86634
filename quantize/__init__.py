"""How networks learn: renders, data, training, export, evaluation."""
