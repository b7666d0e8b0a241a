"""The readings: one enumeration for each open question of the contract to which the mock has several answers.

`spec/readings.yaml` explains the questions and the answers; a test compares the two. The first member of each
enumeration is the default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Self, get_type_hints


class MixedStatus(StrEnum):
    """The status of a batch with created and failed items."""

    STATUS_200 = "200"
    STATUS_201 = "201"
    STATUS_207 = "207"


class AllFailedStatus(StrEnum):
    """The status of a batch in which every item failed. An answer of 4xx has results, too."""

    STATUS_200 = "200"
    STATUS_201 = "201"
    STATUS_207 = "207"
    STATUS_400 = "400"
    STATUS_422 = "422"


class AllCreatedStatus(StrEnum):
    """The status of a batch in which every item was created."""

    STATUS_200 = "200"
    STATUS_201 = "201"
    STATUS_207 = "207"


class ConsentPlace(StrEnum):
    """Where the server reads `confirmOverage`."""

    TOP_LEVEL_OR_ANY_ITEM = "top-level-or-any-item"
    TOP_LEVEL = "top-level"
    TOP_LEVEL_OR_EVERY_ITEM = "top-level-or-every-item"
    ITEMS_ONLY = "items-only"


class ConflictingConsent(StrEnum):
    """What true and false in one call mean."""

    REFUSED = "refused"
    ANY_TRUE_WINS = "any-true-wins"
    STRICTEST_WINS = "strictest-wins"


class CountedItems(StrEnum):
    """Which items need a write."""

    EVERY_ITEM = "every-item"
    CREATED_ITEMS = "created-items"


class Refunds(StrEnum):
    """Whether failed items return their write."""

    NONE = "none"
    FAILED_ITEMS = "failed-items"


class RefusedShape(StrEnum):
    """The writes that a call of the wrong shape takes."""

    NONE = "none"
    EVERY_ITEM = "every-item"
    ONE = "one"


class RefusedByQuota(StrEnum):
    """The writes that a 402 takes."""

    NONE = "none"
    EVERY_ITEM = "every-item"


class ComparesWith(StrEnum):
    """The number that is compared with the quota."""

    REQUESTED_ITEMS = "requested-items"
    CREATABLE_ITEMS = "creatable-items"


class WithoutOverage(StrEnum):
    """The answer to consent on a plan that does not sell overage."""

    OTHER_TOKEN_402 = "402-other-token"
    SAME_402 = "same-402"
    STATUS_403 = "403"


class TokenPlace(StrEnum):
    """The member of a 402 that has its token."""

    ERROR = "error"
    NESTED = "nested"


class Charges(StrEnum):
    """The passports that are charged after consent."""

    CREATED_BEYOND_QUOTA = "created-beyond-quota"
    REQUESTED_BEYOND_QUOTA = "requested-beyond-quota"
    EVERY_ITEM = "every-item"


class ConsentWithinQuota(StrEnum):
    """What consent does in a batch that fits into the quota."""

    IGNORED = "ignored"
    REFUSED = "refused"


class MalformedItem(StrEnum):
    """What a malformed item does to its batch."""

    WHOLE_BATCH = "whole-batch"
    ITEM_ERROR = "item-error"
    BY_KIND = "by-kind"


class SizeRefusal(StrEnum):
    """The status of a batch of 0 or 101 items."""

    STATUS_400 = "400"
    STATUS_422 = "422"
    STATUS_413 = "413"


class GtinCheckDigit(StrEnum):
    """Whether the check digit of a GTIN or GLN is checked."""

    NOT_ENFORCED = "not-enforced"
    ENFORCED = "enforced"


class GtinSpellings(StrEnum):
    """The lengths of a GTIN that are accepted."""

    DIGITS_14 = "14-digits"
    PADDED_13 = "13-padded"
    PADDED_8_12_13_14 = "8-12-13-14-padded"


class SerialDomain(StrEnum):
    """The texts that are accepted as serial numbers."""

    ANY_TEXT_1_TO_100 = "any-text-1-to-100"
    GS1_1_TO_20 = "gs1-1-to-20"


class SerialEquality(StrEnum):
    """When two serial numbers are equal."""

    EXACT = "exact"
    TRIMMED = "trimmed"
    CASE_FOLDED = "case-folded"
    NFC = "nfc"


class DuplicateInBatch(StrEnum):
    """What happens to a pair that occurs twice in one batch."""

    FIRST_WINS = "first-wins"
    LAST_WINS = "last-wins"
    WHOLE_REFUSED = "whole-refused"


class RaceLoser(StrEnum):
    """The answer to a call if another call created its pair between its arrival and its decision."""

    ITEM_ERROR = "item-error"
    WHOLE_409 = "whole-409"


class FailureInTheMiddle(StrEnum):
    """What remains of a batch during which the server fails."""

    ROLLED_BACK = "rolled-back"
    ROWS_KEPT = "rows-kept"
    RESUMED = "resumed"


class InFlight(StrEnum):
    """The answer to a call whose key is in flight."""

    STATUS_409 = "409"
    WAITS = "waits"


class InFlightHeaders(StrEnum):
    """The headers of the 409 for a key in flight."""

    NONE = "none"
    RETRY_AFTER = "retry-after"


class SlotReturns(StrEnum):
    """When a slot is returned."""

    ON_DELETE = "on-delete"
    NEVER = "never"


class PairAfterRemoval(StrEnum):
    """Whether a pair is free again once its passport is deleted."""

    FREE_AFTER_DELETE = "free-after-delete"
    STAYS_TAKEN = "stays-taken"


class ArchivedChanges(StrEnum):
    """What happens to a change of the fields or parties of an archived passport."""

    REFUSED = "refused"
    MADE = "made"


class LimitOutOfRange(StrEnum):
    """What a `limit` of more than 100 does to a list."""

    REFUSED = "refused"
    CLAMPED = "clamped"


class Identifier(StrEnum):
    """Whether `identifier` with the scheme `gs1` is another spelling of `gs1`."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"


