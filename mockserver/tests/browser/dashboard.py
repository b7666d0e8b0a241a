"""The dashboard as a person uses it."""

from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tracepass_contract.mockserver.testing.workspace import Workspace

expect.set_options(timeout=60_000)  # on a machine that runs other tests, too


class Dashboard:
    """One page in one tab."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url

    def open(self, **state: str) -> None:
        """Open the page with this state behind the # of its address, and wait until it is connected."""
        self.page.goto(f"{self.base_url}/_mock/#{httpx.QueryParams(state)}")
        expect(self.page.get_by_text("Connected", exact=True)).to_be_visible()

    def stop_timers(self) -> None:
        """From now on the timers of the open page run only by `page.clock.run_for`."""
        self.page.clock.install(time="2026-01-15T12:00:00")
        self.page.clock.pause_at("2026-01-15T13:00:00")

    @property
    def rows(self) -> Locator:
        return self.page.locator("ol.calls li")

    def opened(self) -> Locator:
        return self.page.get_by_role("region", name="The opened call")

    def open_call(self, nth: int = 0) -> Locator:
        self.rows.nth(nth).locator("a").click()
        expect(self.opened().locator("h3")).to_be_focused()
        return self.opened()

    def done(self) -> str:
        """The command of what was done last."""
        shown = self.page.locator("#done pre").first
        expect(shown).to_be_visible()
        return shown.inner_text()


def send(workspace: Workspace, *serials: str, key: str | None = None, **more: Any) -> httpx.Response:
    """A batch of these serial numbers."""
    headers = {"Authorization": f"Bearer {workspace.api_key}"} | ({"Idempotency-Key": key} if key else {})
    body = {"passports": [workspace.item(serial) for serial in serials], **more}
    return httpx.post(f"{workspace.base_url}/api/v1/passports/batch", json=body, headers=headers, timeout=60)
