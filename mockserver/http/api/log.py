"""One line per call: what was decided, and by which numbers. No API key appears, and idempotency keys in part."""

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
    """What can be written into a log."""

    def as_text(self) -> str:
        """For a person."""

    def as_json(self) -> str:
        """For a program: one object with an `event`."""


Log = Callable[[Line], None]


def tell(log: Log, line: Line) -> None:
    """The call is answered by now: a log that can't be written must not turn its answer into a failure."""
    try:
        log(line)
    except Exception:
        logger.exception("A call was answered, and its log line could not be written.")


class Unreached(msgspec.Struct, frozen=True, gc=False):
    """A call that came to no operation: no key of a workspace, no such path, another method. `at` is the machine's."""

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
    """A call that a planned fault kept from the server: `fault` is its id, `status` what was answered, if anything."""

    at: datetime
    workspace: str
    method: str
    path: str  # without its query
    fault: int
    kind: str
    status: int | None

    def as_text(self) -> str:
        """For a person: `POST /api/v1/passports/batch 503 failed: kept from the server by fault 1, status`."""
        became = "lost" if self.status is None else f"{self.status} failed"
        return f"{self.method} {self.path} {became}: kept from the server by fault {self.fault}, {self.kind}"

    def as_json(self) -> str:
        return _as_json("kept-away", self)


class LogEntry(msgspec.Struct, frozen=True, gc=False):
    """One decision, and its entry in the journal. What there is to tell is looked for when somebody wants to read."""

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
        """For a person: `POST batch 200 3 items: 2 created 1 error  writes 37->34  key 7b4f… first`."""
        return self.fields().as_text()

    def as_json(self) -> str:
        """The facts of the line, when, and what was asked for: what opens anything is left out as in the journal."""
        entry = self.entry
        when = {"at": timestamp(entry.at), "method": entry.received.method, "path": entry.received.path}
        return orjson.dumps({"event": "call", **when, **asdict(self.fields())}).decode()


class _Fields(msgspec.Struct, frozen=True, gc=False):
    """The facts of one decision. `writes_after` and `writes_before` are what was left; None is unlimited."""

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
    key_use: str | None  # first, again or replay; None for a call that was refused before its key was looked at
    error: str | None
    fault: str | None  # the kind of the planned fault that was played

    def as_text(self) -> str:
        items = "" if self.items is None else f" {_count(self.items, 'item')}"
        parts = [f"{_SHORT.get(self.operation, self.operation)} {self.status}{items}{self._outcome()}"]
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
                return ": the first answer again"
        return f" {self.outcome}: {self.error}  by {self.rule}"


def _as_json(event: str, line: Unreached | NotDelivered) -> str:
    return orjson.dumps({"event": event, **asdict(line), "at": timestamp(line.at)}).decode()


def _use_of_key(decision: Decision) -> str | None:
    """What the checks say: a key that has an answer, or a call under way, is asked about its rules."""
    checks = decision.because
    if checks[-1].outcome == "replayed":
        return "replay"
    if any(each.rule.startswith("idempotency.") for each in checks):
        return "again"
    return "first" if len(checks) > 1 else None


_SHORT = {"createPassportBatch": "POST batch"}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
