"""The write budget and the passport quota."""
