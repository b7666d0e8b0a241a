"""What is asked: the calls, what prepares them, and how a right answer is known."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

PLENTY, SPENT = "tp_mock_unlimited", "tp_mock_budget_spent"  # keys of accounts that the mock starts with
_PRODUCTS = {
    PLENTY: ("6650a1b2c3d4e5f6a7b8d008", "09506000140087"),
    SPENT: ("6650a1b2c3d4e5f6a7b8d003", "09506000140032"),
}
FOUND = 100  # passports that a search can find; each search finds one
STATIC_ANSWER = '"'  # of a server without a state: that there is JSON


@dataclass(frozen=True, slots=True)
class Call:
    """A request and its right answer. `@@` in the body becomes a text of its own for each request, in the path one of
    100 numbers; `pattern` is a Lua pattern that stands in the last `look_back` characters of the answer.
    """

    method: str
    path: str
    body: str
    status: int
    pattern: str
    api_key: str = PLENTY
    headers: dict[str, str] = field(default_factory=dict)
    look_back: int = 200

    def all_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json", **self.headers}

    def of_a_static_answer(self) -> "Call":
        """The same for a server that answers what is written down, whatever was asked."""
        return replace(self, pattern=STATIC_ANSWER, look_back=100_000)


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured under one name. `first` is sent once before, and must be answered by `call.status` or 200.

    `times_as_long` is for what has few answers a second and a tail to be known.
    """

    id: str
    title: str
    call: Call
    connections: int = 8
    first: Call | None = None
    times_as_long: int = 1


def batch(items: int, serial_number: str = "B@@", api_key: str = PLENTY) -> str:
    """A body of so many items; a `#` in the serial number is the number of the item."""
    product_id, gtin = _PRODUCTS[api_key]
    numbers = [serial_number.replace("#", f"{n:03d}") for n in range(items)]
    return json.dumps(
        {"passports": [{"productId": product_id, "gs1": {"gtin": gtin, "serialNumber": each}} for each in numbers]},
        separators=(",", ":"),
    )


def creates(items: int, **others: Any) -> Call:
    """A batch of which every item is created."""
    return Call("POST", "/passports/batch", batch(items), 200, f'"created":%s*{items}%D', **others)


def all_taken() -> Call:
    """A batch whose one item fails: its serial number is that of a passport that can be found."""
    return Call("POST", "/passports/batch", batch(1, "FIND-#"), 200, '"errors":%s*1%D')


def _stored() -> Call:
    body = batch(100, "STORED-#")
    return Call("POST", "/passports/batch", body, 200, '"created":%s*100%D', headers={"Idempotency-Key": "stored-100"})


_TO_BE_FOUND = Call("POST", "/passports/batch", batch(FOUND, "FIND-#"), 200, '"total":')
_SEARCH = Call("GET", "/passports?search=find-@@", "", 200, '"total":%s*1%D')
_REFUSED = Call("POST", "/passports/batch", batch(1, api_key=SPENT), 429, "budget exceeded", SPENT, look_back=500)

CASES = (
    Case("replay", "replay of a stored batch of 100", _stored(), first=_stored()),
    Case("429", "429: no write is left", _REFUSED),
    Case("search", "list with a search that finds one", _SEARCH, first=_TO_BE_FOUND),
    Case("1", "batch of 1", creates(1)),
    Case("3", "batch of 3", creates(3)),
    Case("100", "batch of 100", creates(100)),
    Case("1-alone", "batch of 1, one connection", creates(1), connections=1, times_as_long=2),
    Case("100-alone", "batch of 100, one connection", creates(100), connections=1, times_as_long=2),
)
BY_ID = {case.id: case for case in CASES}
