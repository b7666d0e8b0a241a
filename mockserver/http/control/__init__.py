"""The control plane: operations, guard, and the JSON of its answers."""
