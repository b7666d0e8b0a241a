"""The proof of the suite: wrong servers that it must find, odd ones that it must let pass.

`tracepass-check mutants` runs it. A cell is one run of the directed tests against one server; `cell` makes it, `cards`
says under which readings, `runner` runs many of them side by side, `kills` sums up, `page` writes it down.
"""
