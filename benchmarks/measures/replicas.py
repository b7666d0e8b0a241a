"""Requests a second of one mock, of replicas behind HAProxy, and of WireMock: in turn, the others are held.

python -m benchmarks.measures.replicas [--rounds N] [--replicas N …]
"""

import argparse
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from ..run.machine import ROOT
from ..subjects.peers import PEERS, install

_SCRIPT = Path(__file__).parents[1] / "run/replicas.lua"
_WORKSPACES = 8
_SECONDS = 2
_CASES = {1: "batches of 1", 100: "batches of 100"}
_RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+)$", re.MULTILINE)
_READY_SECONDS_MAX = 60


class Subject:
    """Processes that serve at `port`, and that can be held."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.port = _free_port()
        self.workspaces: Sequence[dict[str, str]] = ()
        self._serving: list[subprocess.Popen[bytes]] = []
        self._balancer: subprocess.Popen[bytes] | None = None
        self.created: int | None = None  # how many items each answer calls created; None: all of the batch

    def signal(self, sign: signal.Signals) -> None:
        for process in self._processes:
            process.send_signal(sign)

    def stop(self) -> None:
        for sign in (signal.SIGCONT, signal.SIGTERM):
            self.signal(sign)
        for process in self._processes:
            process.wait()

    def cpu_seconds(self) -> tuple[float, float]:
        """Of the servers and of the balancer since they started."""
        balancing = _cpu_seconds(self._balancer) if self._balancer else 0.0
        return sum(map(_cpu_seconds, self._serving)), balancing

    def answer(self, method: str, path: str, body: str, status: int) -> bytes:
        """The answer to a call, as soon as it has this status: a process is perhaps still starting."""
        until = time.monotonic() + _READY_SECONDS_MAX
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request(method, path, body, {"Content-Type": "application/json"})
                reply = connection.getresponse()
                content = reply.read()
                if reply.status == status:
                    return content
            except OSError:
                pass
            finally:
                connection.close()
            assert time.monotonic() < until, f"{self.title} does not answer"
            time.sleep(0.5)  # it is still starting

    @property
    def _processes(self) -> Sequence[subprocess.Popen[bytes]]:
        return [*self._serving, *([self._balancer] if self._balancer else [])]


class Cluster(Subject):
    """One mock, or replicas behind a balancer if `balanced`."""

    def __init__(self, replicas: int, *, balanced: bool) -> None:
        super().__init__(f"{replicas} replica{'s' if replicas > 1 else ''} behind HAProxy" if balanced else "one mock")
        ports = [_free_port() for _ in range(replicas)] if balanced else [self.port]
        names = [f"mock-{n}" for n in range(replicas)]
        self._serving += [
            _started(sys.executable, "-m", "tracepass_contract.mockserver", "--port", str(port), *options)
            for name, port in zip(names, ports, strict=True)
            for options in [("--replica", name, "--replicas", ",".join(names)) if balanced else ()]
        ]
        if balanced:
            addresses = {f"MOCK_{n}": f"127.0.0.1:{port}" for n, port in enumerate(ports)}
            environment = {"BALANCER_ADDRESS": f"127.0.0.1:{self.port}", **addresses}
            self._balancer = _started("haproxy", "-db", "-f", "deploy/haproxy.cfg", **environment)
        try:
            self._workspace()
            while len({self._workspace()["id"].rpartition("-")[0] for _ in range(_WORKSPACES)}) < replicas:
                time.sleep(0.5)  # the balancer has not found all of them yet
            self.workspaces = [self._workspace() for _ in range(_WORKSPACES)]
        except BaseException:
            self.stop()
            raise

    def _workspace(self) -> dict[str, str]:
        created: dict[str, str] = json.loads(self.answer("POST", "/_mock/workspaces", "{}", 201))
        return created


class WireMock(Subject):
    """WireMock with a written-down answer. It uses all cores, and compares nothing."""

    def __init__(self) -> None:
        super().__init__("WireMock, a fixed answer")
        self.workspaces = [{"api_key": "any", "product_id": "any", "gtin": "any"}]
        (peer,) = (each for each in PEERS if each.id == "wiremock")
        self._serving.append(_started(*(part.format(port=self.port) for part in peer.command)))
        try:
            summary = json.loads(self.answer("POST", "/api/v1/passports/batch", "{}", 200))["summary"]
        except BaseException:
            self.stop()
            raise
        self.created = summary["created"]


class Result(NamedTuple):
    """`server` and `balancer` are microseconds of the processor for each request."""

    per_second: float
    server: float
    balancer: float


def measure(subject: Subject, items: int, tag: str) -> Result:
    fields = ("api_key", "product_id", "gtin")
    rows = [", ".join(f'{name} = "{each[name]}"' for name in fields) for each in subject.workspaces]
    table = ", ".join(f"{{ {row} }}" for row in rows)
    before = subject.cpu_seconds()
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        created = items if subject.created is None else subject.created
        file.write(f'return {{ items = {items}, created = {created}, tag = "{tag}", workspaces = {{ {table} }} }}\n')
        file.flush()
        command = ["wrk", "-t1", "-c16", f"-d{_SECONDS}s", "-s", str(_SCRIPT), f"http://127.0.0.1:{subject.port}"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=os.environ | {"BENCH_CALL": file.name}
        )
    found = _RESULT.search(done.stdout)
    assert found, done.stdout + done.stderr
    requests, microseconds, wrong = map(int, found.groups())
    assert wrong == 0, f"{wrong} wrong answers of {requests}: {subject.title}"
    taken = [(after - then) / requests * 1e6 for after, then in zip(subject.cpu_seconds(), before, strict=True)]
    return Result(requests / (microseconds / 1e6), *taken)


@contextmanager
def started(counts: Sequence[int]) -> Iterator[Sequence[Subject]]:
    """One mock, so many replicas behind a balancer, and WireMock if it is there; all held."""
    with ExitStack() as stack:
        subjects: list[Subject] = []
        makes: list[Callable[[], Subject]] = [partial(Cluster, 1, balanced=False)]
        makes += [partial(Cluster, count, balanced=True) for count in counts]
        if reason := install(("wiremock",)).get("wiremock"):
            print(f"WireMock is not measured: {reason}", file=sys.stderr)
        else:
            makes.append(WireMock)
        for make in makes:
            subject = make()
            stack.callback(subject.stop)
            subject.signal(signal.SIGSTOP)
            subjects.append(subject)
        yield subjects


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    found: dict[tuple[str, int], list[Result]] = {}
    with started(options.replicas) as subjects:
        for nth in range(options.rounds):
            for items in _CASES:
                for subject in subjects if nth % 2 else reversed(subjects):
                    subject.signal(signal.SIGCONT)
                    result = measure(subject, items, f"R{nth}-{items}")
                    found.setdefault((subject.title, items), []).append(result)
                    subject.signal(signal.SIGSTOP)
        titles = [subject.title for subject in subjects]
    for items, case in _CASES.items():
        print(
            f"\n| {case} | requests/s | ratio to one mock | server, µs each | HAProxy, µs each |\n|---|--:|--:|--:|--:|"
        )
        for title in titles:
            pairs = zip(found[title, items], found[titles[0], items], strict=True)
            ratio = median(here.per_second / alone.per_second for here, alone in pairs)
            rate, server, balancer = map(median, zip(*found[title, items], strict=True))
            print(f"| {title} | {rate:,.0f} | {ratio:.2f} | {server:,.0f} | {balancer:,.0f} |")


def _cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    stat = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8")
    return sum(map(int, stat.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def _started(*command: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
