"""What mutmut found in the oracle and the semantics (`make mutate`), as docs/mutation.md: each survivor with its reason."""
