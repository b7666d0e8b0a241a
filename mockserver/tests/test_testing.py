"""The tools for client developers: a server, workspaces and fixtures."""

import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from tracepass_contract.mockserver.testing import MockServer, Workspace
from tracepass_contract.mockserver.tests.commandline import free_port

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
pytest_plugins = ["pytester"]


def create(workspace: Workspace, *serials: str) -> httpx.Response:
    return httpx.post(
        f"{workspace.base_url}/api/v1/passports/batch",
        headers={"Authorization": f"Bearer {workspace.api_key}"},
        json={"passports": [workspace.item(serial) for serial in serials]},
    )


def test_a_workspace_can_be_used_and_controlled(tracepass_workspace: Workspace) -> None:
    """The last write before midnight, then a new day."""
    tracepass_workspace.change(writes_per_day=1)
    tracepass_workspace.set_clock(datetime(2026, 1, 15, 23, 59, 59, tzinfo=UTC), frozen=True)

    assert [create(tracepass_workspace, serial).status_code for serial in "ab"] == [200, 429]
    tracepass_workspace.advance_clock(1)
    assert create(tracepass_workspace, "b").status_code == 200

    assert tracepass_workspace.balances()["writes_left"] == 0
    assert tracepass_workspace.ledger()["totals"]["executions"] == 2
    assert [entry["because"]["rule"] for entry in tracepass_workspace.journal()] == [
        "items.fail-independently",
        "budget.refuses-whole-batch",
        "items.fail-independently",
    ]
    assert repr(tracepass_workspace).startswith("<Workspace workspace-")
    assert tracepass_workspace.api_key not in repr(tracepass_workspace)


def test_two_hundred_tests_at_once_are_isolated(tracepass_mock: MockServer) -> None:
    """The workspaces have different limits, and equal serial numbers and keys. All balances are exact."""

    def a_test(number: int) -> None:
        writes, passports = 2 + number % 7, 1 + number % 3
        workspace = tracepass_mock.workspace(
            writes_per_day=writes, passports_included=passports, overage_price_cents=number
        )
        workspace.set_clock(NOON, frozen=True)  # a new day would renew the budget
        headers = {"Authorization": f"Bearer {workspace.api_key}", "Idempotency-Key": "k"}
        bodies = [{"passports": [workspace.item("a"), workspace.item("a")], "confirmOverage": True}] * 2
        bodies.append({"passports": [workspace.item(f"b{n}") for n in range(writes - 1)]})
        url = f"{workspace.base_url}/api/v1/passports/batch"
        with httpx.Client(timeout=60) as client:
            first, again, over = (client.post(url, headers=headers, json=body) for body in bodies)
            assert again.content == first.content
            assert over.status_code == 422
            assert client.post(url, headers=headers | {"Idempotency-Key": "l"}, json=bodies[2]).status_code == 429
        balances, totals = workspace.balances(), workspace.ledger()["totals"]
        assert (balances["writes_left"], balances["passports_left"]) == (writes - 2, passports - 1)
        assert (totals["executions"], totals["replays"], totals["refusals"], totals["writes"]) == (1, 1, 2, 2)

    with ThreadPoolExecutor(20) as tests:
        assert len(list(tests.map(a_test, range(200)))) == 200
    assert tracepass_mock.log().count("createPassportBatch 429") >= 200


def test_an_invalid_option_raises_its_error(tracepass_mock: MockServer, tracepass_workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="/plan: expected one of free"):
        tracepass_mock.workspace(plan="gold")
    with pytest.raises(ValueError, match="/seconds: expected 0 or more, found -1"):
        tracepass_workspace.advance_clock(-1)


def test_a_mock_that_cannot_start_says_why() -> None:
    with pytest.raises(RuntimeError, match=r'unknown reading "a\.b"'), MockServer("--reading", "a.b=c"):
        pytest.fail("it started")


def test_a_command_that_does_not_serve_is_no_mock() -> None:
    with pytest.raises(RuntimeError, match="the mock did not start: Usage: "), MockServer("--help"):
        pytest.fail("it started")


def test_a_mock_can_serve_on_a_port_of_ones_choice() -> None:
    port = free_port()

    with MockServer("--port", port) as mock:
        assert mock.base_url == f"http://127.0.0.1:{port}"
        assert create(mock.workspace(), "a").status_code == 200


@pytest.mark.parametrize("options", [("--host", "0.0.0.0"), ("--control-token", "eight or more")])
def test_a_control_plane_that_asks_for_a_token_gets_it(options: Sequence[str]) -> None:
    """A test can also send the token to the control plane itself."""
    with MockServer(*options) as mock:
        workspace = mock.workspace(writes_per_day=3)

        assert workspace.balances()["writes_left"] == 3
        assert mock.control_token


@pytest.mark.parametrize("options", [("--ready-file", "ready.json"), ("--ready-file=ready.json",)])
def test_the_ready_file_is_the_one_option_that_is_not_free(options: Sequence[str]) -> None:
    with pytest.raises(ValueError, match="MockServer sets --ready-file itself"):
        MockServer(*options)


def test_a_workspace_is_that_of_the_marker_and_the_mock_that_of_the_options(pytester: pytest.Pytester) -> None:
    pytester.makeini('[pytest]\ntracepass_mock_options = --reading "batch.all-created-status=201"')
    pytester.makepyfile("""
        import httpx, pytest

        @pytest.mark.tracepass_workspace(writes_per_day=1)
        def test_one_write(tracepass_workspace):
            own = tracepass_workspace
            url, headers = own.base_url + "/api/v1/passports/batch", {"Authorization": "Bearer " + own.api_key}
            bodies = [{"passports": [own.item(each)]} for each in "ab"]
            assert [httpx.post(url, headers=headers, json=body).status_code for body in bodies] == [201, 429]
    """)

    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--strict-markers", "-W", "error")

    done.assert_outcomes(passed=1)


