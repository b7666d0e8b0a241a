"""What all tests have in common."""

import shutil
import sys
from importlib import import_module

import pytest

# pytest names a test by its path, and imports what stands above it: the library itself, and not a second copy of it.
for _top in (
    "contract_tests",
    "contract_tests.checks",
    "contract_tests.checks.fuzzing",
    "fixtures",
    "mockserver",
    "spec",
):
    sys.modules[_top] = import_module(f"tracepass_contract.{_top}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a program that is not installed says so, and is left out."""
    for item in items:
        for marker in item.iter_markers("tool"):
            if missing := [name for name in marker.args if shutil.which(name) is None]:
                item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(missing)}"))
