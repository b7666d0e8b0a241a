"""Tests of the benchmarks: none of them looks at the clock."""
