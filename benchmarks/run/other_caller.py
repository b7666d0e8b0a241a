"""Another caller: a process of its own, which creates one passport after the other while something else goes on.

python -m benchmarks.run.other_caller PORT        (each line of stdin is answered by the latencies since the last one)
"""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import NamedTuple

from .machine import ROOT, cores

_PAUSE_SECONDS = 0.005


class Latencies(NamedTuple):
    """Of the calls of the other caller, in milliseconds."""

    calls: int
    p99_ms: float
    slowest_ms: float


class OtherCaller:
    """The process, as the measuring one sees it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def latencies(self) -> Latencies:
        """Those since the last time."""
        out, answers = self._process.stdin, self._process.stdout
        assert out is not None
        assert answers is not None
        print(file=out, flush=True)
        return Latencies(*json.loads(answers.readline()))


@contextmanager
def other_caller(port: int) -> Iterator[OtherCaller]:
    command = ["taskset", "-c", str(cores()[1]), sys.executable, "-m", "benchmarks.run.other_caller", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield OtherCaller(process)
        finally:
            process.kill()


def _calls(port: int, found: list[list[float]]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/_mock/workspaces", "{}", {"Content-Type": "application/json"})
    own = json.loads(connection.getresponse().read())
    headers = {"Authorization": f"Bearer {own['api_key']}", "Content-Type": "application/json"}
    number = 0
    while True:
        number += 1
        gs1 = {"gtin": own["gtin"], "serialNumber": f"O-{number}"}
        body = json.dumps({"passports": [{"productId": own["product_id"], "gs1": gs1}]})
        start = time.perf_counter()
        connection.request("POST", "/api/v1/passports/batch", body, headers)
        reply = connection.getresponse()
        reply.read()
        found[-1].append(1000 * (time.perf_counter() - start))
        assert reply.status == 200
        time.sleep(_PAUSE_SECONDS)


def main(port: int) -> None:
    found: list[list[float]] = [[]]
    Thread(target=_calls, args=(port, found), daemon=True).start()
    for _ in sys.stdin:
        found.append([])
        latencies = sorted(found.pop(0)) or [float("nan")]
        p99, slowest = latencies[int(0.99 * len(latencies))], latencies[-1]
        print(json.dumps([len(latencies), p99, slowest]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
