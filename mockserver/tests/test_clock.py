"""The clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from tracepass_contract.mockserver.state.clock import FrozenClock, SystemClock, WorkspaceClock
from tracepass_contract.mockserver.tests.control_client import Owner

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
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
