"""Options of the tests that go against a running server."""

import pytest

PLUGIN = "tracepass_contract.contract_tests.run.pytest_plugin"


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption("--schema-examples", type=int, default=25, help="examples that Schemathesis tries per operation")
    parser.addoption("--mutant", help="the wrong server of contract_tests/mutants that the properties go against")
    parser.addoption("--slow", action="store_true", help="run the tests of the suite that take minutes, too")
    pluginmanager.import_plugin(PLUGIN)  # does nothing where it is there already


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: minutes long; with --slow only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="slow; --slow runs it"))
