import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import replace
from html import escape
from io import StringIO
from time import process_time
from urllib.parse import quote

import pytest

from tracepass_contract.contract_tests.model.history import Exchange
from tracepass_contract.contract_tests.model.history_lines import line_of
from tracepass_contract.contract_tests.model.redaction import REDACTED, Redactor
from tracepass_contract.contract_tests.report.as_html import to_html
from tracepass_contract.contract_tests.report.as_json import to_json
from tracepass_contract.contract_tests.report.as_junit import to_junit
from tracepass_contract.contract_tests.report.terminal import print_report, text_of
from tracepass_contract.contract_tests.report.text import json_without_controls
from tracepass_contract.contract_tests.tests.helpers.sample_run import SECRETS, result, sample

SECRET = 's3cret/&"key"'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        escape(SECRET),
        json.dumps(SECRET),
        b64encode(SECRET.encode()).decode(),
        b64encode(f"user:{SECRET}".encode()).decode(),
        b64encode(f"a longer text with {SECRET} in it".encode()).decode(),
        urlsafe_b64encode(f"??{SECRET}".encode()).decode(),
        SECRET.upper(),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        "".join(f"%{ord(each):02X}" for each in SECRET),
        "".join(f"%{ord(each):02x}" for each in SECRET),
        "".join(f"\\u{ord(each):04x}" for each in SECRET),
        "".join(f"\\x{ord(each):02x}" for each in SECRET),
        "".join(f"&#{ord(each)};" for each in SECRET),
        "".join(f"&#x{ord(each):X};" for each in SECRET),
        quote(quote(SECRET, safe=""), safe=""),
        json.dumps(json.dumps(SECRET))[3:-3],
        escape(quote(SECRET, safe="")).upper(),
        "\0".join(SECRET),
    ],
)
def test_a_secret_is_found_in_whatever_form(form: str) -> None:
    """As text and as bytes, and nothing beside it is taken away. Of base64 some characters at its ends may stay."""
    said = Redactor([SECRET]).text(f"the key {form} is not valid")
    written = Redactor([SECRET]).body(f"the key {form} is not valid".encode()).decode()

    assert said == written
    assert said.startswith("the key ")
    assert said.endswith(" is not valid")
    rest = said.removeprefix("the key ").removesuffix(" is not valid")
    assert REDACTED in rest
    assert form[4:-4] not in rest


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Authorization: Bearer abc", "Authorization: Bearer [redacted]"),
        ("-H 'authorization: abc' -d x", "-H 'authorization: [redacted]' -d x"),
        ('{"Authorization": "Basic dXNlcg=="}', '{"Authorization": "Basic [redacted]"}'),
        ("no key tp_live_12345678 here", "no key [redacted] here"),
        ("https://user:word@host/x", "https://[redacted]@host/x"),
        ("(Authorization: Bearer [redacted])", "(Authorization: Bearer [redacted])"),
        ("the bearer authorization is missing", "the bearer authorization is missing"),
        ("http_status: 200", "http_status: 200"),
        ("Authorization: expected Bearer and the token", "Authorization: expected Bearer and the token"),
        ("Authorization: Bearer is missing", "Authorization: Bearer is missing"),
        ("authorization: Required.", "authorization: Required."),
        ("Authorization: expected-token-4711 x", "Authorization: [redacted] x"),
        ("Authorization: is.a.token", "Authorization: [redacted]"),
        ("Authorization: expected Authorization: abc", "Authorization: expected Authorization: [redacted]"),
    ],
)
def test_what_looks_like_a_secret_goes_too(text: str, redacted: str) -> None:
    assert Redactor().text(text) == redacted


def test_of_an_authorization_only_the_scheme_stays() -> None:
    headers = {"authorization": "Basic abc", "Cookie": "a=b", "Authorization": "odd", "Accept": "*/*"}

    assert Redactor().headers(headers) == {
        "authorization": "Basic [redacted]",
        "Cookie": "[redacted]",
        "Authorization": "[redacted]",
        "Accept": "*/*",
    }


def test_a_json_value_is_redacted_throughout() -> None:
    value = {SECRET: [1, None, {"authorization": "Bearer x", "deep": f"<{SECRET}>"}]}

    assert Redactor([SECRET]).value(value) == {
        REDACTED: [1, None, {"authorization": f"Bearer {REDACTED}", "deep": f"<{REDACTED}>"}]
    }


def test_a_body_without_secrets_stays_byte_for_byte() -> None:
    content = bytes(range(256)) + "ünïcode".encode()

    assert Redactor([SECRET]).body(content) == content
    assert Redactor([SECRET]).body(content + SECRET.encode()) == content + REDACTED.encode()


def test_half_a_surrogate_pair_is_spelled_out() -> None:
    assert Redactor().text("\ud800") == "\\ud800"


def test_a_short_secret_is_found_as_it_is() -> None:
    assert Redactor(["pin4"]).text("pin4 PIN4 cGluNA==") == f"{REDACTED} PIN4 cGluNA=="


def test_escapes_without_a_secret_stay() -> None:
    text = "100% of a%20b \\u0041 &amp; &#65; \\\\ %zz &unknown;"

    assert Redactor([SECRET]).text(text) == text


def test_no_output_has_a_raw_control_character() -> None:
    """An answer of the sample has CSI (C1) and DEL; a terminal obeys the one as the other."""
    found = replace(result(), notes=["a \x9b31m b \x7f c"])
    call = Exchange(1, None, "", "GET", "/", found.started_at, status=200, answer="\x9b31m\x7f".encode())
    report = sample(found)
    written = [
        to_json(report).decode(),
        to_junit(report).decode(),
        to_html(report),
        text_of(report),
        json_without_controls(line_of(call)).decode(),
    ]

    for text in written:
        assert not {each for each in text if each == "\x7f" or "\x80" <= each <= "\x9f"}
    assert json.loads(written[0])["notes"] == found.notes
    assert json.loads(written[4])["answer"] == "\x9b31m\x7f"


def test_an_empty_secret_hides_nothing() -> None:
    assert Redactor(["", " "]).text("a b") == "a b"


def test_no_report_shows_a_secret() -> None:
    report, terminal = sample(), StringIO()
    print_report(report, terminal)
    scripts = "".join(failure.curl for failure in report.failures)
    written = [to_json(report).decode(), to_junit(report).decode(), to_html(report), terminal.getvalue(), scripts]

    for text in written:
        for secret in (*SECRETS, "password", "4711;", "session="):
            assert secret not in text
            assert escape(secret) not in text


@pytest.mark.parametrize(
    "piece",
    [
        "x",
        "x:",
        "://",
        "a://",
        "tp_",
        "authorization",
        "authorization: ",
        "bearer ",
        "@",
        "%41",
        "&#65;",
        "\\\\u0041",
        "s3cre",
    ],
)
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    """A deployment can't stop the reports with an answer chosen for that: ten times the text takes about ten times as
    long, and not a hundred times.
    """
    short, long = (
        min(_processor_seconds(piece * (size // len(piece))) for _ in range(3)) for size in (100_000, 1_000_000)
    )

    assert long < 40 * short


def _processor_seconds(text: str) -> float:
    started = process_time()
    Redactor([SECRET]).text(text)
    return process_time() - started
