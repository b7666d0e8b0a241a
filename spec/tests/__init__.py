"""Tests of what the API promises."""
