"""A server in a process of its own: pinned to its core, ready when it answers, held while another is measured."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..subjects.cases import Call
from ..subjects.contenders import Contender
from .load import WrongAnswers
from .machine import ROOT, cores

_POLL_SECONDS = 0.002


class DidNotStart(RuntimeError):
    """The server ended, or did not answer in time; the message has its last words."""


class Server:
    """A contender while it runs. `ready_seconds` is from the start of its process to its first answer."""

    def __init__(self, contender: Contender) -> None:
        self.contender = contender
        self.port = _free_port()
        self.base_url = f"http://127.0.0.1:{self.port}{contender.base_path}"
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  open as long as the server runs
        out = subprocess.DEVNULL if contender.talks else self._said
        command = [part.replace("{port}", str(self.port)) for part in contender.command]
        start = time.perf_counter()
        self._process = subprocess.Popen(
            ["taskset", "-c", str(cores()[0]), *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd=ROOT,
        )
        try:
            self._wait(start + contender.ready_seconds_max)
        except BaseException:
            self.stop()
            raise
        self.ready_seconds = time.perf_counter() - start

    @property
    def pid(self) -> int:
        return self._process.pid

    def rss_bytes(self) -> int:
        """Of the process and those that it started."""
        pages = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                group = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[2]
                if int(group) == self._process.pid:
                    pages += int(stat.with_name("statm").read_text(encoding="utf-8").split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self) -> float:
        """Of the process itself, in all its threads, since it started."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def reset(self) -> None:
        if self.contender.resets:
            self._sent("POST", "/_mock/reset", "", {})

    def send(self, call: Call) -> None:
        """Send it once; raises `WrongAnswers` unless the status is right."""
        status, body = self._sent(call.method, self.contender.base_path + call.path, call.body, call.all_headers())
        if status != call.status:
            raise WrongAnswers(f"{self.contender.title}: expected {call.status}, found {status} {body[:200]!r}")

    def hold(self) -> None:
        """Give it no time until it goes on."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        for sign in (signal.SIGCONT, signal.SIGTERM):
            self._signal(sign)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._said.close()

    def _signal(self, sign: signal.Signals) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, sign)

    def _wait(self, until: float) -> None:
        while True:
            if self._process.poll() is not None:
                raise DidNotStart(f"it ended: {self._last_words()}")
            if time.perf_counter() > until:
                raise DidNotStart(f"no answer in {self.contender.ready_seconds_max} seconds: {self._last_words()}")
            try:
                self._sent("GET", f"{self.contender.base_path}/passports", "", {})
            except OSError:
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _sent(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "it said nothing"


@contextmanager
def running(contender: Contender) -> Iterator[Server]:
    """Raises `DidNotStart`."""
    server = Server(contender)
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
