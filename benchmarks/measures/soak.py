"""A soak: a mock at four fifths of its full load, and the memory of its process each second.

    python -m benchmarks.measures.soak [--minutes N] [--svg docs/images/soak.svg]       (20 by default)

The load leaves the state as large as it was: it creates and deletes passports, repeats stored answers, reads, and uses
new idempotency keys. The bounded parts (stored answers, journal, ledger) are filled first, so what grows is a leak.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ..page.plot import Line, plotted
from ..run.load import RESULT
from ..run.machine import cores
from ..run.processes import Server, running
from ..subjects.cases import PLENTY, Call, batch
from ..subjects.contenders import OURS

LOAD, FLAT = 0.8, 0.05
ANSWERS_MAX = 100_000  # stored answers of a workspace
_SCRIPT = Path(__file__).parents[1] / "run/soak.lua"
_CONNECTIONS = 64
_CALIBRATION_SECONDS = 5
_EDGE = 0.1  # of the time, at each end: its median is compared


@dataclass(frozen=True, slots=True)
class Result:
    """What wrk has counted."""

    requests: int
    seconds: float
    wrong: int
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


@contextmanager
def wrk(server: Server, seconds: float, given: Mapping[str, object]) -> Iterator["subprocess.Popen[str]"]:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(f"return {{ {', '.join(f'{name} = {json.dumps(value)}' for name, value in given.items())} }}\n")
        file.flush()
        load = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{round(seconds)}s", "--timeout", "10s"]
        command = ["taskset", "-c", str(cores()[1]), *load, "-s", str(_SCRIPT), f"http://127.0.0.1:{server.port}"]
        environment = os.environ | {"BENCH_CALL": file.name}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            try:
                yield process
            finally:
                process.kill()


def result_of(process: "subprocess.Popen[str]") -> Result:
    out, _ = process.communicate()
    found = RESULT.search(out)
    assert found, out
    requests, microseconds, wrong, lost, _, p99, _ = map(int, found.groups())
    return Result(requests, microseconds / 1e6, wrong + lost, p99 / 1e3)


class Soak:
    """The load on one mock. Each run of wrk has a tag of its own, so that serial numbers and keys are new."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._runs = 0
        server.send(
            Call("POST", "/passports/batch", batch(1, "SOAK-1"), 200, "", headers={"Idempotency-Key": "soak-first"})
        )

    def given(self, delay: int = 0, *, fills: bool = False) -> Mapping[str, object]:
        self._runs += 1
        item = json.loads(batch(1))["passports"][0]
        about = {"api_key": PLENTY, "product_id": item["productId"], "gtin": item["gs1"]["gtin"]}
        return {**about, "tag": f"S{self._runs}", "delay": delay, "fills": fills}

    def run(self, seconds: float, delay: int = 0, *, fills: bool = False) -> Result:
        with wrk(self._server, seconds, self.given(delay, fills=fills)) as process:
            return result_of(process)

    def fill(self) -> None:
        """Use so many keys that old answers are dropped, and that Python has made the dict of the answers anew once."""
        keys = 0
        while keys < 2.2 * ANSWERS_MAX:
            keys += self.run(_CALIBRATION_SECONDS, fills=True).requests

    def delay_for(self, per_second: float) -> int:
        """The pause before each request, in milliseconds, with which all connections together send so many."""
        delay = 1000 * _CONNECTIONS / per_second
        for _ in range(3):
            delay *= self.run(_CALIBRATION_SECONDS, round(delay)).per_second / per_second
        return max(1, round(delay))

    def watched(self, seconds: float, delay: int) -> tuple[Result, list[float]]:
        """Run, and take the memory of the mock each second, in MB."""
        found = []
        with wrk(self._server, seconds, self.given(delay)) as process:
            while process.poll() is None:
                found.append(self._server.rss_bytes() / 1e6)
                time.sleep(1)
            return result_of(process), found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--svg", type=Path)
    options = parser.parse_args()
    with running(OURS) as server:
        soak = Soak(server)
        soak.fill()
        full = soak.run(2 * _CALIBRATION_SECONDS).per_second
        delay = soak.delay_for(LOAD * full)
        before = server.cpu_seconds()
        result, memory = soak.watched(60 * options.minutes, delay)
        busy = (server.cpu_seconds() - before) / result.seconds
    edge = max(1, round(_EDGE * len(memory)))
    first, last = median(memory[:edge]), median(memory[-edge:])
    print(f"{result.requests:,} requests in {result.seconds / 60:.1f} minutes, {result.wrong} of them wrong or lost")
    print(f"{result.per_second:,.0f} a second, {result.per_second / full:.0%} of the full load of {full:,.0f}")
    print(f"the process used {busy:.0%} of its core; p99 {result.p99_ms:.1f} ms")
    print(f"memory {first:,.1f} MB in the first tenth, {last:,.1f} MB in the last")
    print(f"so it grew by {last / first - 1:+.1%}; at most {FLAT:.0%} are allowed")
    if options.svg:
        title = f"Memory of the mock at {LOAD:.0%} of its full load: {result.requests:,} requests"
        options.svg.write_text(plotted(Line(title, "minutes", "MB", 1 / 60, memory)), encoding="utf-8")


if __name__ == "__main__":
    main()
