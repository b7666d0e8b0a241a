"""Plans and what a workspace has left: the budgets of a UTC day and the passport quota.

Amounts are integers: writes, passports, euro cents. `None` is "unlimited" for a limit and "not sold" for a price.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Plan:
    """What a subscription includes."""

    name: str
    writes_per_day: int | None
    passports_included: int | None
    overage_price_cents: int | None
    reads_per_day: int | None = None  # no number is published

    @property
    def sells_overage(self) -> bool:
        return self.overage_price_cents is not None

    @property
    def overage_cents_each(self) -> int:
        return self.overage_price_cents or 0


PLANS = {  # the vendor's price list; the daily budgets are those of its newer pages (reading budget.size)
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


UNLIMITED = Plan("unlimited", None, None, 150)  # for workspaces that name no plan


class Account(NamedTuple):
    """The balances of one workspace at one moment. `writes_used` and `reads_used` are of the UTC day of that moment."""

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
        """Slots left without a charge."""
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
        """How many of so many new passports would not fit into the quota."""
        left = self.passports_left
        return 0 if left is None else max(0, passports - left)


def next_reset(now: datetime) -> datetime:
    """The next 00:00 UTC, when the write budget is full again (budget.renews-each-utc-day)."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
