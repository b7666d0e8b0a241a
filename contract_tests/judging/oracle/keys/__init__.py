"""Idempotency keys and retries."""
