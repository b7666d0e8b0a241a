"""The calls on the dashboard: as they arrive, opened, filtered."""

import shlex
import subprocess

import httpx
import pytest
from playwright.sync_api import Page, expect

from tracepass_contract.mockserver.testing import MockServer
from tracepass_contract.mockserver.testing.workspace import Workspace
from tracepass_contract.mockserver.tests.browser.dashboard import Dashboard, send

pytestmark = pytest.mark.tool("chromium")


def test_each_call_appears_as_it_is_answered(dashboard: Dashboard, workspace: Workspace) -> None:
    send(workspace, "BEFORE")
    dashboard.open(workspace=workspace.id)
    expect(dashboard.rows).to_have_count(1)

    send(workspace, "S-1", "S-1", key="first")
    send(workspace, "S-1", "S-1", key="first")

    expect(dashboard.rows).to_have_count(3)
    expect(dashboard.rows.nth(1)).to_contain_text("1 created, 1 failed")
    expect(dashboard.rows.nth(1)).to_contain_text("first")
    expect(dashboard.rows.nth(0)).to_contain_text("replay")


def test_an_opened_call_says_why_it_was_answered_so(dashboard: Dashboard, workspace: Workspace) -> None:
    workspace.change(writes_used=18)
    send(workspace, "S-1", "S-2", "S-3")
    dashboard.open(workspace=workspace.id)

    opened = dashboard.open_call()

    expect(opened).to_contain_text("Refused by budget.refuses-whole-batch")
    expect(opened.get_by_role("table", name="The checks, in their order")).to_contain_text("needed 3, left 2")
    balances = opened.get_by_role("table", name="Balances")
    expect(balances.get_by_role("row", name="Writes left today")).to_have_text("Writes left today22")
    opened.get_by_role("link", name="budget.refuses-whole-batch").first.click()
    expect(dashboard.page.locator(".sentence.at")).to_contain_text("budget.refuses-whole-batch")


def test_a_failed_item_comes_with_its_reason(dashboard: Dashboard, workspace: Workspace) -> None:
    send(workspace, "S-1", "S-1")
    dashboard.open(workspace=workspace.id)

    failed = dashboard.open_call().get_by_role("table", name="1 of 2 items failed")

    expect(failed.locator("tbody tr")).to_have_text(["1S-1Serial number already exists for this GTIN"])


def test_only_the_readings_that_were_looked_at_are_shown_and_those_that_differ_first(
    dashboard: Dashboard, mock: MockServer
) -> None:
    other = mock.workspace(readings={"batch.mixed-status": "207"})
    send(other, "S-1", "S-1")
    dashboard.open(workspace=other.id)

    opened = dashboard.open_call()
    rows = opened.get_by_role("table", name="Readings").locator("tbody tr")

    expect(rows.first).to_contain_text("batch.mixed-status")
    expect(rows.first).to_contain_text("not the default")
    expect(opened).to_contain_text("Not all of them changed the answer.")
    assert "passports.archived-changes" not in rows.all_inner_texts()
    assert rows.count() < 30


def test_a_replay_leads_to_its_original(dashboard: Dashboard, workspace: Workspace) -> None:
    send(workspace, "S-1", key="again")
    send(workspace, "S-2")
    send(workspace, "S-1", key="again")
    dashboard.open(workspace=workspace.id)

    dashboard.open_call().get_by_role("link", name="Open the original, call 1").click()

    expect(dashboard.opened().locator("h3")).to_contain_text("Call 1")


@pytest.mark.tool("bash", "curl")
def test_the_curl_line_of_a_call_does_the_same(dashboard: Dashboard, workspace: Workspace) -> None:
    send(workspace, "S-1", key="again")
    dashboard.open(workspace=workspace.id)
    opened = dashboard.open_call()
    opened.get_by_role("button", name="Copy the curl command").click()
    line = dashboard.page.evaluate("navigator.clipboard.readText()")

    subprocess.run(["bash", "-c", line], check=True, capture_output=True, env={"TRACEPASS_API_KEY": workspace.api_key})

    expect(dashboard.rows).to_have_count(2)
    expect(dashboard.rows.first).to_contain_text("replay")


