"""How fast the mock is, beside what one would use in its place. `make bench` runs it and writes docs/benchmarks.md."""
