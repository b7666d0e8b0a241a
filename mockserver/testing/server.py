"""A mock as a child process until the end of a block, or one that already serves."""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Self

import httpx

from .workspace import Workspace

_TIMEOUT_SECONDS = 60  # of a request, on a machine that runs other tests, too


class _OneByOne(httpx.HTTPTransport):
    """A connection for each call, and one call at a time: with threads, the pool can close the connection of another
    call as an idle one.
    """

    def __init__(self) -> None:
        super().__init__(limits=httpx.Limits(max_keepalive_connections=0))
        self._lock = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            response = super().handle_request(request)
            response.read()
            return response


class RunningMock:
    """`with RunningMock(url) as mock:` uses the mock that serves at this URL.

    Its workspaces send the `control_token`, if the control plane requires one.
    """

    def __init__(self, base_url: str, control_token: str | None = None) -> None:
        self._http = httpx.Client(timeout=_TIMEOUT_SECONDS, transport=_OneByOne())
        self._serves_at(base_url, control_token)

    def _serves_at(self, base_url: str, control_token: str | None) -> None:
        self.base_url, self.control_token = base_url.rstrip("/"), control_token
        if control_token is not None:
            self._http.headers["Authorization"] = f"Bearer {control_token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def workspace(self, **limits: Any) -> Workspace:
        """Create an isolated workspace with these limits, balances and readings (as in POST /_mock/workspaces).

        `readings={"batch.mixed-status": "207"}` answers readings for this workspace only.
        """
        reply = self._http.post(f"{self.base_url}/_mock/workspaces", json=limits)
        if reply.is_error:
            raise ValueError(reply.json()["detail"])
        return Workspace(self._http, self.base_url, reply.json())


class MockServer(RunningMock):
    """`with MockServer() as mock:` serves on a free port. `options` are those of `tracepass-mock serve`.

    It sets `--ready-file` itself. The mock also ends when this process is killed.
    """

    def __init__(self, *options: str) -> None:
        if any(each.partition("=")[0] == "--ready-file" for each in options):
            raise ValueError("MockServer sets --ready-file itself; use its base_url")
        super().__init__("")
        self._options = options

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            folder = Path(opened.enter_context(TemporaryDirectory(prefix="tracepass-mock-")))
            self._log, ready_file = folder / "log", folder / "ready.json"
            log = opened.enter_context(self._log.open("wb"))  # a pipe that nobody reads would fill up and stop the mock
            self._process = opened.enter_context(
                subprocess.Popen(  # noqa: S603  our own
                    self._command(ready_file), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
                )
            )
            opened.callback(self._process.terminate)
            assert self._process.stdout is not None  # noqa: S101  it is a pipe
            first_line = self._process.stdout.readline()
            if not ready_file.exists():
                raise RuntimeError(f"the mock did not start: {first_line}{self.log()}".strip())
            ready = json.loads(ready_file.read_text(encoding="utf-8"))
            self._serves_at(ready["base_url"], ready["control_token"])
            self._opened = opened.pop_all()
        return self

    def _command(self, ready_file: Path) -> Sequence[str]:
        given = ("--port", "0", *self._options, "--ready-file", str(ready_file), "--until-stdin-ends")
        return [sys.executable, "-m", "tracepass_contract.mockserver", *given]

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._opened.close()

    def log(self) -> str:
        """The log so far: a line for each call."""
        return self._log.read_text(encoding="utf-8")
