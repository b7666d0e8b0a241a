"""The page of the kill matrix."""
