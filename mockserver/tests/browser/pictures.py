"""Takes the pictures of the docs: `python -m tracepass_contract.mockserver.tests.browser.pictures docs/images`."""

import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tracepass_contract.mockserver.testing import MockServer
from tracepass_contract.mockserver.testing.workspace import Workspace
from tracepass_contract.mockserver.tests.browser.dashboard import Dashboard, send

WIDE, PHONE = (1280, 1000), (375, 812)
SETTLED_MS = 1_000


def main() -> None:
    folder = Path(sys.argv[1])
    with MockServer() as mock, sync_playwright() as playwright:
        workspace = mock.workspace(writes_per_day=20, passports_included=8)
        _work(workspace)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        opened = f"{workspace.id}/4"
        _take(_page(browser, mock, (1280, 560), view="calls"), folder / "calls.png")
        _take(_page(browser, mock, WIDE, view="calls", open=opened), folder / "call.png")
        _take(_page(browser, mock, (1280, 560), "dark", view="calls"), folder / "dark.png")
        _take(_page(browser, mock, PHONE, view="calls"), folder / "phone.png")
        page = _page(browser, mock, WIDE, view="workspaces", workspace=workspace.id)
        for name in ("One second before midnight", "+ 2 seconds"):
            page.get_by_role("button", name=name).click()
            page.wait_for_timeout(SETTLED_MS)
        _take(page, folder / "midnight.png")
        browser.close()


def _work(workspace: Workspace) -> None:
    """A client that loses an answer, repeats a serial number, and reaches both limits."""
    workspace.set_clock("2026-11-30T14:07:12Z", frozen=True)
    send(workspace, "BP-000001", "BP-000002", "BP-000003", key="order-4711")
    workspace.advance_clock(41)
    workspace.fault("lose-response")
    with suppress(httpx.HTTPError):
        send(workspace, "BP-000004", "BP-000005", key="order-4712")
    workspace.advance_clock(2)
    send(workspace, "BP-000004", "BP-000005", key="order-4712")
    workspace.advance_clock(75)
    send(workspace, "BP-000006", "BP-000002", "BP-000007", key="order-4713")
    serials = [f"BP-{n:06}" for n in range(10, 15)]
    workspace.advance_clock(9)
    send(workspace, *serials, key="order-4714")
    workspace.advance_clock(20)
    send(workspace, *serials, key="order-4714b", confirmOverage=True)
    workspace.advance_clock(30)
    headers = {"Authorization": f"Bearer {workspace.api_key}"}
    httpx.get(f"{workspace.base_url}/api/v1/passports?limit=5", headers=headers)
    workspace.advance_clock(7)
    send(workspace, *(f"BP-{n:06}" for n in range(20, 29)), key="order-4715")


def _page(
    browser: Browser, mock: MockServer, size: tuple[int, int], scheme: Literal["light", "dark"] = "light", **state: str
) -> Page:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    Dashboard(page, mock.base_url).open(**state)
    page.wait_for_timeout(SETTLED_MS)
    return page


def _take(page: Page, file: Path) -> None:
    page.evaluate("document.activeElement.blur()")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=file)


if __name__ == "__main__":
    main()
