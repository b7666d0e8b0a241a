"""Faults of the operations beside the batch: changes, lists, QR codes."""

from typing import Any

import orjson

from tracepass_contract.mockserver.http import middleware
from tracepass_contract.mockserver.http.api import reply_bodies
from tracepass_contract.mockserver.http.call import problems
from tracepass_contract.mockserver.semantics.checks.other_refusals import product_unknown
from tracepass_contract.mockserver.semantics.operations import passport_changes, product_changes
from tracepass_contract.mockserver.semantics.operations.reads import PassportQr
from tracepass_contract.mockserver.state.view import View

from ..mutant import Broken, Family

family = Family()


@family.around(
    passport_changes.SuspendPassport, "changed", "REL-01", rule="calls.valid-calls-succeed", severity="D", needs="LP"
)
def breaks_when_it_suspends(_changed: Any, _self: Any, _passport: Any, _now: Any) -> Any:
    """Every call to suspend a passport gets 500."""
    raise Broken


@family.around(
    product_changes.UpdateProduct,
    "outcome",
    "REL-01a",
    rule="calls.valid-calls-succeed",
    severity="D",
    needs="LP",
)
def knows_no_product(_outcome: Any, _self: Any, _now: Any) -> Any:
    """A change of a product gets 404, although the product exists."""
    return product_unknown()


@family.around(
    product_changes.UpdateProduct, "outcome", "REL-02", rule="calls.changes-are-kept", severity="D", needs="LP"
)
def forgets_the_change(outcome: Any, self: Any, now: Any) -> Any:
    """A change of a product is answered and not stored."""
    found = outcome(self, now)
    return (found[0], found[1]._replace(changed=())) if isinstance(found, tuple) else found


@family.around(
    passport_changes.UpdateField, "changed", "REL-02a", rule="calls.changes-are-kept", severity="D", needs="LP"
)
def keeps_one_field(changed: Any, self: Any, passport: Any, now: Any) -> Any:
    """A field that is set removes the other fields."""
    return changed(self, passport._replace(fields={}), now)


@family.around(
    passport_changes.SuspendPassport, "changed", "REL-02b", rule="calls.changes-are-kept", severity="D", needs="LP"
)
def forgets_the_reason(changed: Any, self: Any, passport: Any, now: Any) -> Any:
    """The reason of a suspension is answered and not stored."""
    answer, effects = changed(self, passport, now)
    return answer, effects._replace(changed=[each._replace(suspension_reason=None) for each in effects.changed])


@family.around(
    passport_changes.UpsertParty, "_with", "REL-03", rule="calls.take-one-write-each", severity="D", needs="WLP"
)
def sets_parties_for_nothing(with_parties: Any, self: Any, parties: Any, passport: Any, now: Any) -> Any:
    """A change of a party takes no write."""
    answer, effects = with_parties(self, parties, passport, now)
    return answer, effects._replace(writes=0)


@family.around(reply_bodies, "_in_list", "REL-04", rule="reads.agree", severity="D", needs="LP")
def lists_drafts(in_list: Any, known: Any) -> Any:
    """A list shows every passport as a draft."""
    return {**in_list(known), "status": "draft"}


@family.around(View, "passports_page", "REL-05", rule="reads.lists-show-each-match-once", severity="D", needs="LP")
def filters_by_one(passports_page: Any, self: Any, wanted: Any) -> Any:
    """A list with a product and a status is filtered by the status only."""
    both = wanted.product_id is not None and wanted.status is not None
    return passports_page(self, wanted._replace(product_id=None) if both else wanted)


@family.around(View, "products_page", "REL-05a", rule="reads.lists-show-each-match-once", severity="D", needs="LP")
def counts_the_page(products_page: Any, self: Any, wanted: Any) -> Any:
    """The total of a list of products is the number of entries on the page."""
    shown, _ = products_page(self, wanted)
    return shown, len(shown)


@family.around(PassportQr, "outcome", "REL-06", rule="reads.qr-code-as-asked", severity="D", needs="L")
def draws_svg(outcome: Any, self: Any) -> Any:
    """A QR code is always an SVG."""
    self.call.query.pop("format", None)
    return outcome(self)


@family.around(middleware, "send_reply", "REL-07", rule="calls.required-members", severity="D", needs="L")
async def leaves_a_number_out(send_reply: Any, send: Any, reply: Any) -> None:
    """A page of a list has no `totalPages`."""
    if b'"totalPages"' in reply.body:
        shown = orjson.loads(reply.body)
        shown["data"].pop("totalPages", None)
        reply = reply._replace(body=orjson.dumps(shown))
    await send_reply(send, reply)


@family.around(problems, "of_body", "REL-08", rule="calls.no-server-errors", severity="D", needs="LP")
def breaks_without_an_object(of_body: Any, validator: Any, body: Any) -> Any:
    """A body that is JSON but no object gets 500."""
    if not isinstance(body, dict):
        raise Broken
    return of_body(validator, body)
