"""What a run is told with: the terminal, JSON, JUnit, one HTML page, and curl scripts. Nothing here sends or judges."""
