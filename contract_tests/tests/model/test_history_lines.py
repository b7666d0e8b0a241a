"""A history in a file."""

from datetime import UTC, datetime, timedelta

import pytest

from tracepass_contract.contract_tests.model.history import ClockMoved, Exchange, Given, History, Lost
from tracepass_contract.contract_tests.model.history_lines import UnreadableHistory, from_lines, line_of, to_lines

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEAD = b'{"target": "t", "run": "r"}\n'
HISTORY = History(
    "http://example.test",
    "r1",
    [
        Given("main", NOON, product_id="6650a1b2c3d4e5f6a7b8c9d0", writes_left=3),
        Exchange(1, "main", "main", "POST", "/x", NOON, {"A": "b"}, b'{"a": 1}', NOON, 200, {}, b"\xff\x00"),
        ClockMoved("main", NOON + timedelta(hours=1)),
        Exchange(2, None, "none", "POST", "/x", NOON, lost=Lost.TIMEOUT),
    ],
)


def test_a_history_is_the_same_after_it_was_kept_as_lines() -> None:
    assert from_lines(to_lines(HISTORY)) == HISTORY


def test_a_line_that_was_not_finished_does_not_count() -> None:
    """The run was killed while it wrote it."""
    assert from_lines(to_lines(HISTORY)[:-5]).events == HISTORY.events[:-1]


def test_a_call_is_written_before_its_answer_is_there() -> None:
    """With the answer it is written again. Without one, it may have been executed."""
    under_way = Exchange(3, "main", "main", "POST", "/x", NOON, lost=Lost.CONNECTION)
    answered = Exchange(3, "main", "main", "POST", "/x", NOON, status=200)

    killed = to_lines(HISTORY) + line_of(under_way)

    assert from_lines(killed).exchanges[-1].may_have_been_executed
    assert from_lines(killed + line_of(answered)).events == [*HISTORY.events, answered]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "line 1: not valid JSON"),
        (b"<html>", "line 1: not valid JSON"),
        (b"[]", "line 1: it must be an object"),
        (b'{"target": "t"}', 'line 1: not a history: "run" is missing'),
        (b'{"target": "t", "run": 7}', 'line 1: not a history: "run" is missing, or no text'),
        (HEAD + b"{\n", "line 2: not valid JSON"),
        (HEAD + b'{"event": "wish"}\n', 'line 2: unknown event "wish"'),
        (HEAD + b'{"event": "given"}\n', "line 2: .*workspace"),
        (HEAD + b'{"event": "exchange", "body": 3}\n', "line 2: a body must be text or base64"),
    ],
)
def test_what_is_no_history_is_refused_with_the_place(content: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableHistory, match=complaint):
        from_lines(content)
