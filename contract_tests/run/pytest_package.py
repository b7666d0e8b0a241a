"""Brings the plugin to `pytest --pyargs tracepass_contract.contract_tests`, and stays out of every other run.

pytest reads the `conftest.py` of a package that is named so only after its options are settled.
"""

import pytest

_PACKAGE = "tracepass_contract.contract_tests"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    if any(argument.startswith(_PACKAGE) for argument in args):
        early_config.pluginmanager.import_plugin(f"{_PACKAGE}.run.pytest_plugin")
