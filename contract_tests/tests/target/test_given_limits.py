"""What is left of the limits of a given workspace: by its own clock, and after what the run did to it."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracepass_contract.contract_tests.client.api import Api
from tracepass_contract.contract_tests.client.known_passports import Pairs
from tracepass_contract.contract_tests.client.session import Credential, Session
from tracepass_contract.contract_tests.client.spend import Price, Purse
from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.history import Exchange, Given
from tracepass_contract.contract_tests.model.outcomes import Inconclusive, Untested
from tracepass_contract.contract_tests.target.deployment import Deployment, Hooks, SecondWorkspace
from tracepass_contract.contract_tests.target.given_workspace import GivenAccount

HOOK = [sys.executable, "-S", "-c", "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + chr(10))"]
DECLARED = Deployment(
    "http://127.0.0.1:9",
    writes_per_day=500,
    writes_left=120,
    slots_left=40,
    second_workspace=SecondWorkspace("SECOND", "p2", "09506000140025"),
    keys={"SECOND": "tp_second"},
)
At = Callable[[str], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Sets the clock of the suite to a time of 15 January 2026."""

    def set_clock(text: str) -> None:
        now = datetime.fromisoformat(f"2026-01-15T{text}").replace(tzinfo=UTC)
        monkeypatch.setattr(clock, "utc_now", lambda: now)

    set_clock("12:00")
    return set_clock


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the hooks write what they are told."""
    return tmp_path / "hooks"


def account_of(deployment: Deployment) -> GivenAccount:
    session = Session(deployment.base_url, Purse(), call_seconds=1, time_limit_seconds=9)
    api = Api(session, Credential("main-key-1", "main", "tp_x"), Pairs())
    return GivenAccount(session, deployment, "main", api, ("p", "09506000140018"))


def with_hooks(log: Path) -> Deployment:
    hooks = Hooks([*HOOK, str(log), "{writes_left}"], set_clock=[*HOOK, str(log), "{now}"])
    return replace(DECLARED, hooks=hooks)


def took(account: GivenAccount, **price: int) -> None:
    account.session.purse.hold(Price(**price))
    account.session.purse.settle(Price(**price), Price(**price), of="main")


def deleted(account: GivenAccount) -> None:
    now = account.session.now("main")
    call = Exchange(1, "main", "main-key-1", "DELETE", "/api/v1/passports/x", now, answered_at=now, status=200)
    account.session.events.append(call)


@pytest.mark.usefixtures("at")
def test_the_hook_of_the_budget_is_for_the_main_workspace(log: Path) -> None:
    theirs = account_of(with_hooks(log)).another_workspace()

    with pytest.raises(Untested, match="second workspace"):
        theirs.has(writes_left=3)

    assert not log.exists()


@pytest.mark.usefixtures("at")
def test_the_hook_of_the_clock_moves_all_workspaces(log: Path) -> None:
    account = account_of(with_hooks(log))
    used = account.another_workspace()

    account.advance_clock(hours=5)

    assert used.session.now("second") == account.session.now("main") == clock.utc_now() + timedelta(hours=5)


def test_hours_are_counted_on_the_clock_that_was_set(log: Path, at: At) -> None:
    at("01:10")
    account = account_of(with_hooks(log))

    account.advance_clock(hours=22)

    assert account.hours_to_midnight == pytest.approx(50 / 60)


def test_midnight_is_that_of_the_clock_that_was_set(log: Path, at: At) -> None:
    """It is noon for the suite and 23:58 for the deployment."""
    account = account_of(with_hooks(log))
    at("12:00")
    account.advance_clock(hours=11 + 58 / 60)

    with pytest.raises(Inconclusive, match="about 00:00 UTC"):
        account.has(writes_left=3)


@pytest.mark.usefixtures("at")
def test_a_new_day_has_the_writes_of_a_day(log: Path) -> None:
    account = account_of(with_hooks(log))
    took(account, writes=20)

    account.advance_clock(hours=13)

    assert account.limits.writes_between() == (500, 500)


@pytest.mark.usefixtures("at")
def test_a_new_day_of_unknown_size_leaves_open_what_is_left(log: Path) -> None:
    account = account_of(replace(with_hooks(log), writes_per_day=None))

    account.advance_clock(hours=13)

    with pytest.raises(Untested, match="new day"):
        account.limits.writes_between()


def test_a_midnight_during_the_run_leaves_open_what_is_left(monkeypatch: pytest.MonkeyPatch, at: At) -> None:
    at("23:50")
    account = account_of(DECLARED)
    later = clock.utc_now() + timedelta(minutes=20)
    monkeypatch.setattr(clock, "utc_now", lambda: later)

    with pytest.raises(Untested, match="renewed at 00:00 UTC"):
        account.limits.writes_between()


@pytest.mark.usefixtures("at")
def test_what_refused_calls_took_is_no_matter_once_the_hook_has_set_the_budget(log: Path) -> None:
    account = account_of(with_hooks(log))
    account.session.purse.settle(Price(), Price(), of="main", unsure=Price(writes=101))

    account.has(writes_left=7)

    assert account.limits.writes_between() == (7, 7)
    assert log.read_text().split() == ["7"]


@pytest.mark.usefixtures("at")
def test_a_bound_of_the_quota_is_not_declared_as_its_value(log: Path) -> None:
    """After a deletion 30 or 31 passports are left, so nothing is said of them."""
    account = account_of(with_hooks(log))
    took(account, writes=10, slots=10)
    deleted(account)

    account.has(writes_left=7)

    said = [event for event in account.session.events if isinstance(event, Given)]
    assert [each.slots_left for each in said] == [40, None]
    assert (account.limits.slots_expected, account.limits.slots_most) == (30, 31)


@pytest.mark.usefixtures("at")
def test_the_quota_of_another_month_is_not_known(log: Path) -> None:
    account = account_of(with_hooks(log))

    account.advance_clock(hours=24 * 20)

    assert account.limits.slots_most is None
    with pytest.raises(Untested, match="known rest of the quota"):
        account.has(slots_left=2)


@pytest.mark.usefixtures("at")
def test_a_test_leaves_the_last_writes_and_the_last_passport() -> None:
    account = account_of(DECLARED)
    took(account, writes=90, slots=38)

    account.check_room(Price(4, 1), is_last=False)
    with pytest.raises(Untested, match="W: 31 writes of today's budget, 30 are left; the last 26"):
        account.check_room(Price(5), is_last=False)
    with pytest.raises(Untested, match="Q: 3 free passports, 2 are left; the last one"):
        account.check_room(Price(2, 2), is_last=False)
    account.check_room(Price(30, 2), is_last=True)


@pytest.mark.usefixtures("at")
def test_the_hook_fills_the_budget_up_where_a_test_needs_more(log: Path) -> None:
    account = account_of(with_hooks(log))
    took(account, writes=100)

    account.check_room(Price(5), is_last=False)

    assert log.read_text().split() == ["500"]
