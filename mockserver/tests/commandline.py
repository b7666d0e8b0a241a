"""`tracepass-mock` as a child process, for the tests."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tracepass_contract.fixtures import accounts

TIMEOUT_SECONDS = 60  # on a busy machine


@dataclass
class Running:
    """A running mock that has printed its first line."""

    process: subprocess.Popen[str]
    first_line: str

    @property
    def ready(self) -> Mapping[str, Any]:
        ready: Mapping[str, Any] = json.loads(self.first_line)
        return ready

    def stop(self, signal: int) -> tuple[int, str, str]:
        """Stop the mock. Return the exit code, stdout and stderr."""
        self.process.send_signal(signal)
        said, talked = self.process.communicate(timeout=TIMEOUT_SECONDS)
        return self.process.returncode, said, talked


@contextmanager
def running(
    *options: str, environment: Mapping[str, str] | None = None, log: int = subprocess.PIPE
) -> Iterator[Running]:
    """A mock with these options, until the end of the block. Its pipes can fill up if nobody reads them."""
    command = [sys.executable, "-m", "tracepass_contract.mockserver", *options]
    with subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None
            yield Running(process, process.stdout.readline())
        finally:
            process.terminate()
            try:
                process.wait(TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def create_one(mock: Running) -> httpx.Response:
    """Create one passport in the first seeded account."""
    account = accounts()[0]
    item = {"productId": account.product_id, "gs1": {"gtin": account.gtin, "serialNumber": "S-1"}}
    return httpx.post(
        f"{mock.ready['base_url']}/api/v1/passports/batch",
        headers={"Authorization": f"Bearer {account.api_key}"},
        json={"passports": [item]},
    )
