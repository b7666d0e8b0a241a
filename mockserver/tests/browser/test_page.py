"""The page as a whole: readings, rules, token, restart, accessibility, and Swagger UI beside it."""

import re
import subprocess
from pathlib import Path

import httpx
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tracepass_contract.mockserver.testing import MockServer
from tracepass_contract.mockserver.testing.workspace import Workspace
from tracepass_contract.mockserver.tests.browser.dashboard import Dashboard, send
from tracepass_contract.spec import load_card, readings, rules

pytestmark = pytest.mark.tool("chromium")

VIEWS = ("calls", "workspaces", "readings", "rules")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (375, "dark")])
def test_axe_finds_nothing(dashboard: Dashboard, workspace: Workspace, scheme: str, width: int) -> None:
    workspace.change(writes_used=18)
    for serials in (("S-1", "S-1"), ("S-2", "S-3", "S-4")):
        send(workspace, *serials, key="once")
    send(workspace, "S-1", "S-1", key="once")
    page = dashboard.page
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for view in VIEWS:
        dashboard.open(view=view, workspace=workspace.id)
        if view == "calls":
            dashboard.open_call()
        if view == "workspaces":
            for summary in ("New workspace", "Change limits and balances", "Plan a fault", "Ledger"):
                page.get_by_text(summary, exact=True).first.click()
            page.get_by_role("button", name="+ 1 minute").click()
            dashboard.done()
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{view}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view