def test_the_pytest_lines_of_a_call_are_python(dashboard: Dashboard, workspace: Workspace) -> None:
    send(workspace, "S-1 ü\n", confirmOverage=True)
    dashboard.open(workspace=workspace.id)
    opened = dashboard.open_call()
    opened.get_by_text("The same in a test").click()

    lines = opened.get_by_role("region", name="the pytest lines").inner_text()

    exec(compile(lines, "page", "exec"), {"httpx": httpx, "tracepass_workspace": workspace})  # its own assertion
    assert workspace.journal()[-1]["request"]["body"] == workspace.journal()[0]["request"]["body"]


def test_hostile_text_stays_text(dashboard: Dashboard, workspace: Workspace) -> None:
    hostile = "<img src=x onerror=alert(1)>\u202e\u0000"
    send(workspace, hostile, key="<script>alert(1)</script>")
    httpx.get(
        f"{workspace.base_url}/api/v1/<svg onload=alert(1)>", headers={"Authorization": f"Bearer {workspace.api_key}"}
    )
    dashboard.open(key="<script>")
    expect(dashboard.rows).to_have_count(1)

    opened = dashboard.open_call()

    expect(opened.get_by_role("group", name="Body of the request")).to_contain_text(
        "<img src=x onerror=alert(1)>\\u202e"
    )
    assert dashboard.page.locator("main img, main script, main svg").count() == 0


def test_filter_and_opened_call_survive_a_reload(dashboard: Dashboard, workspace: Workspace) -> None:
    workspace.change(passports_included=0, overage_supported=False)
    send(workspace, "S-1")
    workspace.change(passports_included=10)
    send(workspace, "S-1", key="abc")
    dashboard.open(workspace=workspace.id)
    dashboard.page.get_by_label("Status").fill("4xx")
    expect(dashboard.rows).to_have_count(1)
    dashboard.open_call()

    dashboard.page.reload()

    expect(dashboard.opened().locator("h3")).to_contain_text("Call 1")
    expect(dashboard.page.get_by_label("Status")).to_have_value("4xx")
    expect(dashboard.rows).to_have_count(1)
    expect(dashboard.rows.locator("[aria-current]")).to_have_count(1)
    for name, value, count in (
        ("Status", "", 2),
        ("Idempotency key", "ab", 1),
        ("Idempotency key", "", 2),
        ("Rule", "quota.", 1),
    ):
        dashboard.page.get_by_label(name, exact=True).fill(value)
        expect(dashboard.rows).to_have_count(count)


def test_calls_that_no_journal_has_are_shown_too(dashboard: Dashboard, workspace: Workspace) -> None:
    """A wrong key has no workspace, and a fault keeps a call from its workspace."""
    dashboard.open(text="no-such-path")
    httpx.get(f"{workspace.base_url}/api/v1/no-such-path", headers={"Authorization": "Bearer wrong"})
    expect(dashboard.rows).to_have_count(1)
    expect(dashboard.rows).to_contain_text("404")

    dashboard.open(workspace=workspace.id)
    workspace.fault("status", status=503)
    send(workspace, "S-1")
    expect(dashboard.rows).to_have_count(1)
    expect(dashboard.rows).to_contain_text("fault: status")


def test_the_keyboard_is_enough(dashboard: Dashboard, workspace: Workspace) -> None:
    for n in range(3):
        send(workspace, f"S-{n}")
    dashboard.open(workspace=workspace.id)
    expect(dashboard.rows).to_have_count(3)
    keys = dashboard.page.keyboard
    dashboard.rows.first.locator("a").focus()

    keys.press("ArrowDown")
    keys.press("Enter")
    expect(dashboard.opened().locator("h3")).to_be_focused()
    expect(dashboard.opened().locator("h3")).to_contain_text("Call 2")
    keys.press("Escape")

    expect(dashboard.opened()).to_be_hidden()
    expect(dashboard.rows.nth(1).locator("a")).to_be_focused()


def test_the_list_stands_still_while_it_is_paused(dashboard: Dashboard, workspace: Workspace) -> None:
    send(workspace, "S-1")
    dashboard.open(workspace=workspace.id)
    expect(dashboard.rows).to_have_count(1)
    dashboard.page.get_by_role("button", name="Pause").click()
    send(workspace, "S-2")
    expect(dashboard.page.get_by_text("1 new while paused")).to_be_visible()
    expect(dashboard.rows).to_have_count(1)

    dashboard.page.get_by_role("button", name="Go on").click()

    expect(dashboard.rows).to_have_count(2)


