"""`tracepass-mock` as a process of its own, for the tests."""

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

PATIENCE_SECONDS = 60  # for a machine that has much else to do


@dataclass
class Running:
    """A mock that has said its first line."""

    process: subprocess.Popen[str]
    first_line: str

    @property
    def ready(self) -> Mapping[str, Any]:
        ready: Mapping[str, Any] = json.loads(self.first_line)
        return ready

    def stop(self, signal: int) -> tuple[int, str, str]:
        """The exit code, and what was said meanwhile on stdout and on stderr."""
        self.process.send_signal(signal)
        said, talked = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, said, talked


@contextmanager
def running(
    *options: str, environment: Mapping[str, str] | None = None, log: int = subprocess.PIPE
) -> Iterator[Running]:
    """A mock with these options, until the end of the block at the latest. A pipe that nobody reads can fill up."""
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
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def create_one(mock: Running) -> httpx.Response:
    """One passport of the account that every mock begins with."""
    account = accounts()[0]
    item = {"productId": account.product_id, "gs1": {"gtin": account.gtin, "serialNumber": "S-1"}}
    return httpx.post(
        f"{mock.ready['base_url']}/api/v1/passports/batch",
        headers={"Authorization": f"Bearer {account.api_key}"},
        json={"passports": [item]},
    )
