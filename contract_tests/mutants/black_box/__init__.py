"""Black-box mutation: the mock is changed mechanically, a place at a time, and the suite judges each change over HTTP.

No list of faults is behind these mutants, so nobody can write checks for the list. `places` says what is changed,
`operators` how, `mutations` joins both. `mutated_mock` serves a mutant, `trial` judges it, `kept` keeps the
trials, `survivors` has the reviewed reasons, and `page` writes docs/mock-mutation.md.
"""
