"""What a run would take, before anything is sent."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tracepass_contract.contract_tests.account import BATCH_ITEMS_MAX
from tracepass_contract.contract_tests.settings import Settings
from tracepass_contract.contract_tests.spend import NO_CEILINGS, Ceilings, Price
from tracepass_contract.contract_tests.suite import Check, price_of
from tracepass_contract.contract_tests.target import NEEDS, declared_capabilities


def planned(checks: Sequence[Check], settings: Settings) -> dict[str, Any]:
    """Each check with its price, and why it would not be made; the most that the run can take."""
    ceilings = settings.ceilings if settings.deployment is not None else NO_CEILINGS
    has = declared_capabilities(settings.deployment, settings) if settings.deployment is not None else frozenset(NEEDS)
    rows = [
        {
            "check": check.name,
            "rules": list(check.rules),
            "says": check.sentence,
            **_numbers(check.price),
            "untested": _untested(check, has, ceilings),
        }
        for check in checks
    ]
    made = [check for check, row in zip(checks, rows, strict=True) if not row["untested"]]
    total = price_of(made)
    given = settings.deployment
    if given is not None and given.writes_left is not None and any("W" in check.needs for check in made):
        total = replace(
            total, writes=max(total.writes, given.writes_left)
        )  # such a check spends what is left of the day
        if given.slots_left is not None:  # and may fill a quota that is near
            total = replace(total, slots=max(total.slots, min(given.slots_left, total.slots + BATCH_ITEMS_MAX)))
    return {"checks": rows, "price": _numbers(total), "at_most": _numbers(_capped(total, ceilings))}


def plan_as_text(plan: dict[str, Any]) -> str:
    lines = [f"{'writes':>6} {'slots':>6} {'cents':>6}  check"]
    for row in plan["checks"]:
        told = f"  untested: {row['untested']}" if row["untested"] else ""
        lines.append(f"{row['writes']:>6} {row['slots']:>6} {row['cents']:>6}  {row['check']}{told}")
    price, most = plan["price"], plan["at_most"]
    lines.append(f"{price['writes']:>6} {price['slots']:>6} {price['cents']:>6}  in all, if each took its most")
    lines.append(f"{most['writes']:>6} {most['slots']:>6} {most['cents']:>6}  at most, under the ceilings of the run")
    return "\n".join(lines)


def _untested(check: Check, has: frozenset[str], ceilings: Ceilings) -> str:
    lacking = [f"{need}: {NEEDS[need]}" for need in check.needs if need not in has]
    worst = check.price + check.risk
    for name, asked, most in (
        ("writes", worst.writes, ceilings.writes),
        ("slots", worst.slots, ceilings.slots),
        ("cents", worst.cents, ceilings.cents),
    ):
        if most is not None and asked > most:
            lacking.append(f"ceiling: up to {asked} {name}, {most} are allowed")
    return "; ".join(lacking)


def _capped(price: Price, ceilings: Ceilings) -> Price:
    def least(asked: int, most: int | None) -> int:
        return asked if most is None else min(asked, most)

    return Price(
        least(price.writes, ceilings.writes), least(price.slots, ceilings.slots), least(price.cents, ceilings.cents)
    )


def _numbers(price: Price) -> dict[str, int]:
    return {"writes": price.writes, "slots": price.slots, "cents": price.cents}
