"""The reference of faults in the docs has all that spec/control.yaml has.

`python -m tracepass_contract.mockserver.tests.test_fault_table` writes it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tracepass_contract.spec import control_document

PAGE = Path(__file__).resolve().parents[2] / "docs/faults.md"
COMMON = ("times", "skip", "match")
KINDS = {
    "delay": "The call, or its answer, waits.",
    "status": "The caller gets another answer, such as a 503 or the 429 of a gateway.",
    "lose-request": "The connection ends before the server gets the call.",
    "lose-response": "The server executes the call, and the connection ends before its answer.",
    "truncate": "The body of the answer is cut short, and `Content-Length` is the shorter length.",
    "malformed": "The body of the answer is not JSON.",
    "slow-body": "The body comes in ten pieces.",
    "item": "One item of a batch fails.",
}


def test_the_page_has_each_kind_and_each_option() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_each_kind_is_described() -> None:
    assert list(KINDS) == schemas()["FaultKind"]["enum"]


def page() -> str:
    members = schemas()["NewFault"]["properties"]
    lines = [
        "# Faults",
        "",
        "`POST /_mock/workspaces/{id}/faults` plans a [fault](glossary.md#fault), and so does `fault(kind, …)` of a",
        "test's workspace. It happens to the next call that matches. This page is made from",
        "[spec/control.yaml](../spec/control.yaml).",
        "",
        "| kind | what happens | options |",
        "|---|---|---|",
        *(f"| `{kind}` | {what} | {_options_of(kind)} |" for kind, what in KINDS.items()),
        "",
        "| option | of | values | meaning |",
        "|---|---|---|---|",
        *(_line(name, member) for name, member in members.items() if name != "kind"),
    ]
    return "\n".join(lines) + "\n"


def schemas() -> Mapping[str, Any]:
    found: Mapping[str, Any] = control_document()["components"]["schemas"]
    return found


def _options_of(kind: str) -> str:
    return ", ".join(f"`{name}`" for name in _names(kind)) or "none"


def _names(kind: str) -> Iterator[str]:
    """The options of this kind alone."""
    schema = schemas()["NewFault"]
    branch = next(each["then"] for each in schema["allOf"] if each["if"]["properties"]["kind"]["const"] == kind)
    for name in schema["properties"]:
        if name not in ("kind", *COMMON) and branch["properties"].get(name) is not False:
            yield f"{name} (required)" if name in branch.get("required", ()) else name


def _line(name: str, member: Mapping[str, Any]) -> str:
    kinds = ["every kind"] if name in COMMON else [f"`{kind}`" for kind in KINDS if _has(kind, name)]
    return f"| `{name}` | {', '.join(kinds)} | {_values(member)} | {' '.join(member.get('description', '').split())} |"


def _has(kind: str, name: str) -> bool:
    return any(each.split()[0] == name for each in _names(kind))


def _values(member: Mapping[str, Any]) -> str:
    values = ", ".join(f"`{each}`" for each in member["enum"]) if "enum" in member else member.get("type", "any JSON")
    if "minimum" in member:
        values += f" from {member['minimum']:,} to {member['maximum']:,}"
    return f"{values}, default `{str(member['default']).lower()}`" if "default" in member else values


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
