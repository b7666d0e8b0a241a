"""The page in a browser: a call looks as on the dashboard of the mock, and can be read without a script, too."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tracepass_contract.contract_tests.model.history import Exchange, History
from tracepass_contract.contract_tests.model.verdicts import Finding, RunResult, Spend, Verdict
from tracepass_contract.contract_tests.report.as_html import to_html
from tracepass_contract.contract_tests.report.view import report_of
from tracepass_contract.contract_tests.tests.helpers.in_process import serving
from tracepass_contract.contract_tests.tests.helpers.sample_run import BATCH, MARKUP, START, sample

pytestmark = pytest.mark.tool("chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(60_000)  # on a machine that runs other tests, too
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda said: problems.append(said.text))
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert problems == []


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with serving() as base_url:
        yield base_url


def saved(content: str, folder: Path) -> str:
    """The address of the page as a file."""
    file = folder / "report.html"
    file.write_text(content, encoding="utf-8")
    return file.as_uri()


def report_about(entry: dict[str, Any]) -> str:
    """The report of a run with this call of a journal."""
    request, response = entry["request"], entry["response"]
    exchange = Exchange(
        entry["entry"],
        "w1",
        "main",
        request["method"],
        request["path"],
        START,
        {each["name"]: each["value"] for each in request["headers"]},
        request["body"].encode(),
        START,
        entry["status"],
        {each["name"]: each["value"] for each in response["headers"]},
        response["body"].encode(),
    )
    violated = Finding("summary.adds-up", Verdict.VIOLATES, "test", "so", witnesses=[exchange.number])
    run = RunResult("http://localhost", "r1", 1, START, START, [violated], [], Spend())
    return to_html(report_of(run, History("http://localhost", "r1", [exchange])))


BODIES = {
    "a batch of which one item fails": '{"passports": [%(a)s, %(b)s, %(a)s]}',
    "a long number and a repeated member": '{"passports": [%(a)s], "n": 12345678901234567890, "n": 1.0}',
    "no JSON, and bytes that are not UTF-8": b"<p>\xff</p>",
    "no body": "",
    "a long body": '{"passports": [%(a)s], "long": "' + "x" * 60_000 + '"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_call_reads_the_same_in_the_report_and_on_the_dashboard(
    page: Page, mock: str, tmp_path: Path, body: str | bytes
) -> None:
    owner = httpx.post(f"{mock}/_mock/workspaces", json={}).json()
    items = {
        name: json.dumps({"productId": owner["product_id"], "gs1": {"gtin": owner["gtin"], "serialNumber": serial}})
        for name, serial in (("a", "S-1"), ("b", f"\u202e{MARKUP}"))
    }
    headers = {
        "Authorization": f"Bearer {owner['api_key']}",
        "Idempotency-Key": "k",
        "Content-Type": "application/json",
    }
    content = body % items if isinstance(body, str) else body
    httpx.post(f"{mock}{BATCH}", content=content, headers=headers)
    entry = httpx.get(f"{mock}/_mock/workspaces/{owner['id']}/journal/1").json()

    page.goto(f"{mock}/_mock/#view=calls&open={owner['id']}/1")
    on_the_dashboard = page.locator(".opened .exchange").evaluate("each => each.outerHTML")
    page.goto(saved(report_about(entry), tmp_path))
    in_the_report = page.locator(".failure .exchange").evaluate("each => each.outerHTML")

    assert in_the_report == on_the_dashboard


def test_hostile_text_stays_text(page: Page, tmp_path: Path) -> None:
    page.goto(saved(to_html(sample()), tmp_path))

    assert page.locator(".exchange").count() == len(page.locator("[data-call]").all()) > 6
    assert MARKUP in str(page.locator(".exchange").filter(has_text="alert").first.text_content())
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, tmp_path: Path, scheme: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(saved(to_html(sample()), tmp_path))
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")

    found = Axe().run(page, options={"resultTypes": ["violations"]})

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_browser_without_scripts_shows_the_calls_as_text(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(saved(to_html(sample()), tmp_path))

    said = page.locator("[data-call='5']").first.text_content()

    assert str(said).endswith(f"\n\n500\nContent-Type: text/html\nSet-Cookie: [redacted]\n\n{MARKUP}")
    context.close()
