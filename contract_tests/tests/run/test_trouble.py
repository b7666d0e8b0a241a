"""What is no deployment, or a bad line to one: a clear word, the right exit code, in time, and no key in sight."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count

import pytest

from tracepass_contract.contract_tests.model.outcomes import Unreachable
from tracepass_contract.contract_tests.mutants.matrix.forked_mock import forked_mock
from tracepass_contract.contract_tests.run.pytest_run import perform
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.helpers.command import Done, at_once, check
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Request, in_front_of

KEY = "tp_mock_unlimited"
PRODUCT_OPTIONS = ("--product-id", "6650a1b2c3d4e5f6a7b8d008", "--gtin", "09506000140087", "--no-control-plane")


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does what it likes with a connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _says_html(connection: socket.socket) -> None:
    with connection:
        connection.recv(65536)
        page = b"<html><h1>502 Bad Gateway</h1></html>"
        connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n")
        connection.sendall(b"content-length: %d\r\n\r\n" % len(page) + page)


def _says_html_once() -> Callable[[socket.socket], None]:
    """And drops each later connection."""
    turn = count()

    def answer(connection: socket.socket) -> None:
        if next(turn):
            connection.close()
        else:
            _says_html(connection)

    return answer


def _hangs(connection: socket.socket) -> None:
    """Says nothing until the caller is gone."""
    with connection, suppress(OSError):
        while connection.recv(65536):
            pass


def _drips(connection: socket.socket) -> None:
    """Is never silent for long, and does not end before the caller is gone."""
    with connection, suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        while True:
            connection.sendall(b" ")
            time.sleep(0.1)


def _run(url: str, *more: str) -> Done:
    return at_once("run", url, "--api-key", KEY, *PRODUCT_OPTIONS, *more)


def test_a_host_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

    _is_a_clear_word(_run(url), 3, "does not answer")
    _is_a_clear_word(at_once("run", url), 3, "does not answer")  # before it asks for a key


def test_a_page_for_people() -> None:
    with listening(_says_html) as url:
        _is_a_clear_word(_run(url), 3, "is not the API")


def test_a_page_for_people_says_more_than_a_connection_that_is_dropped_after_it() -> None:
    with listening(_says_html_once()) as url:
        _is_a_clear_word(_run(url), 3, "is not the API")


@pytest.mark.parametrize("answer", [_hangs, _drips])
def test_a_server_that_never_ends_its_answer(answer: Callable[[socket.socket], None]) -> None:
    """The run ends all the same: the server would go on for ever."""
    with listening(answer) as url:
        done = _run(url, "--call-seconds", "0.5")

    _is_a_clear_word(done, 3, "does not answer")


def test_a_time_limit_that_ends_before_the_first_answer() -> None:
    with listening(_hangs) as url:
        done = _run(url, "--time-limit", "0.3")

    _is_a_clear_word(done, 3, "does not answer")


def test_a_key_that_is_refused() -> None:
    with forked_mock() as url:
        done = at_once("run", url, "--api-key", "tp_mock_of_nobody", *PRODUCT_OPTIONS)

    _is_a_clear_word(done, 2, "the deployment refused the API key")


@pytest.mark.parametrize(
    ("given", "found"), [("", "it requires a token"), ("not-the-token-of-it", "the control token is wrong")]
)
def test_a_control_plane_that_asks_for_a_token(given: str, found: str) -> None:
    """Told before anything is sent that costs, and by the name of the option."""
    with forked_mock(("--control-token", "the-token-of-the-mock")) as url:
        done = at_once("run", url, TRACEPASS_CHECK_CONTROL_TOKEN=given)

    _is_a_clear_word(done, 2, f"{found}. Set TRACEPASS_CHECK_CONTROL_TOKEN")
    assert "--control-token" in done.stderr
    assert "token-of" not in done.stdout + done.stderr


def test_a_control_plane_that_is_given_its_token() -> None:
    with forked_mock(("--control-token", "the-token-of-the-mock")) as url:
        done = check(
            "run", url, "--rule", "auth.bearer-required", TRACEPASS_CHECK_CONTROL_TOKEN="the-token-of-the-mock"
        )

    assert done.code == 0, done.stderr


@pytest.mark.parametrize("more", [(), PRODUCT_OPTIONS], ids=["provisioned", "live"])
def test_a_line_that_loses_every_third_answer(more: tuple[str, ...]) -> None:
    """The deployment is not blamed for it; what could not be seen is inconclusive."""
    numbers = count(1)

    def cuts(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        return Answered(0, cut=True) if next(numbers) % 3 == 0 else answered

    with forked_mock() as base_url, in_front_of(base_url, cuts) as url:
        done = check("run", url, "--api-key", KEY, "--examples", "3", "--json", *more)

    assert done.code == 4, done.stderr
    assert done.violated() == {}
    assert "inconclusive" in done.verdicts().values()
    assert KEY not in done.stdout + done.stderr


def test_the_time_is_up() -> None:
    """A run ends at its limit, with what it knows."""

    def slow(request: Request, ask: Ask) -> Answered:
        time.sleep(0.3)
        return ask(request)

    with forked_mock() as base_url, in_front_of(base_url, slow) as url:
        done = check("run", url, "--time-limit", "3", "--json")

    assert done.code == 4, done.stderr
    assert done.violated() == {}
    assert any("time limit" in each["because"] for each in done.findings)


def test_a_mock_without_its_control_plane() -> None:
    """A mock that the run started is no deployment whose key is missing."""

    @contextmanager
    def starts(_options: object, _log: object) -> Iterator[str]:
        with listening(_says_html) as url:
            yield url

    with pytest.raises(Unreachable, match="does not answer its control plane"):
        perform(Settings(start_mock=starts))


def _is_a_clear_word(done: Done, code: int, word: str) -> None:
    assert done.code == code, done.stderr
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert KEY not in done.stdout + done.stderr
