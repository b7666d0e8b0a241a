"""The commands of `tracepass-check`."""
