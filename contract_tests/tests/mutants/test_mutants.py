"""Each mutant differs from the mock in what its fault says, and in nothing else.

A conversation of one call after another is held with the mock and with the mutant. What differs, in an answer or in
what a call took, is exactly what `mutants.yaml` says.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tracepass_contract.contract_tests.mutants import FIRST_EIGHT, Mutant, Severity, catalogue, matrix
from tracepass_contract.contract_tests.mutants.mutant import Broken
from tracepass_contract.contract_tests.tests.helpers.in_process import at_noon
from tracepass_contract.spec import readings, rules
from tracepass_contract.spec.files import read_yaml


@dataclass(frozen=True)
class Say:
    """One call, and what it is there for: a batch, but for one that `deletes`."""

    name: str
    workspace: str
    serials: str  # apart by spaces; `?` before it: of no product; `@`: under another's GTIN
    key: str | None = None
    consent: bool | None = None
    api_key: str | None = None
    hours_later: int = 0
    deletes: str = ""  # no batch, but the DELETE of the first passport that the call of this name created


WORKSPACES: Mapping[str, Mapping[str, int | bool]] = {
    "plenty": {},
    "other": {},
    "writes": {"writes_per_day": 8},
    "slots": {"passports_included": 4, "overage_price_cents": 150},
    "no overage": {"passports_included": 1, "overage_supported": False},
    "both": {"writes_per_day": 3, "passports_included": 1, "overage_price_cents": 150},
}
CONVERSATION = (
    Say("created", "plenty", "A B", key="one"),
    Say("replay", "plenty", "A B", key="one"),
    Say("another last item", "plenty", "A C", key="one"),
    Say("key in capitals", "plenty", "D", key="ONE"),
    Say("mixed", "plenty", "E ?F G", key="two"),
    Say("mixed replay", "plenty", "E ?F G", key="two"),
    Say("known", "plenty", "A H"),
    Say("twins", "plenty", "I I"),
    Say("twelve", "plenty", " ".join(f"L{n}" for n in range(12))),
    Say("none", "plenty", ""),
    Say("101 items", "plenty", " ".join(["A"] * 101)),
    Say("no valid key", "plenty", "J", api_key="nobody"),
    Say("same key elsewhere", "other", "A B", key="one"),
    Say("foreign GTIN", "other", "@M"),
    Say("three of eight", "writes", "A B C", key="w"),
    Say("writes replayed", "writes", "A B C", key="w"),
    Say("six for five", "writes", "D E F G H I"),
    Say("five for five", "writes", "D E F G H"),
    Say("one for none", "writes", "I"),
    Say("one of four", "slots", "A ?B", key="s"),
    Say("slots replayed", "slots", "A ?B", key="s"),
    Say("four for three", "slots", "C D E F"),
    Say("three for three", "slots", "C D E"),
    Say("consent withheld", "slots", "F", consent=False),
    Say("consent", "slots", "F", consent=True),
    Say("consent forgotten", "slots", "G"),
    Say("fits without overage", "no overage", "A"),
    Say("consent buys nothing", "no overage", "B", consent=True),
    Say("consent and no writes", "both", "A B C D", consent=True),
    Say("two hours later", "plenty", "A B", key="one", hours_later=2),
    Say("a day later", "plenty", "K", key="one", hours_later=24),
    Say("a new day", "writes", "J", hours_later=24),
    Say("created to go", "other", "N O", key="gone"),
    Say("deleted", "other", "", deletes="created to go"),
    Say("replay of what is gone", "other", "N O", key="gone"),
)


def hold() -> dict[str, Any]:
    """What came of each call: status, headers, body, and the balances after it."""
    mock, clock = at_noon()

    def taken_of(workspace: Mapping[str, Any]) -> tuple[int, int, int]:
        account = mock.state.workspaces[workspace["id"]].account(clock.now())
        return account.writes_used, account.passports_used, account.overage_cents

    async def talk() -> dict[str, Any]:
        transport = httpx.ASGITransport(mock, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            workspaces = {
                name: (await http.post("/_mock/workspaces", json=limits)).json() for name, limits in WORKSPACES.items()
            }
            said: dict[str, Any] = {}
            ids: dict[str, str] = {}
            for call in CONVERSATION:
                clock.advance(timedelta(hours=call.hours_later))
                workspace = workspaces[call.workspace]
                before = taken_of(workspace)
                answer = await http.request(
                    *_line(call, ids), content=_body(call, workspace), headers=_headers(call, workspace)
                )
                taken = [after - earlier for after, earlier in zip(taken_of(workspace), before, strict=True)]
                retry = answer.headers.get("retry-after")
                said[call.name] = (answer.status_code, retry, _described(answer, call.name, ids), taken)
            return said

    return asyncio.run(talk())


def _described(response: httpx.Response, name: str, ids: dict[str, str]) -> Any:
    """The answer with each passport's id as the call that first showed it, and a refusal by its token alone."""
    try:
        answer = response.json()
    except ValueError:
        return "no JSON"
    if "results" not in answer:
        return answer.get("error")
    for entry in answer["results"] if isinstance(answer["results"], list) else ():
        if "_id" in entry.get("data", ()):
            where = f"{name}, item {entry['index']}"
            entry["data"]["_id"] = ids.setdefault(entry["data"]["_id"], where)
            entry["data"].pop("createdAt"), entry["data"].pop("updatedAt")
    return answer


