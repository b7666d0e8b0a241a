"""What mutmut found (`make mutate`), as docs/mutation.md: each survivor with its reason."""
