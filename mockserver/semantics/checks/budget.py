"""The write budget: how many writes a batch needs to be admitted, and how many it takes."""

from typing import Protocol

from ..types.accounts import Account
from ..types.readings import (
    CountedItems,
    Readings,
    Refunds,
    RefusedByQuota,
    RefusedShape,
)


class Judged(Protocol):
    """Items of which it is known how many would be created."""

    @property
    def creatable(self) -> int: ...


def writes_needed(requested: int, items: Judged, readings: Readings) -> int:
    """N for N items, whatever becomes of them (budget.counts-every-item)."""
    match readings.counted_items:
        case CountedItems.EVERY_ITEM:
            return requested
        case CountedItems.CREATED_ITEMS:
            return items.creatable


def writes_taken(needed: int, items: Judged, readings: Readings) -> int:
    """Reading budget.refunds: whether failed items give their write back."""
    match readings.refunds:
        case Refunds.NONE:
            return needed
        case Refunds.FAILED_ITEMS:
            return min(needed, items.creatable)


def writes_of_quota_refusal(status: int, needed: int, readings: Readings) -> int:
    """Reading budget.refused-by-quota: what a 402 takes. Another refusal takes nothing, whatever it has to do with."""
    return needed if status == 402 and readings.refused_by_quota is RefusedByQuota.EVERY_ITEM else 0


def writes_of_refused_shape(account: Account, requested: int, readings: Readings) -> int:
    """Reading budget.refused-shape: what a call without the documented shape takes; never more than is left."""
    match readings.refused_shape:
        case RefusedShape.NONE:
            return 0
        case RefusedShape.ONE:
            taken = 1
        case RefusedShape.EVERY_ITEM:
            taken = requested
    return taken if account.can_write(taken) else account.writes_left or 0
