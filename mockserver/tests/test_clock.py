"""The clocks: of the machine, of a workspace, and the date of an answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tracepass_contract.mockserver.app import create_app
from tracepass_contract.mockserver.state.clock import FrozenClock, SystemClock, WorkspaceClock
from tracepass_contract.mockserver.tests.client import NOON
from tracepass_contract.mockserver.tests.control_client import Owner

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def test_the_clock_of_the_machine_is_utc() -> None:
    now = SystemClock().now()

    assert now.utcoffset() == timedelta(0)
    assert now > NOON


def test_a_frozen_clock_stands_still_until_it_is_moved() -> None:
    clock = FrozenClock(NOON)
    text = [clock.now(), clock.now()]

    clock.advance(timedelta(hours=12, microseconds=1))

    assert text == [NOON, NOON]
    assert clock.now() == datetime(2026, 1, 16, 0, 0, 0, 1, tzinfo=UTC)


def test_a_frozen_clock_can_be_set_back() -> None:
    clock = FrozenClock(NOON)

    clock.at = NOON - timedelta(days=1)

    assert clock.now() == datetime(2026, 1, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "runs_on", "expected"),
    [
        (datetime(9998, 12, 31, 23, 59, tzinfo=UTC), timedelta(minutes=2), LAST),
        (datetime(9998, 12, 31, 23, 59, tzinfo=UTC), timedelta(days=800), LAST),
        (datetime(1970, 1, 1, 0, 1, tzinfo=UTC), timedelta(minutes=-2), FIRST),
        (datetime(1970, 1, 1, 0, 1, tzinfo=UTC), timedelta(days=-735_000), FIRST),
        (NOON, timedelta(days=1), NOON + timedelta(days=1)),
    ],
)
def test_a_running_clock_stays_in_its_calendar(at: datetime, runs_on: timedelta, expected: datetime) -> None:
    """The clock of the machine may be set back as well."""
    machine = FrozenClock(NOON)
    clock = WorkspaceClock(machine)
    clock.set(at)

    machine.advance(runs_on)

    assert clock.now() == expected
    clock.advance(timedelta())  # is possible


def test_a_clock_at_the_end_of_its_calendar_can_be_saved_and_restored() -> None:
    """Even if it runs, and a day is added to its time."""
    owner = Owner()
    workspace = owner.create_workspace()
    owner.ask("PUT", f"/workspaces/{workspace['id']}/clock", {"now": "9998-12-31T23:59:59.999Z"})
    owner.clock.advance(timedelta(days=2))

    assert owner.send(b'{"passports": []}', api_key=workspace["api_key"]).status_code == 400
    assert owner.create(workspace, "a").status_code == 200
    saved = owner.ask("GET", "/state").json()
    assert owner.ask("PUT", "/state", saved).status_code == 204
    assert owner.ask("GET", f"/workspaces/{workspace['id']}/clock").json()["now"] == "9998-12-31T23:59:59.999Z"


@pytest.mark.rule("budget.renews-each-utc-day")
def test_a_tenth_of_a_second_before_and_after_midnight_are_two_days() -> None:
    owner = Owner()
    workspace, other = owner.create_workspace(writes_per_day=1), owner.create_workspace(writes_per_day=1)
    clock = f"/workspaces/{workspace['id']}/clock"
    given = {"now": "2026-01-15T23:59:59.900Z", "frozen": True}
    assert owner.ask("PUT", clock, given).json() == given
    owner.create(workspace, "a"), owner.create(other, "a")

    assert owner.create(workspace, "b").headers["retry-after"] == "1"
    assert owner.ask("POST", f"{clock}/advance", {"seconds": 0.2}).json()["now"] == "2026-01-16T00:00:00.100Z"

    assert owner.create(workspace, "b").json()["results"][0]["data"]["createdAt"] == "2026-01-16T00:00:00.100Z"
    assert owner.create(other, "b").status_code == 429


def test_a_clock_that_is_frozen_at_a_moment_stands_at_that_very_moment() -> None:
    """Some microseconds later can be the next day, and a key expires after exactly 24 hours."""
    owner = Owner()
    owner.mock = create_app()  # whose clock runs
    workspace = owner.create_workspace()
    clock = f"/workspaces/{workspace['id']}/clock"

    owner.ask("PUT", clock, {"now": "2026-01-15T23:59:59.999999Z", "frozen": True})

    assert owner.ask("GET", clock).json()["now"].startswith("2026-01-15T23:59:59")
    assert owner.mock.state.workspaces[workspace["id"]].clock.now().microsecond == 999_999


def test_a_clock_runs_on_from_where_it_was_set() -> None:
    owner = Owner()
    clock = f"/workspaces/{owner.create_workspace()['id']}/clock"
    owner.ask("PUT", clock, {"now": "2030-01-01T00:00:00+02:00"})
    owner.clock.at = owner.clock.at.replace(hour=13)

    assert owner.ask("GET", clock).json() == {"now": "2029-12-31T23:00:00.000Z", "frozen": False}
    assert owner.ask("PUT", clock, {"frozen": True}).json()["frozen"] is True
    owner.clock.at = owner.clock.at.replace(hour=14)
    assert owner.ask("PUT", clock, {"frozen": False}).json() == {"now": "2029-12-31T23:00:00.000Z", "frozen": False}
    assert owner.ask("PUT", clock, {"frozen": False}).json()["frozen"] is False


def test_a_moment_may_be_written_in_small_letters() -> None:
    owner = Owner()
    workspace = owner.create_workspace()

    text = owner.ask("PUT", f"/workspaces/{workspace['id']}/clock", {"now": "2027-05-31t23:59:59.9z", "frozen": True})

    assert text.json() == {"now": "2027-05-31T23:59:59.900Z", "frozen": True}


def test_the_date_of_an_answer_is_that_of_the_workspace() -> None:
    """Without a workspace it is the time of the machine."""
    owner = Owner()
    workspace = owner.create_workspace()
    owner.ask("PUT", f"/workspaces/{workspace['id']}/clock", {"now": "2027-05-31T23:59:59.900Z", "frozen": True})

    assert owner.create(workspace, "a").headers["date"] == "Mon, 31 May 2027 23:59:59 GMT"
    owner.ask("POST", f"/workspaces/{workspace['id']}/clock/advance", {"seconds": 0.2})
    assert owner.create(workspace, "b").headers["date"] == "Tue, 01 Jun 2027 00:00:00 GMT"
    assert owner.send(b"{}", api_key="tp_nobody").headers["date"] == "Thu, 15 Jan 2026 12:00:00 GMT"
    assert owner.ask("GET", "/health").headers["date"] == "Thu, 15 Jan 2026 12:00:00 GMT"
    owner.ask("POST", f"/workspaces/{workspace['id']}/faults", {"kind": "status", "status": 503})
    assert owner.create(workspace, "c").headers["date"] == "Tue, 01 Jun 2027 00:00:00 GMT"


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("PUT", "/clock", {"now": "0001-01-01T00:00:00+10:00"}),
        ("PUT", "/clock", {"now": "9999-01-01T00:00:00Z"}),
        ("POST", "/clock/advance", {"seconds": 3153600000}),
    ],
)
def test_the_calendar_ends(method: str, path: str, given: dict[str, Any]) -> None:
    owner = Owner()
    workspace = owner.create_workspace()
    owner.ask("PUT", f"/workspaces/{workspace['id']}/clock", {"now": "9998-12-31T23:00:00Z", "frozen": True})

    reply = owner.ask(method, f"/workspaces/{workspace['id']}{path}", given)

    assert (reply.status_code, reply.json()["detail"][:17]) == (400, "the clock cannot ")
    assert owner.create(workspace, "a").status_code == 200
    assert owner.ask("GET", f"/workspaces/{workspace['id']}/clock").json()["now"] == "9998-12-31T23:00:00.000Z"
