"""The readings of the HTTP side and of the document: each answer changes what a client sees."""

import json
from datetime import timedelta

import pytest

from tracepass_contract.mockserver.app import UnusableReadings, create_app
from tracepass_contract.mockserver.semantics.types.readings import SETTABLE, Readings
from tracepass_contract.mockserver.tests.client import Client
from tracepass_contract.mockserver.tests.control_client import Owner
from tracepass_contract.spec import readings


def test_the_enumerations_and_the_file_agree() -> None:
    """They have the same ids, answers and defaults for every reading that can be set."""
    settable = {each.id: each for each in readings().values() if each.settable}

    assert set(SETTABLE) == set(settable)
    for reading, (_, answers) in SETTABLE.items():
        assert sorted(answers) == sorted(settable[reading].answers)
    assert Readings().as_answers() == {each.id: each.default for each in settable.values()}


def test_readings_that_do_not_exist_or_contradict_each_other_stop_the_start() -> None:
    with pytest.raises(UnusableReadings, match=r'unknown answer "204"\. The answers are 200, 201, 207'):
        create_app(readings={"batch.mixed-status": "204"})
    with pytest.raises(UnusableReadings, match="contradict each other"):
        create_app(readings={"quota.compares-with": "creatable-items", "quota.charges": "requested-beyond-quota"})


@pytest.mark.parametrize(
    ("answer", "spaced", "reordered"),
    [("canonical-json", 200, 200), ("parsed-json", 200, 422), ("raw-bytes", 422, 422)],
)
def test_when_two_bodies_are_the_same(answer: str, spaced: int, reordered: int) -> None:
    """One key comes with the same body, with other spaces, and with another order of members."""
    client = Client(idempotency__fingerprint=answer)
    item = client.item()
    key = [("Idempotency-Key", "k")]
    client.send(json.dumps({"passports": [item], "confirmOverage": False}).encode(), key)

    other_spacing = json.dumps({"passports": [item], "confirmOverage": False}, indent=2).encode()
    other_order = json.dumps({"confirmOverage": False, "passports": [item]}).encode()

    assert client.send(other_spacing, key).status_code == spaced
    assert client.send(other_order, key).status_code == reordered


@pytest.mark.parametrize(
    ("answer", "statuses"),
    [
        ("14-digits", {8: 400, 12: 400, 13: 400, 14: 200}),
        ("13-padded", {8: 400, 12: 400, 13: 200, 14: 200}),
        ("8-12-13-14-padded", {8: 200, 12: 200, 13: 200, 14: 200}),
    ],
)
def test_which_lengths_of_a_gtin_are_taken(answer: str, statuses: dict[int, int]) -> None:
    for digits, status in statuses.items():
        client = Client(items__gtin_spellings=answer)
        reply = client.batch(client.item(gs1={"gtin": "1".zfill(digits), "serialNumber": "S"}))
        assert reply.status_code == status
        if status == 200:
            assert reply.json()["results"][0]["data"]["gs1"]["gtin"] == "1".zfill(14)


def test_a_padded_gtin_is_the_same_gtin() -> None:
    client = Client(items__gtin_spellings="13-padded")
    short = client.item(gs1={"gtin": client.account.gtin[1:], "serialNumber": "S-1"})

    assert client.batch(client.item("S-1"), short).json()["summary"] == {"created": 1, "errors": 1, "total": 2}


@pytest.mark.parametrize(
    ("serial", "any_text", "gs1"),
    [
        ("s" * 20, 200, 200),
        ("s" * 21, 200, 400),
        ("a b", 200, 400),
        ("A-z!\"%&'()*+,./:;<=>?_9", 200, 400),
        ("é", 200, 400),
    ],
)
def test_which_texts_are_serial_numbers(serial: str, any_text: int, gs1: int) -> None:
    for answer, status in (("any-text-1-to-100", any_text), ("gs1-1-to-20", gs1)):
        client = Client(items__serial_domain=answer)
        assert client.batch(client.item(serial)).status_code == status


def test_every_character_of_set_82_is_taken() -> None:
    characters = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    client = Client(items__serial_domain="gs1-1-to-20")
    serials = [characters[n : n + 20] for n in range(0, len(characters), 20)]

    assert len(characters) == 82
    assert client.batch(*map(client.item, serials)).status_code == 200


