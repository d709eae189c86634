"""How much hardware each layer gets: geometry, cost model and the search for a folding."""
