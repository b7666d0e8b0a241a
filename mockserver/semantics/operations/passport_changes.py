"""Changes of one passport: suspend, archive, delete, and its fields and parties. Each takes one write.

An archived passport stays archived. A reading says whether its fields and parties may change.
"""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ..checks.other_refusals import (
    archived_is_final,
    field_unknown,
    not_a_draft,
    not_on_this_plan,
)
from ..checks.refusals import malformed
from ..checks.shape import party_problems
from ..checks.write import Outcome, Write
from ..types.answers import Effects, Refusal, RemovedPassport
from ..types.gs1 import serial_identity
from ..types.readings import (
    ArchivedChanges,
    PairAfterRemoval,
    Readings,
    SlotReturns,
)
from ..types.records import ARCHIVED, DRAFT, IN_REVIEW, SUSPENDED, KnownPassport
from ..types.request import Kind, NamedCall
from ..types.results import PassportChanged
from ..types.state_view import StateView
from ..types.templates import completion, field_key, unknown_keys
from .find import passport_named

REASON_LENGTH_MAX = 500  # a longer reason is cut off, not refused
_TO_BE_REVIEWED = frozenset({"ai_suggested", "supplier"})  # sources whose values need approval


class FieldValue(NamedTuple):
    """The new value of a field: any JSON."""

    value: Any
    source: str
    source_locale: str | None


class PassportChange(Write):
    """A change of the passport that the path names."""

    def __init__(self, call: NamedCall, state: StateView, readings: Readings) -> None:
        super().__init__(call, state, readings)
        self.named = call

    def outcome(self, now: datetime) -> Outcome | Refusal:
        passport = passport_named(self.named, self.state, self.readings)
        if isinstance(passport, Refusal):
            return passport
        if passport.status == ARCHIVED and not self.may_change_archived():
            return archived_is_final(passport)
        return self.changed(passport, now)

    def may_change_archived(self) -> bool:
        """Whether the change is allowed for an archived passport."""
        return False

    @abstractmethod
    def changed(self, passport: KnownPassport, now: datetime) -> Outcome | Refusal:
        """The outcome for a passport that may change."""


class ContentChange(PassportChange):
    """A change of the fields or parties, not of the status."""

    def may_change_archived(self) -> bool:
        return self.readings.archived_changes is ArchivedChanges.MADE


class SuspendPassport(PassportChange):
    """Suspends a passport of any status except archived, because the vendor documents no limit. The body is
    the reason.
    """

    def changed(self, passport: KnownPassport, now: datetime) -> Outcome:
        reason: str | None = self.named.body
        suspended = passport._replace(
            status=SUSPENDED,
            suspended_at=now,
            suspension_reason=None if reason is None else reason[:REASON_LENGTH_MAX],
            updated_at=now,
        )
        return PassportChanged("suspended", suspended), Effects(writes=1, changed=(suspended,))


class ArchivePassport(PassportChange):
    """Archives a passport for good. Its pair stays taken."""

    def changed(self, passport: KnownPassport, now: datetime) -> Outcome:
        archived = passport._replace(status=ARCHIVED, archived_at=now, updated_at=now)
        return PassportChanged("archived", archived), Effects(writes=1, changed=(archived,))


class DeletePassport(PassportChange):
    """Deletes a passport that was never published (readings quota.slot-returns, items.pair-after-removal)."""

    rule = "passports.only-drafts-are-deleted"

    def outcome(self, now: datetime) -> Outcome | Refusal:
        if self.state.account.plan.name == "free":
            return not_on_this_plan("passports")
        passport = passport_named(self.named, self.state, self.readings)
        return passport if isinstance(passport, Refusal) else self.changed(passport, now)

    def changed(self, passport: KnownPassport, now: datetime) -> Outcome | Refusal:  # noqa: ARG002
        if passport.status not in {DRAFT, IN_REVIEW} or passport.published_at is not None:
            return not_a_draft(passport)
        identity = serial_identity(passport.serial_number, self.readings)
        frees_slot = self.readings.slot_returns is SlotReturns.ON_DELETE
        frees_pair = self.readings.pair_after_removal is PairAfterRemoval.FREE_AFTER_DELETE
        effects = Effects(
            writes=1, removed=RemovedPassport(passport.id, passport.gtin, identity, frees_slot, frees_pair)
        )
        return PassportChanged("deleted", passport, slots=effects.slots), effects


class UpdateField(ContentChange):
    """Sets a field of the product's template. The body is a `FieldValue`."""

    rule = "calls.field-keys-are-of-template"

    def changed(self, passport: KnownPassport, now: datetime) -> Outcome | Refusal:
        key, new = self.named.names["key"], self.named.body
        product = self.state.product(passport.product_id)
        category = product.product.category if product else ""
        if unknown_keys(category, [key]):
            return field_unknown(category, [key])
        key = field_key(category, key)
        field: dict[str, Any] = {
            "value": new.value,
            "source": new.source,
            "status": "pending_review" if new.source in _TO_BE_REVIEWED else "approved",
            "updated_at": now.isoformat(),
        }
        if new.source_locale is not None:
            field["source_locale"] = new.source_locale
        others = {each: value for each, value in passport.fields.items() if field_key(category, each) != key}
        fields = {**others, key: field}
        changed = passport._replace(fields=fields, completion=completion(category, fields), updated_at=now)
        return PassportChanged("field", changed, key), Effects(writes=1, changed=(changed,))


class UpsertParty(ContentChange):
    """Replaces one party. The body is the party as JSON."""

    def shape_refusal(self) -> Refusal | None:
        if refused := super().shape_refusal():
            return refused
        found = party_problems(self.named.body or {}, "", self.readings)
        problems = [problem._replace(kind=Kind.RELATED) for problem in found]
        return malformed(problems, self.readings) if problems else None

    def changed(self, passport: KnownPassport, now: datetime) -> Outcome:
        return self._with({**passport.parties, self.named.names["role"]: self.named.body}, passport, now)

    def _with(self, parties: Mapping[str, Any], passport: KnownPassport, now: datetime) -> Outcome:
        changed = passport._replace(parties=parties, updated_at=now)
        return PassportChanged("party", changed), Effects(writes=1, changed=(changed,))


class RemoveParty(UpsertParty):
    """Removes one party. It is no error if the passport does not have it."""

    def changed(self, passport: KnownPassport, now: datetime) -> Outcome:
        role = self.named.names["role"]
        return self._with({each: party for each, party in passport.parties.items() if each != role}, passport, now)
