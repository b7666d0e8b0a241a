"""The workspaces on the dashboard: balances, clock, faults, ledger, and what acts."""

import re
import subprocess

import pytest
from playwright.sync_api import Locator, expect

from tracepass_contract.mockserver.testing import MockServer
from tracepass_contract.mockserver.testing.workspace import Workspace
from tracepass_contract.mockserver.tests.browser.dashboard import Dashboard, send

pytestmark = pytest.mark.tool("chromium")


def box(dashboard: Dashboard, label: str) -> Locator:
    """The balance with this label."""
    return dashboard.page.locator(".bar-box", has_text=label)


def test_the_balances_follow_the_calls(dashboard: Dashboard, workspace: Workspace) -> None:
    dashboard.open(view="workspaces", workspace=workspace.id)
    expect(box(dashboard, "Writes today")).to_contain_text("0 of 20 used, 20 left")

    send(workspace, *(f"S-{n}" for n in range(7)), confirmOverage=True)

    expect(box(dashboard, "Writes today")).to_contain_text("7 of 20 used, 13 left")
    expect(box(dashboard, "Passports of the plan")).to_contain_text("7 of 5 used, 0 left")
    expect(box(dashboard, "Overage")).to_contain_text("3.00 EUR for 2 passports")


def test_the_seeded_accounts_say_their_situation(dashboard: Dashboard) -> None:
    dashboard.open(view="workspaces", workspace="one_write_left")

    expect(dashboard.page.get_by_role("region", name="The chosen workspace")).to_contain_text(
        "One write is left today."
    )
    dashboard.page.get_by_role("button", name="Copy the API key").click()
    assert dashboard.page.evaluate("navigator.clipboard.readText()") == "tp_mock_one_write_left"


def test_the_clock_is_stepped_over_midnight_and_the_budget_renews(dashboard: Dashboard, workspace: Workspace) -> None:
    send(workspace, "S-1", "S-2")
    dashboard.open(view="workspaces", workspace=workspace.id)
    clock = dashboard.page.get_by_role("region", name="Clock")

    def press(name: str) -> None:
        clock.get_by_role("button", name=name, exact=True).click()

    press("One second before midnight")
    expect(clock.locator("time")).to_contain_text("23:59:59 UTC")
    expect(clock).to_contain_text("frozen")
    expect(box(dashboard, "Writes today")).to_contain_text("2 of 20 used")
    press("+ 2 seconds")

    expect(clock.locator("time")).to_contain_text("00:00:01 UTC")
    expect(box(dashboard, "Writes today")).to_contain_text("0 of 20 used, 20 left")
    clock.get_by_label("Time in UTC").fill("2030-02-03T04:05:06")
    press("Set")
    expect(clock.locator("time")).to_contain_text("2030-02-03 04:05:06 UTC")
    clock.get_by_label("Seconds").fill("54")
    press("Advance")
    expect(clock.locator("time")).to_contain_text("2030-02-03 04:06:00 UTC")
    press("Let it run")
    expect(clock).to_contain_text("runs")


def test_a_lost_answer_is_planned_played_and_retried(dashboard: Dashboard, workspace: Workspace) -> None:
    """The retry with the same key is a replay: one execution."""
    dashboard.open(view="workspaces", workspace=workspace.id)
    faults = dashboard.page.get_by_role("region", name="Faults", exact=True)
    faults.get_by_text("Plan a fault", exact=True).first.click()
    faults.get_by_label("Kind").select_option("lose-response")
    faults.get_by_label("Cut").select_option("reset")
    faults.get_by_role("button", name="Plan", exact=True).click()
    expect(faults.get_by_role("table", name="Planned faults")).to_contain_text("pending, 0 of 1 played")
    expect(faults.get_by_role("region", name="the pytest line")).to_have_text(
        'tracepass_workspace.fault("lose-response", cut="reset")'
    )

    with pytest.raises(Exception, match=r"reset|disconnected"):
        send(workspace, "S-1", key="once")
    expect(faults.get_by_role("table", name="Planned faults")).to_contain_text("played 1 of 1")
    send(workspace, "S-1", key="once")

    dashboard.open(view="calls", workspace=workspace.id)
    expect(dashboard.rows).to_have_count(2)
    expect(dashboard.rows.nth(0)).to_contain_text("replay")
    expect(dashboard.rows.nth(1)).to_contain_text("fault: lose-response")
    assert workspace.ledger()["totals"]["executions"] == 1


