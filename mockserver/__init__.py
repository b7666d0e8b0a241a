"""The mock: a stateful server that behaves like the TracePass API for batches of passports."""

import warnings

# Connexion imports Starlette's test client, which warns of httpx. No user of the mock can do anything about it.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient` is deprecated")
