"""The state: what a commit changes, and what it leaves alone."""

import json
from datetime import timedelta

import pytest

from tracepass_contract.mockserver.http.call.document import OperationContract
from tracepass_contract.mockserver.semantics.types.accounts import PLANS
from tracepass_contract.mockserver.semantics.types.answers import NewPassport, Remember
from tracepass_contract.mockserver.state import Sent, State, stored_answers
from tracepass_contract.mockserver.state.clock import FrozenClock
from tracepass_contract.mockserver.state.stored_answers import StoredAnswers
from tracepass_contract.mockserver.tests.client import NOON, Client


@pytest.mark.rule("budget.renews-each-utc-day")
def test_the_budget_is_full_again_at_midnight_utc() -> None:
    """One write is left. It is taken, and another is refused until 00:00:00.0."""
    client = Client("one_write_left")
    assert client.batch(client.item("a")).status_code == 200

    client.clock.advance(timedelta(hours=12) - timedelta(milliseconds=1))
    assert client.batch(client.item("b")).status_code == 429
    client.clock.advance(timedelta(milliseconds=1))

    assert client.batch(*client.items(100)).status_code == 200
    assert client.balances["writes"] == 100


@pytest.mark.rule("idempotency.kept-24-hours")
def test_a_forgotten_answer_is_dropped_from_memory() -> None:
    client = Client()
    for n in range(3):
        client.batch(client.item(f"S-{n}"), key=f"k{n}")
        client.clock.advance(timedelta(hours=10))

    client.batch(client.item("S-9"), key="k9")

    assert client.balances["answers"] == 3  # k1, k2, k9


def test_a_replay_that_renews_its_key_keeps_the_first_answer() -> None:
    client = Client(idempotency__lifetime_from="last-replay")
    replies = []
    for _ in range(4):
        replies.append(client.batch(client.item(), key="k").content)
        client.clock.advance(timedelta(hours=20))

    assert len(set(replies)) == 1
    assert client.balances["answers"] == 1


@pytest.mark.rule("auth.workspaces-are-separate")
def test_workspaces_know_nothing_of_each_other() -> None:
    """Two workspaces get the same key and body. Each executes its own call."""
    client, other = Client("unlimited"), Client("free")
    body = json.dumps({"passports": [client.item()]}).encode()
    key = [("Idempotency-Key", "k")]

    first = client.send(body, key)
    second = client.send(body, key, api_key=other.account.api_key)

    assert first.json()["summary"]["created"] == 1
    assert second.json()["results"][0] == {"index": 0, "status": "error", "error": "Product not found"}


def test_a_gtin_belongs_to_the_first_workspace_that_uses_it() -> None:
    client, other = Client("unlimited"), Client("other_workspace")
    item = other.item() | {"gs1": {"gtin": client.account.gtin, "serialNumber": "S"}}

    reply = client.send(json.dumps({"passports": [item]}).encode(), api_key=other.account.api_key)

    assert reply.json()["results"][0]["error"] == "GTIN is registered to another workspace"


@pytest.mark.rule("idempotency.replays-original")
def test_a_second_key_of_a_workspace_replays_what_the_first_one_did() -> None:
    client = Client("other_workspace")
    body = json.dumps({"passports": [client.item()]}).encode()
    key = [("Idempotency-Key", "k")]

    first, second = (client.send(body, key, api_key=each) for each in (None, "tp_mock_other_workspace_2"))

    assert first.content == second.content


def test_ids_are_the_same_for_the_same_calls() -> None:
    def ids(client: Client) -> list[str]:
        return [entry["data"]["_id"] for entry in client.batch(*client.items(3)).json()["results"]]

    first, second, elsewhere = ids(Client()), ids(Client()), ids(Client("free"))

    assert first == second
    assert len({*first, *elsewhere}) == 6
    assert all(len(each) == 24 and int(each, 16) for each in first)


def test_the_totals_of_a_workspace_add_up() -> None:
    client = Client("one_slot_left")
    client.batch(client.item("a"), client.item("a"), key="k", confirmOverage=True)
    client.batch(client.item("a"), client.item("a"), key="k", confirmOverage=True)
    client.batch(client.item("b"))
    client.batch(client.item("b"), confirmOverage=True)

    totals = client.workspace.totals

    assert (totals.executions, totals.replays, totals.refusals) == (2, 1, 1)
    assert (totals.writes, totals.passports, totals.overage_count, totals.overage_cents) == (3, 2, 1, 150)


def test_parties_are_kept_and_shown() -> None:
    client = Client()
    parties = {"importer": {"legalName": "Acme", "gln": "4012345000009"}}

    data = client.batch(client.item(parties=parties)).json()["results"][0]["data"]

    assert data["parties"] == parties
    assert json.loads(client.workspace.passports[data["_id"]].parties) == parties


def test_an_answer_that_the_document_does_not_know_is_a_bug_and_commits_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client()
    before = client.balances
    monkeypatch.setattr(OperationContract, "allows", lambda *_: False)

    reply = client.batch(client.item(), key="k")

    assert (reply.status_code, reply.json()["error"]) == (500, "Internal Server Error")
    assert client.balances == before
    assert "the document has no answer" in caplog.text


