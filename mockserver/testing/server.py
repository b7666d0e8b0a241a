"""A mock as a child process, for as long as a block lasts."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import httpx

from .workspace import Workspace

_PATIENCE_SECONDS = 60  # with an answer, on a machine that is busy with other tests


class MockServer:
    """`with MockServer() as mock:` serves on a free port; `options` are those of the command line.

    Only the ready file is its own. `control_token` is what the control plane asks for, if anything; workspaces send it.
    """

    def __init__(self, *options: str) -> None:
        if any(each.partition("=")[0] == "--ready-file" for each in options):
            raise ValueError("--ready-file: MockServer has one of its own; its base_url says where it serves")
        self._options = options
        self._http = httpx.Client(timeout=_PATIENCE_SECONDS, limits=httpx.Limits(max_keepalive_connections=0))
        self.base_url = ""
        self.control_token: str | None = None

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            folder = Path(opened.enter_context(TemporaryDirectory(prefix="tracepass-mock-")))
            self._log, ready_file = folder / "log", folder / "ready.json"
            command = self._command(ready_file)
            log = opened.enter_context(self._log.open("wb"))  # no pipe: nobody reads it, and a full one stops the mock
            self._process = opened.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603  our own
            )
            opened.callback(self._process.terminate)
            assert self._process.stdout is not None  # noqa: S101  it is a pipe
            first_line = self._process.stdout.readline()
            if not ready_file.exists():
                raise RuntimeError(f"the mock did not start: {first_line}{self.log()}".strip())
            self._learn(json.loads(ready_file.read_text(encoding="utf-8")))
            self._opened = opened.pop_all()
        return self

    def _command(self, ready_file: Path) -> Sequence[str]:
        given = ("--port", "0", *self._options, "--ready-file", str(ready_file))
        return [sys.executable, "-m", "tracepass_contract.mockserver", *given]

    def _learn(self, ready: Mapping[str, Any]) -> None:
        self.base_url, self.control_token = ready["base_url"], ready["control_token"]
        if self.control_token is not None:
            self._http.headers["Authorization"] = f"Bearer {self.control_token}"

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._http.close()
        self._opened.close()

    def log(self) -> str:
        """What the mock has said so far: a line for each call."""
        return self._log.read_text(encoding="utf-8")

    def workspace(self, **limits: Any) -> Workspace:
        """Mint an isolated workspace with these limits and balances (as in POST /_mock/workspaces)."""
        reply = self._http.post(f"{self.base_url}/_mock/workspaces", json=limits)
        if reply.is_error:
            raise ValueError(reply.json()["detail"])
        return Workspace(self._http, self.base_url, reply.json())
