"""What all tests have in common: those that need a program which is not installed say so and are left out."""

import shutil

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("tool"):
            if missing := [name for name in marker.args if shutil.which(name) is None]:
                item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(missing)}; CI installs it"))
