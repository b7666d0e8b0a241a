"""What is measured beside the rates: start and memory, lists, the control plane, hot paths, a run of the suite."""
