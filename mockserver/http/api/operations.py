"""The operations of the API: from a call to its decision, from the decision to the state and to the answer.

`semantics.checks.write.decide` decides every write, `semantics.operations.reads.decide_read` every read. A handler is a
plain function on the event loop. Nothing runs between its decision and its commit, so a call is atomic without a lock.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from ...semantics.checks.replay import key_name
from ...semantics.checks.write import Write, decide
from ...semantics.operations import passport_changes as passport
from ...semantics.operations import product_changes as product
from ...semantics.operations import reads
from ...semantics.operations.create_batch import CreateBatch
from ...semantics.operations.create_passport import CreatePassport
from ...semantics.operations.create_products import CreateProductBatch
from ...semantics.operations.delayed_reads import view_for_reads
from ...semantics.operations.interrupted_batch import FailAt, interrupt
from ...semantics.types.accounts import Account
from ...semantics.types.answers import NO_EFFECTS, BatchResult, Check, Decision, Refusal
from ...semantics.types.readings import Readings
from ...state import Sent, State
from ...state.journal import Entry, FiredFault, outcome_of
from ...state.planned_faults import PlannedFault
from ...state.view import View
from ..call.document import Contract31
from ..call.exchange import Call, Reply
from . import request_bodies
from .consulted import ConsultedReadings
from .in_flight import Wait, WaitForKey, wait_for_hold
from .log import Log, LogEntry, log_line
from .replies import reply_to
from .requests import Build, Request, batch_request, named_call, request_from

Decide = Callable[[Any, View, Readings, datetime], Decision]


class Operation(NamedTuple):
    """An operation of the document. `build` makes its request from a call, `decide` decides the request."""

    name: str  # operationId
    build: Build
    decide: Decide
    is_read: bool = False


def _write(name: str, kind: Callable[..., Write], body: Callable[[Any], Any] | None = None) -> Operation:
    """A write. `body` parses its JSON body."""
    build = partial(named_call, parse_body=body)
    return Operation(name, build, lambda request, view, readings, now: decide(kind(request, view, readings), now))


def _create(name: str, kind: type[CreateBatch]) -> Operation:
    """A write that creates passports."""
    return _write(name, kind)._replace(build=batch_request)


def _read(name: str, kind: Callable[..., reads.Read]) -> Operation:
    def decide_read(request: Any, view: View, readings: Readings, now: datetime) -> Decision:
        return reads.decide_read(kind(request, view_for_reads(view, readings, now), readings), now)

    return Operation(name, named_call, decide_read, is_read=True)


OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        _create("createPassportBatch", CreateBatch),
        _create("createPassport", CreatePassport),
        _write("createProduct", product.CreateProduct, request_bodies.new_product),
        _write("createProductBatch", CreateProductBatch, request_bodies.new_products),
        _write("updateProduct", product.UpdateProduct, request_bodies.product_changes),
        _write("archiveProduct", product.ArchiveProduct),
        _write("deleteProduct", product.DeleteProduct),
        _write("deletePassport", passport.DeletePassport),
        _write("suspendPassport", passport.SuspendPassport, request_bodies.reason),
        _write("suspendPassportBySerial", passport.SuspendPassport, request_bodies.reason),
        _write("archivePassport", passport.ArchivePassport),
        _write("archivePassportBySerial", passport.ArchivePassport),
        _write("updatePassportField", passport.UpdateField, request_bodies.field_value),
        _write("updatePassportFieldBySerial", passport.UpdateField, request_bodies.field_value),
        _write("upsertPassportParty", passport.UpsertParty, request_bodies.party),
        _write("removePassportParty", passport.RemoveParty),
        _read("listPassports", reads.ListPassports),
        _read("getPassport", reads.GetPassport),
        _read("getPassportBySerial", reads.GetPassport),
        _read("getPassportQr", reads.PassportQr),
        _read("getPassportQrBySerial", reads.PassportQr),
        _read("listProducts", reads.ListProducts),
        _read("getProduct", reads.GetProduct),
        _read("listTemplates", reads.ListTemplates),
        _read("getTemplate", reads.GetTemplate),
    )
}


def _not_served(served: Sequence[str]) -> Operation:
    """501 for an operation that the vendor documents and the mock does not have: no 404, and no invented success."""
    message = "The mock knows this operation and does not serve it. It serves those that are listed."
    refusal = Refusal("calls.not-served-here", 501, "Not Implemented", message, {"implemented": served})
    return Operation("not served", named_call, lambda _request, _view, _readings, _now: _refused(refusal))


class Circumstances(NamedTuple):
    """When a call was decided, with which balances, which fault fired, and which readings were looked at."""

    now: datetime
    before: Account
    fault: PlannedFault | None
    consulted: Sequence[str]


class Operations:
    """Handles the calls of all operations on one state, under one set of readings."""

    def __init__(self, state: State, readings: Readings, deviations: Mapping[str, str], log: Log) -> None:
        self._state = state
        self._readings = readings
        self._deviations = deviations  # the readings that differ from the default, for the journal
        self._log = log

    def handlers(self, contract: Contract31) -> Mapping[str, Callable[[Call], Reply]]:
        """The handlers by operationId, also of the operations that the document lists as not served."""
        not_served = dict.fromkeys(contract.not_served, _not_served(contract.served))
        return {name: partial(self._handle, operation) for name, operation in {**OPERATIONS, **not_served}.items()}

    def waits(self) -> Mapping[str, Wait]:
        """What calls wait for, by operationId."""
        return {
            name: wait_for_hold if each.is_read else WaitForKey(partial(self._preview, each), self._readings)
            for name, each in OPERATIONS.items()
        }

    def _preview(self, operation: Operation, call: Call) -> tuple[Decision, tuple[str, ...] | None]:
        now = call.caller.workspace.clock.now()
        decision, request, _ = self._decide(operation, call, now, self._readings)
        return decision, None if isinstance(request, Refusal) else key_name(request, self._readings)

    def _decide(
        self, operation: Operation, call: Call, now: datetime, readings: Readings
    ) -> tuple[Decision, Request, Account]:
        view = self._state.view(call.caller.workspace, now)
        request = request_from(call, operation.build, readings)
        if isinstance(request, Refusal):
            return _refused(request), request, view.account
        return operation.decide(request, view, readings, now), request, view.account

    def _handle(self, operation: Operation, call: Call) -> Reply:
        """Decide a call, check its answer against the document, commit both, and log the call."""
        workspace = call.caller.workspace
        now = workspace.clock.now()
        consulted = ConsultedReadings(self._readings)
        decision, request, account = self._decide(operation, call, now, consulted.as_readings())
        reply = reply_to(call, decision, now)
        stored = sent = Sent(reply.status, reply.headers, reply.body)
        fault = _fired(call, decision)
        if fault and fault.kind == "status" and fault.item is not None:
            decision = interrupt(
                decision, account, FailAt(fault.item, fault.options["status"]), consulted.as_readings()
            )
            reply = reply_to(call, decision, now)
            sent = Sent(reply.status, reply.headers, reply.body)
        self._state.commit(workspace, decision, stored, now)  # a retry gets the answer without the fault
        call.context.is_committed = True
        entry = self._enter(call, decision, sent, Circumstances(now, account, fault, consulted.ids()))
        log_line(self._log, LogEntry(decision, request, call.operation.operation_id, entry))
        return reply

    def _enter(self, call: Call, decision: Decision, sent: Sent, found: Circumstances) -> Entry:
        """Write a call into the journal of its workspace."""
        workspace, (now, before, fault, consulted) = call.caller.workspace, found
        number, after = workspace.journal.next_number(), workspace.account(now)
        checks, outcome = decision.because, outcome_of(decision)
        fired = None if fault is None else FiredFault(fault.id, fault.kind)
        entry = Entry(
            number, now, call.received(), sent, checks, outcome, before, after, self._deviations, fired, consulted
        )
        operation = call.operation.operation_id
        self._state.enter(workspace, entry, decision.effects, operation)
        self._state.calls.count(operation, sent.status, checks[-1].rule)
        return entry


def _fired(call: Call, decision: Decision) -> PlannedFault | None:
    """The fault that fires in this call. A fault of an item fires only if the call executes that item."""
    fault = call.context.fault
    if fault is None or fault.item is None:
        return fault
    answer = decision.answer
    return fault if isinstance(answer, BatchResult) and fault.fire_at_item(answer.total) else None


def _refused(refusal: Refusal) -> Decision:
    return Decision(refusal, NO_EFFECTS, (Check(refusal.rule, "refused", {}),))
