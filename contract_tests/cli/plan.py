"""What a run would check and spend. Sends nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tracepass_contract.spec import Rule

from ..client.spend import Ceilings, Price, Purse
from ..model.capabilities import WORDS, lacked
from ..run.pytest_run import Check, price_of
from ..target.settings import Settings
from ..target.target import declared_capabilities
from ..target.workspace import BATCH_ITEMS_MAX

LEVELS = {
    "must": "the page of the batch endpoint states or shows it",
    "doc": "another page of the vendor states it",
    "norm": "general practice; a breach is a warning, a security breach is a violation",
}


def planned(checks: Sequence[Check], settings: Settings) -> dict[str, Any]:
    """Each check with its price, why it is not applicable or stays untested, and the most that the run can take.

    `at_most` is None for isolated workspaces: they have no ceilings, and the prices do not include arranging, reading
    out, and random call sequences.
    """
    ceilings, has = settings.ceilings, declared_capabilities(settings)
    purse = Purse(ceilings, cleans_up=settings.cleans_up)
    never = settings.deployment.never_has if settings.deployment is not None else {}
    rows = [
        {
            "check": check.name,
            "rules": list(check.rules),
            "says": check.sentence,
            **_numbers(check.price),
            "not_applicable": (because := next((never[need] for need in check.needs if need in never), "")),
            "untested": "" if because else _untested(check, has, purse),
        }
        for check in checks
    ]
    made = [check for check, row in zip(checks, rows, strict=True) if not row["untested"] and not row["not_applicable"]]
    total = price_of(made)
    given = settings.deployment
    if given is not None and given.writes_left is not None and any("W" in check.needs for check in made):
        total = replace(
            total, writes=max(total.writes, given.writes_left)
        )  # such a check spends what is left of the day
        if given.slots_left is not None:  # and may fill a quota that is near
            total = replace(total, slots=max(total.slots, min(given.slots_left, total.slots + BATCH_ITEMS_MAX)))
    most = _at_most(purse, total)
    return {
        "checks": rows,
        "clean_up": _numbers(purse.with_deletions(total) - total),
        "price": _numbers(purse.with_deletions(total)),
        "at_most": most,
        "note": " ".join(filter(None, [_note(settings), _fewer(total, most, ceilings), _not_today(settings, made)])),
    }


def plan_as_text(plan: dict[str, Any]) -> str:
    lines = [f"{'writes':>6} {'slots':>6} {'cents':>6}  check"]
    for row in plan["checks"]:
        untested = f"  untested: {row['untested']}" if row["untested"] else ""
        message = f"  not applicable: {row['not_applicable']}" if row["not_applicable"] else untested
        lines.append(f"{row['writes']:>6} {row['slots']:>6} {row['cents']:>6}  {row['check']}{message}")
    price, most, clean_up = plan["price"], plan["at_most"], plan["clean_up"]
    if clean_up["writes"]:
        lines.append(f"{clean_up['writes']:>6} {0:>6} {0:>6}  clean-up: a write to delete each passport")
    lines.append(f"{price['writes']:>6} {price['slots']:>6} {price['cents']:>6}  total, if each check takes its most")
    if most is not None:
        message = "at most, within the limits of the run"
        lines.append(f"{most['writes']:>6} {most['slots']:>6} {most['cents']:>6}  {message}")
    return "\n".join([*lines, *filter(None, [plan["note"]])])


def _note(settings: Settings) -> str:
    """What the numbers do not include."""
    own = "the run uses isolated workspaces and has no limits"
    if settings.deployment is None:
        return f"Set-up calls and random sequences are not included: {own}."
    if settings.control_plane:
        return f"These numbers are for a deployment without a control plane. With one, {own} (see --no-control-plane)."
    return ""


def rules_as_text(found: Sequence[Rule]) -> str:
    """The rules, and a legend of their levels and needs."""
    lines = []
    for rule in found:
        needs = f" (needs {', '.join(rule.needs)})" if rule.needs else ""
        lines.append(f"{rule.id}  {rule.level}{needs}\n    {rule.sentence}\n    {rule.source}")
    lines.append("")
    lines += [f"{level:4}  {means}" for level, means in LEVELS.items() if any(rule.level == level for rule in found)]
    lines += [f"{need:4}  {lacked(need)}" for need in WORDS if any(need in rule.needs for rule in found)]
    return "\n".join(lines)


def _fewer(price: Price, most: dict[str, int] | None, ceilings: Ceilings) -> str:
    """That the run creates fewer passports than its checks would, so that it can delete them."""
    wanted = price.slots if ceilings.slots is None else min(price.slots, ceilings.slots)
    if most is None or most["slots"] >= wanted:
        return ""
    return (
        f"The checks would create up to {wanted} passports. The limits allow {most['slots']}, because each keeps a"
        " write for its deletion."
    )


def _not_today(settings: Settings, made: Sequence[Check]) -> str:
    """That no write is left for the clean-up."""
    spends_all = settings.deployment is not None and any("W" in check.needs for check in made)
    if settings.cleans_up or settings.keep_drafts or not spends_all:
        return ""
    return (
        "The checks spend today's write budget to its end, so the clean-up can delete nothing today: run with --history"
        " FILE, and delete the passports with `tracepass-check clean --history FILE` when the writes are back."
    )


def _untested(check: Check, has: frozenset[str], purse: Purse) -> str:
    lacking = [f"{need}: {lacked(need)}" for need in check.needs if need not in has]
    room, ceilings = purse.with_deletions(check.room), purse.ceilings
    for name, wanted, most in (
        ("--max-writes", room.writes, ceilings.writes),
        ("--max-slots", room.slots, ceilings.slots),
        ("--max-charge-cents", room.cents, ceilings.cents),
    ):
        if most is not None and wanted > most:
            lacking.append(f"a higher {name} (now {most}, up to {wanted} needed)")
    return "; ".join(lacking)


def _at_most(purse: Purse, price: Price) -> dict[str, int] | None:
    """What the run takes at most, with the clean-up; `kept` writes of it are for that. None: no ceilings."""
    ceilings = purse.ceilings
    if ceilings.writes is None or ceilings.slots is None or ceilings.cents is None:
        return None
    slots = min(price.slots, ceilings.slots)
    kept = min(purse.with_deletions(Price(slots=slots)).writes, ceilings.writes // 2)
    return {
        "writes": min(price.writes + kept, ceilings.writes),
        "kept": kept,
        "slots": min(slots, kept) if kept else slots,
        "cents": min(price.cents, ceilings.cents),
    }


def _numbers(price: Price) -> dict[str, int]:
    return {"writes": price.writes, "slots": price.slots, "cents": price.cents}
