"""One run of the directed tests, by pytest."""
