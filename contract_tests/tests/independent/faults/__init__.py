"""Faults that real backends have. Each takes the place of one part of the right server (`Parts`)."""
