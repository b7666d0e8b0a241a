"""Single passports: reading, listing, changing and deleting them."""

from typing import Any
from urllib.parse import quote

import orjson

from tracepass_contract.contract_tests.tests.independent.server import shapes
from tracepass_contract.contract_tests.tests.independent.server.allowance import Allowance
from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Call, Refused
from tracepass_contract.contract_tests.tests.independent.server.products import FIELDS
from tracepass_contract.contract_tests.tests.independent.server.rows import Row, Rows
from tracepass_contract.contract_tests.tests.independent.server.writes import Caller, Write, Writes

_STATUSES = ("draft", "in_review", "approved", "published", "suspended", "expired", "archived")
_SELECT = "SELECT id, space, product, gtin, serial, status, document FROM passports"
_HERE = "space = ? AND status <> 'deleted'"
_TRUNCATED_TO = 500


class Passports:
    def __init__(self, rows: Rows, allowance: Allowance, writes: Writes) -> None:
        self.rows = rows
        self.allowance = allowance
        self.writes = writes

    def found(self, caller: Caller, passport_id: str) -> Row:
        """Raises `Refused`."""
        row = self.rows.one(f"{_SELECT} WHERE id = ? AND {_HERE}", passport_id, caller.space.name)
        if row is None:
            raise Refused(404, "there is no such passport")
        return row

    def get(self, caller: Caller, passport_id: str) -> Answered:
        return Answered(200, self.shown(self.found(caller, passport_id)))

    def by_serial(self, caller: Caller, serial: str) -> Answered:
        sql = f"{_SELECT} WHERE {_HERE} AND serial = ?"
        rows = self.rows.all(sql, caller.space.name, serial)
        if gtin := caller.call.query.get("gtin"):
            rows = [row for row in rows if row[3] == gtin]
        if not rows:
            raise Refused(404, "there is no such passport")
        if len(rows) > 1:
            raise Refused(409, "ambiguous_serial", gtins=[row[3] for row in rows])
        return Answered(200, self.shown(rows[0]))

    def list_all(self, caller: Caller) -> Answered:
        page, limit = _number(caller.call, "page", 1), min(_number(caller.call, "limit", 20), 100)
        status = caller.call.query.get("status")
        if status is not None and status not in _STATUSES:
            raise Refused(400, "there is no such status", details={"fieldErrors": {"status": [status]}})
        rows = self.rows.all(f"{_SELECT} WHERE {_HERE} ORDER BY made DESC", caller.space.name)
        text = caller.call.query.get("search", "").lower()
        chosen = [
            row
            for row in rows
            if status in (None, row[5])
            and caller.call.query.get("productId") in (None, row[2])
            and (text in row[3] or text in row[4].lower())
        ]
        items = [self.shown(row) for row in self.on_page(chosen, page, limit)]
        pages = -(-len(chosen) // limit)
        data = {"items": items, "total": len(chosen), "page": page, "limit": limit, "totalPages": pages}
        return Answered(200, {"data": data})

    def on_page(self, rows: list[Row], page: int, limit: int) -> list[Row]:
        return rows[(page - 1) * limit : page * limit]

    def shown(self, row: Row) -> dict[str, Any]:
        passport_id, _, product, gtin, serial, status, document = row
        link = f"https://id.example/01/{gtin}/21/{quote(serial, safe='')}"
        return {
            "_id": passport_id,
            "productId": product,
            "gs1": {"gtin": gtin, "serialNumber": serial, "digitalLinkUri": link},
            "status": status,
            "completionPercentage": 0.0,
            "publishedAt": None,
            **orjson.loads(document),
        }

    def compliance(self, caller: Caller, passport_id: str) -> Answered:
        self.found(caller, passport_id)
        body = {"verdict": "incomplete", "category": "battery", "conditionalCoverage": "static-only"}
        return Answered(200, {**body, "critical": [], "warnings": [], "checkedRules": [], "completionPercentage": 0.0})

    def set_field(self, caller: Caller, passport_id: str, name: str) -> Answered:
        def do() -> Answered:
            row = self.found(caller, passport_id)
            content = caller.call.document
            if name not in FIELDS:
                raise Refused(400, "invalid_field_key", details={"key": name})
            if content.get("value") is None:
                raise Refused(400, "a field has a value")
            field = {"value": content["value"], "source": content.get("source", "manual"), "status": "approved"}
            document = orjson.loads(row[6])
            self.store(caller, row, {"fields": {**document["fields"], name: field}})
            return Answered(200, {"_id": passport_id, "fields": {name: field}, "updatedAt": caller.now.isoformat()})

        return self.writes.perform(caller, lambda: Write(1, do))

    def set_party(self, caller: Caller, passport_id: str, role: str) -> Answered:
        def do() -> Answered:
            row = self.found(caller, passport_id)
            party = caller.call.document
            if role not in shapes.ROLES:
                raise Refused(400, "there is no such role")
            if wrong := shapes.wrong_party(party):
                raise Refused(400, wrong)
            document = orjson.loads(row[6])
            self.store(caller, row, {"parties": {**document["parties"], role: party}})
            return Answered(200, {"_id": passport_id, "parties": {role: party}, "updatedAt": caller.now.isoformat()})

        return self.writes.perform(caller, lambda: Write(1, do))

    def drop_party(self, caller: Caller, passport_id: str, role: str) -> Answered:
        def do() -> Answered:
            row = self.found(caller, passport_id)
            left = {name: party for name, party in orjson.loads(row[6])["parties"].items() if name != role}
            self.store(caller, row, {"parties": left})
            return Answered(200, {"_id": passport_id, "parties": left, "updatedAt": caller.now.isoformat()})

        return self.writes.perform(caller, lambda: Write(1, do))

    def suspend(self, caller: Caller, passport_id: str) -> Answered:
        def do() -> Answered:
            row = self.found(caller, passport_id)
            if row[5] == "archived":
                raise Refused(409, "it is archived")
            reason = str(caller.call.document.get("reason", ""))[:_TRUNCATED_TO]
            known = {"suspendedAt": caller.now.isoformat(), "suspensionReason": reason or None}
            self.store(caller, row, known, "suspended")
            return Answered(200, {"_id": passport_id, "status": "suspended", **known})

        return self.writes.perform(caller, lambda: Write(1, do))

    def archive(self, caller: Caller, passport_id: str) -> Answered:
        def do() -> Answered:
            row = self.found(caller, passport_id)
            if row[5] == "archived":
                raise Refused(409, "it is archived")
            known = {"archivedAt": caller.now.isoformat()}
            self.store(caller, row, known, "archived")
            return Answered(200, {"_id": passport_id, "status": "archived", **known})

        return self.writes.perform(caller, lambda: Write(1, do))

    def delete(self, caller: Caller, passport_id: str) -> Answered:
        def do() -> Answered:
            row = self.found(caller, passport_id)
            if not caller.space.plan.deletes:
                raise Refused(403, "not on this plan", reason="the free plan deletes nothing")
            if row[5] not in {"draft", "in_review"}:
                raise Refused(409, "it is no draft", reason=f"its status is {row[5]}")
            if self.writes.choices.pair_is_free_after_deletion:
                self.rows.write("DELETE FROM passports WHERE id = ?", passport_id)
            self.rows.write("UPDATE passports SET status = 'deleted' WHERE id = ?", passport_id)
            self.allowance.give_slot_back(caller.space)
            summary = {"passportId": passport_id, "serialNumber": row[4], "gtin": row[3], "deletedCounts": {}}
            return Answered(
                200, {"message": "Passport permanently deleted", "summary": {**summary, "dppsActiveDelta": -1}}
            )

        return self.writes.perform(caller, lambda: Write(1, do))

    def store(self, caller: Caller, row: Row, changes: dict[str, Any], status: str | None = None) -> None:
        document = {**orjson.loads(row[6]), **changes, "updatedAt": caller.now.isoformat()}
        sql = "UPDATE passports SET document = ?, status = ? WHERE id = ?"
        self.rows.write(sql, orjson.dumps(document).decode(), status or row[5], row[0])


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdecimal() or not int(text):
        raise Refused(400, f"{name} is a number from 1", details={"fieldErrors": {name: [text]}})
    return int(text)
