import gzip
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from tracepass_contract.contract_tests.model.history import (
    Exchange,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_body_that_is_json_is_read_as_such() -> None:
    exchange = Exchange(1, "main", "main", "POST", "/x", NOON, {"idempotency-key": "k"}, b'{"a": 1}', answer=b"<html>")

    assert (exchange.sent_json, exchange.answer_json) == ({"a": 1}, None)
    assert exchange.idempotency_key == "k"
    assert not exchange.succeeded


@pytest.mark.parametrize(
    ("coding", "body", "sent"),
    [
        ("gzip", gzip.compress(b"[1]"), [1]),
        ("Deflate", zlib.compress(b"[1]"), [1]),
        ("gzip, gzip", gzip.compress(gzip.compress(b"[1]")), [1]),
        ("identity", b"[1]", [1]),
        ("br", b"[1]", [1]),
        ("gzip", b"[1]", [1]),
        ("gzip", gzip.compress(b"[1]")[:9], None),
    ],
    ids=["gzip", "deflate", "twice", "identity", "unknown", "not packed", "cut off"],
)
def test_a_packed_body_is_read_as_it_was(coding: str, body: bytes, sent: Any) -> None:
    exchange = Exchange(1, "main", "main", "POST", "/x", NOON, {"Content-Encoding": coding}, body)

    assert exchange.sent_json == sent


def test_a_byte_order_mark_before_a_body_does_not_matter() -> None:
    assert Exchange(1, "main", "main", "POST", "/x", NOON, body=b"\xef\xbb\xbf[1]").sent_json == [1]


def test_half_of_a_surrogate_pair_is_no_reason_to_read_nothing() -> None:
    """JSON can spell it (RFC 8259, 8.2), and many parsers take it and show it again."""
    answer = rb'["\uD83D\ude00", "a\ud800b", "\udc00", "\\ud800", "\uDBff\n"]'
    exchange = Exchange(1, "main", "main", "POST", "/x", NOON, body=answer, answer=answer, status=200)

    wanted = ["\U0001f600", "a\ufffdb", "\ufffd", "\\ud800", "\ufffd\n"]
    assert (exchange.sent_json, exchange.answer_json) == (wanted, wanted)


def test_the_media_type_has_no_capitals_and_no_parameters() -> None:
    headers = {"content-type": 'Application/JSON ;charset="UTF-8"'}
    named = Exchange(1, "main", "main", "GET", "/x", NOON, status=200, answer_headers=headers)

    assert (named.media_type, Exchange(1, "main", "main", "GET", "/x", NOON).media_type) == ("application/json", "")


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ('{"index": 1.0, "more": [2.0, 0.5, true, "3.0"]}', "{'index': 1, 'more': [2, 0.5, True, '3.0']}"),
        ("2.0", "2"),
        ("[1e2,-1.5E+1 ]", "[100, -15]"),
        ('{"a":1.20e1}', "{'a': 12}"),
        ("[1E-2]", "[0.01]"),
    ],
)
def test_a_number_without_a_fraction_is_an_integer(answer: str, value: str) -> None:
    exchange = Exchange(1, "main", "main", "POST", "/x", NOON, answered_at=NOON, status=200, answer=answer.encode())

    assert repr(exchange.answer_json) == value
