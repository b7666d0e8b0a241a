"""A deployment in a few lines: it answers batches from a model of its own, rightly or with one thing wrong.

It is no mock: it knows nothing of HTTP, and of the readings only those that the books and keys depend on.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from tracepass_contract.contract_tests.tests.helpers.histories import NOON, Story

DAY = timedelta(hours=24)
Answer = tuple[int, dict[str, Any]]


@dataclass
class Deployment:
    """`wrong` names the one thing that it does wrong; "" does all right."""

    writes_per_day: int = 10
    slots: int = 6
    sells_overage: bool = True
    shape_takes: str = "none"
    quota_refusal_takes: str = "none"
    compares_with: str = "requested"
    remembers: str = "2xx"
    raw_bytes: bool = True
    wrong: str = ""
    pairs: dict[str, str] = field(default_factory=dict)
    keys: dict[str, tuple[bytes, Answer, datetime]] = field(default_factory=dict)
    writes: int = 0
    used: int = 0
    day: datetime = NOON
    consented: bool = False

    def answer(self, body: bytes, key: str | None, now: datetime, known: bool = True) -> Answer:
        if now.date() > self.day.date() and self.wrong != "never renews":
            self.writes = 0
        self.day = now
        if not known:
            self.writes += 2 if self.wrong == "takes without a key" else 0
            if self.wrong != "serves without a key":
                return 401, {"error": "Unauthorized"}
        items = orjson.loads(body)["passports"]
        size = len(items)
        if not 1 <= size <= 100 or any("gs1" not in item for item in items):
            taken = {"none": 0, "one": 1, "every-item": size}[self.shape_takes]
            self.writes = min(self.writes + taken, max(self.writes, self.writes_per_day))
            return 400, {"error": "Validation error"}
        if key is not None and key in self.keys and now < self.keys[key][2] + DAY and self.wrong != "no keys":
            return self._again(body, key, size)
        answer, executed = self._decide(orjson.loads(body), size)
        keep = {"2xx": executed, "all-but-429": answer[0] != 429, "all": True}[self.remembers]
        if key is not None and keep:
            self.keys[key] = (body, answer, now)
        return answer

    def _again(self, body: bytes, key: str, size: int) -> Answer:
        first, answer, _ = self.keys[key]
        same = first == body if self.raw_bytes else orjson.loads(first) == orjson.loads(body)
        if not same and self.wrong != "any body":
            self.writes += size if self.wrong == "reused takes" else 0
            return 422, {"error": "Idempotency-Key has already been used with a different request body."}
        created = sum(entry["status"] == "created" for entry in answer[1].get("results", ()))
        self.writes += size if self.wrong == "replay takes writes" else 0
        self.used += created if self.wrong == "replay takes slots" else 0
        return answer

    def _decide(self, content: dict[str, Any], size: int) -> tuple[Answer, bool]:
        items = [item["gs1"]["serialNumber"] for item in content["passports"]]
        new = [index for index, name in enumerate(items) if name not in self.pairs and name not in items[:index]]
        fits = self.writes + size + (self.wrong == "exact fit refused") <= self.writes_per_day
        if not fits and self.wrong != "no budget":
            self.writes += size if self.wrong == "429 takes" else 0
            self._create(items, new[:1] if self.wrong == "429 creates" else [])
            return (429, {"error": "Daily write budget exceeded"}), False
        wanted = len(new) if self.compares_with == "creatable" else size
        consent = content.get("confirmOverage") is True or (self.wrong == "consent remembered" and self.consented)
        self.consented = self.consented or consent
        beyond = self.used + wanted + (self.wrong == "exact slot refused") > self.slots
        covered = consent and self.sells_overage and self.wrong != "consent ignored"
        if beyond and not covered and self.wrong != "no quota":
            self.writes += size if self.quota_refusal_takes == "every-item" else 0
            self.used += size if self.wrong == "402 takes slots" else 0
            self._create(items, new[:1] if self.wrong == "402 creates" else [])
            return (402, {"error": "overage_required"}), False
        if self.wrong == "all or nothing" and len(new) < size:
            new = []
        if self.wrong == "duplicates created":
            new = list(range(size))
        self.writes += {"counts created": len(new), "counts calls": 1}.get(self.wrong, size)
        self.used += size if self.wrong == "failed take slots" else len(new)
        return (200, self._results(content["passports"], self._create(items, new), new)), True

    def _create(self, items: list[str], new: list[int]) -> list[str]:
        for index in new:
            self.pairs[items[index]] = f"p{len(self.pairs)}-{self.used}-{self.writes}-{index}"
        return [self.pairs[items[index]] for index in new]

    def _results(self, items: list[dict[str, Any]], ids: list[str], new: list[int]) -> dict[str, Any]:
        results: list[dict[str, Any]] = []
        for index, item in enumerate(items):
            if index in new:
                data = {"_id": ids[new.index(index)], "gs1": item["gs1"], "status": "draft"}
                results.append({"index": index, "status": "created", "data": data})
            else:
                results.append({"index": index, "status": "error", "error": "Serial number already exists"})
        summary = {"created": len(new), "errors": len(items) - len(new), "total": len(items)}
        return {"results": results, "summary": summary}


def send(story: Story, deployment: Deployment, body: bytes, *, lost: bool = False, **about: Any) -> None:
    """Let the deployment answer, and write it down."""
    key = about.get("key")
    known = about.get("workspace", "main") is not None
    status, answer = deployment.answer(body, key, story.now + timedelta(seconds=1), known)
    story.call(body, None if lost else status, answer, **about)
