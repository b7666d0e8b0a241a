"""The checks of a write, and their refusals."""
