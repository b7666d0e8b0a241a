"""Faults that show when passports are read back, or after some time."""

import unicodedata
from collections import defaultdict
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from tracepass_contract.mockserver.http.api import batch_json, operations
from tracepass_contract.mockserver.http.call import problems
from tracepass_contract.mockserver.semantics.checks.other_refusals import passport_unknown
from tracepass_contract.mockserver.semantics.operations.reads import GetPassport
from tracepass_contract.mockserver.semantics.types.answers import BatchResult, Failed
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.changes import Changes
from tracepass_contract.mockserver.state.view import View

from ..mutant import Family
from .budget import executed_behind

family = Family()
_LATER = timedelta(seconds=20)  # after which a queue is worked off, by the clock of the workspace


@family.around(
    operations,
    "decide",
    "PAR-11",
    rule="items.fail-independently items.created-is-readable",
    hidden_by="items.duplicate-in-batch=whole-refused",
    severity="N",
    needs="L",
)
def overwrites_the_first(decide: Any, write: Any, now: Any) -> Any:
    """Of two items with one pair, the failed one replaces the parties of the created passport."""
    decision = decide(write, now)
    if not isinstance(decision.answer, BatchResult) or not hasattr(write, "request"):
        return decision
    pairs, items = write.items._pairs, write.request.items
    failed = [each.position for each in decision.answer.results if isinstance(each, Failed)]
    written = {pairs[position]: items[position].parties for position in failed}
    new = [
        each._replace(parties=written.get(pairs[each.position], each.parties)) for each in decision.effects.passports
    ]
    return decision._replace(effects=decision.effects._replace(passports=new))


@family.around(
    State,
    "add_passports",
    "VAL-21",
    rule="batch.same-shape-as-single items.created-is-readable",
    severity="D",
    needs="L",
)
def drops_the_parties(add_passports: Any, self: Any, workspace: Any, passports: Any) -> None:
    """The parties of an item are accepted and not stored."""
    add_passports(self, workspace, [passport._replace(parties=None) for passport in passports])


@family.around(
    problems,
    "of_body",
    "VAL-21a",
    rule="batch.same-shape-as-single",
    severity="D",
    needs="L",
    profiles=(),
)
def takes_any_role(of_body: Any, validator: Any, body: Any) -> Any:
    """A party with an unknown role is stored as the manufacturer."""
    for item in problems.items_in(body, "passports"):
        parties = item.get("parties") if isinstance(item, dict) else None
        if isinstance(parties, dict):
            for role in [role for role in parties if role not in _ROLES]:
                parties["manufacturer"] = parties.pop(role)
    return of_body(validator, body)


_ROLES = frozenset(
    {"manufacturer", "importer", "authorisedRepresentative", "distributor", "recycler", "producerResponsibilityOrg"}
)


@family.around(GetPassport, "outcome", "PER-01", rule="items.created-is-readable", needs="L")
def finds_no_draft(outcome: Any, self: Any) -> Any:
    """A passport that has not changed since it was created is not found."""
    found = outcome(self)
    passport = getattr(found, "passport", None)
    is_new = passport is not None and passport.created_at == passport.updated_at
    return passport_unknown() if is_new else found


@family.around(
    View, "passports_page", "PER-04", rule="items.created-is-readable items.serial-unique-per-gtin", needs="L"
)
def lists_them_twice(passports_page: Any, self: Any, wanted: Any) -> Any:
    """A list shows each passport twice."""
    shown, count = passports_page(self, wanted)
    return [passport for each in shown for passport in (each, each)][: wanted.limit], count * 2


@family.around(operations, "decide", "PER-06", rule="budget.refuses-whole-batch quota.asks-for-consent", needs="WQT")
def creates_it_later(decide: Any, write: Any, now: Any) -> Any:
    """A batch that is refused with 402 or 429 is executed some seconds later."""
    view = write.state
    for queued in [each for each in _queues[view._workspace] if each.due <= now]:
        _queues[view._workspace].remove(queued)
        taken = view.existing_pairs([(each.gtin, each.serial_identity) for each in queued.passports])
        free = [each for each in queued.passports if (each.gtin, each.serial_identity) not in taken]
        new_ids = view.passport_ids(len(free))
        entered = [each._replace(id=new_id) for new_id, each in zip(new_ids, free, strict=True)]
        state = State.__new__(State)
        state.gtin_holders, state.changes = view._gtin_holders, Changes()
        state.add_passports(view._workspace, entered)
    decision = decide(write, now)
    status = getattr(decision.answer, "status", None)
    if status in (402, 429):
        wanted = executed_behind(status, decide, write, now).effects.passports
        _queues[view._workspace].append(SimpleNamespace(due=now + _LATER, passports=wanted))
    return decision


_queues: dict[Any, list[Any]] = defaultdict(list)


@family.around(batch_json, "items_of", "VAL-11", rule="items.created-carries-data", severity="N")
def folds_serials(items_of: Any, elements: Any, members: Any) -> Any:
    """A serial number is stored in capital letters."""
    return [item._replace(serial_number=item.serial_number.upper()) for item in items_of(elements, members)]


@family.around(
    batch_json,
    "items_of",
    "VAL-11a",
    rule="items.created-carries-data",
    hidden_by="items.serial-domain=gs1-1-to-20",
    severity="N",
)
def trims_serials(items_of: Any, elements: Any, members: Any) -> Any:
    """A serial number is stored without white space at its ends."""
    return [
        item._replace(serial_number=item.serial_number.strip() or item.serial_number)
        for item in items_of(elements, members)
    ]


@family.around(
    batch_json,
    "items_of",
    "VAL-11b",
    rule="items.created-carries-data",
    hidden_by="items.serial-domain=gs1-1-to-20",
    severity="N",
)
def composes_serials(items_of: Any, elements: Any, members: Any) -> Any:
    """A serial number is stored in the composed form of Unicode."""
    return [
        item._replace(serial_number=unicodedata.normalize("NFC", item.serial_number))
        for item in items_of(elements, members)
    ]


@family.around(State, "add_passports", "VAL-11c", rule="items.created-is-readable", severity="N", needs="L")
def keeps_it_in_capitals(add_passports: Any, self: Any, workspace: Any, passports: Any) -> None:
    """A serial number is answered as it was sent, but stored in capital letters."""
    kept = [passport._replace(serial_number=passport.serial_number.upper()) for passport in passports]
    add_passports(self, workspace, kept)


@family.around(
    View,
    "existing_pairs",
    "VAL-11d",
    rule="items.serial-unique-per-gtin",
    hidden_by="items.serial-equality=case-folded",
    severity="N",
)
def folds_what_exists(_existing_pairs: Any, self: Any, pairs: Any) -> Any:
    """Serial numbers that differ in case are equal in two batches, and different in one batch."""
    kept = {gtin: {serial.casefold() for serial in serials} for gtin, serials in self._workspace.pairs.items()}
    return frozenset(pair for pair in pairs if pair[1].casefold() in kept.get(pair[0], ()))
