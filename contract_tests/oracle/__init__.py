"""The oracle: what a history says of the rules, by sets of worlds."""
