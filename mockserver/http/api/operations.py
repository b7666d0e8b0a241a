"""The documented operations: from a call to a decision, and from the decision to the books and the wire.

Every write goes through `semantics.write.decide`, every read through `semantics.reads.decide_read`; the tables below
say which operation is what. A handler is a plain function, called on the event loop: nothing can come between what it
decides and what it commits, so a request is atomic without a lock.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ...semantics.checks.replay import key_name
from ...semantics.checks.write import Write, decide
from ...semantics.operations import passport_changes as passport
from ...semantics.operations import product_changes as product
from ...semantics.operations import reads
from ...semantics.operations.broken_off import BreakAt, break_off
from ...semantics.operations.create_batch import CreateBatch
from ...semantics.operations.create_passport import CreatePassport
from ...semantics.operations.create_products import CreateProductBatch
from ...semantics.operations.late_reads import as_read
from ...semantics.types.accounts import Account
from ...semantics.types.answers import NO_EFFECTS, BatchResult, Check, Decision, Refusal
from ...semantics.types.readings import Readings
from ...semantics.types.request import BatchRequest, NamedCall
from ...state import Sent, State
from ...state.journal import Entry, Played, outcome_of
from ...state.planned_faults import PlannedFault
from ...state.view import View
from ..call.document import Contract31
from ..call.exchange import Call, Reply
from ..faults import FAULT
from . import request_bodies
from .in_flight import Turn, Turns, held
from .log import Log, LogEntry, tell
from .replies import reply_to
from .requests import Build, batch_request, request_from

Handler = Callable[[Call], Reply]
Judge = Callable[[Any, View, datetime], Decision]
Request = BatchRequest | NamedCall | Refusal

CREATES: Mapping[str, Callable[..., Write]] = {"createPassportBatch": CreateBatch, "createPassport": CreatePassport}
WRITES: Mapping[str, tuple[Callable[..., Write], Build]] = {  # with what makes a body of the JSON
    "createProduct": (product.CreateProduct, request_bodies.new_product),
    "createProductBatch": (CreateProductBatch, request_bodies.new_products),
    "updateProduct": (product.UpdateProduct, request_bodies.product_changes),
    "archiveProduct": (product.ArchiveProduct, None),
    "deleteProduct": (product.DeleteProduct, None),
    "deletePassport": (passport.DeletePassport, None),
    "suspendPassport": (passport.SuspendPassport, request_bodies.reason),
    "suspendPassportBySerial": (passport.SuspendPassport, request_bodies.reason),
    "archivePassport": (passport.ArchivePassport, None),
    "archivePassportBySerial": (passport.ArchivePassport, None),
    "updatePassportField": (passport.UpdateField, request_bodies.field_value),
    "updatePassportFieldBySerial": (passport.UpdateField, request_bodies.field_value),
    "upsertPassportParty": (passport.UpsertParty, request_bodies.party),
    "removePassportParty": (passport.RemoveParty, None),
}
READS: Mapping[str, Callable[..., reads.Read]] = {
    "listPassports": reads.ListPassports,
    "getPassport": reads.GetPassport,
    "getPassportBySerial": reads.GetPassport,
    "getPassportQr": reads.PassportQr,
    "getPassportQrBySerial": reads.PassportQr,
    "listProducts": reads.ListProducts,
    "getProduct": reads.GetProduct,
    "listTemplates": reads.ListTemplates,
    "getTemplate": reads.GetTemplate,
}


class Operations:
    """The handlers by operationId, over one set of books."""

    def __init__(self, state: State, readings: Readings, deviations: Mapping[str, str], log: Log) -> None:
        self._state = state
        self._readings = readings
        self._deviations = deviations  # from the default readings, for the journal
        self._log = log

    def handlers(self, contract: Contract31) -> Mapping[str, Handler]:
        """One for each operation of the document, and for each that it says is not served."""
        not_served = self._handler(None, _refuse_as_not_served(contract.served))
        return {
            **{name: self._handler(batch_request, self._write(kind)) for name, kind in CREATES.items()},
            **{name: self._handler(build, self._write(kind)) for name, (kind, build) in WRITES.items()},
            **{name: self._handler(None, self._read(kind)) for name, kind in READS.items()},
            **dict.fromkeys(contract.not_served, not_served),
        }

    def _write(self, kind: Callable[..., Write]) -> Judge:
        return lambda request, view, now: decide(kind(request, view, self._readings), now)

    def _read(self, kind: Callable[..., reads.Read]) -> Judge:
        readings = self._readings
        return lambda request, view, now: reads.decide_read(kind(request, as_read(view, readings, now), readings), now)

    def turns(self) -> Mapping[str, Turn]:
        """What a call waits for, by operationId."""
        builds = {**dict.fromkeys(CREATES, batch_request), **{name: build for name, (_, build) in WRITES.items()}}
        kinds = {**CREATES, **{name: kind for name, (kind, _) in WRITES.items()}}
        of_writes = {name: self._turns_of(builds[name], self._write(kind)) for name, kind in kinds.items()}
        return {**of_writes, **dict.fromkeys(READS, held)}

    def _turns_of(self, build: Build, judge: Judge) -> Turns:
        def foresee(call: Call) -> tuple[Decision, tuple[str, ...] | None]:
            decision, request, _ = self._decide(call, build, judge, call.caller.workspace.clock.now())
            return decision, None if isinstance(request, Refusal) else key_name(request, self._readings)

        return Turns(foresee, self._readings)

    def _decide(self, call: Call, build: Build, judge: Judge, now: datetime) -> tuple[Decision, Request, Account]:
        view = self._state.view(call.caller.workspace, now)
        request = request_from(call, build, self._readings)
        decision = _never_json(request) if isinstance(request, Refusal) else judge(request, view, now)
        return decision, request, view.account

    def _handler(self, build: Build, judge: Judge) -> Handler:
        """Decide a call, hold the answer against the document, enter both into the books, and tell of it."""

        def handle(call: Call) -> Reply:
            workspace = call.caller.workspace
            now = workspace.clock.now()
            decision, request, account = self._decide(call, build, judge, now)
            reply = reply_to(call, decision, now)
            kept = sent = Sent(reply.status, reply.headers, reply.body)
            fault = _played(call, decision)
            if fault and fault.kind == "status" and fault.item is not None:
                at = BreakAt(fault.item, fault.options["status"])
                decision = break_off(decision, account, at, self._readings)
                reply = reply_to(call, decision, now)
                sent = Sent(reply.status, reply.headers, reply.body)
            self._state.commit(workspace, decision, kept, now)  # for a retry, the answer that was meant
            entry = self._enter(call, decision, sent, account, now, fault)
            tell(self._log, LogEntry(decision, request, call.operation.operation_id, entry))
            return reply

        return handle

    def _enter(
        self, call: Call, decision: Decision, sent: Sent, before: Account, now: datetime, fault: PlannedFault | None
    ) -> Entry:
        workspace = call.caller.workspace
        number, after = workspace.journal.next_number(), workspace.account(now)
        checks, outcome = decision.because, outcome_of(decision)
        played = None if fault is None else Played(fault.id, fault.kind)
        entry = Entry(number, now, call.received(), sent, checks, outcome, before, after, self._deviations, played)
        workspace.journal.write(entry, decision.effects, call.operation.operation_id)
        return entry


def _played(call: Call, decision: Decision) -> PlannedFault | None:
    """The fault that is played with the call. One about an item is where the call is executed and comes to the item."""
    fault: PlannedFault | None = call.scope["extensions"].get(FAULT)
    if fault is None or fault.item is None:
        return fault
    answer = decision.answer
    return fault if isinstance(answer, BatchResult) and fault.play_at_item(answer.total) else None


def _never_json(refused: Refusal) -> Decision:
    return Decision(refused, NO_EFFECTS, (Check(refused.rule, "refused", {}),))


def _refuse_as_not_served(served: Sequence[str]) -> Judge:
    """501, for what the vendor documents and the mock does not do: never 404, and never a success that is made up."""
    message = "The mock knows this operation and does not serve it. It serves those that are listed."
    details = {"implemented": served}
    refusal = Refusal("calls.not-served-here", 501, "Not Implemented", message, details)
    return lambda _request, _view, _now: _never_json(refusal)
