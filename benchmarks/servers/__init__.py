"""What is served for the measurements: the mock with a full store, and servers of the same calls to hold it against."""
