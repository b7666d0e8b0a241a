"""A mock as a child process, for as long as a block lasts."""

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

import httpx

from tracepass_contract.mockserver.testing.world import World

_PATIENCE_SECONDS = 10


class MockServer:
    """`with MockServer() as mock:` serves on a free port; `options` are those of the command line."""

    def __init__(self, *options: str) -> None:
        self._command = [sys.executable, "-m", "tracepass_contract.mockserver", "--port", "0", *options]
        self._http = httpx.Client()
        self.base_url = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603  our own program
            self._command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None  # noqa: S101  it is a pipe
        first_line = self._process.stdout.readline()
        if not first_line:
            _, told = self._process.communicate()
            raise RuntimeError(f"the mock did not start: {told.strip()}")
        self.base_url = json.loads(first_line)["base_url"]
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._http.close()
        self._process.terminate()
        self._process.communicate(timeout=_PATIENCE_SECONDS)

    def world(self, **limits: Any) -> World:
        """Mint a private world with these limits and balances (as in POST /_mock/workspaces)."""
        reply = self._http.post(f"{self.base_url}/_mock/workspaces", json=limits)
        if reply.is_error:
            raise ValueError(reply.json()["detail"])
        return World(self._http, self.base_url, reply.json())
