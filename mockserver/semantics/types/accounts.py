"""Plans and balances: the budgets of a UTC day and the passport quota.

Amounts are integers: writes, passports, euro cents. A limit of None is unlimited; a price of None means not sold.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Plan:
    """The limits and the overage price of a subscription."""

    name: str
    writes_per_day: int | None
    passports_included: int | None
    overage_price_cents: int | None
    reads_per_day: int | None = None  # the vendor publishes no number

    @property
    def sells_overage(self) -> bool:
        return self.overage_price_cents is not None

    @property
    def overage_cents_each(self) -> int:
        return self.overage_price_cents or 0


PLANS = {  # the vendor's price list; the daily budgets are from its newer pages (reading budget.size)
    plan.name: plan
    for plan in (
        Plan("free", 100, 3, None),
        Plan("basic", 200, 25, 300),
        Plan("starter", None, 150, 200),
        Plan("growth", None, 300, 150),
        Plan("scale", None, 1000, 75),
        Plan("pro", None, 5000, 30),
        Plan("enterprise", None, None, None),
    )
}


UNLIMITED = Plan("unlimited", None, None, 150)  # for workspaces without a plan


class Account(NamedTuple):
    """The balances of a workspace at one time. `writes_used` and `reads_used` count the UTC day of that time."""

    workspace: str
    plan: Plan
    writes_used: int = 0
    passports_used: int = 0
    overage_count: int = 0
    overage_cents: int = 0
    subscription_active: bool = True
    reads_used: int = 0

    @property
    def writes_left(self) -> int | None:
        limit = self.plan.writes_per_day
        return None if limit is None else max(0, limit - self.writes_used)

    @property
    def passports_left(self) -> int | None:
        """The slots left without a charge."""
        included = self.plan.passports_included
        return None if included is None else max(0, included - self.passports_used)

    def can_write(self, writes: int) -> bool:
        """An exact fit is admitted (budget.refuses-whole-batch)."""
        left = self.writes_left
        return left is None or writes <= left

    @property
    def reads_left(self) -> int | None:
        limit = self.plan.reads_per_day
        return None if limit is None else max(0, limit - self.reads_used)

    def beyond_quota(self, passports: int) -> int:
        """How many of these new passports would not fit into the quota."""
        left = self.passports_left
        return 0 if left is None else max(0, passports - left)


def next_reset(now: datetime) -> datetime:
    """The next 00:00 UTC, when the budgets renew (budget.renews-each-utc-day)."""
    return _midnight_after(now.astimezone(UTC).date())


@lru_cache(maxsize=64)
def _midnight_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
