"""The clocks."""

from datetime import UTC, datetime, timedelta

from tracepass_contract.mockserver.state.clock import FrozenClock, SystemClock

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


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
