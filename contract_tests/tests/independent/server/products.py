"""Products, and the templates of their categories."""

import os
import uuid
from datetime import datetime
from typing import Any

import orjson

from tracepass_contract.contract_tests.tests.independent.server.messages import Answered, Call, Refused
from tracepass_contract.contract_tests.tests.independent.server.plans import Space
from tracepass_contract.contract_tests.tests.independent.server.rows import Rows
from tracepass_contract.contract_tests.tests.independent.server.writes import Caller, Write, Writes

CATEGORY = "battery"
FIELDS = {"ratedCapacityAh": "number", "chemistry": "string"}
_LABELS = {"category": CATEGORY, "categoryLabel": "Batteries", "regulation": "(EU) 2023/1542", "version": "2.1"}
_TEMPLATE = {**_LABELS, "fields": [{"key": key, "type": kind, "label": key} for key, kind in FIELDS.items()]}
_NEW = {"templateId": "t1", "defaultFieldValues": {}, "imageUrls": [], "status": "active"}
_HERE = "SELECT id, document, made FROM products WHERE space = ?"


class Products:
    def __init__(self, rows: Rows, writes: Writes) -> None:
        self.rows = rows
        self.writes = writes

    def insert(self, space: str, product_id: str, document: dict[str, Any]) -> None:
        made = self.rows.number("SELECT count(*) FROM products")
        self.rows.write(
            "INSERT INTO products VALUES (?, ?, ?, ?)", product_id, space, orjson.dumps(document).decode(), made
        )

    def seed(self, space: Space, now: datetime) -> None:
        """The product that a workspace has from the start."""
        document = {**_NEW, "name": "Battery", "model": f"BP-{space.name}", "category": CATEGORY}
        times = {"createdAt": now.isoformat(), "updatedAt": now.isoformat()}
        self.insert(space.name, space.product, {**document, **times})

    def document(self, caller: Caller, product_id: str) -> dict[str, Any]:
        """Raises `Refused`."""
        row = self.rows.one(f"{_HERE} AND id = ?", caller.space.name, product_id)
        if row is None:
            raise Refused(404, "there is no such product")
        found: dict[str, Any] = orjson.loads(row[1])
        return found

    def get(self, caller: Caller, product_id: str) -> Answered:
        return Answered(200, self.shown(product_id, self.document(caller, product_id)))

    def list_all(self, caller: Caller) -> Answered:
        rows = self.rows.all(f"{_HERE} ORDER BY made DESC", caller.space.name)
        items = [self.shown(row[0], orjson.loads(row[1])) for row in rows]
        return Answered(200, {"data": {"items": items, "total": len(items), "page": 1, "limit": 20, "totalPages": 1}})

    def shown(self, product_id: str, document: dict[str, Any]) -> dict[str, Any]:
        used = self.rows.number("SELECT count(*) FROM passports WHERE product = ? AND status <> 'deleted'", product_id)
        return {"_id": product_id, "passportCount": used, **document}

    def create(self, caller: Caller) -> Answered:
        content = self.content(caller.call)

        def do() -> Answered:
            for name in ("name", "model"):
                if not isinstance(content.get(name), str) or not content[name]:
                    raise Refused(400, f"a product has a {name}", details={"fieldErrors": {name: ["missing"]}})
            if content.get("category") != CATEGORY:
                raise Refused(400, "there is no such category")
            self.check_model(caller, content["model"], None)
            product_id, now = str(uuid.UUID(bytes=os.urandom(16), version=4)), caller.now.isoformat()
            document = {**_NEW, **content, "createdAt": now, "updatedAt": now}
            self.insert(caller.space.name, product_id, document)
            return Answered(201, self.shown(product_id, document))

        return self.writes.perform(caller, lambda: Write(1, do))

    def update(self, caller: Caller, product_id: str) -> Answered:
        content = self.content(caller.call)

        def do() -> Answered:
            document = self.document(caller, product_id)
            if "model" in content:
                self.check_model(caller, content["model"], product_id)
            changed = {**content, "updatedAt": caller.now.isoformat()}
            self.store(product_id, {**document, **changed})
            return Answered(200, {"_id": product_id, **changed})

        return self.writes.perform(caller, lambda: Write(1, do))

    def delete(self, caller: Caller, product_id: str) -> Answered:
        def do() -> Answered:
            document = self.document(caller, product_id)
            if not caller.space.plan.deletes:
                raise Refused(403, "not on this plan", reason="the free plan deletes nothing")
            if used := self.shown(product_id, document)["passportCount"]:
                raise Refused(409, "it is in use", reason=f"{used} passports")
            self.rows.write("DELETE FROM products WHERE id = ?", product_id)
            summary = {"productId": product_id, "name": document["name"], "deletedCounts": {}}
            return Answered(200, {"message": "Product permanently deleted", "summary": summary})

        return self.writes.perform(caller, lambda: Write(1, do))

    def archive(self, caller: Caller, product_id: str) -> Answered:
        def do() -> Answered:
            document = self.document(caller, product_id)
            sql = "SELECT count(*) FROM passports WHERE product = ? AND status NOT IN ('deleted', 'archived')"
            if used := self.rows.number(sql, product_id):
                raise Refused(409, "it is in use", reason=f"{used} passports")
            changed = {**document, "status": "archived", "updatedAt": caller.now.isoformat()}
            self.store(product_id, changed)
            return Answered(200, self.shown(product_id, changed))

        return self.writes.perform(caller, lambda: Write(1, do))

    def content(self, call: Call) -> dict[str, Any]:
        content = call.document
        if content.get("defaultFieldValues", {}).keys() - FIELDS:
            raise Refused(400, "the template has no such field")
        return content

    def check_model(self, caller: Caller, model: str, but: str | None) -> None:
        rows = self.rows.all(_HERE, caller.space.name)
        if any(orjson.loads(row[1])["model"] == model and row[0] != but for row in rows):
            raise Refused(409, "this model is there already")

    def store(self, product_id: str, document: dict[str, Any]) -> None:
        self.rows.write("UPDATE products SET document = ? WHERE id = ?", orjson.dumps(document).decode(), product_id)

    def templates(self, _caller: Caller) -> Answered:
        return Answered(200, {"templates": [{**_LABELS, "fieldCount": len(FIELDS), "requiredFieldCount": 1}]})

    def template(self, _caller: Caller, category: str) -> Answered:
        if category != CATEGORY:
            raise Refused(404, "TEMPLATE_NOT_FOUND")
        return Answered(200, _TEMPLATE)
