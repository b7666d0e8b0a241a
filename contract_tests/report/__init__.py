"""The reports of a run: terminal, JSON, JUnit, HTML, and curl scripts. Nothing here sends or judges."""
