"""The parts of the semantic checks: a guarded transport, balances of each workspace, limits in reach."""
