"""A server that fails by a mistake of its own shows nothing: no kill, no alarm, and no survivor."""

from pathlib import Path

import pytest

from tracepass_contract.contract_tests.mutants.matrix.cell import Cell, run_cell
from tracepass_contract.contract_tests.mutants.matrix.server_log import failure_in
from tracepass_contract.contract_tests.tests.helpers.command import check
from tracepass_contract.contract_tests.tests.helpers.own_servers import install

SERVERS = """
from tracepass_contract.contract_tests.mutants.mutant import Broken
from tracepass_contract.mockserver.http.call import body


@family.around(body, "parse", "OWN-1", rule="summary.adds-up")
def asks_for_what_is_not_there(parse, headers, raw):
    '''A mistake: the body has no such member.'''
    return parse(headers, raw).no_such_member


@family.around(body, "parse", "OWN-2", rule="errors.envelope")
def breaks_on_purpose(parse, headers, raw):
    '''What does not look like JSON breaks the server.'''
    if not raw.startswith(b"{"):
        raise Broken("on purpose")
    return parse(headers, raw)


@conforming.around(body, "parse", "OWN-3", because="it is none")
def conforming_by_mistake(parse, headers, raw):
    '''A mistake again.'''
    return None + parse(headers, raw)
"""
_ON_PURPOSE = "tracepass_contract.contract_tests.mutants.mutant.Broken: on purpose"


@pytest.fixture(autouse=True)
def own_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, SERVERS, monkeypatch)


@pytest.mark.parametrize(
    ("cell", "text", "broken"),
    [
        (Cell("OWN-1", rules=("summary.adds-up",)), "broken server", "AttributeError"),
        (Cell("OWN-2", rules=("errors.envelope", "batch.holds-1-to-100-items")), "killed", ""),
        (Cell(None, rules=("summary.adds-up",), wire=("OWN-3",)), "broken server", "TypeError"),
    ],
    ids=lambda each: each.profile if isinstance(each, Cell) else "",
)
def test_what_a_server_raises_by_mistake_is_not_held_for_its_fault(cell: Cell, text: str, broken: str) -> None:
    """Each answers 500 where it breaks; only the one that was meant to is a fault."""
    outcome = run_cell(Cell(cell.mutant, rules=cell.rules, only_those=True, until_killed=True, wire=cell.wire))

    assert (outcome.described, outcome.broken.partition(":")[0]) == (text, broken)
    assert (outcome.killed_by is not None) == (text == "killed")


def test_a_broken_server_is_named_and_is_a_failure_of_the_matrix() -> None:
    done = check("mutants", "--only", "OWN-1", "--jobs", "1", "--default-only")

    assert done.code == 1
    assert "## Broken servers" in done.stdout
    assert "- **OWN-1** under `default`: AttributeError: " in done.stdout
    assert "## Not killed" not in done.stdout


@pytest.mark.parametrize(
    ("log", "failure"),
    [
        ("This is a wrong server.\nWARNING nothing\n", ""),
        (f"ERROR a bug\nTraceback (most recent call last):\n  File x\n{_ON_PURPOSE}\n", ""),
        ("ERROR a bug\nTraceback (most recent call last):\n  File x\nKeyError: 'a'\n", "KeyError: 'a'"),
        (
            "ERROR a bug\nTraceback (most recent call last):\n  File x\nValueError: no JSON\n\n"
            "The above exception was the direct cause of the following exception:\n\n"
            f"Traceback (most recent call last):\n  File y\n{_ON_PURPOSE}\n",
            "",
        ),
        (
            f"ERROR a bug\nTraceback (most recent call last):\n  File x\n{_ON_PURPOSE}\n"
            "ERROR a bug\nTraceback (most recent call last):\n  File x\nTypeError\n",
            "TypeError",
        ),
        ("CRITICAL the mock exited early with code -11\n", "the mock exited early with code -11"),
    ],
    ids=["well", "on purpose", "by mistake", "on purpose, from another", "both", "gone"],
)
def test_the_log_tells_a_mistake_from_what_is_on_purpose(log: str, failure: str) -> None:
    assert failure_in(log) == failure
