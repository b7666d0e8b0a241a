"""What the semantic checks stand on: a guarded transport, books of what was seen, worlds to reach limits in."""