def test_a_reading_is_explained_changed_and_put_on_a_card(dashboard_of_new_mock: Dashboard, tmp_path: Path) -> None:
    dashboard = dashboard_of_new_mock
    page = dashboard.page
    dashboard.open(view="readings", at="batch.mixed-status")
    shown = page.locator("details.reading[open]")
    expect(shown).to_contain_text(readings()["batch.mixed-status"].advice.split("`")[0])

    shown.get_by_label("Answer to batch.mixed-status").select_option("207")
    shown.get_by_role("button", name="Use it for the server").click()
    expect(page.get_by_text("1 reading with another answer than the default.")).to_be_visible()
    assert '"batch.mixed-status":"207"' in dashboard.done()
    page.get_by_label("Only those that differ").check()
    expect(page.locator("details.reading")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the card").click()
    download.value.save_as(tmp_path / "card.yaml")

    assert dict(load_card(tmp_path / "card.yaml").readings) == {"batch.mixed-status": "207"}
    assert yaml.safe_load((tmp_path / "card.yaml").read_text())["readings"] == {"batch.mixed-status": "207"}
    shown.get_by_label("Answer to batch.mixed-status").select_option("200")
    shown.get_by_role("button", name="Use it for the server").click()
    expect(page.get_by_text("0 readings with another answer than the default.")).to_be_visible()


@pytest.mark.tool("bash", "curl")
def test_a_reading_is_changed_for_one_workspace(dashboard: Dashboard, workspace: Workspace, mock: MockServer) -> None:
    page = dashboard.page
    dashboard.open(view="workspaces", workspace=workspace.id)
    page.get_by_role("link", name="Change them").click()
    expect(page.get_by_text("It follows the readings of the server")).to_be_visible()
    page.locator("summary", has_text="batch.all-created-status").click()
    shown = page.locator("details.reading[open]")
    shown.get_by_label("Answer to batch.all-created-status").select_option("201")
    shown.get_by_role("button", name=f"Use it for {workspace.id}").click()
    expect(page.get_by_text("1 reading with another answer than the default.")).to_be_visible()
    expect(shown.locator("summary")).to_be_focused()
    command = dashboard.done()
    assert (send(workspace, "S-1").status_code, send(mock.workspace(), "S-1").status_code) == (201, 200)

    page.get_by_role("button", name="Follow the server again").click()
    expect(page.get_by_text("0 readings with another answer than the default.")).to_be_visible()
    expect(page.get_by_role("link", name="The readings of the server")).to_be_focused()
    assert send(workspace, "S-2").status_code == 200
    subprocess.run(["bash", "-c", command], check=True, capture_output=True)

    expect(page.get_by_text("1 reading with another answer than the default.")).to_be_visible()
    assert send(workspace, "S-3").status_code == 201
    page.get_by_role("link", name="The readings of the server").click()
    expect(page.get_by_text("These are the readings of the server.")).to_be_visible()
    expect(shown.get_by_role("button", name="Use it for the server")).to_be_visible()


def test_readings_of_a_workspace_that_cannot_be_used_are_refused_there(
    dashboard: Dashboard, workspace: Workspace
) -> None:
    dashboard.open(view="readings", at="batch.all-failed-status", workspace=workspace.id)
    shown = dashboard.page.locator("details.reading[open]")
    shown.get_by_label("Answer to batch.all-failed-status").select_option("422")

    shown.get_by_role("button", name=f"Use it for {workspace.id}").click()

    expect(dashboard.page.get_by_role("alert").filter(has_text="batch.all-failed-status=422")).to_be_visible()
    dashboard.open(view="readings", workspace="none")
    expect(dashboard.page.get_by_role("alert").filter(has_text="The mock has no workspace none.")).to_be_visible()


def test_an_answer_that_is_selected_stays_so_while_others_change_readings(dashboard_of_new_mock: Dashboard) -> None:
    dashboard = dashboard_of_new_mock
    dashboard.open(view="readings", at="batch.mixed-status")
    answer = dashboard.page.get_by_label("Answer to batch.mixed-status")
    answer.select_option("207")

    httpx.put(
        f"{dashboard.base_url}/_mock/readings", json={"readings": {"batch.size-refusal": "413"}}
    ).raise_for_status()

    expect(dashboard.page.get_by_text("1 reading with another answer than the default.")).to_be_visible()
    expect(answer).to_have_value("207")
    dashboard.page.get_by_label("Find").fill("mixed")
    expect(answer).to_have_value("207")


def test_a_reading_is_given_to_a_new_workspace(dashboard: Dashboard) -> None:
    dashboard.open(view="readings", at="batch.mixed-status")
    shown = dashboard.page.locator("details.reading[open]")
    shown.get_by_label("Answer to batch.mixed-status").select_option("201")
    shown.get_by_role("button", name="New workspace with this answer").click()

    expect(dashboard.page.get_by_role("region", name="The chosen workspace")).to_contain_text("batch.mixed-status=201")


def test_each_rule_has_its_sentence(dashboard: Dashboard) -> None:
    dashboard.open(view="rules")

    expect(dashboard.page.locator("article.sentence")).to_have_count(len(rules()))


def test_the_token_is_asked_once_and_kept_out_of_sight(browser: Browser) -> None:
    with MockServer("--control-token", "s3cret-token") as mock:
        context = browser.new_context()
        dashboard = Dashboard(context.new_page(), mock.base_url)
        addresses: list[str] = []
        dashboard.page.on("request", lambda asked: addresses.append(asked.url))
        dashboard.page.goto(f"{mock.base_url}/_mock/")
        dialog = dashboard.page.get_by_role("dialog", name="Control token")
        dialog.get_by_label("Token").fill("wrong")
        dialog.get_by_role("button", name="Continue").click()
        expect(dialog).to_contain_text("did not accept")
        dialog.get_by_label("Token").fill("s3cret-token")
        dialog.get_by_role("button", name="Continue").click()
        expect(dashboard.page.get_by_text("Connected", exact=True)).to_be_visible()

        dashboard.open(view="workspaces", workspace="free")
        dashboard.page.reload()
        dashboard.page.get_by_role("button", name="Freeze").click()

        assert "$TRACEPASS_MOCK_CONTROL_TOKEN" in dashboard.done()
        expect(dialog).to_be_hidden()
        assert "s3cret-token" not in dashboard.page.content() + "".join(addresses) + mock.log()
        assert dashboard.page.locator("#token input").input_value() == ""
        context.close()


def test_the_page_goes_on_after_a_restart_of_the_mock(browser: Browser) -> None:
    """The new mock has another state: the page shows that state, and none of the old calls."""
    page = browser.new_page()
    with MockServer() as first:
        port = first.base_url.rpartition(":")[2]
        old = first.workspace()
        send(old, "S-1")
        send(old, "S-2")
        dashboard = Dashboard(page, first.base_url)
        dashboard.open()
        expect(dashboard.rows).to_have_count(2)
    expect(page.get_by_text(re.compile("^Not connected"))).to_be_visible()

    with MockServer("--port", port) as second:
        expect(page.get_by_text("Connected", exact=True)).to_be_visible()
        expect(dashboard.rows).to_have_count(0)
        send(second.workspace(), "S-1")
        expect(dashboard.rows).to_have_count(1)
    page.close()


def test_a_reset_empties_the_page(dashboard_of_new_mock: Dashboard, new_mock: MockServer) -> None:
    dashboard = dashboard_of_new_mock
    send(new_mock.workspace(), "S-1")
    dashboard.open()
    expect(dashboard.rows).to_have_count(1)

    dashboard.page.evaluate("fetch('/_mock/reset', {method: 'POST'})")

    expect(dashboard.rows).to_have_count(0)
    expect(dashboard.page.get_by_text("Send a first call")).to_be_visible()


def test_the_docs_page_opens_the_batch_first(page: Page, mock: MockServer) -> None:
    page.goto(f"{mock.base_url}/_mock/docs")

    expect(page.locator(".opblock.is-open")).to_have_count(1)
    expect(page.locator(".opblock").first).to_contain_text("/passports/batch")
    expect(page.locator(".opblock.is-open")).to_contain_text("Batch-create passports")
    assert page.url.endswith("#/Passports/createPassportBatch")
    page.goto("about:blank")
    page.goto(f"{mock.base_url}/_mock/docs#/Products/createProduct")
    expect(page.locator(".opblock.is-open")).to_contain_text("/products")
