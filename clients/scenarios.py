"""What each client goes through. A scenario returns a word for the cell of the page, or raises `Differs`."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tracepass_contract.fixtures import accounts, golden
from tracepass_contract.mockserver.testing import MockServer, Workspace

from .programs import Answer, Conversation

WORKS = "yes"
LARGE_BYTES = 3_000_000
BATCH = "/api/v1/passports/batch"


class Differs(Exception):
    """A client got something else than what it should get."""


@dataclass(frozen=True)
class Case:
    """A client, and a mock of its own. `idle_seconds` is how long it waits on its connection."""

    mock: MockServer
    client: Conversation
    idle_seconds: float

    def batch(self, workspace: Workspace, items: int, *, key: str = "", form: str = "", first: int = 0) -> Answer:
        numbers = range(first, first + items)
        return self.post(workspace.api_key, {"passports": [workspace.item(f"S-{n}") for n in numbers]}, key, form)

    def post(self, api_key: str, body: Any, key: str = "", form: str = "") -> Answer:
        return self.send("POST", BATCH, api_key, key, form, json.dumps(body))

    def send(self, method: str, path: str, api_key: str, key: str = "", form: str = "", body: str = "") -> Answer:
        """`localhost` stands for the address: clients differ in what they make of it."""
        base_url = self.mock.base_url.replace("127.0.0.1", "localhost")
        return self.client.send(method, f"{base_url}{path}", api_key, key, form, body)


def pages_batch(case: Case) -> str:
    """The sample of the vendor's page: two are created, one exists."""
    sample = next(each for each in golden() if each.name == "page-sample").request.body
    answer = case.post(accounts()[0].api_key, sample, key="of-the-page")
    _expect(answer, 200, {"created": 2, "errors": 1, "total": 3})
    return WORKS


def replay(case: Case) -> str:
    workspace = case.mock.workspace()
    first, again = (case.batch(workspace, 2, key="same") for _ in range(2))
    _expect(first, 200, {"created": 2, "errors": 0, "total": 2})
    _equal("the replay", again, first)
    return WORKS


def consent(case: Case) -> str:
    """402, and the same call with consent to the charge."""
    workspace = case.mock.workspace(passports_included=0, overage_supported=True)
    body = {"passports": [workspace.item("S-1")]}
    refused, accepted = (
        case.post(workspace.api_key, body),
        case.post(workspace.api_key, {**body, "confirmOverage": True}),
    )
    _equal("the refusal", (refused.status, _json(refused).get("error")), (402, "overage_required"))
    _expect(accepted, 200, {"created": 1, "errors": 0, "total": 1})
    return WORKS


def retry_after(case: Case) -> str:
    """429, with the seconds until the write budget is there again. Two are left: some clients wait by themselves."""
    workspace = case.mock.workspace(writes_per_day=1)
    workspace.set_clock("2026-01-15T23:59:58Z", frozen=True)
    answer = case.batch(workspace, 2)
    _equal("the status and Retry-After", (answer.status, answer.retry_after), (429, "2"))
    return WORKS if len(workspace.journal()) == 1 else "yes; waits and tries again by itself"


def lost_answer(case: Case) -> str:
    """The answer is lost after the commit. The same call with the same key is not executed again."""
    workspace = case.mock.workspace()
    workspace.fault("lose-response")
    first = case.batch(workspace, 2, key="kept")
    second = case.batch(workspace, 2, key="kept")
    _expect(second, 200, {"created": 2, "errors": 0, "total": 2})
    _equal("the writes", workspace.ledger()["totals"]["writes"], 2)
    return WORKS if first.status == 0 else "yes; retries by itself"


def idle(case: Case) -> str:
    """A call, a pause, and another call."""
    workspace = case.mock.workspace()
    _equal("the first status", case.batch(workspace, 1).status, 200)
    time.sleep(case.idle_seconds)  # the idle connection is what this scenario is about
    answer = case.batch(workspace, 1, first=1)
    _equal("the status after the pause", answer.status or answer.body, 200)
    return WORKS


def hundred_items(case: Case) -> str:
    _expect(case.batch(case.mock.workspace(), 100), 200, {"created": 100, "errors": 0, "total": 100})
    return WORKS


def compressed(case: Case) -> str:
    """A body with Content-Encoding: gzip."""
    _expect(case.batch(case.mock.workspace(), 2, form="gzip"), 200, {"created": 2, "errors": 0, "total": 2})
    return WORKS


def early_refusals(case: Case) -> str:
    """A large upload is refused before it has ended: 413, 401 and 404. The client gets the answer."""
    key, size = case.mock.workspace().api_key, str(LARGE_BYTES)
    answers = [
        case.send("POST", path, api_key, form=size)
        for path, api_key in ((BATCH, key), (BATCH, "tp_unknown"), ("/api/v1/nothing", key))
    ]
    _equal("the statuses", [each.status or each.body for each in answers], [413, 401, 404])
    return WORKS


SCENARIOS: Mapping[str, Callable[[Case], str]] = {
    "page's batch": pages_batch,
    "replay": replay,
    "402, consent": consent,
    "429, Retry-After": retry_after,
    "lost answer, same key": lost_answer,
    "idle connection": idle,
    "100 items": hundred_items,
    "gzip": compressed,
    "early 413, 401, 404": early_refusals,
}


def _expect(answer: Answer, status: int, summary: Mapping[str, int]) -> None:
    _equal("the answer", (answer.status, _json(answer).get("summary")), (status, summary))


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        raise Differs(f"expected JSON, found {answer.status} {answer.body[:200]}") from None


def _equal(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Differs(f"{what}: expected {expected}, found {str(found)[:200]}")
