"""Kills a loaded mock with SIGKILL, starts it again from its state file, and compares with what it had acknowledged.

python -m tracepass_contract.mockserver.tests.crashes [ROUNDS]      (50 by default; prints a Markdown table)
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from tracepass_contract.mockserver.tests.commandline import Running, running

CLIENTS = 3
ITEMS = 20


@dataclass
class Client:
    """A workspace, and the batches that it sent: number `n` has the key `k<n>`. `answers` are those that came."""

    workspace: dict[str, Any]
    answers: dict[int, tuple[float, bytes]] = field(default_factory=dict)  # and when
    lost: Sequence[float] = ()  # when those came whose batch was lost

    def body(self, n: int) -> bytes:
        product, gtin = self.workspace["product_id"], self.workspace["gtin"]
        items = [{"productId": product, "gs1": {"gtin": gtin, "serialNumber": f"{n}-{i}"}} for i in range(ITEMS)]
        return json.dumps({"passports": items}).encode()

    def send(self, base_url: str, connection: httpx.Client, n: int) -> bytes:
        headers = {"Authorization": f"Bearer {self.workspace['api_key']}", "Idempotency-Key": f"k{n}"}
        headers["Content-Type"] = "application/json"
        return connection.post(f"{base_url}/api/v1/passports/batch", headers=headers, content=self.body(n)).content

    def load(self, base_url: str) -> None:
        """Send batches until the mock is gone."""
        with httpx.Client(timeout=60) as connection:
            for n in count():
                try:
                    answer = self.send(base_url, connection, n)
                except httpx.TransportError:
                    return
                self.answers[n] = time.monotonic(), answer


@dataclass
class Round:
    """What a crash did: batches that were acknowledged before it, and what became of them."""

    after_seconds: float
    acknowledged: int = 0
    lost: int = 0
    lost_seconds: float = 0.0  # from the first answer whose batch was lost to the last answer of all
    problems: list[str] = field(default_factory=list)  # ways in which the state is none that was


def crashes(file: Path, within: float, delays: Iterable[float]) -> Iterator[Round]:
    """Load a mock and kill it after each of these delays, in seconds. The next one goes on with its state file."""
    with ExitStack() as last:
        mock = last.enter_context(_started(file, within))
        for delay in delays:
            clients = _loaded_and_killed(mock, delay)
            mock = last.enter_context(_started(file, within))
            done = Round(delay)
            for each in clients:
                _compare(mock, each, done)
            acknowledged = [at for each in clients for at, _ in each.answers.values()]
            lost = [at for each in clients for at in each.lost]
            done.acknowledged, done.lost = len(acknowledged), len(lost)
            done.lost_seconds = max(acknowledged) - min(lost) if lost else 0
            yield done


def _started(file: Path, within: float) -> AbstractContextManager[Running]:
    return running("--port", "0", "--state-file", str(file), "--save-within", str(within), log=subprocess.DEVNULL)


def _loaded_and_killed(mock: Running, after_seconds: float) -> Sequence[Client]:
    control, base_url = mock.ready["control_url"], mock.ready["base_url"]
    clients = [Client(httpx.post(f"{control}/workspaces", json={}).json()) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as threads:
        for each in clients:
            threads.submit(each.load, base_url)
        time.sleep(after_seconds)
        mock.process.kill()
    mock.process.wait()
    return clients


def _compare(mock: Running, client: Client, done: Round) -> None:
    """Find what is lost, and note whether the rest is whole."""
    control, base_url = f"{mock.ready['control_url']}/workspaces/{client.workspace['id']}", mock.ready["base_url"]
    ledger = httpx.get(f"{control}/ledger").json()
    known = [int(each["key"].removeprefix("k")) for each in ledger.get("keys", ())]  # none: the workspace was lost
    left = len(known)
    client.lost = [at for n, (at, _) in client.answers.items() if n >= left]
    if known != [*range(left)]:
        done.problems.append(f"not the first batches survived, but {known}")
    if not left:
        return
    with httpx.Client(timeout=60) as connection:
        bearer = {"Authorization": f"Bearer {client.workspace['api_key']}"}
        listed = connection.get(f"{base_url}/api/v1/passports", headers=bearer).json()["data"]["total"]
        totals = ledger["totals"]
        if {listed, totals["passports"], totals["executions"] * ITEMS} != {left * ITEMS}:
            done.problems.append(f"{left} batches of {ITEMS}, {listed} passports, totals of {totals}")
        for n in {0, left - 1} & client.answers.keys():
            if client.send(base_url, connection, n) != client.answers[n][1]:
                done.problems.append(f"the answer to batch {n} is not the same as before")


def main(rounds: int = 50) -> None:
    chance = random.Random(27)
    print("| option | crashes | after | batches acknowledged | lost | within | states that never existed |")
    print("|---|---:|---|---:|---:|---:|---:|")
    for within in (1.0, 0.0):
        with tempfile.TemporaryDirectory() as folder:
            delays = [chance.uniform(0.02, 2) for _ in range(rounds)]
            done = [*crashes(Path(folder) / "mock.db", within, delays)]
        wrong = [problem for each in done for problem in each.problems]
        cells = (
            f"`--save-within {within:g}`",
            len(done),
            f"{min(delays):.2f} to {max(delays):.2f} s",
            f"{sum(each.acknowledged for each in done):,}",
            f"{sum(each.lost for each in done):,}",
            f"{max(each.lost_seconds for each in done):.2f} s",
            len(wrong),
        )
        print("|", " | ".join(map(str, cells)), "|", flush=True)
        print(*wrong, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
