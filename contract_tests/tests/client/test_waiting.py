"""When the client waits: for a gateway that asks it to, and for its own rate."""

import pytest

from tracepass_contract.contract_tests.client.access import Access
from tracepass_contract.contract_tests.client.session import Outgoing
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.outcomes import Inconclusive
from tracepass_contract.contract_tests.target.control_plane import ControlPlane
from tracepass_contract.contract_tests.tests.helpers.scripted_server import (
    MAIN,
    OK,
    READ,
    WRITE,
    Answer,
    serving,
    session_of,
)

LIMITED: Answer = (429, {"retry-after": "7"}, b"slow down")
MAINTAINED: Answer = (503, {"retry-after": "7"}, b"")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the suite slept. No time passes otherwise."""
    now, slept = [1000.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    monkeypatch.setattr(clock, "sleep", sleep)
    return slept


def test_the_rate_also_holds_for_the_control_plane(waits: list[float]) -> None:
    with serving() as server:
        control = ControlPlane(server.url, None, Access(requests_per_second=2))
        for _ in range(3):
            control.document()
        control.close()

    assert waits == [0.5, 0.5]


@pytest.mark.parametrize(
    ("call", "answers", "statuses", "waited"),
    [
        (WRITE, (LIMITED, OK), [429, 200], [7]),
        (WRITE, (LIMITED,), [429, 429, 429], [7, 7]),
        (READ, (MAINTAINED, OK), [503, 200], [7]),
        (WRITE, (MAINTAINED, OK), [503], []),  # it may have been executed
        (WRITE, ((429, {"retry-after": "100"}, b""), OK), [429], []),  # over the time limit
        (WRITE, ((429, {"retry-after": "7200"}, b""), OK), [429], []),  # as an API does whose day is not over
        (WRITE, ((429, {}, b""), OK), [429], []),
        (WRITE, ((200, {"retry-after": "7"}, b"{}"),), [200], []),
    ],
)
def test_a_gateway_that_asks_to_wait_is_obeyed(
    call: Outgoing, answers: tuple[Answer, ...], statuses: list[int], waited: list[float], waits: list[float]
) -> None:
    """Each answer is in the history. Only a call that was certainly not executed is sent again."""
    with serving(*answers) as server:
        session = session_of(server.url)
        last = session.send(call, MAIN)
        session.close()

    assert [each.status for each in session.history.exchanges] == statuses
    assert last.status == statuses[-1]
    assert waits == waited


def test_the_next_call_waits_where_a_call_can_not_be_sent_again(waits: list[float]) -> None:
    with serving(MAINTAINED, OK) as server:
        session = session_of(server.url)
        session.send(WRITE, MAIN)
        assert waits == []
        session.send(WRITE, MAIN)
        session.close()

    assert waits == [7]


def test_calls_keep_the_rate(waits: list[float]) -> None:
    with serving() as server:
        session = session_of(server.url, access=Access(requests_per_second=4))
        for _ in range(3):
            session.send(READ, MAIN)
        session.close()

    assert waits == [0.25, 0.25]


def test_no_call_is_sent_where_its_turn_comes_after_the_time_limit(waits: list[float]) -> None:
    with serving() as server:
        session = session_of(server.url, seconds=3, access=Access(requests_per_second=0.1))
        session.send(READ, MAIN)
        with pytest.raises(Inconclusive, match="time limit"):
            session.send(READ, MAIN)
        session.close()

    assert (len(server.asked), waits) == (1, [10])
