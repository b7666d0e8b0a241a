"""The least that keeps the promises of a batch create: budget, quota, unique serial numbers, stored answers, a list.

The floor and the plain Connexion application share it, so that they differ in how they are called and in nothing else.
Default readings only, and written out by hand: what could be a table in the mock is a literal here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from tracepass_contract.fixtures import AccountFixture, accounts
from tracepass_contract.mockserver.semantics.types.accounts import PLANS, Plan

KEPT = timedelta(hours=24)  # idempotency.kept-24-hours
Json = dict[str, Any]
Wanted = tuple[str, str, str, Json]  # product id, GTIN-14, serial number, parties


class Passport(msgspec.Struct, frozen=True, gc=False):
    """A stored passport; the collector does not track it."""

    id: str
    product_id: str
    gtin: str
    serial_number: str
    parties: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer that a key will replay."""

    fingerprint: bytes
    body: bytes
    at: datetime


@dataclass(slots=True)
class Balances:
    """The books of one workspace."""

    account: AccountFixture
    plan: Plan
    writes_used: int
    passports_used: int
    day: date
    passports: dict[tuple[str, str], Passport] = field(default_factory=dict)
    answers: dict[str, Stored] = field(default_factory=dict)

    @classmethod
    def of(cls, account: AccountFixture) -> "Balances":
        now = datetime.now(UTC)
        plan = replace(PLANS[account.plan], **account.limits)  # type: ignore[arg-type]  # they have the names of a plan's
        balances = cls(account, plan, account.writes_used, account.passports_used, now.date())
        for serial_number in account.serial_numbers:
            balances._add((account.product_id, account.gtin, serial_number, {}), now)
        return balances

    def replay_of(self, key: str, now: datetime) -> Stored | None:
        stored = self.answers.get(key)
        return stored if stored is not None and now - stored.at < KEPT else None

    def refusal(self, items: int, *, consent: bool, now: datetime) -> tuple[int, Json] | None:
        """Why this many items are refused whole: 429, or one of the 402."""
        if now.date() != self.day:
            self.day, self.writes_used = now.date(), 0
        limit = self.plan.writes_per_day
        if limit is not None and self.writes_used + items > limit:
            return 429, self._over_budget(items, limit, now)
        if not self.account.subscription_active:
            return 402, {"error": "subscription_required", "message": "The subscription is not active."}
        included, price = self.plan.passports_included, self.plan.overage_price_cents
        if included is None or self.passports_used + items <= included or (consent and price is not None):
            return None
        return 402, self._over_quota(items, included, price, consent=consent)

    def create(self, items: Sequence[Wanted], now: datetime) -> Json:
        """Each item created or failed, in the order asked. The batch is known to be admitted."""
        at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        results: list[Json] = []
        created = 0
        for index, item in enumerate(items):
            if item[0] != self.account.product_id:
                results.append({"index": index, "status": "error", "error": "Product not found"})
            elif item[1:3] in self.passports:
                taken = "Serial number already exists for this GTIN"
                results.append({"index": index, "status": "error", "error": taken})
            else:
                results.append({"index": index, "status": "created", "data": _shown(self._add(item, now), item[3], at)})
                created += 1
        self.writes_used += len(items)
        self.passports_used += created
        return {
            "results": results,
            "summary": {"created": created, "errors": len(items) - created, "total": len(items)},
        }

    def found(self, search: str, page: int, limit: int) -> Json:
        """A page of those whose GTIN or serial number has this text, the newest first: a scan."""
        text = search.casefold()
        hits = [p for p in reversed(self.passports.values()) if text in p.serial_number.casefold() or text in p.gtin]
        shown = [_in_list(each) for each in hits[(page - 1) * limit : page * limit]]
        pages = -(-len(hits) // limit)
        return {"data": {"items": shown, "total": len(hits), "page": page, "limit": limit, "totalPages": pages}}

    def _add(self, item: Wanted, now: datetime) -> Passport:
        product_id, gtin, serial_number, parties = item
        passport_id = f"3713f6a5053d{len(self.passports):012x}"
        passport = Passport(passport_id, product_id, gtin, serial_number, msgspec.json.encode(parties), now)
        self.passports[gtin, serial_number] = passport
        return passport

    def _over_budget(self, items: int, limit: int, now: datetime) -> Json:
        left = max(0, limit - self.writes_used)
        resets_at = (now + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")
        details = {"limit": limit, "used": self.writes_used, "requested": items, "remaining": left}
        return {
            "error": "Daily write budget exceeded",
            "message": f"The call needs {items} writes and {left} of {limit} are left today.",
            "details": details | {"resetsAt": resets_at},
        }

    def _over_quota(self, items: int, included: int, price: int | None, *, consent: bool) -> Json:
        over = self.passports_used + items - max(included, self.passports_used)
        total = None if price is None else price * over
        return {
            "error": "overage_not_available" if consent else "overage_required",
            "message": "The batch does not fit into the plan's passports.",
            "details": {
                "plan": self.plan.name,
                "included": included,
                "used": self.passports_used,
                "requested": items,
                "overageCount": over,
                "overagePriceCents": price,
                "overageTotalCents": total,
                "currency": "EUR",
            },
        }


def all_balances(seeds: Iterable[AccountFixture] | None = None) -> dict[str, Balances]:
    """The situations that the mock starts with, by API key."""
    balances: dict[str, Balances] = {}
    for account in accounts() if seeds is None else seeds:
        mine = Balances.of(account)
        balances |= dict.fromkeys((account.api_key, *account.more_api_keys), mine)
    return balances


def seconds_to_midnight(now: datetime) -> int:
    return 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)


def _shown(passport: Passport, parties: Json, at: str) -> Json:
    return {
        "_id": passport.id,
        "productId": passport.product_id,
        "gs1": _gs1(passport),
        "status": "draft",
        "fields": {},
        "parties": parties,
        "completionPercentage": 0,
        "publishedAt": None,
        "createdAt": at,
        "updatedAt": at,
    }


def _in_list(passport: Passport) -> Json:
    return {
        "_id": passport.id,
        "productId": passport.product_id,
        "gs1": _gs1(passport),
        "status": "draft",
        "completionPercentage": 0,
        "publishedAt": None,
    }


def _gs1(passport: Passport) -> Json:
    link = f"https://id.tracepass.eu/p/01/{passport.gtin}/21/{quote(passport.serial_number, safe='')}"
    return {"gtin": passport.gtin, "serialNumber": passport.serial_number, "digitalLinkUri": link}
