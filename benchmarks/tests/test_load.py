"""What is sent and what counts as a right answer, without sending anything."""

import json
import re

import pytest

from benchmarks.measures.layers import layer_of
from benchmarks.measures.profiler import function_and_file
from benchmarks.measures.suite_run import kind_of
from benchmarks.run.load import as_lua
from benchmarks.run.rounds import Rounds
from benchmarks.subjects.cases import CASES, Call, batch, creates


@pytest.mark.parametrize("items", [1, 3, 100])
def test_every_item_of_a_batch_has_a_place_for_a_serial_number_of_its_own(items: int) -> None:
    call = creates(items)

    assert call.body.count("@@") == items == len(json.loads(call.body)["passports"])


def test_a_stored_batch_has_the_same_serial_numbers_each_time() -> None:
    (replay,) = (case for case in CASES if case.id == "replay")

    assert "@@" not in replay.call.body
    assert replay.first == replay.call


def test_the_items_of_a_fixed_batch_differ() -> None:
    items = json.loads(batch(3, "FIND-#"))["passports"]

    assert [item["gs1"]["serialNumber"] for item in items] == ["FIND-000", "FIND-001", "FIND-002"]


def test_lua_gets_the_whole_path_and_the_text_as_it_is() -> None:
    call = Call("POST", "/passports/batch", '{"a":"]]"}', 200, '"created":%s*1%D')

    table = as_lua(call, "http://127.0.0.1:4747/api/v1", "R1")

    assert "path = [==[/api/v1/passports/batch]==]" in table
    assert 'body = [==[{"a":"]]"}]==]' in table
    assert re.search(r"\[ \[==\[Authorization\]==\] \] = \[==\[Bearer ", table)


def test_rounds_of_nothing_are_json() -> None:
    assert json.loads(json.dumps(Rounds().as_json())) == {"cells": {}, "failures": {}, "broken": {}, "ready": {}}


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("parse (src/tracepass_contract/mockserver/http/call/body.py:31)", ("parse", "mockserver/http/call/body.py")),
        ("send (/x/.venv/lib/python3.11/site-packages/uvicorn/main.py)", ("send", "uvicorn/main.py")),
        ("MainThread", ("MainThread", "?")),
    ],
)
def test_a_frame_is_reported_without_the_folders_of_this_machine(frame: str, expected: tuple[str, str]) -> None:
    assert function_and_file(frame) == expected


def test_a_sample_counts_for_the_innermost_frame_that_tells() -> None:
    """Hypothesis runs the test, the test judges, and judging asks nobody."""
    stack = ("main (a.py)", "run (hypothesis/core.py)", "valid (openapi_core/schema.py)", "match (re.py)")

    assert kind_of(stack) == "judging"
    assert kind_of(stack[:2]) == "Hypothesis"
    assert kind_of(stack[:1]) == "the rest"


@pytest.mark.parametrize(
    ("stack", "layer"),
    [
        (("main (runners.py)", "parse (src/tracepass_contract/mockserver/http/body.py)"), "own code: http"),
        (("parse (mockserver/http/call/body.py)", "loads (json/decoder.py)"), "own code: http"),
        (("a (mockserver/state/view.py)",), "own code: state"),
        (("a (mockserver/semantics/checks/items.py)",), "own code: semantics"),
        (("a (mockserver/cli/commands.py)",), "own code: log and the rest"),
        (("a (/x/site-packages/connexion/middleware/main.py)",), "Connexion"),
        (("a (uvicorn/protocols/http/httptools_impl.py)",), "uvicorn"),
        (("a (starlette/routing.py)", "create (benchmarks/servers/floor.py)"), "own code"),
        (("run (asyncio/runners.py)",), "event loop and sockets"),
        (("a (b.py)",), "the rest"),
    ],
)
def test_a_sample_counts_for_the_layer_that_it_is_in_or_was_called_from(stack: tuple[str, ...], layer: str) -> None:
    assert layer_of(stack) == layer
