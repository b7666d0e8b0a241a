"""The documented operations: from a call to a decision, and from the decision to the books and the wire.

Every write goes through `semantics.write.decide`, every read through `semantics.reads.decide_read`; the tables below
say which operation is what. A handler is a plain function, called on the event loop: nothing can come between what it
decides and what it commits, so a request is atomic without a lock.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tracepass_contract.mockserver.http import changes
from tracepass_contract.mockserver.http.asked import Build, asked, batch_request
from tracepass_contract.mockserver.http.contract31 import Contract31
from tracepass_contract.mockserver.http.exchange import Call, Reply
from tracepass_contract.mockserver.http.log import Log, LogEntry
from tracepass_contract.mockserver.http.replies import reply_to
from tracepass_contract.mockserver.semantics import passport_changes as passport
from tracepass_contract.mockserver.semantics import product_changes as product
from tracepass_contract.mockserver.semantics import reads
from tracepass_contract.mockserver.semantics.answers import NO_EFFECTS, Check, Decision, Refusal
from tracepass_contract.mockserver.semantics.create_batch import CreateBatch
from tracepass_contract.mockserver.semantics.create_passport import CreatePassport
from tracepass_contract.mockserver.semantics.create_products import CreateProductBatch
from tracepass_contract.mockserver.semantics.readings import Readings
from tracepass_contract.mockserver.semantics.write import Write, decide
from tracepass_contract.mockserver.state import Sent, State
from tracepass_contract.mockserver.state.view import View

logger = logging.getLogger(__name__)
Handler = Callable[[Call], Reply]
Judge = Callable[[Any, View, datetime], Decision]

CREATES: Mapping[str, Callable[..., Write]] = {"createPassportBatch": CreateBatch, "createPassport": CreatePassport}
WRITES: Mapping[str, tuple[Callable[..., Write], Build]] = {  # with what makes a body of the JSON
    "createProduct": (product.CreateProduct, changes.new_product),
    "createProductBatch": (CreateProductBatch, changes.new_products),
    "updateProduct": (product.UpdateProduct, changes.product_changes),
    "archiveProduct": (product.ArchiveProduct, None),
    "deleteProduct": (product.DeleteProduct, None),
    "deletePassport": (passport.DeletePassport, None),
    "suspendPassport": (passport.SuspendPassport, changes.reason),
    "suspendPassportBySerial": (passport.SuspendPassport, changes.reason),
    "archivePassport": (passport.ArchivePassport, None),
    "archivePassportBySerial": (passport.ArchivePassport, None),
    "updatePassportField": (passport.UpdateField, changes.field_value),
    "updatePassportFieldBySerial": (passport.UpdateField, changes.field_value),
    "upsertPassportParty": (passport.UpsertParty, changes.party),
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

    def __init__(self, state: State, readings: Readings, log: Log) -> None:
        self._state = state
        self._readings = readings
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
        return lambda request, view, now: reads.decide_read(kind(request, view, self._readings), now)

    def _handler(self, build: Build, judge: Judge) -> Handler:
        """Decide a call, hold the answer against the document, enter both into the books, and tell of it."""

        def handle(call: Call) -> Reply:
            workspace = call.caller.workspace
            now = workspace.clock.now()
            view = self._state.view(workspace, now)
            account = view.account
            request = asked(call, build, self._readings)
            decision = _never_json(request) if isinstance(request, Refusal) else judge(request, view, now)
            reply = reply_to(call, decision, now)
            sent = Sent(reply.status, reply.headers, reply.body)
            self._state.commit(workspace, decision, sent, now)
            balances = account, self._state.view(workspace, now).account
            workspace.journal.write(now, call.asked(), sent, decision, balances)
            self._tell(LogEntry.of(decision, account, request, call.operation.operation_id, reply.status))
            return reply

        return handle

    def _tell(self, entry: LogEntry) -> None:
        """The call is in the books by now: a log that can't be written must not turn its answer into a failure."""
        try:
            self._log(entry)
        except Exception:
            logger.exception("A call was answered, and its log line could not be written.")


def _never_json(refused: Refusal) -> Decision:
    return Decision(refused, NO_EFFECTS, (Check(refused.rule, "refused", {}),))


def _refuse_as_not_served(served: Sequence[str]) -> Judge:
    """501, for what the vendor documents and the mock does not do: never 404, and never a success that is made up."""
    message = "The mock knows this operation and does not serve it. It serves those that are listed."
    details = {"implemented": served}
    refusal = Refusal("calls.not-served-here", 501, "Not Implemented", message, details)
    return lambda _request, _view, _now: _never_json(refusal)
