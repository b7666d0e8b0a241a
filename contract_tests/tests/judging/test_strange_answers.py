"""Answers of a wrong type: each is a finding of its rule and never an error of the suite.

A run against the mock is recorded once. Then each member of each kind of answer is replaced by each JSON type, or left
out, and the history of its workspace is judged.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from tracepass_contract.contract_tests.judging.document import notes_of_document
from tracepass_contract.contract_tests.judging.judgement import judged
from tracepass_contract.contract_tests.model.history import BATCH, Exchange, History
from tracepass_contract.contract_tests.model.operations import operation_of
from tracepass_contract.contract_tests.model.verdicts import Verdict
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.run.pytest_run import perform
from tracepass_contract.contract_tests.target.settings import Settings

ABSENT = object()
DEEP = "deep"  # stands for more levels than most programs can write
VALUES = {
    "text": "x",
    "number": -1,
    "fraction": 0.5,
    "huge": 2**63,
    "true": True,
    "null": None,
    "array": [[None]],
    "object": {"a": {}},
    "deep": DEEP,
    "absent": ABSENT,
}
ENTRY = "items.one-result-each"
DATA = "items.created-carries-data"
RULE_OF = {  # a member of a result, and the rule that speaks of it
    ("results",): ENTRY,
    ("results", 0): ENTRY,
    ("results", 0, "index"): ENTRY,
    ("results", 0, "status"): ENTRY,
    ("results", 0, "data"): DATA,
    ("results", 0, "data", "_id"): DATA,
    ("results", 0, "data", "status"): DATA,
    ("results", 0, "data", "gs1"): DATA,
    ("results", 0, "data", "gs1", "gtin"): DATA,
    ("results", 0, "data", "gs1", "serialNumber"): DATA,
    ("summary",): "summary.adds-up",
    ("summary", "created"): "summary.adds-up",
    ("summary", "errors"): "summary.adds-up",
    ("summary", "total"): "summary.adds-up",
}
NAMED = ("fields", "parties", "fieldErrors", "deletedCounts", "defaultFieldValues")  # their members have any names
Path = tuple[str | int, ...]


@pytest.fixture(scope="module")
def recorded() -> History:
    """A run against the mock with few tests of each operation."""
    families = ("summary", "calls", "passports", "products", "budget.counts", "errors", "idempotency.covers")
    with_mock = Settings(rule_prefixes=families, examples=0, seed=1, start_mock=forked_mock)
    return perform(with_mock).history


def test_no_answer_of_a_wrong_type_is_an_error_of_the_suite(recorded: History) -> None:
    """Each member of each kind of answer, each JSON type. Where the answer is a result, its rule is violated."""
    tried = 0
    for history, at, path in _members(recorded):
        exchange = history.events[at]
        assert isinstance(exchange, Exchange)
        for name, value in VALUES.items():
            events = [*history.events]
            events[at] = replace(exchange, answer=_body(exchange.answer_json, path, value))
            notes_of_document(replace(history, events=events[at : at + 1]))
            found = judged(replace(history, events=events), []).findings
            tried += 1
            if rule := _rule_of(exchange, path, name):
                violated = {each.rule for each in found if each.verdict is Verdict.VIOLATES}
                assert rule in violated, (exchange.status, path, name, violated)
    assert tried > 5000


def _rule_of(exchange: Exchange, path: Path, name: str) -> str | None:
    """The rule that speaks of this member with this value; None where there is none, or where a text is right."""
    if exchange.path != BATCH or exchange.status is None:
        return None
    if exchange.status in (400, 401, 402, 409, 422):
        return "errors.envelope" if path == ("error",) and name != "text" else None
    if not exchange.succeeded or (path and path[-1] == "_id" and name == "text"):
        return None
    return ENTRY if name == "deep" else RULE_OF.get(path)


def _members(recorded: History) -> Iterator[tuple[History, int, Path]]:
    """Each member of each kind of answer once: the history of a workspace, the position of the answer, and the path.

    The smallest workspaces come first.
    """
    of_workspace: dict[str | None, list[Any]] = defaultdict(list)
    for event in recorded.events:
        of_workspace[event.workspace].append(event)
    seen = set()
    for events in sorted(of_workspace.values(), key=len):
        for at, event in enumerate(events):
            if not isinstance(event, Exchange) or event.answer_json is None:
                continue
            for path in ((), *_paths(event.answer_json)):
                member = *_kind(event), _without_names(path)
                if member not in seen:
                    seen.add(member)
                    yield replace(recorded, events=events), at, path


def _kind(exchange: Exchange) -> tuple[str, str | None, int | None, str | None]:
    """The operation, the status, and the status of the first result."""
    answer = exchange.answer_json
    results = answer.get("results") if isinstance(answer, dict) else None
    first = results[0]["status"] if results else None
    return exchange.method, operation_of(exchange.method, exchange.path), exchange.status, first


def _without_names(path: Path) -> Path:
    """The path without the names of fields and parties: what is in one of them is in each."""
    return tuple("…" if before in NAMED else part for before, part in zip(("", *path), path, strict=False))


def _paths(value: Any, before: Path = ()) -> Iterator[Path]:
    """All members, and the first element of each array."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, member in members:
        yield (*before, name)
        yield from _paths(member, (*before, name))


def _body(answer: Any, path: Path, value: Any) -> bytes:
    if not path and value is ABSENT:
        return b""
    return orjson.dumps(_replaced(answer, path, value)).replace(b'"deep"', b"[" * 900 + b"]" * 900)


def _replaced(value: Any, path: Path, by: Any) -> Any:
    if not path:
        return by
    name, *rest = path
    copy: Any = dict(value) if isinstance(value, dict) else [*value]
    if rest:
        copy[name] = _replaced(copy[name], tuple(rest), by)
    elif by is ABSENT:
        del copy[name]
    else:
        copy[name] = by
    return copy
