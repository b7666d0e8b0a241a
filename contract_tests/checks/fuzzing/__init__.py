"""What the semantic checks stand on: a guarded transport, books of what was seen, workspaces to reach limits in."""
