"""A mock as a child process, for as long as a block lasts."""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import httpx

from tracepass_contract.mockserver.testing.world import World

_PATIENCE_SECONDS = 60  # with an answer, on a machine that is busy with other tests


class MockServer:
    """`with MockServer() as mock:` serves on a free port; `options` are those of the command line."""

    def __init__(self, *options: str) -> None:
        self._command = [sys.executable, "-m", "tracepass_contract.mockserver", "--port", "0", *options]
        self._http = httpx.Client(timeout=_PATIENCE_SECONDS)
        self.base_url = ""

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            self._log = Path(opened.enter_context(TemporaryDirectory(prefix="tracepass-mock-"))) / "log"
            log = opened.enter_context(self._log.open("wb"))  # no pipe: nobody reads it, and a full one stops the mock
            self._process = opened.enter_context(
                subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603  our own
            )
            opened.callback(self._process.terminate)
            assert self._process.stdout is not None  # noqa: S101  it is a pipe
            first_line = self._process.stdout.readline()
            if not first_line:
                raise RuntimeError(f"the mock did not start: {self.log().strip()}")
            self.base_url = json.loads(first_line)["base_url"]
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._http.close()
        self._opened.close()

    def log(self) -> str:
        """What the mock has said so far: a line for each call."""
        return self._log.read_text(encoding="utf-8")

    def world(self, **limits: Any) -> World:
        """Mint a private world with these limits and balances (as in POST /_mock/workspaces)."""
        reply = self._http.post(f"{self.base_url}/_mock/workspaces", json=limits)
        if reply.is_error:
            raise ValueError(reply.json()["detail"])
        return World(self._http, self.base_url, reply.json())
