"""The operations of the API: from HTTP requests to the semantics, and back to HTTP answers."""
