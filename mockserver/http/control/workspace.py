"""A world as its owner sees it: limits and balances, asked for and told."""

from dataclasses import replace
from typing import Any

from ...semantics.types.accounts import PLANS, UNLIMITED, Account, Plan
from ...state import Workspace

Json = dict[str, Any]
_LIMITS = ("writes_per_day", "reads_per_day", "passports_included", "overage_price_cents")
_OVERAGE = ("overage_count", "overage_cents")


def balances(world: Workspace, account: Account) -> Json:
    """Limits, what is used of them, and what is left."""
    return {
        "id": world.id,
        "plan": world.plan.name,
        "product_id": world.product_id,
        "gtin": world.gtin,
        "writes_per_day": world.plan.writes_per_day,
        "writes_used": account.writes_used,
        "writes_left": account.writes_left,
        "reads_per_day": world.plan.reads_per_day,
        "reads_used": account.reads_used,
        "reads_left": account.reads_left,
        "passports_included": world.plan.passports_included,
        "passports_used": account.passports_used,
        "passports_left": account.passports_left,
        "overage_supported": world.plan.sells_overage,
        "overage_price_cents": world.plan.overage_price_cents,
        "overage_count": account.overage_count,
        "overage_cents": account.overage_cents,
    }


def plan_asked_for(asked: Json, now: Plan = UNLIMITED) -> Plan:
    """The plan with what is asked otherwise; one that is named brings limits and a price of its own. A price sells
    overage, unless it is said not to be supported.
    """
    plan = PLANS[asked["plan"]] if "plan" in asked else now
    plan = replace(plan, **{name: asked[name] for name in _LIMITS if name in asked})
    if asked.get("overage_supported") is False:
        return replace(plan, overage_price_cents=None)
    if asked.get("overage_supported") and not plan.sells_overage:
        return replace(plan, overage_price_cents=UNLIMITED.overage_price_cents)
    return plan


def set_overage(world: Workspace, asked: Json) -> None:
    """Be as after so much overage: the balances and the totals of the ledger have it, and no row of the ledger."""
    for name in _OVERAGE:
        if name in asked:
            setattr(world.totals, name, asked[name])
