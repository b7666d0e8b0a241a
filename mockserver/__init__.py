"""The mock: a stateful server that behaves like the TracePass API for batches of passports."""
