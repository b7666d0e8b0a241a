"""The checks of a write in their order, and what each refuses."""
