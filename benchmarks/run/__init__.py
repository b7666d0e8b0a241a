"""A run of the benchmarks: processes, load, rounds, and the figures that come of them."""