@pytest.mark.parametrize("by", ["option", "variable"])
def test_tests_can_use_a_mock_that_already_serves(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    pytester.makepyfile("def test_it(tracepass_workspace): print(tracepass_workspace.base_url)")
    with MockServer("--control-token", "eight or more") as mock:
        monkeypatch.setenv("TRACEPASS_MOCK_CONTROL_TOKEN", "eight or more")
        if by == "variable":
            monkeypatch.setenv("TRACEPASS_MOCK_URL", mock.base_url)
        options = ["--tracepass-mock-url", f"{mock.base_url}/"] if by == "option" else []

        done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-s", *options)

    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines([f"*{mock.base_url}*"])


def test_the_plugin_imports_neither_the_server_nor_a_client(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys

        def test_nothing():
            assert {"connexion", "httpx", "uvicorn", "tracepass_contract.mockserver.app"} & set(sys.modules) == set()
    """)

    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:anyio")

    done.assert_outcomes(passed=1)


def test_the_plugin_loads_no_module_but_its_own() -> None:
    """Loading it costs every test run of a project that has the mock installed."""
    command = """
import pytest, sys
before = set(sys.modules)
import tracepass_contract.mockserver.pytest_plugin, tracepass_contract.contract_tests.run.pytest_package
print(*sorted(set(sys.modules) - before))
"""
    loaded = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout.split()

    plugins = {"mockserver.pytest_plugin", "contract_tests.run.pytest_package"}
    rooms = {"mockserver", "contract_tests", "contract_tests.run"}
    assert set(loaded) == {"tracepass_contract", *(f"tracepass_contract.{each}" for each in plugins | rooms)}


def test_a_project_that_makes_errors_of_warnings_can_use_the_mock_in_both_ways(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import asyncio, httpx

        def test_by_the_fixture(tracepass_workspace):
            own = tracepass_workspace
            key = {"Authorization": f"Bearer {own.api_key}"}
            assert httpx.get(f"{own.base_url}/api/v1/passports", headers=key).status_code == 200

        def test_in_process():
            from tracepass_contract.mockserver.app import create_app

            async def ask():
                transport = httpx.ASGITransport(create_app())
                async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
                    return await client.get("/openapi.json")

            assert asyncio.run(ask()).status_code == 200
    """)
    others = [f"-pno:{each}" for each in ("cacheprovider", "schemathesis", "anyio", "hypothesispytest")]

    done = pytester.run(sys.executable, "-W", "error", "-m", "pytest", "-W", "error", *others)

    done.stdout.fnmatch_lines(["*2 passed*"])


@pytest.mark.parametrize("by", ["SIGKILL", "SIGTERM"])
def test_a_killed_test_run_leaves_no_mock_behind(pytester: pytest.Pytester, by: str) -> None:
    pytester.makepyfile(f"""
        import os, signal

        def test_it(tracepass_workspace):
            print(f"serves at {{tracepass_workspace.base_url}}", flush=True)
            os.kill(os.getpid(), signal.{by})
    """)

    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-s")

    base_url = re.search(r"serves at (\S+)", done.stdout.str())
    assert base_url is not None
    while answers(f"{base_url[1]}/_mock/health"):
        pass  # until the mock has seen the end of its stdin


def answers(url: str) -> bool:
    try:
        httpx.get(url)
    except httpx.TransportError:
        return False
    return True


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        (NOON, "2026-01-15T12:00:00.000Z"),
        (date(2026, 1, 15), "2026-01-15T00:00:00.000Z"),
        ("2026-01-15T13:00:00+01:00", "2026-01-15T12:00:00.000Z"),
    ],
)
def test_a_clock_can_be_set_to_a_time_a_day_or_text(
    tracepass_workspace: Workspace, now: datetime | date | str, shown: str
) -> None:
    assert tracepass_workspace.set_clock(now, frozen=True)["now"] == shown


def test_a_time_without_a_zone_is_refused(tracepass_workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="has no time zone; write"):
        tracepass_workspace.set_clock(NOON.replace(tzinfo=None))


def test_the_example_shows_which_client_is_careful(pytester: pytest.Pytester) -> None:
    """The test of the naive client fails, and that of the careful client passes."""
    pytester.copy_example(str(EXAMPLES / "retry"))

    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["FAILED *test_a_lost_answer_is_not_paid_twice[[]naive[]]*"])


def test_a_planned_fault_that_does_not_fire_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile('def test_nothing(tracepass_workspace): tracepass_workspace.fault("malformed", times=2)')

    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["*planned faults did not fire: malformed (0 of 2)*"])


def test_a_fault_of_an_item_that_no_batch_came_to_fails_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import httpx

        def test_one_item(tracepass_workspace):
            own = tracepass_workspace
            own.fault("item", index=7)
            url, bearer = own.base_url + "/api/v1/passports/batch", "Bearer " + own.api_key
            httpx.post(url, headers={"Authorization": bearer}, json={"passports": [own.item("a")]})
    """)

    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["*planned faults did not fire: item (0 of 1)*"])


def test_the_former_name_of_the_workspace_still_serves(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_one(tracepass_world, tracepass_workspace):
            assert tracepass_world is tracepass_workspace
    """)

    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    done.assert_outcomes(passed=1, warnings=1)
    done.stdout.fnmatch_lines(["*tracepass_world is deprecated; use tracepass_workspace*"])
