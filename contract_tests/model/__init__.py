"""The words of a run: history, verdicts, outcomes, capabilities, time, redaction."""
