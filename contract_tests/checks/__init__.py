"""The directed tests, a file for each family of rules, and what they assert with."""