class UnknownCategory(StrEnum):
    """What an unknown category of a new product does."""

    REFUSED = "refused"
    ACCEPTED = "accepted"


class ReadYourWrites(StrEnum):
    """When a created passport can be read."""

    IMMEDIATE = "immediate"
    SECONDS_LATER = "seconds-later"


class CreatedData(StrEnum):
    """What the `data` of a created item contains."""

    FULL = "full"
    TRIMMED = "trimmed"


class UnknownMembers(StrEnum):
    """What an unknown member does."""

    IGNORED = "ignored"
    REFUSED = "refused"
    ITEM_ERROR = "item-error"


class KeyReuse(StrEnum):
    """The status for a key that is reused with another body."""

    STATUS_422 = "422"
    STATUS_409 = "409"
    STATUS_400 = "400"


class Fingerprint(StrEnum):
    """When two bodies are equal."""

    CANONICAL_JSON = "canonical-json"
    PARSED_JSON = "parsed-json"
    RAW_BYTES = "raw-bytes"


class KeyIdentity(StrEnum):
    """The scope in which an idempotency key is unique."""

    WORKSPACE_AND_ENDPOINT = "workspace-and-endpoint"
    WORKSPACE = "workspace"
    API_KEY = "api-key"


class KeySyntax(StrEnum):
    """The texts that are accepted as idempotency keys."""

    ANY_1_TO_255 = "any-1-to-255"
    UUID = "uuid"


class KeyOutOfRange(StrEnum):
    """What happens to an empty or too long key."""

    REFUSED = "refused"
    IGNORED = "ignored"


class RememberedOutcomes(StrEnum):
    """The answers that are stored under a key."""

    SUCCESS_2XX = "2xx"
    EXECUTED = "executed"
    ALL_BUT_429_AND_5XX = "all-but-429-and-5xx"
    ALL = "all"


class LifetimeFrom(StrEnum):
    """When the 24 hours of a key start."""

    FIRST_ANSWER = "first-answer"
    REQUEST = "request"
    LAST_REPLAY = "last-replay"


class ReplayEquality(StrEnum):
    """How a replay equals the first answer."""

    SAME_BYTES = "same-bytes"
    SAME_JSON = "same-json"


class ReplayMarker(StrEnum):
    """The header that marks a replay."""

    NONE = "none"
    IDEMPOTENT_REPLAYED = "idempotent-replayed"


class ReplayWhenBudgetSpent(StrEnum):
    """Whether a spent budget refuses a replay."""

    SERVED = "served"
    REFUSED = "refused"


