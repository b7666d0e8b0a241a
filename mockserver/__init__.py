"""The mock: a stateful server that behaves like the TracePass batch-create API."""

import warnings

# Connexion imports Starlette's test client, which has an opinion on httpx that no user of the mock can act on.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient` is deprecated")
