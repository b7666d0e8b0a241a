"""The conformance suite: checks of any deployment, over HTTP."""
