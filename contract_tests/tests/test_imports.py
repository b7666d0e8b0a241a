"""How modules import each other: libraries relatively within their folder, so that a tool finds the file; and once."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "benchmarks": "benchmarks",
    **{top: f"tracepass_contract.{top}" for top in ("contract_tests", "fixtures", "mockserver", "spec")},
}


def is_library(path: Path) -> bool:
    return "tests" not in path.relative_to(ROOT).parts[1:-1] and path.name != "conftest.py" and path.stem[:5] != "test_"


def own_imports(path: Path, package: str) -> Iterator[str]:
    """The absolute imports of modules of the same folder."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and f"{node.module}.".startswith(f"{package}."):
            yield f"{path.relative_to(ROOT)}:{node.lineno}"


@pytest.mark.parametrize("top", PACKAGES)
def test_a_library_imports_its_own_folder_relatively(top: str) -> None:
    found = [
        each for path in (ROOT / top).rglob("*.py") if is_library(path) for each in own_imports(path, PACKAGES[top])
    ]

    assert found == []


def test_no_library_is_loaded_twice() -> None:
    """What is loaded twice has two sets of exceptions and verdicts, and none is equal to the other's."""
    loaded = defaultdict(set)
    for module in list(sys.modules.values()):
        path = Path(getattr(module, "__file__", None) or "/").resolve()
        if any(path.is_relative_to(ROOT / top) for top in PACKAGES) and is_library(path):
            loaded[path].add(id(module))

    assert len(loaded) > 50
    assert [path for path, modules in loaded.items() if len(modules) > 1] == []


def test_the_command_does_not_load_the_server() -> None:
    """Only `mutants` needs it."""
    program = "import sys, tracepass_contract.contract_tests.cli.commands; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert not [name for name in done.stdout.split() if name.startswith(("connexion", "tracepass_contract.mockserver"))]