@pytest.mark.parametrize(("answer", "statuses"), [("any-1-to-255", (200, 200)), ("uuid", (400, 200))])
def test_which_texts_are_keys(answer: str, statuses: tuple[int, int]) -> None:
    client = Client(idempotency__key_syntax=answer)
    uuid = "7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c"

    replies = client.batch(client.item("a"), key=f"mcp-{uuid}"), client.batch(client.item("b"), key=uuid)

    assert tuple(reply.status_code for reply in replies) == statuses


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_out_of_range_can_be_ignored(key: str) -> None:
    client = Client(idempotency__key_out_of_range="ignored")

    replies = client.batch(client.item(), key=key), client.batch(client.item(), key=key)

    assert [reply.json()["summary"]["created"] for reply in replies] == [1, 0]


@pytest.mark.parametrize(
    ("answer", "in_item", "at_top"), [("ignored", 200, 200), ("refused", 400, 400), ("item-error", 200, 400)]
)
def test_what_an_unknown_member_does(answer: str, in_item: int, at_top: int) -> None:
    client = Client(batch__unknown_members=answer)

    replies = client.batch(client.item("a"), client.item("b", fields={})), client.batch(client.item("c"), fields={})

    assert [reply.status_code for reply in replies] == [in_item, at_top]
    if answer == "item-error":
        assert [entry["status"] for entry in replies[0].json()["results"]] == ["created", "error"]


@pytest.mark.parametrize(("answer", "status"), [("refused", 400), ("any-true-wins", 200), ("strictest-wins", 402)])
def test_a_consent_that_is_no_boolean(answer: str, status: int) -> None:
    """The body has a text beside `passports`, and an item has true."""
    client = Client("quota_full", quota__conflicting_consent=answer)

    assert client.batch(client.item(confirmOverage=True), confirmOverage="yes").status_code == status


def test_nothing_but_true_is_consent() -> None:
    for said in (1, "true", None, [True], False):
        client = Client("quota_full", quota__conflicting_consent="any-true-wins")
        assert client.batch(client.item(), confirmOverage=said).status_code == 402


@pytest.mark.parametrize(
    ("answer", "members"),
    [("trimmed", {"_id", "gs1", "status"}), ("full", {"_id", "gs1", "status", "productId", "createdAt"})],
)
def test_what_the_data_of_a_created_item_holds(answer: str, members: set[str]) -> None:
    client = Client(items__created_data=answer)

    data = client.batch(client.item()).json()["results"][0]["data"]

    assert members <= set(data)
    assert answer == "full" or set(data) == members


@pytest.mark.parametrize(("answer", "equal_bytes"), [("same-bytes", True), ("same-json", False)])
def test_how_alike_a_replay_is(answer: str, equal_bytes: bool) -> None:
    client = Client(idempotency__replay_equality=answer)

    first, again = (client.batch(client.item(), key="k") for _ in range(2))

    assert first.json() == again.json()
    assert (first.content == again.content) is equal_bytes


@pytest.mark.parametrize("status", ["400", "422"])
def test_a_batch_that_failed_whole_can_have_a_4xx_with_results(status: str) -> None:
    answers = {"batch__all_failed_status": status, "idempotency__remembered_outcomes": "executed"}
    client = Client(**answers)

    first, again = (client.batch(client.item(productId="none"), key="k") for _ in range(2))

    assert (first.status_code, again.status_code) == (int(status), int(status))
    assert first.json()["summary"] == again.json()["summary"] == {"created": 0, "errors": 1, "total": 1}


def test_a_malformed_item_can_fail_alone() -> None:
    """The other items are created, and the entry says what is wrong."""
    client = Client(items__malformed_item="item-error")
    malformed = [1, {}, {"productId": client.account.product_id}, client.item(gs1={"gtin": 1}), client.item(parties=1)]

    reply = client.batch(client.item("a"), *malformed, client.item("b"))

    assert [entry["status"] for entry in reply.json()["results"]] == ["created", *["error"] * 5, "created"]
    assert reply.json()["results"][1]["error"] == "/passports/1: expected object, found 1"


@pytest.mark.parametrize(
    ("answer", "header"), [("retry-after", "retry-after"), ("ratelimit", "ratelimit-policy"), ("none", None)]
)
def test_a_429_has_the_headers_of_its_reading(answer: str, header: str | None) -> None:
    client = Client("budget_spent", budget__refusal_headers=answer)

    headers = client.batch(client.item()).headers

    assert {"retry-after", "ratelimit-policy"} & set(headers) == ({header} if header else set())