def test_the_form_of_a_fault_has_what_its_kind_allows(dashboard: Dashboard, workspace: Workspace) -> None:
    dashboard.open(view="workspaces", workspace=workspace.id)
    faults = dashboard.page.get_by_role("region", name="Faults", exact=True)
    faults.get_by_text("Plan a fault", exact=True).first.click()
    for kind, offered, missing in (
        ("delay", "Seconds (needed)", "Status"),
        ("status", "Headers", "Cut"),
        ("item", "Index (needed)", "Bytes"),
    ):
        faults.get_by_label("Kind").select_option(kind)
        expect(faults.get_by_label(offered)).to_be_visible()
        assert faults.get_by_label(missing, exact=True).count() == 0


def test_a_refusal_of_the_mock_is_shown_where_it_was_asked(dashboard: Dashboard, workspace: Workspace) -> None:
    dashboard.open(view="workspaces", workspace=workspace.id)
    faults = dashboard.page.get_by_role("region", name="Faults", exact=True)
    faults.get_by_text("Plan a fault", exact=True).first.click()
    faults.get_by_label("Kind").select_option("status")
    faults.get_by_label("Headers").fill("Content-Length: 3")

    faults.get_by_role("button", name="Plan", exact=True).click()

    expect(faults.get_by_role("alert")).to_contain_text("/headers")


def test_the_sums_of_the_ledger_equal_the_balances(dashboard: Dashboard, workspace: Workspace) -> None:
    workspace.change(writes_used=4)
    send(workspace, "S-1", "S-2", "S-2")
    send(workspace, *(f"T-{n}" for n in range(4)), confirmOverage=True)
    dashboard.open(view="workspaces", workspace=workspace.id)
    dashboard.page.get_by_text("Ledger", exact=True).click()

    sums = dashboard.page.get_by_role("table", name="Sums").locator("tbody tr")

    balances = workspace.balances()
    expect(sums).to_have_text(
        [
            f"Writes today47{balances['writes_used']}",
            "Reads today000",
            f"Passports06{balances['passports_used']}",
            f"Overage, passports01{balances['overage_count']}",
            "Overage0.00 EUR1.50 EUR1.50 EUR",
        ]
    )
    expect(dashboard.page.get_by_role("img", name=re.compile("7 writes and 6 passports"))).to_be_visible()


@pytest.mark.tool("bash", "curl")
def test_what_acts_shows_a_command_that_does_the_same(dashboard: Dashboard, workspace: Workspace) -> None:
    dashboard.open(view="workspaces", workspace=workspace.id)
    dashboard.page.get_by_text("Change limits and balances", exact=True).first.click()
    dashboard.page.get_by_label("Writes used").fill("9")
    dashboard.page.get_by_role("button", name="Change", exact=True).click()
    expect(box(dashboard, "Writes today")).to_contain_text("9 of 20 used")
    command = dashboard.done()
    workspace.change(writes_used=0)

    subprocess.run(["bash", "-c", command], check=True, capture_output=True)

    assert workspace.balances()["writes_used"] == 9
    expect(box(dashboard, "Writes today")).to_contain_text("9 of 20 used")


def test_a_new_workspace_has_limits_and_readings(dashboard: Dashboard, mock: MockServer) -> None:
    dashboard.open(view="workspaces")
    page = dashboard.page
    page.get_by_text("New workspace", exact=True).first.click()
    page.get_by_label("Writes per day", exact=True).fill("3")
    page.get_by_role("button", name="Add a reading").click()
    page.get_by_label("Reading", exact=True).select_option("batch.mixed-status")
    page.get_by_label("Answer", exact=True).select_option("207")

    page.get_by_role("button", name="Create").click()

    expect(box(dashboard, "Writes today")).to_contain_text("0 of 3 used")
    detail = page.get_by_role("region", name="The chosen workspace")
    expect(detail).to_contain_text("batch.mixed-status=207")
    page.get_by_role("button", name="Another API key").click()
    expect(detail.get_by_role("button", name=re.compile("^Revoke"))).to_have_count(2)
    assert mock.base_url in dashboard.done()


def test_two_tabs_on_two_workspaces_never_mix(dashboard: Dashboard, mock: MockServer, workspace: Workspace) -> None:
    other = mock.workspace(writes_per_day=7)
    dashboard.open(view="workspaces", workspace=workspace.id)
    second = Dashboard(dashboard.page.context.new_page(), mock.base_url)
    second.open(view="workspaces", workspace=other.id)

    send(workspace, "S-1")
    send(other, "S-1", "S-2")
    second.page.get_by_role("button", name="One second before midnight").click()

    expect(box(dashboard, "Writes today")).to_contain_text("1 of 20 used")
    expect(box(second, "Writes today")).to_contain_text("2 of 7 used")
    expect(dashboard.page.get_by_role("region", name="Clock")).to_contain_text("runs")
    for tab, own in ((dashboard, workspace), (second, other)):
        tab.page.get_by_role("link", name="Its calls").click()
        expect(tab.rows).to_have_count(1)
        expect(tab.rows).to_contain_text(own.id)
