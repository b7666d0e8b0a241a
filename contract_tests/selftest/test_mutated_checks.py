"""No check can lose what it says, or turn it around, without a test of the suite itself that fails."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = "tracepass_contract.contract_tests"
HERE = Path(__file__).resolve().parent
SUITE = HERE.parent
ORACLE = [f"oracle.{path.stem}" for path in sorted((SUITE / "oracle").glob("[a-z]*.py"))]
CHECKS = {
    "what directed tests assert": (["expect"], ["test_expect.py"]),
    "the document": (["document", "findings"], ["test_judging.py"]),
    "the oracle": (ORACLE, ["test_oracle_keys.py", "test_oracle_answers.py", "test_oracle_ledgers.py"]),
    "the checks for Schemathesis": (
        ["fuzzing.books", "fuzzing.breaches", "fuzzing.transport", "semantic_checks"],
        ["test_fuzzing.py"],
    ),
}
TRIED_WHOLE = {"machine"}  # its one assertion is what the runs against wrong servers are about
SAYS = {"Mismatch", "AssertionError", "Breach", "violates"}


@pytest.mark.parametrize("checks", CHECKS)
def test_each_thing_that_a_check_says_is_missed_when_it_is_gone(checks: str) -> None:
    modules, tests = CHECKS[checks]
    names = [f"{PACKAGE}.{module}" for module in modules]
    command = [sys.executable, "-m", f"{PACKAGE}.selftest.mutated_checks", *names, "--"]

    done = subprocess.run(
        [*command, *(str(HERE / test) for test in tests)], capture_output=True, text=True, check=False
    )

    count, *survivors = done.stdout.splitlines() or [done.stderr]
    assert survivors == []
    assert (done.returncode, done.stderr) == (0, "")
    assert int(count.split()[0]) > 0


def test_every_module_that_says_something_is_mutated() -> None:
    """A new check is tried like the others, without a list to keep."""
    saying = {
        str(path.relative_to(SUITE).with_suffix("")).replace("/", ".")
        for path in SUITE.rglob("*.py")
        if not {"selftest", "mutants", "matrix"} & set(path.parts) and not path.name.startswith("test_") and _says(path)
    }

    assert saying - TRIED_WHOLE <= {module for modules, _ in CHECKS.values() for module in modules}


def _says(path: Path) -> bool:
    """Whether it calls one of these, as a function, a class or a method."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return bool(SAYS & {getattr(call, "attr", getattr(call, "id", "")) for call in calls})
