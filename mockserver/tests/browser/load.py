"""Measures the dashboard under load: `python -m tracepass_contract.mockserver.tests.browser.load [SECONDS]`.

50 workspaces with 1,000 calls each, then 200 calls a second while somebody types into the filter.
"""

import http.client
import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
from playwright.sync_api import CDPSession, Page, sync_playwright

from tracepass_contract.mockserver.testing import MockServer
from tracepass_contract.mockserver.testing.workspace import Workspace

WORKSPACES, CALLS_EACH, PER_SECOND = 50, 1_000, 200
_OBSERVE = """() => {
  window.seen = { events: [], tasks: [], filtered: [], rows: 0 };
  let typed = 0;
  new PerformanceObserver((list) => seen.events.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: "event", durationThreshold: 16 });
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: "longtask" });
  document.addEventListener("input", () => (typed = performance.now()), true);
  new MutationObserver((changes) => {
    seen.rows = Math.max(seen.rows, document.querySelectorAll("ol.calls li").length);
    if (!typed || !changes.some((each) => each.removedNodes.length > 50 || each.addedNodes.length > 50)) return;
    const from = typed;
    typed = 0;
    requestAnimationFrame(() => setTimeout(() => seen.filtered.push(performance.now() - from)));
  }).observe(document.querySelector("ol.calls"), { childList: true });
}"""


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with MockServer() as mock, sync_playwright() as playwright, ThreadPoolExecutor(4) as pool:
        workspaces = [mock.workspace() for _ in range(WORKSPACES)]
        list(pool.map(lambda owner: _call(owner, CALLS_EACH), workspaces))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        opened = time.perf_counter()
        page.goto(f"{mock.base_url}/_mock/")
        total = WORKSPACES * CALLS_EACH
        page.get_by_text(f"{total:,} calls · {total - 500:,} older not shown.").wait_for(timeout=120_000)
        print(f"{total:,} calls shown after {time.perf_counter() - opened:.1f} s")
        page.evaluate(_OBSERVE)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = _processor_seconds(session)
        sent = _under_load(page, workspaces, seconds, pool)
        used = _processor_seconds(session) - before
        _report(page, mock, sent, {"seconds": seconds, "of them the page's thread computed": round(used, 1)})
        browser.close()


def _call(owner: Workspace, count: int, at: Sequence[float] = ()) -> int:
    """Send this many reads on one connection, or one at each of these times."""
    connection = http.client.HTTPConnection(httpx.URL(owner.base_url).netloc.decode(), timeout=60)
    headers = {"Authorization": f"Bearer {owner.api_key}"}
    for n in range(count):
        if at:
            time.sleep(max(0, at[n] - time.perf_counter()))
        connection.request("GET", "/api/v1/passports?limit=1", headers=headers)
        connection.getresponse().read()
    connection.close()
    return count


def _under_load(page: Page, workspaces: Sequence[Workspace], seconds: int, pool: ThreadPoolExecutor) -> int:
    begin, lanes = time.perf_counter() + 0.5, 4
    times = [begin + n / PER_SECOND for n in range(seconds * PER_SECOND)]
    running = [
        pool.submit(_call, workspaces[lane], len(times[lane::lanes]), times[lane::lanes]) for lane in range(lanes)
    ]
    field = page.get_by_label("Text")
    while time.perf_counter() < times[-1]:
        field.press_sequentially("list", delay=150)
        page.wait_for_timeout(500)
        field.fill("")
        page.wait_for_timeout(500)
    return sum(each.result() for each in running)


def _processor_seconds(session: CDPSession) -> float:
    """What the main thread of the page has used so far. A busy machine does not change it much."""
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["ThreadTime"])


def _report(page: Page, mock: MockServer, sent: int, times: Mapping[str, float]) -> None:
    expected = WORKSPACES * CALLS_EACH + sent
    page.get_by_text(f"{expected:,} calls · {expected - 500:,} older not shown.").wait_for(timeout=30_000)
    seen = page.evaluate("window.seen")
    rows = page.evaluate("[...document.querySelectorAll('ol.calls a')].map((each) => each.dataset.open)")
    listed = httpx.get(f"{mock.base_url}/_mock/workspaces?limit=500").json()["workspaces"]
    given = sum(each["journal"]["entries"] + each["journal"]["forgotten"] for each in listed)
    found = {
        "calls sent": sent,
        **times,
        "calls that the page counts": expected,
        "calls that the journals count": given,
        "rows at most": seen["rows"],
        "rows that are there twice": len(rows) - len(set(rows)),
        "longest event of the keyboard, ms": max(seen["events"], default=0),
        "longest task, ms": max(seen["tasks"], default=0),
        "from a key to the new list, ms, median and longest": [
            round(sorted(seen["filtered"])[len(seen["filtered"]) // 2]),
            round(max(seen["filtered"])),
        ],
        "filtered": len(seen["filtered"]),
    }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
