"""Passports, their pairs and ids, and what is read back."""
