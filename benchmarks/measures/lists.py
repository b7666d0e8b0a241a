"""Lists and batch creates in a workspace with many passports, beside an empty one: over ASGI, in one process.

    python -m benchmarks.measures.lists [PASSPORTS]            (1,000,000 by default)
    python -m benchmarks.measures.lists --memory PASSPORTS     (only what they take, as JSON)

It prints a row per call: the median of its repetitions against the full store, and against the empty one.
"""

import asyncio
import gc
import json
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from tracepass_contract.mockserver.app import Mock, create_app
from tracepass_contract.mockserver.semantics.types.accounts import UNLIMITED
from tracepass_contract.mockserver.semantics.types.answers import NewPassport
from tracepass_contract.mockserver.state import Workspace
from tracepass_contract.mockserver.state.workspaces import Balances, create_workspace

REPETITIONS = 21
Call = Callable[[int], tuple[str, str, Any]]


def filled(mock: Mock, workspace: Workspace, passports: int) -> None:
    """Enter so many passports in blocks, as batches would."""
    now = workspace.clock.now()
    for start in range(0, passports, 10_000):
        serials = [f"BP-48V-{n:09d}" for n in range(start, min(start + 10_000, passports))]
        block = [
            NewPassport(passport_id, workspace.product_id, workspace.gtin, serial, serial, None, now)
            for passport_id, serial in zip(workspace.passport_ids(len(serials)), serials, strict=True)
        ]
        mock.state.add_passports(workspace, block)


def calls(workspace: Workspace, passports: int) -> Iterator[tuple[str, Call]]:
    def batch(nth: int) -> tuple[str, str, Any]:
        item = {"productId": workspace.product_id}
        serials = [f"NEW-{nth}-{n}" for n in range(100)]
        items = [{**item, "gs1": {"gtin": workspace.gtin, "serialNumber": serial}} for serial in serials]
        return "POST", "/passports/batch", {"passports": items}

    last_page = max(1, passports // 100)
    yield "the first page", lambda _: ("GET", "/passports?limit=100", None)
    yield "the last page", lambda _: ("GET", f"/passports?limit=100&page={last_page}", None)
    of_product = f"/passports?productId={workspace.product_id}&status=draft&page=50"
    yield "a search among a product's drafts", lambda nth: ("GET", f"{of_product}&search={nth}77", None)
    yield "a page of a product's drafts", lambda _: ("GET", of_product, None)
    yield "a new search, one found", lambda nth: ("GET", f"/passports?search=bp-48v-{nth * 7:09d}", None)
    yield "a new search, a thousandth found", lambda nth: ("GET", f"/passports?search={nth:03d}00", None)
    yield "the same search, page by page", lambda nth: ("GET", f"/passports?search=00&page={nth + 1}", None)
    yield "by serial number", lambda nth: ("GET", f"/passports/by-serial/BP-48V-{nth:09d}", None)
    yield "a batch of 100", batch
    yield "the search again, after a batch", lambda nth: ("GET", f"/passports?search=00&page={nth + 1}", None)


async def timed(mock: Mock, api_key: str, call: Call) -> tuple[float, float]:
    """The median and the slowest of the repetitions, in milliseconds."""
    took = []
    headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(mock), base_url="http://127.0.0.1") as client:
        for nth in range(REPETITIONS):
            method, path, body = call(nth)
            content = b"" if body is None else json.dumps(body).encode()
            start = time.perf_counter()
            reply = await client.request(method, f"/api/v1{path}", headers=headers, content=content)
            took.append(1000 * (time.perf_counter() - start))
            if reply.status_code not in {200, 404}:
                raise SystemExit(reply.text)
    return median(took), max(took)


def memory(passports: int) -> dict[str, float]:
    """What so many passports take: bytes of the process for each, and the seconds until they are entered."""
    mock = create_app()
    workspace, _ = create_workspace(mock.state, UNLIMITED, Balances())
    gc.collect()
    before, start = _rss_bytes(), time.perf_counter()
    filled(mock, workspace, passports)
    seconds = time.perf_counter() - start
    gc.collect()
    taken = _rss_bytes() - before
    return {"passports": passports, "bytes_each": taken / passports, "seconds": seconds}


def _rss_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize()


def main(passports: int) -> None:
    mock = create_app()
    workspaces = [create_workspace(mock.state, UNLIMITED, Balances()) for _ in range(2)]
    start = time.perf_counter()
    filled(mock, workspaces[0][0], passports)
    seconds = time.perf_counter() - start
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{passports:,} passports entered in {seconds:.1f} s; {megabytes:,.0f} MB; Python {platform.python_version()}"
    )
    print(f"{'call':36} {'full: median':>14} {'slowest':>9} {'empty: median':>14}   (ms)")
    for (what, full), (_, empty) in zip(calls(workspaces[0][0], passports), calls(workspaces[1][0], 0), strict=True):
        middle, slowest = asyncio.run(timed(mock, workspaces[0][1], full))
        nothing, _ = asyncio.run(timed(mock, workspaces[1][1], empty))
        print(f"{what:36} {middle:14.2f} {slowest:9.2f} {nothing:14.2f}")


if __name__ == "__main__":
    if "--memory" in sys.argv:
        print(json.dumps(memory(int(sys.argv[-1]))))
        sys.exit()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
