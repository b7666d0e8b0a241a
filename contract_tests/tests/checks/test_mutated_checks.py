"""No check can lose what it says, or turn it around, without a test of the suite itself that fails."""

import ast
from pathlib import Path

import pytest

from tracepass_contract.contract_tests.tests.helpers.warm import run_module


def _module(path: Path) -> str:
    return ".".join(path.relative_to(SUITE).with_suffix("").parts)


PACKAGE = "tracepass_contract.contract_tests"
HERE = Path(__file__).resolve().parent
SUITE = HERE.parents[1]
ORACLE = [_module(path) for path in sorted((SUITE / "judging/oracle").rglob("[a-z]*.py"))]
OF_ORACLE = ("answers", "batches", "budget", "key_lifetime", "keys", "ledger", "lost_calls", "pairs", "quota")
CHECKS = {
    "what directed tests assert": (
        ["checks.expect", "checks.shown"],
        ["checks/test_expect.py", "checks/test_shown.py"],
    ),
    "the document": (["judging.document", "run.findings"], ["judging/test_judgement.py"]),
    "the oracle": (ORACLE, [f"judging/oracle/test_{name}.py" for name in OF_ORACLE]),
    "the checks for Schemathesis": (
        [f"checks.fuzzing.{name}" for name in ("balances", "breaches", "transport", "semantic_checks")],
        ["checks/fuzzing/test_fuzzing.py"],
    ),
}
TRIED_WHOLE = {"checks.sequences"}  # its one assertion is what the runs against wrong servers are about
SAYS = {"Mismatch", "AssertionError", "Breach", "violates"}


@pytest.mark.parametrize("checks", CHECKS)
def test_each_thing_that_a_check_says_is_missed_when_it_is_gone(checks: str) -> None:
    modules, tests = CHECKS[checks]
    names = [f"{PACKAGE}.{module}" for module in modules]
    paths = [str(SUITE / "tests" / test) for test in tests]

    done = run_module(f"{PACKAGE}.tests.helpers.mutated_checks", *names, "--", *paths)

    count, *survivors = done.stdout.splitlines() or [done.stderr]
    assert survivors == []
    assert (done.code, done.stderr) == (0, "")
    assert int(count.split()[0]) > 0


def test_every_module_that_says_something_is_mutated() -> None:
    """A new check is tried like the others, without a list to keep."""
    saying = {
        _module(path)
        for path in SUITE.rglob("*.py")
        if not {"tests", "mutants"} & set(path.relative_to(SUITE).parts)
        and not path.name.startswith("test_")
        and _says(path)
    }

    assert saying - TRIED_WHOLE <= {module for modules, _ in CHECKS.values() for module in modules}


def _says(path: Path) -> bool:
    """Whether it calls one of these, as a function, a class or a method."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return bool(SAYS & {getattr(call, "attr", getattr(call, "id", "")) for call in calls})
