"""The test of the suite: it must find every mutant and report nothing on conforming variants.

`tracepass-check mutants` runs it. A cell is one run of the directed tests against one server. `cell` runs it,
`reading_sets` has its readings, `runner` runs many in parallel, `kills` sums up, `page` writes the result.
"""