def test_calls_that_wait_to_be_drawn_are_drawn_before_the_list_stands_still(
    dashboard: Dashboard, workspace: Workspace
) -> None:
    dashboard.open(workspace=workspace.id)
    dashboard.stop_timers()
    send(workspace, "S-1")
    dashboard.page.wait_for_timeout(1_000)  # the event of the call is there; a later one would show nothing wrong
    dashboard.page.get_by_role("button", name="Pause").click()
    drawn = dashboard.rows.count()

    dashboard.page.clock.run_for(5_000)

    assert dashboard.rows.count() == drawn


def test_at_most_500_lines_are_in_the_page_and_the_filter_finds_the_others(
    dashboard: Dashboard, workspace: Workspace
) -> None:
    send(workspace, "OLDEST", key="oldest")
    with httpx.Client(headers={"Authorization": f"Bearer {workspace.api_key}"}, timeout=60) as client:
        for _ in range(510):
            client.get(f"{workspace.base_url}/api/v1/templates")
    dashboard.open(workspace=workspace.id)
    expect(dashboard.page.get_by_text("511 calls · 11 older not shown.")).to_be_visible()
    send(workspace, "NEWEST", key="newest")

    expect(dashboard.page.get_by_text("512 calls · 12 older not shown.")).to_be_visible()
    expect(dashboard.rows).to_have_count(500)
    expect(dashboard.rows.first).to_contain_text("newest")
    dashboard.page.get_by_label("Idempotency key").fill("old")
    expect(dashboard.rows).to_have_count(1)


def test_during_a_burst_the_newest_are_shown_and_the_others_after_it_unless_the_list_is_paused(
    dashboard: Dashboard, workspace: Workspace
) -> None:
    dashboard.open(workspace=workspace.id)
    dashboard.stop_timers()
    with httpx.Client(headers={"Authorization": f"Bearer {workspace.api_key}"}, timeout=60) as client:
        for _ in range(149):
            client.get(f"{workspace.base_url}/api/v1/templates")
    send(workspace, "NEWEST", key="newest")
    dashboard.page.wait_for_timeout(1_000)  # the events of the calls are there

    dashboard.page.clock.run_for(100)
    expect(dashboard.page.get_by_text("150 calls · 50 older not shown.")).to_be_visible()
    expect(dashboard.rows).to_have_count(100)
    dashboard.page.get_by_role("button", name="Pause").click()
    dashboard.page.clock.run_for(5_000)
    expect(dashboard.rows).to_have_count(100)  # the list stands still
    dashboard.page.get_by_role("button", name="Go on").click()
    dashboard.page.clock.run_for(1_000)

    expect(dashboard.page.get_by_text("150 calls.")).to_be_visible()
    expect(dashboard.rows).to_have_count(150)
    expect(dashboard.rows.first).to_contain_text("newest")


def test_a_call_that_the_mock_does_not_have_says_so(dashboard: Dashboard, workspace: Workspace) -> None:
    dashboard.open(workspace=workspace.id, open=f"{workspace.id}/7")

    expect(dashboard.opened().get_by_role("alert")).to_contain_text(
        'The mock can\'t show this call: entry: unknown entry "7"'
    )


def test_an_empty_page_offers_a_first_call(dashboard_of_new_mock: Dashboard) -> None:
    dashboard = dashboard_of_new_mock
    dashboard.open()

    line = dashboard.page.get_by_role("region", name="the first call").inner_text()
    words = shlex.split(line.replace("\\\n", " "))
    headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
    reply = httpx.post(words[4], headers=headers, content=words[-1])

    assert reply.json()["summary"] == {"created": 2, "errors": 1, "total": 3}
    expect(dashboard.rows).to_have_count(1)


def test_a_page_that_was_open_before_knows_no_call_twice(
    dashboard: Dashboard, page: Page, workspace: Workspace
) -> None:
    """The journal is read while calls arrive."""
    for n in range(5):
        send(workspace, f"A-{n}")
    page.goto(f"{dashboard.base_url}/_mock/#workspace={workspace.id}")
    for n in range(5):
        send(workspace, f"B-{n}")

    expect(dashboard.rows).to_have_count(10)