def test_a_marker_can_tell_a_replay() -> None:
    client = Client(idempotency__replay_marker="idempotent-replayed")

    first, again = (client.batch(client.item(), key="k") for _ in range(2))

    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["mock-rule"] == "idempotency.replays-original"


@pytest.mark.rule("items.created-is-readable")
@pytest.mark.parametrize(("answer", "at_once"), [("immediate", True), ("seconds-later", False)])
def test_when_a_created_passport_can_be_read(answer: str, at_once: bool) -> None:
    """By id, by serial number and in lists. A second create of the pair fails at once."""
    client = Client(items__read_your_writes=answer)
    client.batch(client.item("old"))
    client.clock.advance(timedelta(hours=1))
    created = client.batch(*client.items(3)).json()["results"][1]["data"]

    def seen() -> list[object]:
        bearer = [("Authorization", f"Bearer {client.account.api_key}")]
        named = (created["_id"], "by-serial/S-1", "?search=S-&limit=2", "?search=old")
        paths = [f"/api/v1/passports{path if path.startswith('?') else f'/{path}'}" for path in named]
        replies = [client.request("GET", path, bearer) for path in paths]
        totals = [reply.json()["data"]["total"] for reply in replies[2:]]
        return [*(reply.status_code for reply in replies[:2]), *totals]

    assert seen() == ([200, 200, 3, 1] if at_once else [404, 404, 0, 1])
    assert client.batch(client.item("S-1")).json()["summary"]["errors"] == 1
    client.clock.advance(timedelta(seconds=2, milliseconds=999))
    assert seen() == ([200, 200, 3, 1] if at_once else [404, 404, 0, 1])
    client.clock.advance(timedelta(milliseconds=1))
    assert seen() == [200, 200, 3, 1]


def test_every_item_is_charged_of_a_batch_that_goes_beyond_the_quota_and_of_no_other() -> None:
    """Two equal items are one passport. The compared number fits."""
    owner = Owner(quota__compares_with="creatable-items", quota__charges="every-item")
    workspace = owner.create_workspace(passports_included=1, passports_used=0)

    assert owner.create(workspace, "a", "a", confirmOverage=False).json()["summary"]["created"] == 1
    assert owner.seen(workspace)["overage_cents"] == 0
    assert owner.create(workspace, "b", "b", confirmOverage=True).json()["summary"]["created"] == 1
    assert owner.seen(workspace)["overage_count"] == 2


@pytest.mark.parametrize(
    ("readings", "consent", "status"),
    [
        ({"quota__consent_within_quota": "refused"}, True, 400),
        ({"quota__without_overage": "403"}, True, 403),
        ({}, False, 402),
    ],
)
def test_only_a_402_takes_writes_where_refusals_for_the_quota_do(
    readings: dict[str, str], consent: bool, status: int
) -> None:
    owner = Owner(budget__refused_by_quota="every-item", **readings)
    limits = {} if status == 400 else {"passports_included": 0, "overage_supported": False}
    workspace = owner.create_workspace(writes_per_day=10, **limits)

    assert owner.create(workspace, "a", "b", confirmOverage=consent).status_code == status
    assert owner.seen(workspace)["writes_used"] == (2 if status == 402 else 0)


def test_a_replay_under_a_clock_that_was_set_back_does_not_end_the_key_sooner() -> None:
    owner = Owner(idempotency__lifetime_from="last-replay")
    workspace = owner.create_workspace()

    def ask_at(moment: str) -> str:
        owner.ask("PUT", f"/workspaces/{workspace['id']}/clock", {"now": moment, "frozen": True})
        body = {
            "passports": [
                {"productId": workspace["product_id"], "gs1": {"gtin": workspace["gtin"], "serialNumber": "a"}}
            ]
        }
        key = [("Idempotency-Key", "k")]
        return owner.send(json.dumps(body).encode(), key, api_key=workspace["api_key"]).headers["mock-rule"]

    rules = [ask_at(f"2026-01-{moment}Z") for moment in ("15T12:00:00", "15T00:00:00", "16T06:00:00", "16T06:00:00")]

    assert rules == ["items.fail-independently"] + ["idempotency.replays-original"] * 3
