"""What is not a rate: start, import, reset, a new workspace, memory."""

import json
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

from ..run import load
from ..run.attempts import attempted
from ..run.machine import ROOT, cores
from ..run.processes import Server, running
from ..subjects.cases import BY_ID, FOUND, PLENTY, Call, all_taken, batch
from ..subjects.contenders import OURS

Say = Callable[[str], None]
MIX_SECONDS = 4

_IMPORT = """
import time
start = time.perf_counter()
from tracepass_contract.mockserver.app import create_app
imported = time.perf_counter()
create_app()
print(imported - start, time.perf_counter() - imported)
"""


def starts(times: int) -> dict[str, float]:
    """Medians: seconds from the start of the command to its first answer, and its memory then."""
    seconds, rss = [], []
    for _ in range(times):
        with running(OURS) as server:
            seconds.append(server.ready_seconds)
            rss.append(server.rss_bytes())
    return {"ready_seconds": median(seconds), "rss_bytes": median(rss)}


def imports(times: int) -> dict[str, float]:
    """Medians of a new interpreter each: the import of `create_app`, and its first call."""
    found = [tuple(map(float, _pinned("-c", _IMPORT).split())) for _ in range(times)]
    return {"import_seconds": median(each[0] for each in found), "create_seconds": median(each[1] for each in found)}


def control() -> dict[str, dict[str, float]]:
    """Milliseconds of a reset and of a new workspace, in process."""
    found: dict[str, dict[str, float]] = json.loads(_pinned("-m", "benchmarks.measures.control_plane", "--json"))
    return found


def per_passport(passports: int) -> dict[str, float]:
    """Bytes of memory for each stored passport, and the seconds that it took to enter them."""
    found: dict[str, float] = json.loads(_pinned("-m", "benchmarks.measures.lists", "--memory", str(passports)))
    return found


def flat(counts: tuple[int, int], say: Say) -> list[dict[str, int]]:
    """Memory after so many requests, of kinds that store nothing new: what grows then is a leak.

    Replays, refusals for want of writes, searches, and batches whose one item fails.
    """
    found = []
    with running(OURS) as server:
        server.send(_find())
        requests = 0
        for wanted in counts:
            say(f"memory after {wanted:,} requests")
            while requests < wanted:
                requests += _mix(server)
            found.append({"requests": requests, "rss_bytes": server.rss_bytes()})
    return found


def _mix(server: Server) -> int:
    calls = (_stored_one(), BY_ID["429"].call, BY_ID["search"].call, all_taken())
    return sum(load.run(call, server.base_url, 8, MIX_SECONDS // len(calls)).requests for call in calls)


def _find() -> Call:
    first = BY_ID["search"].first
    if first is None:
        raise ValueError(f"the search has no {FOUND} passports to find")
    return first


def _stored_one() -> Call:
    headers = {"Idempotency-Key": "stored-1"}
    return Call("POST", "/passports/batch", batch(1, "STORED-1"), 200, '"created":%s*1%D', PLENTY, headers)


def _pinned(*arguments: str) -> str:
    command = ["taskset", "-c", str(cores()[0]), sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def all_of_them(*, quick: bool, say: Say) -> dict[str, Any]:
    """By name; `failure` in the place of one that could not be measured."""
    times = 3 if quick else 9
    say("start, import, reset, new workspace")
    found: dict[str, Any] = {
        "start": attempted(lambda: starts(times)),
        "import": attempted(lambda: imports(times)),
        "control": attempted(control),
    }
    if not quick:
        say("memory for each passport")
        found["passport"] = attempted(lambda: per_passport(1_000_000))
        found["flat"] = attempted(lambda: flat((100_000, 1_000_000), say))
    return found
