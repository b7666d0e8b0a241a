"""The state as a document: saved, checked, restored."""
