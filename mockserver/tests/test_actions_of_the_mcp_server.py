"""What the vendor's MCP server (1.4.4) gets for each of its 25 actions, as the table of docs/vendor-clients.md.

`python -m tracepass_contract.mockserver.tests.test_actions_of_the_mcp_server` writes the page.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tracepass_contract.mockserver.tests.test_public_clients import PublicClient

PAGE = Path(__file__).resolve().parents[2] / "docs/vendor-clients.md"


class Action(NamedTuple):
    """An action of a tool, the request that the server makes of it, and the members of the answer to show."""

    tool: str
    name: str
    method: str
    path: str
    body: Mapping[str, Any] | None
    shown: str = "error"


# In an order in which each can succeed. `$…` stands for an id or a serial number of the conversation.
ACTIONS = (
    Action("products", "list", "GET", "/products?page=1&limit=20", None, "data.total"),
    Action("products", "create", "POST", "/products", {"name": "Pack", "model": "P-1", "category": "battery"}, "_id"),
    Action("products", "get", "GET", "/products/$product", None, "name"),
    Action("products", "update", "PATCH", "/products/$product", {"name": "Pack 2"}, "name"),
    Action("passports", "create", "POST", "/passports", {"productId": "$product", "gs1": "$gs1"}, "status"),
    Action("passports", "list", "GET", "/passports?limit=100&search=S%201", None, "data.total"),
    Action("passports", "get", "GET", "/passports/$passport?format=summary&lang=de", None, "status"),
    Action("passports", "get_by_serial", "GET", "/passports/by-serial/$serial?format=full", None, "status"),
    Action("passports", "compliance", "GET", "/passports/$passport/compliance", None),
    Action("passports", "get_qr", "GET", "/passports/$passport/qr?format=svg", None, "raw"),
    Action("passports", "get_qr_by_serial", "GET", "/passports/by-serial/$serial/qr", None, "raw"),
    Action("passport_fields", "update", "PATCH", "/passports/$passport/fields/rated_capacity", {"value": 100}, "_id"),
    Action(
        "passport_fields",
        "update_by_serial",
        "PATCH",
        "/passports/by-serial/$serial/fields/ratedCapacity",
        {"value": 101},
        "_id",
    ),
    Action(
        "passport_parties",
        "set",
        "PATCH",
        "/passports/$passport/parties/importer",
        {"legalName": "A", "gln": "4012345000009", "country": "DE"},
        "_id",
    ),
    Action("passport_parties", "remove", "DELETE", "/passports/$passport/parties/importer", None, "_id"),
    Action("passports", "suspend", "POST", "/passports/$passport/suspend", {}, "status"),
    Action("passports", "suspend_by_serial", "POST", "/passports/by-serial/$serial/suspend", {}, "status"),
    Action("passports", "archive", "POST", "/passports/$passport/archive", {}, "status"),
    Action("passports", "archive_by_serial", "POST", "/passports/by-serial/$serial/archive", {}, "status"),
    Action("epcis", "export", "GET", "/passports/$passport/epcis", None),
    Action("epcis", "capture", "POST", "/epcis/capture", {"epcisBody": {}}),
    Action("epcis", "capture_job", "GET", "/epcis/capture/1", None),
    Action("epcis", "query", "GET", "/epcis/events", None),
    Action("templates", "list", "GET", "/templates", None, "templates"),
    Action("templates", "get", "GET", "/templates/battery", None, "category"),
)
TEXT = """# What the vendor's clients get

The vendor publishes two clients: an MCP server and an n8n node. The mock gets the requests that they make.

## The 25 actions of the MCP server

One conversation with version 1.4.4, in this order. `summary` and `lang` are accepted. The server reads `error` and
`message` of a refusal. The table is made by a test, which checks each answer against the document.

| action | request | answer |
|---|---|---|
{rows}

A suspended passport can be suspended again. An archived one cannot be changed any more. The answer 501 lists the
operations that the mock serves; the mock never invents a success.

## Habits of both clients

| habit | the mock |
|---|---|
| MCP: a new key `mcp-<uuid>` for each call with a body, which is no UUID | accepts any text of up to 255 characters |
| MCP: `{{}}` for a POST without arguments, also to archive | treats it as no arguments |
| MCP: no body, no type and no key with a DELETE | needs none |
| MCP over HTTP: `GET /products?limit=1` before each call | answers it; each takes one read |
| MCP: `confirmOverage` only when it is true | 402 before, 201 with it |
| MCP: fields as `rated_capacity` or `ratedCapacity` | one field |
| MCP: a QR code as an image | the server shows it as `raw` text |
| MCP of other versions: `create_batch`, `identifier` | served; `identifier` with the scheme `gs1`, others get 501 |
| n8n: `confirmOverage: false` always | treats it as no consent |
| n8n: empty text for what is not filled in (`gtin=`, `description: ""`) | treats it as absent |
| n8n: serial numbers that are not percent-encoded | finds the passport, except if it has a `/` |
| n8n: literal JSON of a batch as text | 400, `passports` is no list |
| n8n: all values of fields as text | keeps the text |
| both: GTINs of 8, 12 or 13 digits are padded before they are sent | needs 14 digits, by default |
| both: an archived product becomes active by `PATCH {{"status": "active"}}` | does that |
| both: `X-Source`, and other headers | no effect |

After `listTools()` the official TypeScript client checks answers against the MCP server's own schema, which is closed.
It then refuses the documented answers of the real service, too (error -32602). Call the tools without it.
"""


def test_the_page_says_what_each_action_gets() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_each_action_succeeds_or_is_refused_for_a_reason() -> None:
    statuses = {f"{action.tool}.{action.name}": status for action, status, _ in conversation()}

    assert len(statuses) == 25
    assert {name for name, status in statuses.items() if status == 501} == {
        "passports.compliance",
        "epcis.export",
        "epcis.capture",
        "epcis.capture_job",
        "epcis.query",
    }
    assert {name for name, status in statuses.items() if status == 409} == {"passports.archive_by_serial"}
    assert set(statuses.values()) == {200, 201, 409, 501}


def conversation() -> list[tuple[Action, int, str]]:
    """Each action with the status that it gets, and a part of the answer."""
    client = PublicClient()
    names: dict[str, Any] = {
        "$serial": "S%201%2F2",
        "$gs1": {"gtin": client.mock.account.gtin, "serialNumber": "S 1/2"},
    }
    found = []
    for action in ACTIONS:
        path = action.path
        for name, value in names.items():
            path = path.replace(name, str(value))
        body = (
            None
            if action.body is None
            else {
                key: names.get(value, value) if isinstance(value, str) else value for key, value in action.body.items()
            }
        )
        status, answer = client.mcp(action.method, path, body)
        if action.name == "create":
            names[f"${action.tool.removesuffix('s')}"] = answer["_id"]
        found.append((action, status, _part(answer, action.shown if status < 400 else "error")))
    return found


def _part(answer: Any, name: str) -> str:
    for step in name.split("."):
        answer = answer[step]
    if isinstance(answer, list):
        return f"{name}: {len(answer)} of them"
    return f"{name}: {str(answer)[:40]}" + ("…" if len(str(answer)) > 40 else "")


def page() -> str:
    rows = [
        f"| {action.tool} {action.name} | `{action.method} {action.path}` | {status}, {part.replace('<', '&lt;')} |"
        for action, status, part in conversation()
    ]
    return TEXT.format(rows="\n".join(rows))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
