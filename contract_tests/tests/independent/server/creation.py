"""New passports: the batch, and the single create."""

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tracepass_contract.contract_tests.tests.independent.server import shapes
from tracepass_contract.contract_tests.tests.independent.server.allowance import Allowance
from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Refused
from tracepass_contract.contract_tests.tests.independent.server.plans import Space
from tracepass_contract.contract_tests.tests.independent.server.rows import Rows
from tracepass_contract.contract_tests.tests.independent.server.writes import Caller, Write, Writes

TAKEN = "this serial is in use already"


@dataclass(frozen=True, slots=True)
class Unable:
    """An item that is not created. `status` is that of a single create."""

    status: int
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An item that can be created."""

    id: str
    item: dict[str, Any]

    @property
    def pair(self) -> tuple[str, str]:
        return self.item["gs1"]["gtin"], self.item["gs1"]["serialNumber"]


Planned = Unable | Draft


class Creation:
    def __init__(self, rows: Rows, allowance: Allowance, writes: Writes) -> None:
        self.rows = rows
        self.allowance = allowance
        self.writes = writes

    def batch(self, caller: Caller) -> Answered:
        def examine() -> Write:
            items = shapes.batch_of(caller.call.document, self.most())
            consent = caller.call.document.get("confirmOverage")
            return Write(len(items), lambda: self.create_all(caller, items, consent), "batch")

        return self.writes.perform(caller, examine)

    def single(self, caller: Caller) -> Answered:
        def examine() -> Write:
            item = caller.call.document
            if wrong := shapes.wrong_item(item):
                raise Refused(400, wrong, details={"formErrors": [wrong]})
            return Write(1, lambda: self.create_one(caller, item), "single")

        return self.writes.perform(caller, examine)

    def most(self) -> int:
        return shapes.MOST

    def create_all(self, caller: Caller, items: Sequence[Any], consent: Any) -> Answered:
        planned = self.plan(caller.space, items)
        drafts = [each for each in planned if isinstance(each, Draft)]
        wanted = len(drafts) if self.writes.choices.compares_creatable else len(items)
        self.allowance.check_slots(caller.space, wanted, consent)
        for each in drafts:
            self.insert(caller, each)
        self.allowance.take_slots(caller.space, len(drafts), len(items) - len(drafts))
        status = 201 if len(drafts) == len(items) else 207
        return Answered(status, {"results": self.entries(caller, planned), "summary": self.summary(planned)})

    def create_one(self, caller: Caller, item: dict[str, Any]) -> Answered:
        (planned,) = self.plan(caller.space, [item])
        if isinstance(planned, Unable):
            raise Refused(planned.status, planned.why)
        self.allowance.check_slots(caller.space, 1, item.get("confirmOverage"))
        self.insert(caller, planned)
        self.allowance.take_slots(caller.space, 1, 0)
        return Answered(201, self.shown(caller, planned))

    def plan(self, space: Space, items: Sequence[Any]) -> Sequence[Planned]:
        """What becomes of each item. Of equal pairs the first is created."""
        planned: list[Planned] = []
        for item in items:
            planned.append(self.look_at(space, item, planned))
        return planned

    def look_at(self, space: Space, item: Any, before: Sequence[Planned]) -> Planned:
        if wrong := shapes.wrong_item(item):
            return Unable(400, wrong)
        if not self.rows.one("SELECT 1 FROM products WHERE id = ? AND space = ?", item["productId"], space.name):
            return Unable(404, "there is no such product")
        draft = Draft(self.new_id(), self.stored(item))
        gtin, serial = draft.pair
        if self.rows.one("SELECT 1 FROM gtins WHERE gtin = ? AND space <> ?", gtin, space.name):
            return Unable(409, "this GTIN belongs to somebody else")
        is_repeated = any(isinstance(each, Draft) and each.pair == draft.pair for each in before)
        return Unable(409, TAKEN) if is_repeated or self.exists(gtin, serial) else draft

    def exists(self, gtin: str, serial: str) -> bool:
        return self.rows.one("SELECT 1 FROM passports WHERE gtin = ? AND serial = ?", gtin, serial) is not None

    def stored(self, item: dict[str, Any]) -> dict[str, Any]:
        return item

    def new_id(self) -> str:
        return str(uuid.UUID(bytes=os.urandom(16), version=4))

    def insert(self, caller: Caller, draft: Draft) -> None:
        gtin, serial = draft.pair
        now = caller.now.isoformat()
        document = {"parties": draft.item.get("parties", {}), "fields": {}, "createdAt": now, "updatedAt": now}
        self.rows.write("INSERT OR IGNORE INTO gtins VALUES (?, ?)", gtin, caller.space.name)
        number = self.rows.number("SELECT max(made) FROM passports") + 1
        self.rows.write(
            "INSERT INTO passports VALUES (?, ?, ?, ?, ?, 'draft', ?, ?)",
            draft.id,
            caller.space.name,
            draft.item["productId"],
            gtin,
            serial,
            orjson.dumps(document).decode(),
            number,
        )

    def entries(self, caller: Caller, planned: Sequence[Planned]) -> Sequence[dict[str, Any]]:
        """In the order in which they were done: first what fails, then what is created, the last first. `1.0` is 1."""
        entries = [self.entry(caller, index, each) for index, each in enumerate(planned)]
        return sorted(entries, key=lambda entry: (entry["status"] == "created", -entry["index"]))

    def entry(self, caller: Caller, index: int, planned: Planned) -> dict[str, Any]:
        if isinstance(planned, Unable):
            return {"index": float(index), "status": "error", "error": planned.why, "hint": "see the manual"}
        return {"index": float(index), "status": "created", "data": self.shown(caller, planned)}

    def shown(self, caller: Caller, draft: Draft) -> dict[str, Any]:
        gtin, serial = draft.pair
        gs1 = {"gtin": gtin, "serialNumber": serial, "digitalLinkUri": f"https://id.example/01/{gtin}/21/x"}
        return {"_id": draft.id, "gs1": gs1, "status": "draft", "createdAt": caller.now.isoformat(), "version": 1.0}

    def summary(self, planned: Sequence[Planned]) -> dict[str, Any]:
        created = sum(isinstance(each, Draft) for each in planned)
        return {"total": float(len(planned)), "created": float(created), "errors": float(len(planned) - created)}
