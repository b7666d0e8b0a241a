"""How long `GET /_mock/state` of a large mock keeps other calls waiting: over ASGI, in one process.

    python -m benchmarks.measures.state_pause [PASSPORTS] [WORKSPACES]      (1,000,000 and 10,000 by default)

Batches of one are created without a pause while the state is sent. It prints the longest of them, and the longest of a
second before: in time of the processor, so that other programs are not in the figures.
"""

import asyncio
import gc
import json
import sys
import time
from itertools import count

import httpx

from tracepass_contract.mockserver.app import Mock, create_app
from tracepass_contract.mockserver.semantics.types.accounts import UNLIMITED
from tracepass_contract.mockserver.state import Workspace
from tracepass_contract.mockserver.state.workspaces import Balances, create_workspace

from .control_plane import call
from .lists import filled

PAUSE_MS_MAX = 50
_serials = count()


async def longest(mock: Mock, workspace: Workspace, api_key: str, until: "asyncio.Task[None]") -> tuple[float, int]:
    """The milliseconds of the longest call until the task has ended, and the number of calls."""
    found, calls = 0.0, 0
    headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(mock), base_url="http://127.0.0.1") as client:
        while not until.done():
            item = {
                "productId": workspace.product_id,
                "gs1": {"gtin": workspace.gtin, "serialNumber": f"P-{next(_serials)}"},
            }
            start = time.thread_time()
            await asyncio.sleep(0)  # what runs in between counts as well
            reply = await client.post(
                "/api/v1/passports/batch", headers=headers, content=json.dumps({"passports": [item]})
            )
            found, calls = max(found, 1000 * (time.thread_time() - start)), calls + 1
            if reply.status_code != 200:
                raise SystemExit(reply.text)
    return found, calls


async def measured(passports: int = 1_000_000, workspaces: int = 10_000) -> None:
    mock = create_app()
    workspace, api_key = create_workspace(mock.state, UNLIMITED, Balances())
    filled(mock, workspace, passports)
    for _ in range(workspaces):
        create_workspace(mock.state, UNLIMITED, Balances())
    gc.collect()
    gc.freeze()  # as the server does
    pause = asyncio.create_task(asyncio.sleep(1))
    before, _ = await longest(mock, workspace, api_key, pause)
    start = time.perf_counter()
    during, calls = await longest(mock, workspace, api_key, asyncio.create_task(call(mock, "GET", "/_mock/state")))
    seconds = time.perf_counter() - start
    print(
        f"{passports:,} passports, {workspaces:,} workspaces: sent in {seconds:.1f} s, with {calls:,} calls in between."
    )
    print(f"The longest took {during:.1f} ms, before that {before:.1f} ms. It may take {PAUSE_MS_MAX} ms.")


if __name__ == "__main__":
    asyncio.run(measured(*map(int, sys.argv[1:])))