class RefusalHeaders(StrEnum):
    """The headers of a 429."""

    RETRY_AFTER = "retry-after"
    NONE = "none"
    RATELIMIT = "ratelimit"


class UnknownProduct(StrEnum):
    """What an unknown product does."""

    ITEM_ERROR = "item-error"
    WHOLE_404 = "whole-404"


class ForeignGtin(StrEnum):
    """What a GTIN of another workspace does."""

    ITEM_ERROR = "item-error"
    WHOLE_404 = "whole-404"
    WHOLE_409 = "whole-409"


class LapsedSubscription(StrEnum):
    """The answer to a workspace without an active subscription."""

    OTHER_TOKEN_402 = "402-other-token"
    STATUS_403 = "403"


class BadParties(StrEnum):
    """What malformed `parties` do."""

    AS_MALFORMED_ITEM = "as-malformed-item"
    ITEM_ERROR = "item-error"


_BATCH = {"family": "batch"}
_BUDGET = {"family": "budget"}
_IDEMPOTENCY = {"family": "idempotency"}
_ITEMS = {"family": "items"}
_QUOTA = {"family": "quota"}
_READS = {"family": "reads"}
_PASSPORTS = {"family": "passports"}
_PRODUCTS = {"family": "products"}


@dataclass(frozen=True, slots=True)
class Readings:
    """One answer to each question. The id of the field `slug` is `family.slug`."""

    mixed_status: MixedStatus = field(default=MixedStatus.STATUS_200, metadata=_BATCH)
    all_failed_status: AllFailedStatus = field(default=AllFailedStatus.STATUS_200, metadata=_BATCH)
    all_created_status: AllCreatedStatus = field(default=AllCreatedStatus.STATUS_200, metadata=_BATCH)
    consent_place: ConsentPlace = field(default=ConsentPlace.TOP_LEVEL_OR_ANY_ITEM, metadata=_QUOTA)
    conflicting_consent: ConflictingConsent = field(default=ConflictingConsent.REFUSED, metadata=_QUOTA)
    counted_items: CountedItems = field(default=CountedItems.EVERY_ITEM, metadata=_BUDGET)
    refunds: Refunds = field(default=Refunds.NONE, metadata=_BUDGET)
    refused_shape: RefusedShape = field(default=RefusedShape.NONE, metadata=_BUDGET)
    refused_by_quota: RefusedByQuota = field(default=RefusedByQuota.NONE, metadata=_BUDGET)
    compares_with: ComparesWith = field(default=ComparesWith.REQUESTED_ITEMS, metadata=_QUOTA)
    without_overage: WithoutOverage = field(default=WithoutOverage.OTHER_TOKEN_402, metadata=_QUOTA)
    token_place: TokenPlace = field(default=TokenPlace.ERROR, metadata=_QUOTA)
    charges: Charges = field(default=Charges.CREATED_BEYOND_QUOTA, metadata=_QUOTA)
    consent_within_quota: ConsentWithinQuota = field(default=ConsentWithinQuota.IGNORED, metadata=_QUOTA)
    malformed_item: MalformedItem = field(default=MalformedItem.WHOLE_BATCH, metadata=_ITEMS)
    size_refusal: SizeRefusal = field(default=SizeRefusal.STATUS_400, metadata=_BATCH)
    gtin_check_digit: GtinCheckDigit = field(default=GtinCheckDigit.NOT_ENFORCED, metadata=_ITEMS)
    gtin_spellings: GtinSpellings = field(default=GtinSpellings.DIGITS_14, metadata=_ITEMS)
    serial_domain: SerialDomain = field(default=SerialDomain.ANY_TEXT_1_TO_100, metadata=_ITEMS)
    serial_equality: SerialEquality = field(default=SerialEquality.EXACT, metadata=_ITEMS)
    duplicate_in_batch: DuplicateInBatch = field(default=DuplicateInBatch.FIRST_WINS, metadata=_ITEMS)
    read_your_writes: ReadYourWrites = field(default=ReadYourWrites.IMMEDIATE, metadata=_ITEMS)
    race_loser: RaceLoser = field(default=RaceLoser.ITEM_ERROR, metadata=_ITEMS)
    failure_in_the_middle: FailureInTheMiddle = field(default=FailureInTheMiddle.ROLLED_BACK, metadata=_BATCH)
    created_data: CreatedData = field(default=CreatedData.FULL, metadata=_ITEMS)
    unknown_members: UnknownMembers = field(default=UnknownMembers.IGNORED, metadata=_BATCH)
    key_reuse: KeyReuse = field(default=KeyReuse.STATUS_422, metadata=_IDEMPOTENCY)
    fingerprint: Fingerprint = field(default=Fingerprint.CANONICAL_JSON, metadata=_IDEMPOTENCY)
    key_identity: KeyIdentity = field(default=KeyIdentity.WORKSPACE_AND_ENDPOINT, metadata=_IDEMPOTENCY)
    key_syntax: KeySyntax = field(default=KeySyntax.ANY_1_TO_255, metadata=_IDEMPOTENCY)
    key_out_of_range: KeyOutOfRange = field(default=KeyOutOfRange.REFUSED, metadata=_IDEMPOTENCY)
    remembered_outcomes: RememberedOutcomes = field(default=RememberedOutcomes.SUCCESS_2XX, metadata=_IDEMPOTENCY)
    in_flight: InFlight = field(default=InFlight.STATUS_409, metadata=_IDEMPOTENCY)
    in_flight_headers: InFlightHeaders = field(default=InFlightHeaders.NONE, metadata=_IDEMPOTENCY)
    lifetime_from: LifetimeFrom = field(default=LifetimeFrom.FIRST_ANSWER, metadata=_IDEMPOTENCY)
    replay_equality: ReplayEquality = field(default=ReplayEquality.SAME_BYTES, metadata=_IDEMPOTENCY)
    replay_marker: ReplayMarker = field(default=ReplayMarker.NONE, metadata=_IDEMPOTENCY)
    replay_when_budget_spent: ReplayWhenBudgetSpent = field(default=ReplayWhenBudgetSpent.SERVED, metadata=_IDEMPOTENCY)
    refusal_headers: RefusalHeaders = field(default=RefusalHeaders.RETRY_AFTER, metadata=_BUDGET)
    unknown_product: UnknownProduct = field(default=UnknownProduct.ITEM_ERROR, metadata=_ITEMS)
    foreign_gtin: ForeignGtin = field(default=ForeignGtin.ITEM_ERROR, metadata=_ITEMS)
    lapsed_subscription: LapsedSubscription = field(default=LapsedSubscription.OTHER_TOKEN_402, metadata=_QUOTA)
    bad_parties: BadParties = field(default=BadParties.AS_MALFORMED_ITEM, metadata=_ITEMS)
    slot_returns: SlotReturns = field(default=SlotReturns.ON_DELETE, metadata=_QUOTA)
    pair_after_removal: PairAfterRemoval = field(default=PairAfterRemoval.FREE_AFTER_DELETE, metadata=_ITEMS)
    archived_changes: ArchivedChanges = field(default=ArchivedChanges.REFUSED, metadata=_PASSPORTS)
    limit_out_of_range: LimitOutOfRange = field(default=LimitOutOfRange.REFUSED, metadata=_READS)
    identifier: Identifier = field(default=Identifier.ACCEPTED, metadata=_ITEMS)
    unknown_category: UnknownCategory = field(default=UnknownCategory.REFUSED, metadata=_PRODUCTS)

    @classmethod
    def from_answers(cls, answers: Mapping[str, str]) -> Self:
        """Readings from answers by reading id, as in a card. Readings without an answer have their default.

        `spec.check_answers` must have accepted the answers. Those of readings that cannot be set are ignored.
        """
        settable = ((*SETTABLE[reading], answer) for reading, answer in answers.items() if reading in SETTABLE)
        return cls(**{name: enumeration(answer) for name, enumeration, answer in settable})  # type: ignore[arg-type]

    def as_answers(self) -> dict[str, str]:
        """The answers by reading id."""
        return {reading: str(getattr(self, name)) for reading, (name, _) in SETTABLE.items()}

    def deviations(self) -> dict[str, str]:
        """The answers that differ from the default."""
        defaults = type(self)().as_answers()
        return {reading: answer for reading, answer in self.as_answers().items() if answer != defaults[reading]}


_ANSWERS: Mapping[str, type[StrEnum]] = get_type_hints(Readings)
SETTABLE: Mapping[str, tuple[str, type[StrEnum]]] = {
    f"{each.metadata['family']}.{each.name.replace('_', '-')}": (each.name, _ANSWERS[each.name])
    for each in fields(Readings)
}
