"""The passport quota: whether a batch fits, whether the call consents to the overage, and what it costs."""

from collections.abc import Mapping, Sequence

from ..types.accounts import Account
from ..types.answers import Refusal
from ..types.readings import (
    Charges,
    ComparesWith,
    ConflictingConsent,
    ConsentPlace,
    ConsentWithinQuota,
    Readings,
)
from ..types.request import BatchRequest, Consent, Kind, Problem, consent_of
from .items import JudgedItems
from .refusals import (
    nothing_to_consent_to,
    over_the_quota,
    overage_not_sold,
    subscription_lapsed,
)

_TRUE_AND_FALSE = frozenset({Consent.GIVEN, Consent.WITHHELD})


def accepts_overage(request: BatchRequest, readings: Readings) -> bool:
    """Whether this call consents to the charge, for itself only (quota.consent-is-not-remembered)."""
    consents = _consents(request, readings)
    if readings.conflicting_consent is ConflictingConsent.STRICTEST_WINS and consents != {Consent.GIVEN}:
        return False
    if readings.consent_place is ConsentPlace.TOP_LEVEL_OR_EVERY_ITEM and request.consent is not Consent.GIVEN:
        return all(item.consent is Consent.GIVEN for item in request.items)
    return Consent.GIVEN in consents


def consent_problems(request: BatchRequest, readings: Readings) -> Sequence[Problem]:
    """Reading quota.conflicting-consent: true and false in one call."""
    is_contradicted = _consents(request, readings) >= _TRUE_AND_FALSE
    if is_contradicted and readings.conflicting_consent is ConflictingConsent.REFUSED:
        return (Problem(Kind.CALL, "/confirmOverage", "one answer for the whole batch", "both true and false"),)
    return ()


def quota_refusal(request: BatchRequest, account: Account, wanted: int, readings: Readings) -> Refusal | None:
    """402 for a batch over the quota without consent, or without overage on its plan. An exact fit passes."""
    what = "passport" if request.single else "batch"
    if not account.subscription_active:
        return subscription_lapsed(readings)
    if account.beyond_quota(wanted) == 0:
        refuses = readings.consent_within_quota is ConsentWithinQuota.REFUSED
        return nothing_to_consent_to(what) if refuses and accepts_overage(request, readings) else None
    if not accepts_overage(request, readings):
        return over_the_quota(account, wanted, readings, what)
    if not account.plan.sells_overage:
        return overage_not_sold(account, wanted, readings, what)
    return None


def consent_used(request: BatchRequest, account: Account, wanted: int, readings: Readings) -> Mapping[str, str]:
    """The JSON pointer of the consent that an admitted batch needed. Of several, the first that counts."""
    if account.beyond_quota(wanted) == 0:
        return {}
    places = [(f"/passports/{n}/confirmOverage", item.consent) for n, item in enumerate(request.items)]
    if request.single or readings.consent_place is not ConsentPlace.ITEMS_ONLY:
        places = [("/confirmOverage", request.consent), *places]
    given = [place for place, consent in places if consent is Consent.GIVEN]
    return {"consent": given[0]} if given else {}


def passports_compared(requested: int, items: JudgedItems, readings: Readings) -> int:
    """Reading quota.compares-with: the number of passports that must fit into the quota."""
    match readings.compares_with:
        case ComparesWith.REQUESTED_ITEMS:
            return requested
        case ComparesWith.CREATABLE_ITEMS:
            return items.creatable


def passports_charged(account: Account, requested: int, compared: int, created: int, readings: Readings) -> int:
    """The number of passports of an admitted batch that are charged as overage (quota.consent-covers-whole-batch).

    `compared` is the number that was compared with the quota. A batch that fits needs no consent and no charge.
    """
    match readings.charges:
        case Charges.CREATED_BEYOND_QUOTA:
            return account.beyond_quota(created)
        case Charges.REQUESTED_BEYOND_QUOTA:
            return account.beyond_quota(requested)
        case Charges.EVERY_ITEM:
            return requested if account.beyond_quota(compared) else 0


def _consents(request: BatchRequest, readings: Readings) -> set[Consent]:
    """The consents in the places that the readings use."""
    consents = set(map(consent_of, request.items))
    consents.discard(Consent.ABSENT)
    if consents and readings.consent_place is ConsentPlace.TOP_LEVEL:
        consents.clear()
    if request.consent is not Consent.ABSENT and readings.consent_place is not ConsentPlace.ITEMS_ONLY:
        consents.add(request.consent)
    return consents
