"""The scripts are run, against a server that keeps what it gets."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracepass_contract.contract_tests.model.history import Exchange
from tracepass_contract.contract_tests.model.redaction import Redactor
from tracepass_contract.contract_tests.report.curl import key_variables, script
from tracepass_contract.contract_tests.tests.helpers.sample_run import API_KEY, SECRETS, call, history

pytestmark = pytest.mark.tool("curl")


@dataclass
class Recorder:
    """What a server received: method, path, headers in lower case, body."""

    url: str
    received: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def run(self, text: str) -> str:
        environment = {"PATH": os.environ["PATH"], "TRACEPASS_BASE_URL": self.url, "TRACEPASS_API_KEY": "first"}
        done = subprocess.run(
            ["sh"],
            input=text.encode(),
            env={**environment, "TRACEPASS_API_KEY_2": "other"},
            capture_output=True,
            check=True,
            timeout=20,
        )
        return done.stdout.decode() + done.stderr.decode()


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    recorder = Recorder("")

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorder.received.append((self.command, self.path, headers, body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b"ok")

        do_GET = do_POST = do_HEAD = do_DELETE = do_PATCH = answer  # noqa: N815 - the names are http.server's

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        recorder.url = f"http://127.0.0.1:{http.server_port}"
        Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield recorder
        http.shutdown()


@pytest.fixture(autouse=True)
def _nothing_received(server: Recorder) -> None:
    server.received.clear()


def test_the_calls_of_a_run_are_sent_again(server: Recorder) -> None:
    """Bodies, keys and headers arrive as they were sent; those of one race at once, the others in order."""
    text = script(history().events, Redactor(SECRETS))

    server.run(text)

    sent = history().exchanges
    assert API_KEY not in text
    assert [body for *_, body in server.received[3:]] == [each.body or b"" for each in sent[3:]]
    assert sorted(body for *_, body in server.received) == sorted(each.body or b"" for each in sent)
    assert [headers.get("idempotency-key") for *_, headers, _ in server.received[3:]] == [
        each.idempotency_key for each in sent[3:]
    ]
    keys = {headers.get("authorization") for *_, headers, _ in server.received}
    assert keys == {"Bearer first", "Bearer other", None}


@pytest.mark.parametrize(
    "body",
    [
        b'it\'s "quoted" $HOME `date` \\ \\n !! %s',
        b"@/etc/passwd",
        b"-d x",
        b"",
        b"\n\n trailing \n",
        b"\x00\x01\xff",
        "ünï\u202ecode\u200b ✓".encode(),
        b"tab\tand\r\nreturn",
        b"x" * 300_000,
    ],
    ids=lambda body: repr(body[:16]),
)
def test_any_body_arrives_byte_for_byte(server: Recorder, body: bytes) -> None:
    server.run(script([call(1, 200, body=body)], Redactor()))

    assert [received for *_, received in server.received] == [body]


@given(body=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_body_is_it_arrives(server: Recorder, body: bytes) -> None:
    server.received.clear()

    server.run(script([call(1, 200, body=body)], Redactor()))

    assert [received for *_, received in server.received] == [body]


def test_headers_arrive_as_they_were_sent(server: Recorder) -> None:
    headers = {"X-Quote": "it's $HOME", "X-Empty": "", "Host": "elsewhere", "Content-Length": "7", "accept": "a/b"}

    server.run(script([call(1, 200, headers=headers)], Redactor()))

    [(_, _, received, _)] = server.received
    assert (received["x-quote"], received["x-empty"], received["accept"]) == ("it's $HOME", "", "a/b")
    assert "content-type" not in received  # curl's own would say that it is a form
    assert received["host"] == server.url.removeprefix("http://")


@pytest.mark.parametrize("path", ["/x?a=[1]&b={2}", "/a/../b", "/it's", "/$HOME/`id`"])
def test_a_path_is_not_interpreted(server: Recorder, path: str) -> None:
    server.run(script([call(1, 200, path=path)], Redactor()))

    assert [received for _, received, *_ in server.received] == [path]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_call_without_a_body_has_none(server: Recorder, method: str) -> None:
    server.run(script([call(1, 200, method=method, body=None, headers={})], Redactor()))

    [(received, _, headers, body)] = server.received
    assert (received, body) == (method, b"")
    assert "content-length" not in headers


def test_a_wrong_key_is_sent_as_a_wrong_one(server: Recorder) -> None:
    """A key of no workspace is no variable: whatever is sent for it has to be refused."""
    wrong = call(1, 401, key="wrong")
    other = replace(wrong, headers={"Authorization": "Basic abc"})

    server.run(script([wrong, other], Redactor()))

    assert key_variables([wrong, other]) == {}
    assert [headers["authorization"] for *_, headers, _ in server.received] == ["Bearer [redacted]", "Basic [redacted]"]


def test_a_script_without_its_variables_says_which() -> None:
    text = script([call(1, 200)], Redactor())

    done = subprocess.run(
        ["sh"], input=text, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "TRACEPASS_BASE_URL: the URL of the deployment" in done.stderr


def test_a_purpose_can_not_break_out_of_its_comment(server: Recorder) -> None:
    exchange: Exchange = call(1, None, purpose="a\ncurl evil\r\x85b", detail="x\ny")

    text = script([exchange], Redactor(), title="t\nid")

    assert "# 1. a curl evil b: no answer (unknown: x y)" in text
    assert "\nid" not in text
    server.run(text)


def test_what_was_known_and_the_clock_stand_as_comments() -> None:
    text = script(history().events, Redactor(SECRETS))

    assert "# Workspace w1: product 6650a1b2, GTIN 04012345000016, writes left 2, slots left 3" in text
    assert "# The clock of workspace w1 was set to 2026-06-02T12:00:00+00:00." in text
    assert "# API key second of workspace w2:" in text
    assert "\nwait\n" in text