def _line(call: Say, ids: Mapping[str, str]) -> tuple[str, str]:
    """Method and path."""
    if not call.deletes:
        return "POST", "/api/v1/passports/batch"
    first = next((passport_id for passport_id, name in ids.items() if name.startswith(call.deletes)), "0" * 24)
    return "DELETE", f"/api/v1/passports/{first}"


def _body(call: Say, workspace: Mapping[str, Any]) -> bytes:
    if call.deletes:
        return b""
    gtins = [workspace["gtin"], "09506000000015"]  # the second is that of the first workspace that is created
    items = [
        {
            "productId": "0" * 24 if serial.startswith("?") else workspace["product_id"],
            "gs1": {"gtin": gtins[serial.startswith("@")], "serialNumber": serial.lstrip("?@")},
        }
        for serial in call.serials.split()
    ]
    consent = {} if call.consent is None else {"confirmOverage": call.consent}
    return json.dumps({"passports": items, **consent}).encode()


def _headers(call: Say, workspace: Mapping[str, Any]) -> dict[str, str]:
    key = {} if call.key is None else {"Idempotency-Key": call.key}
    return {
        "Authorization": f"Bearer {call.api_key or workspace['api_key']}",
        "Content-Type": "application/json",
        **key,
    }


@pytest.fixture(scope="module")
def right() -> dict[str, Any]:
    return hold()


DIFFERENT: Mapping[str, str] = read_yaml(Path(__file__).with_name("mutants.yaml"))


@pytest.mark.parametrize("mutant", catalogue().values(), ids=lambda mutant: mutant.id)
def test_a_mutant_differs_in_its_fault_and_in_nothing_else(
    mutant: Mutant, right: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """It works, too: only a fault that breaks the server raises anything, and that is `Broken`."""
    with mutant.in_force():
        wrong = hold()

    raised = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [error for error in raised if not isinstance(error, Broken)] == []
    assert [name for name in right if wrong[name] != right[name]] == _names(DIFFERENT[mutant.id])


def _names(text: str) -> list[str]:
    """`nothing` is for what this conversation does not show: races, other readings, other operations."""
    return [] if text == "nothing" else text.split(", ")


def test_after_a_mutant_the_mock_is_right_again(right: Mapping[str, Any]) -> None:
    for mutant in catalogue().values():
        with mutant.in_force():
            pass

    assert hold() == right


def test_a_mutant_names_rules_that_exist_and_says_what_is_wrong() -> None:
    known = set(rules())
    for mutant in catalogue().values():
        assert {mutant.rule, *mutant.also} <= known, mutant.id
        assert mutant.fault.endswith("."), mutant.id
        assert mutant.severity in Severity


def test_the_first_eight_are_there() -> None:
    assert len(set(FIRST_EIGHT) & set(catalogue())) == 8


FAULTS: Mapping[str, list[str]] = read_yaml(Path(__file__).with_name("faults.yaml"))
NOT_SEEDED: list[dict[str, str]] = read_yaml(Path(matrix.__file__).with_name("not_seeded.yaml"))


def test_every_fault_is_a_mutant_or_has_a_reason_why_it_is_none() -> None:
    """Each row once: as one mutant or several, or among those that are an answer of a reading or can't be seen."""
    rows = {f"{family}-{number}" for family, numbers in FAULTS.items() for number in numbers}
    seeded = {mutant.rstrip("abcdefg") for mutant in catalogue()}
    others = [each["id"] for each in NOT_SEEDED]

    assert rows - seeded == set(others)
    assert len(set(others)) == len(others)


def test_what_is_no_mutant_says_what_it_takes_or_which_reading_it_answers() -> None:
    for each in NOT_SEEDED:
        assert len({"needs", "reading"} & set(each)) == 1, each["id"]
        assert "reading" not in each or each["reading"] in readings(), each["id"]
