"""What a workspace has bought, and what the deployment decides where the documentation leaves it open."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """None is no limit; without a price no overage is sold. The `left` values hold when the server starts."""

    writes_per_day: int | None = None
    writes_left: int | None = None
    passports: int | None = None
    passports_left: int | None = None
    overage_cents: int | None = None
    deletes: bool = True


@dataclass(frozen=True, slots=True)
class Space:
    """A workspace."""

    name: str
    keys: Sequence[str]
    product: str
    gtin: str
    plan: Plan = Plan()


@dataclass(frozen=True, slots=True)
class Choices:
    """What conforming servers may do differently. The defaults are those that few servers have together."""

    refused_by_quota_takes_writes: bool = False
    compares_creatable: bool = True
    replays_need_budget: bool = False
    remembers_refusals: bool = True
    pair_is_free_after_deletion: bool = False
