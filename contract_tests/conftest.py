"""Options of the tests that go against a running server."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--schema-examples", type=int, default=100, help="examples that Schemathesis tries per operation")
    parser.addoption("--mutant", help="the wrong server of contract_tests/mutants that the properties go against")
