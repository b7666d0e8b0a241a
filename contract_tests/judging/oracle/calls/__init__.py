"""The calls of a history, as the oracle reads them."""
