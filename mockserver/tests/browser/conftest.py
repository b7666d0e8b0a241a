"""A mock, a browser and a page in it. A test fails if its page has logged an error or asked another host."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tracepass_contract.mockserver.testing import MockServer
from tracepass_contract.mockserver.testing.workspace import Workspace
from tracepass_contract.mockserver.tests.browser.dashboard import Dashboard

_OWN = ("http://127.0.0.1:", "blob:http://127.0.0.1:", "about:")
TIMEOUT_MS = 60_000  # on a machine that runs other tests, too


@pytest.fixture(scope="package")
def mock() -> Iterator[MockServer]:
    with MockServer() as served:
        yield served


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """It ends with this folder: Playwright's loop runs in this thread, and `asyncio.run` refuses a second one."""
    path = shutil.which("chromium")
    with sync_playwright() as playwright:
        # a container has neither the rights for the sandbox nor much shared memory
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield launched
        launched.close()


@pytest.fixture
def workspace(mock: MockServer) -> Workspace:
    return mock.workspace(writes_per_day=20, passports_included=5)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(TIMEOUT_MS)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda said: problems.append(said.text) if _is_problem(said) else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("request", lambda asked: problems.append(asked.url) if not asked.url.startswith(_OWN) else None)
    yield opened
    context.close()
    assert problems == []


@pytest.fixture
def dashboard(page: Page, mock: MockServer) -> Dashboard:
    return Dashboard(page, mock.base_url)


def _is_problem(said: ConsoleMessage) -> bool:
    """The browser itself reports each refusal of the mock, which the page shows to the person."""
    return said.type in {"error", "warning"} and "responded with a status of 4" not in said.text


@pytest.fixture
def new_mock() -> Iterator[MockServer]:
    """A mock that nobody has called yet."""
    with MockServer() as served:
        yield served


@pytest.fixture
def dashboard_of_new_mock(page: Page, new_mock: MockServer) -> Iterator[Dashboard]:
    yield Dashboard(page, new_mock.base_url)
    page.goto("about:blank")
