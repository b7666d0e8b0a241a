"""The API's operations over HTTP: requests to semantics, answers to bytes."""
