"""The command line of `tracepass-mock`, and the process that serves."""
