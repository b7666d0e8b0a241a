"""Options of the tests that go against a running server."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--schema-examples", type=int, default=25, help="examples that Schemathesis tries per operation")
