"""Measures the pages of the mock: `python -m tracepass_contract.mockserver.tests.browser.load [SECONDS]`.

1. How soon the docs page is ready.
2. The dashboard under load: 50 workspaces with 1,000 calls each, then 200 calls a second while somebody types into
   the filter.
3. The rate of a mock while its dashboard is open, and in turn while it is closed. On a machine whose processors other
   machines share, a round differs from the next by a quarter; so there are many short rounds.

Needs Chromium. Takes about seven minutes with 60 SECONDS, the default.
"""

import http.client
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any

import httpx
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tracepass_contract.mockserver.testing import MockServer
from tracepass_contract.mockserver.testing.workspace import Workspace

WORKSPACES, CALLS_EACH, PER_SECOND, ROWS_MAX = 50, 1_000, 200, 500
DOCS_LOADS, ROUNDS, BATCH_ITEMS, CONNECTIONS, SETTLED_MS = 5, 150, 10, 4, 300
_WAIT_MS = 120_000
# Each key: how long it waits for the page, until the next frame, and until the list is drawn anew.
_OBSERVE = """() => {
  window.seen = { delays: [], frames: [], tasks: [], filtered: [], rows: 0 };
  let typed = 0;
  addEventListener("keydown", (event) => {
    seen.delays.push(performance.now() - event.timeStamp);
    requestAnimationFrame(() => setTimeout(() => seen.frames.push(performance.now() - event.timeStamp)));
  }, true);
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: "longtask" });
  addEventListener("input", () => (typed = performance.now()), true);
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
    with MockServer() as mock, _chromium() as browser, ThreadPoolExecutor(4) as pool:
        _say("docs page ready after, ms", _spread([_docs_ready(browser, mock) for _ in range(DOCS_LOADS)]))
        workspaces = _filled(mock, pool)
        page = browser.new_page()
        _show_all(page, mock, WORKSPACES * CALLS_EACH)
        page.evaluate(_OBSERVE)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = _processor_seconds(session)
        sent = _under_load(page, workspaces, seconds, pool)
        used = _processor_seconds(session) - before
        _say(f"calls sent in {seconds} s", f"{sent:,}")
        _say("the page's main thread computed, s", f"{used:.1f}")
        _report(page, mock, WORKSPACES * CALLS_EACH + sent)
    _compare(seconds / 200)


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("needs chromium, for example: apt-get install --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


def _docs_ready(browser: Browser, mock: MockServer) -> float:
    """Milliseconds until the batch is open, in a browser that has no file of the page yet."""
    page = browser.new_context().new_page()
    begin = time.perf_counter()
    page.goto(f"{mock.base_url}/_mock/docs")
    page.locator(".opblock.is-open textarea, .opblock.is-open .try-out").first.wait_for(timeout=_WAIT_MS)
    ready = (time.perf_counter() - begin) * 1000
    page.context.close()
    return ready


def _filled(mock: MockServer, pool: ThreadPoolExecutor) -> Sequence[Workspace]:
    workspaces = [mock.workspace() for _ in range(WORKSPACES)]
    list(pool.map(lambda owner: _call(owner, CALLS_EACH), workspaces))
    return workspaces


def _show_all(page: Page, mock: MockServer, calls: int) -> None:
    begin = time.perf_counter()
    page.goto(f"{mock.base_url}/_mock/")
    _wait_for(page, calls)
    _say(f"{calls:,} calls shown after, s", f"{time.perf_counter() - begin:.1f}")


def _wait_for(page: Page, calls: int) -> None:
    page.get_by_text(f"{calls:,} calls · {calls - ROWS_MAX:,} older not shown.").wait_for(timeout=_WAIT_MS)


def _call(owner: Workspace, count: int, at: Sequence[float] = ()) -> int:
    """Send this many reads on one connection, or one at each of these times."""
    connection = _connection(owner)
    headers = {"Authorization": f"Bearer {owner.api_key}"}
    for n in range(count):
        if at:
            time.sleep(max(0, at[n] - time.perf_counter()))
        connection.request("GET", "/api/v1/passports?limit=1", headers=headers)
        connection.getresponse().read()
    connection.close()
    return count


def _connection(owner: Workspace) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(httpx.URL(owner.base_url).netloc.decode(), timeout=60)


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


def _report(page: Page, mock: MockServer, expected: int) -> None:
    _wait_for(page, expected)
    seen: Mapping[str, Any] = page.evaluate("window.seen")
    rows = page.evaluate("[...document.querySelectorAll('ol.calls a')].map((each) => each.dataset.open)")
    listed = httpx.get(f"{mock.base_url}/_mock/workspaces?limit=500").json()["workspaces"]
    given = sum(each["journal"]["entries"] + each["journal"]["forgotten"] for each in listed)
    _say("calls that the page counts, and the journals", f"{expected:,} and {given:,}")
    _say("rows at most; rows that are there twice", f"{seen['rows']}; {len(rows) - len(set(rows))}")
    _say("input delay of a key, ms", _spread(seen["delays"]))
    _say("from a key to the next frame, ms", _spread(seen["frames"]))
    _say("from a key to the new list, ms", _spread(seen["filtered"]))
    _say("longest task of the page, ms", f"{max(seen['tasks'], default=0):.0f}")


def _compare(seconds: float) -> None:
    """Batches on a few connections. The mock has a core of its own, so that the browser takes nothing from it. Two
    processes of one mock differ by a few percent, so this is the same one.
    """
    first, *others = sorted(os.sched_getaffinity(0))
    found: dict[str, list[tuple[float, float]]] = {"with the page": [], "without": []}
    with ExitStack() as stack:
        os.sched_setaffinity(0, {first})
        mock = stack.enter_context(MockServer())
        os.sched_setaffinity(0, others or {first})
        page, pool = stack.enter_context(_chromium()).new_page(), stack.enter_context(ThreadPoolExecutor(CONNECTIONS))
        owner = mock.workspace()
        for nth in range(ROUNDS):
            for name in sorted(found, reverse=nth % 2 == 1):
                page.goto(f"{mock.base_url}/_mock/" if name == "with the page" else "about:blank")
                page.wait_for_timeout(SETTLED_MS)
                found[name].append(_rate(owner, f"{name}-{nth}", seconds, pool))
    for what, part in (("batches of 10 a second", 0), ("processor time of the mock for one, µs", 1)):
        numbers = {name: [each[part] for each in rounds] for name, rounds in found.items()}
        ratios = sorted(w / a for w, a in zip(numbers["with the page"], numbers["without"], strict=True))
        low, middle, high = (100 * (ratios[int(len(ratios) * part)] - 1) for part in (0.25, 0.5, 0.75))
        medians = ", ".join(f"{name} {median(each):.0f}" for name, each in numbers.items())
        _say(what, f"{medians} ({middle:+.1f} %, half of {ROUNDS} rounds between {low:+.1f} and {high:+.1f} %)")


def _rate(owner: Workspace, prefix: str, seconds: float, pool: ThreadPoolExecutor) -> tuple[float, float]:
    """Batches in a second, and the microseconds of the processor that the mock uses for one."""
    used, begin = _processor_of(owner), time.perf_counter()
    lanes = [pool.submit(_batches, owner, f"{prefix}-{lane}", begin + seconds) for lane in range(CONNECTIONS)]
    sent = sum(each.result() for each in lanes)
    passed = time.perf_counter() - begin
    return sent / passed, (_processor_of(owner) - used) / sent * 1e6


def _batches(owner: Workspace, prefix: str, until: float) -> int:
    """Send batches on one connection; their number."""
    connection, sent = _connection(owner), 0
    headers = {"Authorization": f"Bearer {owner.api_key}", "Content-Type": "application/json"}
    while time.perf_counter() < until:
        items = [owner.item(f"{prefix}-{sent}-{n}") for n in range(BATCH_ITEMS)]
        connection.request("POST", "/api/v1/passports/batch", json.dumps({"passports": items}), headers)
        connection.getresponse().read()
        sent += 1
    connection.close()
    return sent


def _processor_of(owner: Workspace) -> float:
    lines = httpx.get(f"{owner.base_url}/_mock/metrics").text.splitlines()
    return float(next(each.split()[1] for each in lines if each.startswith("process_cpu_seconds_total")))


def _spread(numbers: Sequence[float]) -> str:
    found = sorted(numbers) or [0.0]
    p50, p95 = (found[min(len(found) - 1, int(len(found) * part))] for part in (0.5, 0.95))
    return f"p50 {p50:.0f}, p95 {p95:.0f}, max {found[-1]:.0f} (of {len(numbers)})"


def _say(what: str, value: str) -> None:
    print(f"{what}: {value}", flush=True)


if __name__ == "__main__":
    main()
