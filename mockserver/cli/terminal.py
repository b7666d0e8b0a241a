"""The texts of the command line: the banner at start, the mutants and the readings."""

import json
from collections.abc import Mapping
from textwrap import fill, indent
from typing import Any

from tracepass_contract.fixtures import AccountFixture
from tracepass_contract.spec import Reading, openapi_document, readings

from ..app import VERSION
from ..mutants import Mutant

_LEGEND = (  # the letters of spec/rules.yaml
    "SEVERITY, the source of the broken rule:  M  the batch page   D  another page of the vendor   N  general practice",
    "NEEDS, what a test needs to see the bug, besides the batch endpoint, one key and one product (-: nothing):",
    "  S  the single create   L  reading back   K2  a second key   T2  a second workspace   W  a known write budget",
    "  Q  a known passport quota   O  permission for overage   C  parallel connections   T  a settable clock",
    "  P  a deployment with a control plane",
)


def banner(
    ready: Mapping[str, Any],
    spec_sha256: str,
    answers: Mapping[str, str],
    account: AccountFixture | None,
    *,
    is_default: bool,
) -> str:
    """The text at start. It ends with a call to paste, whose answer is known if the mock `is_default`. A replica
    without an `account` has no such call.
    """
    url = ready["base_url"]
    chosen = [f"{reading}={answer}" for reading, answer in answers.items() if answer != readings()[reading].default]
    about = f"""\
TracePass mock {VERSION}   spec sha256:{spec_sha256[:12]}…   readings: {", ".join(chosen) or "default"}
  API      {url}/api/v1
  control  {ready["control_url"]}{f"   Authorization: Bearer {token}" if (token := ready["control_token"]) else ""}
  docs     {ready["control_url"]}/docs
"""
    if account is None:
        return f"{about}  The seeded accounts are at another replica."
    return f"""{about}\
  export TRACEPASS_BASE_URL={url} TRACEPASS_API_KEY={account.api_key}
Try it{" (2 created, 1 error)" if is_default else ""}:
{_curl(url, account)}"""


def list_of_readings(*, as_json: bool) -> str:
    if as_json:
        return json.dumps({each.id: _as_data(each) for each in readings().values()}, indent=2)
    width = max(map(len, readings()))
    lines = [f"{each.id:{width}}  {_answers(each)}" for each in readings().values()]
    return "\n".join(
        [f"{'READING':{width}}  ANSWERS (the default is first; a reading with one answer can't be set)", *lines]
    )


def list_of_mutants(known: Mapping[str, Mutant], *, as_json: bool) -> str:
    if as_json:
        members = ("id", "severity", "needs", "rule", "fault")
        return json.dumps([{name: getattr(each, name) for name in members} for each in known.values()], indent=2)
    rows = [("ID", "SEVERITY", "NEEDS", "RULE", "FAULT")]
    rows += [(each.id, each.severity, each.needs or "-", each.rule, each.fault) for each in known.values()]
    width = max(len(row[0]) for row in rows)
    lines = [f"{name:{width}}  {severity:10}{needs:7}{rule:36}{fault}" for name, severity, needs, rule, fault in rows]
    return "\n".join([*lines, "", *_LEGEND])


def explanation(reading: Reading, *, as_json: bool) -> str:
    """All facts about one reading, as JSON or as text for a terminal."""
    if as_json:
        return json.dumps(_in_full(reading), indent=2)
    width = max(map(len, reading.answers))
    answers = []
    for answer in reading.answers.values():
        breaks = f" This answer contradicts {answer.contradicts}." if answer.contradicts else ""
        default = " Default." if answer.id == reading.default else ""
        answers.append(f"  {answer.id:{width}}  {answer.means}.{default}{breaks}")
    order = " (likeliest first for the real service; the order is our guess)" if len(answers) > 1 else ""
    parts = [f"{reading.id}\n{reading.question}", "\n".join([f"Answers{order}", *answers])]
    parts += [
        f"{title}\n{indent(fill(text, 96), '  ')}"
        for title, text in (
            ("Why this default", reading.reason),
            ("Evidence", reading.evidence),
            ("For clients", reading.advice),
            ("How to observe it", reading.observe),
            ("Why it is fixed", reading.fixed_because),
        )
        if text
    ]
    return "\n\n".join(parts)


def _as_data(reading: Reading) -> dict[str, Any]:
    answers = {answer.id: answer.means for answer in reading.answers.values()}
    return {
        "question": reading.question,
        "default": reading.default,
        "answers": answers,
        "settable": reading.settable,
    }


def _in_full(reading: Reading) -> dict[str, Any]:
    each = {
        answer.id: {name: getattr(answer, name) for name in ("means", "contradicts")}
        for answer in reading.answers.values()
    }
    more = ("reason", "evidence", "advice", "observe", "fixed_because")
    return {"id": reading.id, **_as_data(reading), "answers": each, **{name: getattr(reading, name) for name in more}}


def _answers(reading: Reading) -> str:
    others = [answer for answer in reading.answers if answer != reading.default]
    return "  ".join([reading.default, *others])


def _curl(url: str, account: AccountFixture) -> str:
    """The call of the vendor's documentation with this server, account and product."""
    media = openapi_document()["paths"]["/passports/batch"]["post"]["requestBody"]["content"]["application/json"]
    sample = media["examples"]["page-sample"]["value"]
    for passport in sample["passports"]:
        passport["productId"], passport["gs1"]["gtin"] = account.product_id, account.gtin
    items = ",\n".join(f"    {json.dumps(passport)}" for passport in sample["passports"])
    return f"""\
curl -sS -X POST {url}/api/v1/passports/batch \\
  -H "Authorization: Bearer {account.api_key}" \\
  -H "Idempotency-Key: 7b4f1e2c-9a3d-4e5b-8c1a-2d3e4f5a6b7c" \\
  -H "Content-Type: application/json" \\
  -d '{{"passports": [
{items}
  ]}}'"""
