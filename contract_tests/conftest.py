"""Options of the tests that go against a running server."""

import pytest

PLUGIN = "tracepass_contract.contract_tests.plugin"


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption("--schema-examples", type=int, default=25, help="examples that Schemathesis tries per operation")
    parser.addoption("--mutant", help="the wrong server of contract_tests/mutants that the properties go against")
    pluginmanager.import_plugin(PLUGIN)  # does nothing where it is there already
