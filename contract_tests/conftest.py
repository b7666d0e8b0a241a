"""Options of the tests that go against a running server."""

import pytest

PLUGIN = "tracepass_contract.contract_tests.run.pytest_plugin"


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption(
        "--schema-examples",
        type=int,
        default=25,
        help="Number of examples that Schemathesis tries per operation. Default: 25.",
    )
    parser.addoption(
        "--mutant", help="Id of the mutant that the properties run against. Default: the mock without a fault."
    )
    parser.addoption("--slow", action="store_true", help="Also run the tests of the suite that take minutes.")
    pluginmanager.import_plugin(PLUGIN)  # does nothing where it is loaded already


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes minutes; runs with --slow only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="takes minutes; needs --slow"))
