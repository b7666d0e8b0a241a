"""The limits and balances of a workspace as JSON, and from JSON."""

from dataclasses import replace
from typing import Any

from ...semantics.types.accounts import PLANS, UNLIMITED, Account, Plan
from ...state import Workspace

Json = dict[str, Any]
_LIMITS = ("writes_per_day", "reads_per_day", "passports_included", "overage_price_cents")
_OVERAGE = ("overage_count", "overage_cents")


def balances(workspace: Workspace, account: Account) -> Json:
    """The limits, and how much of each is used and left."""
    return {
        "id": workspace.id,
        "plan": workspace.plan.name,
        "product_id": workspace.product_id,
        "gtin": workspace.gtin,
        "writes_per_day": workspace.plan.writes_per_day,
        "writes_used": account.writes_used,
        "writes_left": account.writes_left,
        "reads_per_day": workspace.plan.reads_per_day,
        "reads_used": account.reads_used,
        "reads_left": account.reads_left,
        "passports_included": workspace.plan.passports_included,
        "passports_used": account.passports_used,
        "passports_left": account.passports_left,
        "overage_supported": workspace.plan.sells_overage,
        "overage_price_cents": workspace.plan.overage_price_cents,
        "overage_count": account.overage_count,
        "overage_cents": account.overage_cents,
        "readings": None if workspace.readings is None else workspace.readings.deviations(),
    }


def plan_from(body: Json, current: Plan = UNLIMITED) -> Plan:
    """The named plan, or the current one, with the limits of the body. A plan with a price sells overage,
    unless the body says that overage is not supported.
    """
    plan = PLANS[body["plan"]] if "plan" in body else current
    plan = replace(plan, **{name: body[name] for name in _LIMITS if name in body})
    if body.get("overage_supported") is False:
        return replace(plan, overage_price_cents=None)
    if body.get("overage_supported") and not plan.sells_overage:
        return replace(plan, overage_price_cents=UNLIMITED.overage_price_cents)
    return plan


def set_overage(workspace: Workspace, body: Json) -> None:
    """Set the overage in the balances and the totals of the ledger. The ledger gets no row."""
    for name in _OVERAGE:
        if name in body:
            setattr(workspace.totals, name, body[name])
