"""Connexion on one side, the semantics on the other."""
