"""The nouns of the semantics."""
