"""The refusals of a whole batch: one function each, named for its cause.

A refusal is a value. Its `error` is the token for programs, its `message` is for people, and its `details` have the
numbers of the decision. Some statuses depend on readings.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from ..types.accounts import Account, next_reset
from ..types.answers import Refusal
from ..types.readings import (
    ForeignGtin,
    InFlightHeaders,
    LapsedSubscription,
    Readings,
    RefusalHeaders,
    TokenPlace,
    WithoutOverage,
)
from ..types.request import DOCUMENTED_MEMBER, Kind, Problem

PROBLEMS_LISTED_MAX = 20
_STATUSES = frozenset(HTTPStatus)
_SECOND = timedelta(seconds=1)
SERIAL_TAKEN = "Serial number already exists for this GTIN"
PRODUCT_UNKNOWN = "Product not found"
ITEM_FAILED = "The passport could not be created"
GTIN_FOREIGN = "GTIN is registered to another workspace"
_KEY_REUSED = (  # the vendor documents this sentence as stable
    "Idempotency-Key has already been used with a different request body. "
    "Use a new key for the new request, or reuse the original body."
)


def malformed(problems: Sequence[Problem], readings: Readings) -> Refusal:
    """The call does not have the documented shape (batch.*)."""
    status = int(readings.size_refusal) if problems[0].kind is Kind.SIZE else 400
    listed = problems[:PROBLEMS_LISTED_MAX]
    fields: dict[str, list[str]] = {}
    for problem in listed:
        member = problem.where.split("/")[1] if problem.where.startswith("/") else problem.where
        fields.setdefault(member, []).append(describe(problem))
    return Refusal(
        rule=rule_of(problems[0]),
        status=status,
        error="Validation error",
        message=describe(problems[0]),
        details={
            "formErrors": [],
            "fieldErrors": fields,
            "problems": [{"where": p.where, "expected": p.expected, "found": p.found} for p in listed],
            "problemCount": len(problems),
        },
    )


def describe(problem: Problem) -> str:
    if problem.expected == DOCUMENTED_MEMBER:
        return f"{problem.where}: unknown member {problem.found}"
    return f"{problem.where}: expected {problem.expected}, found {problem.found}"


def rule_of(problem: Problem) -> str:
    """The rule that a problem breaks."""
    if problem.kind is Kind.KEY:
        return "idempotency.key-is-opaque"
    if problem.kind is Kind.RELATED:
        return "calls.documented-shape"
    if problem.kind is Kind.SIZE:
        return "batch.holds-1-to-100-items"
    return "batch.same-shape-as-single"


def key_reused(readings: Readings) -> Refusal:
    message = "The key belongs to an earlier call with another body. Nothing of this call was executed."
    return Refusal("idempotency.refuses-another-body", int(readings.key_reuse), _KEY_REUSED, message)


def key_in_flight(readings: Readings) -> Refusal:
    """Readings idempotency.in-flight and in-flight-headers: the first call with this key has no answer yet."""
    message = "A call with this Idempotency-Key is being executed. Send it again when that one is answered."
    headers = (("Retry-After", "1"),) if readings.in_flight_headers is InFlightHeaders.RETRY_AFTER else ()
    return Refusal("idempotency.executes-once", 409, "Conflict", message, headers=headers)


def race_lost(index: int) -> Refusal:
    """Reading items.race-loser: another call created the pair after this call arrived."""
    message = f"/passports/{index}: was created by another call at the same time. Nothing of this batch was created."
    return Refusal("items.serial-unique-per-gtin", 409, "Conflict", message)


def failed_in_the_middle(status: int, index: int) -> Refusal:
    message = f"The server failed at /passports/{index}."
    return Refusal("items.fail-independently", status, reason_phrase(status), message)


def reason_phrase(status: int) -> str:
    """The reason phrase of a status. An unknown status counts as the first of its class (RFC 9110, section 15)."""
    return HTTPStatus(status if status in _STATUSES else status // 100 * 100).phrase


def over_the_budget(account: Account, requested: int, now: datetime, readings: Readings) -> Refusal:
    """The account needs a limited write budget."""
    return _spent("write", account.plan.writes_per_day or 0, account.writes_used, requested, now, readings)


def over_the_read_budget(account: Account, now: datetime, readings: Readings) -> Refusal:
    """The account needs a limited read budget, which is not the write budget."""
    return _spent("read", account.plan.reads_per_day or 0, account.reads_used, 1, now, readings)


def _spent(what: str, limit: int, used: int, requested: int, now: datetime, readings: Readings) -> Refusal:
    left = max(0, limit - used)
    needed = f"{requested} {what}{'' if requested == 1 else 's'}"
    resets_at = next_reset(now)
    wait_seconds = max(1, -((now - resets_at) // _SECOND))  # rounded up, and never 0
    match readings.refusal_headers:
        case RefusalHeaders.NONE:
            headers: Sequence[tuple[str, str]] = ()
        case RefusalHeaders.RETRY_AFTER:
            headers = (("Retry-After", str(wait_seconds)),)
        case RefusalHeaders.RATELIMIT:
            headers = (
                ("RateLimit-Policy", f'"{what}s-per-day";q={limit};w=86400'),
                ("RateLimit", f'"{what}s-per-day";r={left};t={wait_seconds}'),
            )
    return Refusal(
        rule="budget.refuses-whole-batch" if what == "write" else "reads.draw-on-own-budget",
        status=429,
        error=f"Daily {what} budget exceeded",
        message=f"The call needs {needed} and {left} of {limit} are left today.",
        details={
            "limit": limit,
            "used": used,
            "requested": requested,
            "remaining": left,
            "resetsAt": f"{resets_at.date()}T00:00:00Z",
        },
        headers=headers,
    )


def over_the_quota(account: Account, requested: int, readings: Readings, what: str) -> Refusal:
    """402. If the plan sells overage, the same call with `confirmOverage: true` is admitted. `what` is what does not
    fit: a batch or a passport.
    """
    cure = " Send it with confirmOverage: true to accept the charge." if account.plan.sells_overage else ""
    message = f"The {what} does not fit into the plan's passports.{cure}"
    return _quota_refusal("overage_required", message, account, requested, readings)


def overage_not_sold(account: Account, requested: int, readings: Readings, what: str) -> Refusal:
    """The call has consent, but the plan does not sell overage (quota.asks-for-consent)."""
    match readings.without_overage:
        case WithoutOverage.SAME_402:
            return over_the_quota(account, requested, readings, what)
        case WithoutOverage.STATUS_403:
            return Refusal("quota.asks-for-consent", 403, "Forbidden", "The plan does not sell overage.")
        case WithoutOverage.OTHER_TOKEN_402:
            message = f"The {what} does not fit into the plan's passports, and the plan does not sell overage."
            return _quota_refusal("overage_not_available", message, account, requested, readings)


def subscription_lapsed(readings: Readings) -> Refusal:
    """The error is never `overage_required`, because consent does not help."""
    message = "The subscription of this workspace is not active."
    match readings.lapsed_subscription:
        case LapsedSubscription.STATUS_403:
            return Refusal("quota.asks-for-consent", 403, "Forbidden", message)
        case LapsedSubscription.OTHER_TOKEN_402:
            return _payment_required("subscription_required", message, {}, readings)


def nothing_to_consent_to(what: str) -> Refusal:
    """Reading quota.consent-within-quota: the batch or passport fits, so there is no overage to accept."""
    message = f"confirmOverage is true and the {what} fits into the plan's passports: there is no overage to accept."
    return Refusal("quota.consent-covers-whole-batch", 400, "Validation error", message)


def product_unknown(index: int) -> Refusal:
    return Refusal("items.fail-independently", 404, PRODUCT_UNKNOWN, f"/passports/{index}/productId: no such product")


def gtin_foreign(index: int, readings: Readings) -> Refusal:
    status = 404 if readings.foreign_gtin is ForeignGtin.WHOLE_404 else 409
    return Refusal("items.fail-independently", status, GTIN_FOREIGN, f"/passports/{index}/gs1/gtin is held elsewhere")


def repeated_in_batch(index: int) -> Refusal:
    message = f"/passports/{index} repeats the GTIN and serial number of an earlier item"
    return Refusal("items.serial-unique-per-gtin", 409, SERIAL_TAKEN, message)


def _quota_refusal(error: str, message: str, account: Account, requested: int, readings: Readings) -> Refusal:
    beyond, price = account.beyond_quota(requested), account.plan.overage_price_cents
    details = {
        "plan": account.plan.name,
        "included": account.plan.passports_included,
        "used": account.passports_used,
        "requested": requested,
        "overageCount": beyond,
        "overagePriceCents": price,
        "overageTotalCents": None if price is None else beyond * price,
        "currency": "EUR",
    }
    return _payment_required(error, message, details, readings)


def _payment_required(error: str, message: str, details: Mapping[str, object], readings: Readings) -> Refusal:
    rule = "quota.asks-for-consent"
    match readings.token_place:
        case TokenPlace.ERROR:
            return Refusal(rule, 402, error, message, details or None)
        case TokenPlace.NESTED:
            return Refusal(rule, 402, "Payment required", message, {"code": error, **details})
