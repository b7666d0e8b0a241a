"""What a run would check and spend. Sends nothing."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from tracepass_contract.spec import Rule

from ..client.spend import FREE, Price
from ..model.capabilities import WORDS, lacked
from ..run.pytest_run import Check
from ..target.settings import Settings
from .pricing import Estimate

LEVELS = {
    "must": "the page of the batch endpoint states or shows it",
    "doc": "another page of the vendor states it",
    "norm": "general practice; a breach is a warning, a security breach is a violation",
}


_COLUMNS = (
    "writes: of the write budget of the day · slots: passports of the quota · cents: charges for passports beyond it\n"
    'A check with "needs …" does not run. The letters are explained at the end.'
)


def planned(checks: Sequence[Check], settings: Settings) -> dict[str, Any]:
    """Each check with its price, why it is not applicable or stays untested, and the most that the run can take.

    `price` is what the run takes of a deployment that conforms, if each check takes its most; `clean_up` is a part of
    it. `at_most` also has `refused`, the writes that refused calls may take. It is None for isolated workspaces: they
    have no limits, and the prices do not include arranging, reading out, and random call sequences.
    """
    found = Estimate(checks, settings)
    at_most = found.at_most
    rows = [
        {
            "check": line.check.name,
            "rules": list(line.check.rules),
            "says": line.check.sentence,
            **_numbers(line.price),
            "not_applicable": line.not_applicable,
            "untested": line.untested,
            "needs": list(line.needs),
            "limits": line.limits,
        }
        for line in found.lines
    ]
    return {
        "checks": rows,
        "clean_up": _numbers(Price(found.clean_up)),
        "price": _numbers(found.price),
        "refused": _numbers(Price(found.refused)),
        "at_most": None if at_most is None else {**_numbers(at_most), "kept": found.clean_up},
        "note": " ".join(filter(None, [_note(settings), _also_needed(settings), _fewer(found, settings)])),
    }


def plan_as_text(plan: dict[str, Any]) -> str:
    return "\n".join(_lines(plan))


def _lines(plan: dict[str, Any]) -> Iterator[str]:
    yield from (_COLUMNS, "", f"{'writes':>6} {'slots':>6} {'cents':>6}  check")
    for row in plan["checks"]:
        needs = ", ".join([*row["needs"], *filter(None, [row["limits"]])])
        message = (
            f"  not applicable: {row['not_applicable']}" if row["not_applicable"] else needs and f"  needs {needs}"
        )
        yield f"{_columns(row)}  {row['check']}{message}"
    yield ""
    if plan["clean_up"]["writes"]:
        yield f"{_columns(plan['clean_up'])}  of the total: the clean-up, a write to delete each passport"
    yield f"{_columns(plan['price'])}  total, if each check takes its most"
    if plan["at_most"] is not None:
        yield f"{_columns(plan['refused'])}  refused calls, where the deployment charges them"
        yield f"{_columns(plan['at_most'])}  at most, within the limits of the run"
    used = {need for row in plan["checks"] for need in row["needs"] if not row["not_applicable"]}
    if used:
        yield ""
        yield from (f"{need:4}  {lacked(need)}" for need in WORDS if need in used)
    if plan["note"]:
        yield from ("", plan["note"])


def _columns(numbers: dict[str, int]) -> str:
    return f"{numbers['writes']:>6} {numbers['slots']:>6} {numbers['cents']:>6}"


def _note(settings: Settings) -> str:
    """What the numbers do not include."""
    own = "the run uses isolated workspaces and has no limits"
    if settings.deployment is None:
        return f"Set-up calls and random sequences are not included: {own}."
    if settings.control_plane:
        return f"These numbers are for a deployment without a control plane. With one, {own} (see --no-control-plane)."
    return ""


def _also_needed(settings: Settings) -> str:
    """What the run will ask for, where it is not given."""
    given = settings.deployment
    if given is None:
        return ""
    has_key = given.api_key_env in {*given.keys, *os.environ} or given.api_key_command
    lacking = {
        "a URL": given.base_url,
        f"an API key ({given.api_key_env})": has_key,
        "--product-id": given.product_id,
        "--gtin": given.gtin,
    }
    missing = [name for name, value in lacking.items() if not value]
    return f"The run also needs {', '.join(missing)}." if missing else ""


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


def _fewer(found: Estimate, settings: Settings) -> str:
    """That the run creates fewer passports than its checks would, so that it can delete them."""
    price, most = found.price, settings.ceilings.slots
    could = sum((line.price for line in found.lines if not line.needs and not line.not_applicable), FREE)
    wanted = could.slots if most is None else min(could.slots, most)
    if not found.clean_up or price.slots >= wanted:
        return ""
    return (
        f"The checks would create up to {wanted} passports. The limits allow {price.slots}, because each keeps a"
        " write for its deletion."
    )


def _numbers(price: Price) -> dict[str, int]:
    return {"writes": price.writes, "slots": price.slots, "cents": price.cents}
