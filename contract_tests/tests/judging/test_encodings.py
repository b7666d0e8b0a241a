"""The encoding of an answer that is no JSON is named: nobody sees a byte order mark in a report."""

from datetime import UTC, datetime

import pytest

from tracepass_contract.contract_tests.client.reply import Reply
from tracepass_contract.contract_tests.judging.document import findings_of_document
from tracepass_contract.contract_tests.model.history import BATCH, Exchange, History

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
TEXT = '{"error": "Validation érror"}'


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (TEXT.encode("utf-8-sig"), "a byte order mark (UTF-8)"),
        (TEXT.encode("utf-16"), "a byte order mark (UTF-16)"),
        (TEXT.encode("utf-32"), "a byte order mark (UTF-32)"),
        (TEXT.encode("utf-16-le"), "UTF-16 or UTF-32"),
        (TEXT.encode("utf-16-be"), "UTF-16 or UTF-32"),
        (TEXT.encode("latin-1"), "not UTF-8"),
    ],
)
def test_an_answer_in_another_encoding_is_named(answer: bytes, named: str) -> None:
    headers = {"content-type": "application/json"}
    call = Exchange(
        1, "main", "key", "POST", BATCH, NOON, body=b"{}", status=400, answer_headers=headers, answer=answer
    )

    [finding] = findings_of_document(History("", "", [call]))

    assert named in finding.actual
    assert named in Reply(call).described


def test_an_answer_in_utf_8_has_no_such_name() -> None:
    assert Exchange(1, "main", "key", "GET", "/", NOON, answer="{é".encode()).flaw_of_encoding == ""
