"""One log line per call: the decision and its numbers. A line has no API key and only a part of an idempotency key."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec
import orjson
from msgspec.structs import asdict

from ...semantics.types.answers import BatchResult, Decision, Refusal
from ...semantics.types.request import BatchRequest
from ...state.journal import Entry
from .reply_bodies import timestamp

logger = logging.getLogger(__name__)


class Line(Protocol):
    """A line of the log."""

    def as_text(self) -> str:
        """For a person."""

    def as_json(self) -> str:
        """For a program: one object with an `event`."""


Log = Callable[[Line], None]


def log_line(log: Log, line: Line) -> None:
    """Log a call that is committed. An error of the log must not change the answer of the call."""
    try:
        log(line)
    except Exception:
        logger.exception("The mock answered a call, but could not write its log line.")


class UnroutedCall(msgspec.Struct, frozen=True, gc=False):
    """A call that no operation received: an unknown key, path or method. `at` is the time of the machine."""

    at: datetime
    method: str
    path: str  # without its query
    status: int
    error: str
    message: str

    def as_text(self) -> str:
        """For a person: `POST /api/v1/passports/batch 401 refused: Unauthorized  expected a key of …`."""
        return f"{self.method} {self.path} {self.status} refused: {self.error}  {self.message}"

    def as_json(self) -> str:
        return _as_json("call", self)


class NotDelivered(msgspec.Struct, frozen=True, gc=False):
    """A call that a planned fault did not deliver to the server. `fault` is the fault's id.

    `status` is the status of the fault's answer; None if the client got no answer.
    """

    at: datetime
    workspace: str
    method: str
    path: str  # without its query
    fault: int
    kind: str
    status: int | None

    def as_text(self) -> str:
        """For a person: `POST /api/v1/passports/batch 503 failed: not delivered to the server  fault 1 status`."""
        outcome = "lost" if self.status is None else f"{self.status} failed"
        return f"{self.method} {self.path} {outcome}: not delivered to the server  fault {self.fault} {self.kind}"

    def as_json(self) -> str:
        return _as_json("not-delivered", self)


class LogEntry(msgspec.Struct, frozen=True, gc=False):
    """A decision and its journal entry. The text of the line is built only when the log writes it."""

    decision: Decision
    request: object
    operation: str
    entry: Entry

    def fields(self) -> "_Fields":
        answer, effects, before = self.decision.answer, self.decision.effects, self.entry.before.writes_left
        key = getattr(self.request, "idempotency_key", None)
        return _Fields(
            workspace=self.entry.before.workspace,
            operation=self.operation,
            status=self.entry.sent.status,
            outcome=self.entry.outcome,
            rule=self.decision.rule,
            items=len(self.request.items) if isinstance(self.request, BatchRequest) else None,
            created=answer.created if isinstance(answer, BatchResult) else 0,
            errors=answer.errors if isinstance(answer, BatchResult) else 0,
            writes_before=before,
            writes_after=None if before is None else before - effects.writes,
            overage_cents=effects.overage_cents,
            key=f"{key[:4]}…" if key else None,
            key_use=_use_of_key(self.decision) if key else None,
            error=answer.error if isinstance(answer, Refusal) else None,
            fault=self.entry.fault.kind if self.entry.fault else None,
        )

    def as_text(self) -> str:
        """For a person: `createPassportBatch 200 3 items: 2 created 1 error  writes 37->34  key 7b4f… first`."""
        return self.fields().as_text()

    def as_json(self) -> str:
        """The fields of the line, the time, the method and the path. Secrets are redacted as in the journal."""
        entry = self.entry
        when = {"at": timestamp(entry.at), "method": entry.received.method, "path": entry.received.path}
        return orjson.dumps({"event": "call", **when, **asdict(self.fields())}).decode()


class _Fields(msgspec.Struct, frozen=True, gc=False):
    """The facts of one decision. `writes_before` and `writes_after` are the writes left; None is unlimited."""

    workspace: str
    operation: str
    status: int
    outcome: str  # executed, replayed, refused or failed
    rule: str
    items: int | None
    created: int
    errors: int
    writes_before: int | None
    writes_after: int | None
    overage_cents: int
    key: str | None
    key_use: str | None  # first, again or replay; None for a call that was refused before the check of its key
    error: str | None
    fault: str | None  # the kind of the planned fault that fired

    def as_text(self) -> str:
        items = "" if self.items is None else f" {_count(self.items, 'item')}"
        parts = [f"{self.operation} {self.status}{items}{self._outcome()}"]
        if self.writes_before is not None:
            parts.append(f"writes {self.writes_before}->{self.writes_after}")
        if self.overage_cents:
            parts.append(f"overage {self.overage_cents / 100:.2f} EUR")
        if self.key:
            parts.append(f"key {self.key} {self.key_use or ''}".rstrip())
        if self.fault:
            parts.append(f"fault {self.fault}")
        return "  ".join(parts)

    def _outcome(self) -> str:
        match self.outcome:
            case "executed":
                return "" if self.items is None else f": {self.created} created {_count(self.errors, 'error')}"
            case "replayed":
                return " replayed"
        return f" {self.outcome}: {self.error}  by {self.rule}"


def _as_json(event: str, line: UnroutedCall | NotDelivered) -> str:
    return orjson.dumps({"event": event, **asdict(line), "at": timestamp(line.at)}).decode()


def _use_of_key(decision: Decision) -> str | None:
    """The use of the key, as the checks show it. Only a key that is known or in flight has a check of its own."""
    checks = decision.because
    if checks[-1].outcome == "replayed":
        return "replay"
    if any(each.rule.startswith("idempotency.") for each in checks):
        return "again"
    return "first" if len(checks) > 1 else None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
