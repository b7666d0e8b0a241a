"""The guarded client: each call has a price, is sent once, and is recorded."""
