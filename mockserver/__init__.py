"""The mock: a stateful server that behaves like the TracePass batch-create API."""
