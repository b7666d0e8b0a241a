"""Requests a second of one mock, and of replicas behind HAProxy: in turn, the processes of the others held.

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
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from ..run.machine import ROOT

_SCRIPT = Path(__file__).parents[1] / "run/replicas.lua"
_WORKSPACES = 8
_SECONDS = 2
_CASES = {1: "batches of 1", 100: "batches of 100"}
_RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+)$", re.MULTILINE)
_READY_SECONDS_MAX = 60


class Cluster:
    """Replicas, and a balancer if `balanced`. Its processes can be held."""

    def __init__(self, replicas: int, *, balanced: bool) -> None:
        self.title = f"{replicas} replica{'s' if replicas > 1 else ''} behind HAProxy" if balanced else "one mock"
        ports = [_free_port() for _ in range(replicas)]
        names = [f"mock-{n}" for n in range(replicas)]
        self._processes = [
            _started(sys.executable, "-m", "tracepass_contract.mockserver", "--port", str(port), *options)
            for name, port in zip(names, ports, strict=True)
            for options in [("--replica", name, "--replicas", ",".join(names)) if balanced else ()]
        ]
        self.port, self._is_balanced = ports[0], balanced
        if balanced:
            self.port = _free_port()
            addresses = {f"MOCK_{n}": f"127.0.0.1:{port}" for n, port in enumerate(ports)}
            environment = {"BALANCER_ADDRESS": f"127.0.0.1:{self.port}", **addresses}
            self._processes.append(_started("haproxy", "-db", "-f", "deploy/haproxy.cfg", **environment))
        try:
            self._workspace()
            while len({self._workspace()["id"].rpartition("-")[0] for _ in range(_WORKSPACES)}) < replicas:
                time.sleep(0.5)  # the balancer has not found all of them yet
            self.workspaces = [self._workspace() for _ in range(_WORKSPACES)]
        except BaseException:
            self.stop()
            raise

    def signal(self, sign: signal.Signals) -> None:
        for process in self._processes:
            process.send_signal(sign)

    def stop(self) -> None:
        for sign in (signal.SIGCONT, signal.SIGTERM):
            self.signal(sign)
        for process in self._processes:
            process.wait()

    def cpu_seconds(self) -> tuple[float, float]:
        """Of its mocks and of its balancer since they started."""
        taken = [_cpu_seconds(process) for process in self._processes]
        return (sum(taken[:-1]), taken[-1]) if self._is_balanced else (sum(taken), 0.0)

    def _workspace(self) -> dict[str, str]:
        """A new one. The first call waits for the processes; the balancer takes a moment to find all replicas."""
        until = time.monotonic() + _READY_SECONDS_MAX
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("POST", "/_mock/workspaces", "{}", {"Content-Type": "application/json"})
                reply = connection.getresponse()
                content = reply.read()
                if reply.status == 201:
                    created: dict[str, str] = json.loads(content)
                    return created
            except OSError:
                pass
            finally:
                connection.close()
            assert time.monotonic() < until, f"{self.title} does not answer"
            time.sleep(0.5)  # a replica is still starting


class Result(NamedTuple):
    """`mock` and `balancer` are microseconds of the processor for each request."""

    per_second: float
    mock: float
    balancer: float


def measure(cluster: Cluster, items: int, tag: str) -> Result:
    fields = ("api_key", "product_id", "gtin")
    rows = [", ".join(f'{name} = "{each[name]}"' for name in fields) for each in cluster.workspaces]
    table = ", ".join(f"{{ {row} }}" for row in rows)
    before = cluster.cpu_seconds()
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(f'return {{ items = {items}, tag = "{tag}", workspaces = {{ {table} }} }}\n')
        file.flush()
        command = ["wrk", "-t1", "-c16", f"-d{_SECONDS}s", "-s", str(_SCRIPT), f"http://127.0.0.1:{cluster.port}"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=os.environ | {"BENCH_CALL": file.name}
        )
    found = _RESULT.search(done.stdout)
    assert found, done.stdout + done.stderr
    requests, microseconds, wrong = map(int, found.groups())
    assert wrong == 0, f"{wrong} wrong answers of {requests}: {cluster.title}"
    taken = [(after - then) / requests * 1e6 for after, then in zip(cluster.cpu_seconds(), before, strict=True)]
    return Result(requests / (microseconds / 1e6), *taken)


@contextmanager
def started(counts: Sequence[int]) -> Iterator[Sequence[Cluster]]:
    """One mock, and so many replicas behind a balancer; all held."""
    with ExitStack() as stack:
        clusters = []
        for replicas, balanced in [(1, False), *((count, True) for count in counts)]:
            cluster = Cluster(replicas, balanced=balanced)
            stack.callback(cluster.stop)
            cluster.signal(signal.SIGSTOP)
            clusters.append(cluster)
        yield clusters


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    found: dict[tuple[str, int], list[Result]] = {}
    with started(options.replicas) as clusters:
        for nth in range(options.rounds):
            for items in _CASES:
                for cluster in clusters if nth % 2 else reversed(clusters):
                    cluster.signal(signal.SIGCONT)
                    result = measure(cluster, items, f"R{nth}-{items}")
                    found.setdefault((cluster.title, items), []).append(result)
                    cluster.signal(signal.SIGSTOP)
        titles = [cluster.title for cluster in clusters]
    for items, case in _CASES.items():
        print(
            f"\n| {case} | requests/s | ratio to one mock | mock, µs each | HAProxy, µs each |\n|---|--:|--:|--:|--:|"
        )
        for title in titles:
            pairs = zip(found[title, items], found[titles[0], items], strict=True)
            ratio = median(here.per_second / alone.per_second for here, alone in pairs)
            rate, mock, balancer = map(median, zip(*found[title, items], strict=True))
            print(f"| {title} | {rate:,.0f} | {ratio:.2f} | {mock:,.0f} | {balancer:,.0f} |")


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
