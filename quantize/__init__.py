"""How the networks learn: rendering, training, export, evaluation."""
