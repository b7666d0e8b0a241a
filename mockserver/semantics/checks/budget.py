"""The write budget: the writes that a batch needs for admission, and the writes that it takes."""

from typing import Protocol

from ..types.accounts import Account
from ..types.readings import (
    CountedItems,
    Readings,
    Refunds,
    RefusedByQuota,
    RefusedShape,
)


class CheckedItems(Protocol):
    """Items whose number of creatable ones is known."""

    @property
    def creatable(self) -> int: ...


def writes_needed(requested: int, items: CheckedItems, readings: Readings) -> int:
    """N writes for N items, also for those that fail (budget.counts-every-item)."""
    match readings.counted_items:
        case CountedItems.EVERY_ITEM:
            return requested
        case CountedItems.CREATED_ITEMS:
            return items.creatable


def writes_taken(needed: int, items: CheckedItems, readings: Readings) -> int:
    """Reading budget.refunds: whether failed items return their write."""
    match readings.refunds:
        case Refunds.NONE:
            return needed
        case Refunds.FAILED_ITEMS:
            return min(needed, items.creatable)


def writes_of_quota_refusal(status: int, needed: int, readings: Readings) -> int:
    """Reading budget.refused-by-quota: the writes that a 402 takes. Other statuses take none."""
    return needed if status == 402 and readings.refused_by_quota is RefusedByQuota.EVERY_ITEM else 0


def writes_of_refused_shape(account: Account, requested: int, readings: Readings) -> int:
    """Reading budget.refused-shape: the writes that a call of the wrong shape takes, at most those that are left."""
    match readings.refused_shape:
        case RefusedShape.NONE:
            return 0
        case RefusedShape.ONE:
            taken = 1
        case RefusedShape.EVERY_ITEM:
            taken = requested
    return taken if account.can_write(taken) else account.writes_left or 0
