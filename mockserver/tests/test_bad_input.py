"""Bad input gets the error envelope with where, expected and found. It takes nothing, and is never a 500."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.types import Message

from tracepass_contract.mockserver.http.call.document import BODY_BYTES_MAX
from tracepass_contract.mockserver.tests.client import BATCH, Client

Send = Callable[[Client], httpx.Response]


def raw(content: bytes, **more: object) -> Send:
    return lambda client: client.send(content, **more)  # type: ignore[arg-type]


def one_item(**gs1: Any) -> Send:
    """One item whose `gs1` has these members instead of valid ones."""

    def send(client: Client) -> httpx.Response:
        item = client.item()
        item["gs1"] |= gs1
        return client.batch(item)

    return send


def keyed(*keys: str) -> Send:
    def send(client: Client) -> httpx.Response:
        content = json.dumps({"passports": [client.item()]}).encode()
        return client.send(content, [("Idempotency-Key", key) for key in keys])

    return send


def with_item(item: object) -> Send:
    return lambda client: client.batch(item)


def changed(**members: Any) -> Send:
    """One item with these members instead of valid ones."""
    return lambda client: client.batch(client.item(**members))


def body(content: object) -> Send:
    return raw(json.dumps(content).encode())


@pytest.mark.parametrize(
    ("send", "status", "message"),
    [
        (raw(b""), 400, "body: expected a JSON document in UTF-8, found an empty body"),
        (raw(b'{"passports": ['), 400, "body: expected a JSON document in UTF-8, found "),
        (raw(b'{"passports": []} x'), 400, "body: expected a JSON document in UTF-8, found "),
        (
            raw('{"a": "é"}'.encode("latin-1")),
            400,
            "body: expected a JSON document in UTF-8, found the byte 0xE9 at offset 7, which is not UTF-8",
        ),
        (
            raw('{"passports": []}'.encode("utf-16-le") + b"\xff"),
            400,
            "body: expected a JSON document in UTF-8, found the byte 0xFF at offset 34, which is not UTF-8",
        ),
        (raw(b'{"passports": NaN}'), 400, "body: expected a JSON document in UTF-8, found "),
        (raw(b'{"passports": 1e999}'), 400, "body: expected a JSON document in UTF-8, found "),
        (raw(b'{"passports": ' + b"9" * 5000 + b"}"), 400, "body: expected a JSON document in UTF-8, found "),
        (raw(b'{"passports": "\\ud800"}'), 400, "body: expected a JSON document in UTF-8, found "),
        (raw(b"[" * 10_000), 400, "body: expected a JSON document in UTF-8, found "),
        (raw(b'{"a":' * 10_000), 400, "body: expected a JSON document in UTF-8, found "),
        (raw(b"[" * 300 + b"]" * 300), 400, "body: expected JSON of a reasonable depth, found nesting"),
        (raw(b'{"a":' * 990 + b'":"' + b"}" * 990), 400, "body: expected "),
        (
            raw(b'{"passports": [], "passports": [1]}'),
            400,
            "body: expected each member once, found the member 'passports' more than once in an object",
        ),
        (raw(b'{"passports": [{"gs1": 1, "gs1": ":"}]}'), 400, "body: expected each member once, found the member "),
        (raw(b'{"passports": 1, "\\u0070assports": "\\u003a"}'), 400, "body: expected each member once, found"),
        (raw(b'{"a":"\\u003a\\u003a","b":1,"b":2}'), 400, "body: expected each member once, found the member 'b'"),
        (raw(b"null"), 400, "body: expected object, found null"),
        (body({}), 400, "/passports: expected the member passports, found nothing"),
        (body({"passports": "[]"}), 400, '/passports: expected array, found "[]"'),
        (body({"passports": None}), 400, "/passports: expected array, found null"),
        (body({"passports": []}), 400, "/passports: expected 1 or more items, found 0 items"),
        (body({"passports": [1] * 101}), 400, "/passports: expected 100 or fewer items, found 101 items"),
        (with_item(1), 400, "/passports/0: expected object, found 1"),
        (with_item({"gs1": {}}), 400, "/passports/0/productId: expected the member productId, found nothing"),
        (changed(gs1=[]), 400, "/passports/0/gs1: expected object, found an array"),
        (changed(productId=7), 400, "/passports/0/productId: expected string, found 7"),
        (changed(productId=""), 400, "/passports/0/productId: expected 1 or more characters, found 0 characters"),
        (changed(confirmOverage="true"), 400, '/passports/0/confirmOverage: expected boolean, found "true"'),
        (changed(parties={"manufacturer": {}}), 400, "/passports/0/parties/manufacturer"),
        (changed(parties={"maker": {}}), 400, "/passports/0/parties/maker: unknown member "),
        (
            changed(parties={"importer": {"legalName": "A"}}),
            400,
            "/passports/0/parties/importer: expected gln, legacyOperatorId or operatorIdentifier, found none of them",
        ),
        (one_item(gtin=4012345000015), 400, "/passports/0/gs1/gtin: expected string, found 4012345000015"),
        (one_item(gtin="0401234500001"), 400, "/passports/0/gs1/gtin: expected text that matches ^[0-9]{14}$"),
        (one_item(gtin="٠٤٠١٢٣٤٥٠٠٠٠١٥"), 400, "/passports/0/gs1/gtin: expected text that matches ^[0-9]{14}$"),
        (one_item(gtin="04012345000015\n"), 400, "/passports/0/gs1/gtin: expected text that matches ^[0-9]{14}$"),
        (one_item(gtin="x" * 500), 400, "…"),
        (one_item(serialNumber=""), 400, "/passports/0/gs1/serialNumber: expected 1 or more characters, found 0"),
        (one_item(serialNumber="s" * 101), 400, "serialNumber: expected 100 or fewer characters, found 101"),
        (raw(b"{}", content_type=None), 415, "Content-Type: expected application/json, found no Content-Type"),
        (raw(b"{}", content_type="text/plain"), 415, "Content-Type: expected application/json, found text/plain"),
        (raw(b"{}", content_type="application/json; charset=utf-16"), 415, "Content-Type: expected application/json"),
        (raw(b"{}", headers=[("Content-Type", "text/plain")]), 415, "Content-Type: expected application/json"),
        (raw(b" " * (BODY_BYTES_MAX + 1)), 413, "body: expected at most 1,048,576 bytes, found more"),
        (raw([b" " * 1000] * 1100), 413, "body: expected at most 1,048,576 bytes, found more"),  # type: ignore[arg-type]
        (keyed(""), 400, "Idempotency-Key: expected 1 or more characters, found 0 characters"),
        (keyed("k" * 256), 400, "Idempotency-Key: expected 255 or fewer characters, found 256 characters"),
        (keyed("k" * 10_000), 400, "Idempotency-Key: expected 255 or fewer characters, found 10000 characters"),
        (keyed("a", "a"), 400, "Idempotency-Key: expected the header once, found 2 times"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_its_place_and_takes_nothing(send: Send, status: int, message: str) -> None:
    client = Client()
    before = client.balances

    reply = send(client)

    assert reply.status_code == status, reply.text
    assert message in reply.json()["message"], reply.text
    assert reply.json()["error"]
    assert "results" not in reply.json()
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["mock-rule"]
    assert client.balances == before


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", BATCH, 405, "method: expected POST, found GET"),
        ("DELETE", BATCH, 405, "method: expected POST, found DELETE"),
        ("OPTIONS", BATCH, 405, "method: expected POST, found OPTIONS"),
        ("POST", BATCH + "/", 404, 'unknown path "/api/v1/passports/batch/". Did you mean "/api/v1/passports/batch"?'),
        ("POST", "/api/v1/nothing", 404, 'unknown path "/api/v1/nothing". /openapi.json lists all paths.'),
        ("GET", "/api/v1", 404, 'unknown path "/api/v1"'),
        ("GET", "/api/v1/", 404, 'unknown path "/api/v1/"'),
    ],
)
def test_another_path_or_method_is_no_surprise(method: str, path: str, status: int, message: str) -> None:
    reply = Client().request(method, path)

    assert reply.status_code == status
    assert message in reply.json()["message"]
    assert reply.headers.get("allow") == ("POST" if status == 405 else None)


@pytest.mark.rule("auth.bearer-required")
@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ([], "expected one Authorization header, found none"),
        ([("Authorization", "Bearer tp_unknown")], "expected a key of a workspace, found another token"),
        ([("Authorization", "tp_mock_unlimited")], "expected Authorization: Bearer <api-key>, found another form"),
        ([("Authorization", "Basic dHBfeDp5")], "expected Authorization: Bearer <api-key>, found another form"),
        ([("Authorization", "Bearer")], "expected Authorization: Bearer <api-key>, found another form"),
        ([("Authorization", "Bearer tp_mock_unlimited")] * 2, "expected one Authorization header, found 2 of them"),
    ],
)
def test_without_one_valid_key_nothing_is_checked(headers: list[tuple[str, str]], message: str) -> None:
    """The body is malformed, too, and the answer is 401."""
    client = Client()

    reply = client.request("POST", BATCH, headers, b"{")

    assert (reply.status_code, reply.json()["error"]) == (401, "Unauthorized")
    assert message in reply.json()["message"]
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.headers["mock-rule"] == "auth.bearer-required"
    assert [(line["status"], "operation" in line) for line in client.lines] == [(401, False)]


@pytest.mark.parametrize(
    "written", ["Application/JSON", "application/json;charset=UTF-8", 'application/json; charset="utf-8"']
)
def test_a_media_type_may_be_written_in_any_case(written: str) -> None:
    client = Client()
    content = json.dumps({"passports": [client.item()]}).encode()

    assert client.send(content, content_type=written).status_code == 200


def test_a_body_may_come_in_chunks_without_a_length() -> None:
    client = Client()
    content = json.dumps({"passports": [client.item()]}).encode()

    reply = client.send([content[:10], content[10:]])

    assert reply.json()["summary"] == {"created": 1, "errors": 0, "total": 1}


@pytest.mark.parametrize("serial", ["🔋" * 100, "a/b", "a b", "é", "%2F", "?#&", " x "])
def test_any_text_of_1_to_100_characters_is_a_serial_number(serial: str) -> None:
    """The Digital Link decodes to it."""
    client = Client()

    data = client.batch(client.item(serial)).json()["results"][0]["data"]

    assert data["gs1"]["serialNumber"] == serial
    assert httpx.URL(data["gs1"]["digitalLinkUri"]).path.endswith(f"/21/{serial}")
    assert data["gs1"]["digitalLinkUri"].count("/") == 7


def test_a_caller_who_leaves_in_the_middle_of_the_body_changes_nothing() -> None:
    """The part of the body that arrived is not valid JSON."""
    client = Client()
    sent: list[Message] = []
    parts: list[Message] = [
        {"type": "http.request", "body": b'{"passports": [', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return parts.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"host", b"localhost"),
        (b"authorization", b"Bearer tp_mock_unlimited"),
        (b"content-type", b"application/json"),
    ]
    scope = {"type": "http", "method": "POST", "path": BATCH, "query_string": b"", "root_path": "", "headers": headers}
    asyncio.run(client.mock(scope, receive, send))

    assert sent[0]["status"] == 400
    assert client.balances["writes"] == 0


def test_unknown_members_and_colons_in_texts_are_no_trouble() -> None:
    client = Client()

    reply = client.batch(client.item("a:b", note="x:y"), note={"a": ":"})

    assert reply.json()["summary"]["created"] == 1


def test_a_long_header_that_nobody_reads_is_ignored() -> None:
    client = Client()
    content = json.dumps({"passports": [client.item()]}).encode()

    assert client.send(content, [("X-Source", "x" * 10_000)]).status_code == 200


def test_a_hundred_bad_items_are_counted_and_twenty_listed() -> None:
    client = Client()

    details = client.batch(*[{"productId": 1}] * 100).json()["details"]

    assert details["problemCount"] == 200
    assert len(details["problems"]) == 20


@pytest.mark.parametrize("depth", [*range(236, 256), 10_000])
def test_what_is_nested_deeply_is_taken_or_refused(depth: int) -> None:
    """An answer nests the parties deeper than the call, and the mock must be able to send it."""
    client = Client()
    party = {"legalName": "Maker", "gln": "4012345000009", "x": "@"}
    item = client.item(parties={"importer": party})
    body = json.dumps({"passports": [item]}).replace('"@"', "[" * depth + "]" * depth)

    assert client.send(body.encode()).status_code in {200, 400}
