"""Contract tests and a mock server for the TracePass batch-create API."""
