"""Time of the server for what a test does first: an isolated workspace, a reset. In process, over the whole ASGI stack.

python -m benchmarks.measures.control_plane [--json]
"""

import asyncio
import gc
import json
import platform
import sys
import time
from collections.abc import Callable, Coroutine
from statistics import median, quantiles
from typing import Any

from tracepass_contract.mockserver.app import Mock, create_app

CALLS = 2_000


def call(mock: Mock, method: str, path: str, body: bytes = b"") -> Coroutine[Any, Any, None]:
    """One call, as a server would hand it over: nothing of a client is in the figure."""
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "server": ("127.0.0.1", 4747),
        "client": ("127.0.0.1", 1),
        "extensions": {},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 300:
            raise RuntimeError(message)

    return mock(scope, receive, send)  # type: ignore[arg-type]


async def timed(make: Callable[[], Coroutine[Any, Any, None]]) -> list[float]:
    """Milliseconds of each of the calls, after some to warm up."""
    for _ in range(50):
        await make()
    gc.collect()
    taken = []
    for _ in range(CALLS):
        start = time.perf_counter()
        await make()
        taken.append((time.perf_counter() - start) * 1e3)
    return taken


def main(*, as_json: bool) -> None:
    mock = create_app()
    body = json.dumps({"writes_per_day": 10, "writes_used": 9, "passports_included": 3}).encode()
    cases = {
        "a new workspace": lambda: call(mock, "POST", "/_mock/workspaces", body),
        "a reset": lambda: call(mock, "POST", "/_mock/reset"),
    }
    found = {}
    for name, make in cases.items():
        taken = asyncio.run(timed(make))
        found[name] = {"median_ms": median(taken), "p99_ms": quantiles(taken, n=100)[98]}
    if as_json:
        print(json.dumps(found))
        return
    print(f"Python {platform.python_version()}, {CALLS} calls each, milliseconds")
    for name, figures in found.items():
        print(f"{name:45} median {figures['median_ms']:.3f}  p99 {figures['p99_ms']:.3f}")


if __name__ == "__main__":
    main(as_json="--json" in sys.argv)