def test_a_key_that_is_in_memory_outlives_nothing_but_its_own_day() -> None:
    """The reading stores all answers. A malformed call with a known key does not extend the key."""
    client = Client(idempotency__remembered_outcomes="all")
    client.batch(client.item(), key="k")
    client.clock.advance(timedelta(hours=20))
    assert client.batch(key="k").status_code == 400

    client.clock.advance(timedelta(hours=4))
    again = client.batch(client.item(), key="k")

    assert again.json()["summary"]["errors"] == 1


def test_an_answer_that_is_renewed_for_ever_takes_no_more_memory() -> None:
    """One of two answers is renewed a thousand times, an hour apart. The other is dropped, and memory does not grow."""
    answers, sent = StoredAnswers(), Sent(200, (), b"first")
    day = timedelta(days=1)
    answers.keep(Remember(("renewed",), b"f", NOON + day), sent, NOON)
    answers.keep(Remember(("left",), b"f", NOON + day), sent, NOON)
    for hour in range(1000):
        now = NOON + timedelta(hours=hour)
        answers.renew(Remember(("renewed",), b"f", now + day))
        answers.keep(Remember((f"new {hour}",), b"f", now + timedelta(minutes=1)), sent, now)

    renewed = answers.get(("renewed",))

    assert renewed is not None
    assert (renewed.body, renewed.expires_at) == (b"first", NOON + timedelta(hours=999) + day)
    assert answers.get(("left",)) is None
    assert len(answers) == len(answers._ends) == 2  # it, and the newest


@pytest.mark.parametrize(("bound", "most"), [("ANSWERS_MAX", 2), ("BYTES_MAX", 2 * len(b"answer"))])
def test_of_too_many_answers_the_oldest_goes_before_its_time(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    """Two answers are stored. The first was renewed after the second came, so the second is the oldest."""
    monkeypatch.setattr(stored_answers, bound, most)
    answers, sent, hour = StoredAnswers(), Sent(200, (), b"answer"), timedelta(hours=1)
    dropped = [answers.keep(Remember((name,), b"f", NOON + hour), sent, NOON) for name in ("first", "second")]
    answers.renew(Remember(("first",), b"f", NOON + 3 * hour))

    dropped.append(answers.keep(Remember(("third",), b"f", NOON + 2 * hour), sent, NOON))

    assert dropped == [([], []), ([], []), ([], [("second",)])]
    assert [name for (name,), _ in answers.items()] == ["first", "third"]


def test_a_workspace_with_too_many_keys_says_so_in_its_ledger_and_once_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stored_answers, "ANSWERS_MAX", 1)
    client = Client()

    for key in ("a", "b", "c"):
        client.batch(client.item(key), key=key)

    assert client.workspace.totals.answers_dropped == 2
    assert [record.message for record in caplog.records if "idempotency keys" in record.message] == [
        f"{client.workspace.id} has too many idempotency keys: the mock drops the oldest before they expire."
    ]


@pytest.mark.rule("auth.bearer-required")
def test_a_revoked_key_opens_nothing_and_leaves_the_others() -> None:
    client = Client("other_workspace")

    client.mock.state.revoke_api_key(client.account.api_key)
    client.mock.state.revoke_api_key("tp_never_issued")

    assert client.batch(client.item()).status_code == 401
    assert client.mock.state.workspace_of("tp_mock_other_workspace_2") is client.workspace


def test_the_first_passport_under_a_gtin_registers_it() -> None:
    state = State(FrozenClock(NOON))
    first, second = (state.add_workspace(name, PLANS["free"]) for name in ("first", "second"))
    passport = NewPassport(first.passport_ids(1)[0], "p", "09506000134352", "S", "S", None, NOON)

    state.add_passports(first, [passport])

    assert state.view(second, NOON).gtin_is_foreign("09506000134352")
    assert not state.view(first, NOON).gtin_is_foreign("09506000134352")
    assert not state.view(second, NOON).existing_pairs([("09506000134352", "S")])
    assert state.view(first, NOON).existing_pairs([("09506000134352", "S")])


def test_pairs_differ_by_their_gtin_in_any_order() -> None:
    """The serial numbers alternate between two GTINs and an unused one."""
    state = State(FrozenClock(NOON))
    workspace = state.add_workspace("w", PLANS["free"])
    one, other, none = "09506000134352", "09506000134369", "09506000134376"
    pairs = [(one, "A-01"), (other, "A-02"), (one, "A-03"), (other, "B")]
    ids = workspace.passport_ids(len(pairs))
    new = [
        NewPassport(each, "p", gtin, serial, serial, None, NOON)
        for each, (gtin, serial) in zip(ids, pairs, strict=True)
    ]

    state.add_passports(workspace, new)

    wanted = [(gtin, serial) for serial in ("A-01", "A-02", "A-03", "B", "C") for gtin in (other, one, none)]
    assert state.view(workspace, NOON).existing_pairs(wanted) == set(pairs)


@pytest.mark.rule("budget.renews-each-utc-day")
def test_a_day_that_was_not_written_on_has_its_whole_budget() -> None:
    """Yesterday, today and tomorrow."""
    state = State(FrozenClock(NOON))
    workspace = state.add_workspace("w", PLANS["free"])
    state.set_balances(workspace, writes_used=40, passports_used=2, now=NOON)

    days = [state.view(workspace, NOON + timedelta(days=shift)).account for shift in (-1, 0, 1)]

    assert [day.writes_used for day in days] == [0, 40, 0]
    assert [day.passports_used for day in days] == [2, 2, 2]
