"""The state as a document: save, check, restore."""
