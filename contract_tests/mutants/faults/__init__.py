"""The faults, a module for each family."""
