"""The short walk of the house: analysed, and its results put beside its truth."""
