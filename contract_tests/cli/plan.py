"""What a run would check and spend, by a rehearsal against a mock. Nothing of the deployment is spent."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from tracepass_contract.spec import Rule

from ..model.capabilities import WORDS, lacked
from ..model.outcomes import Inconclusive, NotApplicable, Untested
from ..run.rehearsal import Cost, Rehearsal, Step
from ..target.settings import Settings

LEVELS = {
    "must": "the page of the batch endpoint states or shows it",
    "doc": "another page of the vendor states it",
    "norm": "general practice; a breach is a warning, a security breach is a violation",
}
_COLUMNS = (
    "writes: of the write budget of the day · slots: passports of the quota · cents: charges for passports beyond it\n"
    'A check with "needs …" does not run. The letters are explained at the end.'
)
_BEFORE = "before the checks: does the API answer, and what does it serve?"
_AFTER = "clean-up: finds the passports of the run, and deletes each with a write"
_AFTER_OF_ISOLATED = "after the checks: questions about readings (with --card)"
_NOT_ASKED = {"L": "read_back", "S": "single_create"}  # which a run finds out, and a plan does not


def planned(run: Rehearsal, settings: Settings) -> dict[str, Any]:
    """Each check with what it takes, why it is not applicable or stays untested; and what the whole run takes.

    `price` is the sum of what is `before` the checks, the checks, and what is `after` them. Where the deployment
    charges refused calls, the writes are up to `writes_most`. `limits` are those of the run. Both are None in isolated
    workspaces: they have no limits, and nobody pays for them. `at_most` of a check is its price in any deployment that
    conforms.
    """
    assert run.target is not None
    most = None if run.is_isolated else settings.ceilings
    return {
        "seed": run.seed,
        "before": _numbers(run.before),
        "checks": [_row(step, run) for step in run.steps],
        "after": _numbers(run.after),
        "price": _numbers(run.total),
        "writes_most": None if most is None else run.writes_most,
        "limits": None if most is None else {"writes": most.writes, "slots": most.slots, "cents": most.cents},
        "notes": [*_notes(run, settings)],
    }


def _row(step: Step, run: Rehearsal) -> dict[str, Any]:
    assert run.target is not None
    error, has, most = step.error, run.target.capabilities, step.check.price
    return {
        "check": step.check.name,
        "rules": list(step.check.rules),
        "says": step.check.sentence,
        **_numbers(step.cost),
        "at_most": {"writes": most.writes, "slots": most.slots, "cents": most.cents},
        "not_applicable": error.because if isinstance(error, NotApplicable) else "",
        "untested": error.missing if isinstance(error, Untested) else "",
        "inconclusive": error.because if isinstance(error, Inconclusive) else "",
        "needs": [need for need in step.check.needs if need not in has] if isinstance(error, Untested) else [],
    }


def plan_as_text(plan: dict[str, Any]) -> str:
    return "\n".join(_lines(plan))


def _lines(plan: dict[str, Any]) -> Iterator[str]:
    yield from (_COLUMNS, "", f"{'requests':>8} {'writes':>6} {'slots':>6} {'cents':>6}  check")
    yield f"{_columns(plan['before'])}  {_BEFORE}"
    for row in plan["checks"]:
        yield f"{_columns(row)}  {row['check']}{_why_not(row)}"
    if plan["after"]["requests"]:
        yield f"{_columns(plan['after'])}  {_AFTER_OF_ISOLATED if plan['limits'] is None else _AFTER}"
    yield from ("", f"{_columns(plan['price'])}  total")
    if (limits := plan["limits"]) is not None:
        least, most = plan["price"]["writes"], plan["writes_most"]
        yield f"{'':>8} {limits['writes']:>6} {limits['slots']:>6} {limits['cents']:>6}  limits of the run"
        if least < most:
            yield from (
                "",
                f"{least} to {most} writes: {least} where refused calls take none, as documented, and up to",
            )
            yield f"{most} where the deployment charges them."
    used = {code for row in plan["checks"] for code in _codes(row)}
    if used:
        yield ""
        yield from (f"{need:4}  {lacked(need)}" for need in WORDS if need in used)
    for note in plan["notes"]:
        yield from ("", note)


def _why_not(row: dict[str, Any]) -> str:
    if row["not_applicable"]:
        return f"  not applicable: {row['not_applicable']}"
    if row["inconclusive"]:
        return f"  inconclusive: {row['inconclusive']}"
    needs, most = ", ".join(row["needs"]) or row["untested"], row["at_most"]
    price = f" (then up to {most['writes']} writes, {most['slots']} slots)" if row["needs"] and most["writes"] else ""
    return needs and f"  needs {needs}{price}"


def _codes(row: dict[str, Any]) -> Sequence[str]:
    """The letters that the line of a check has."""
    code, colon, _ = row["untested"].partition(": ")
    return row["needs"] or ([code] if colon else [])


def _columns(numbers: dict[str, int]) -> str:
    return f"{numbers['requests']:>8} {numbers['writes']:>6} {numbers['slots']:>6} {numbers['cents']:>6}"


def _notes(run: Rehearsal, settings: Settings) -> Iterator[str]:
    """What the numbers stand for."""
    given = settings.deployment
    if run.is_isolated:
        yield "The run uses isolated workspaces and has no limits. It takes nothing of a workspace of yours."
        yield f"Random choices depend on the seed: run with --seed {run.seed} to make the same ones."
    if given is None:
        return
    if not settings.card:
        yield (
            "The numbers come from a rehearsal against a mock with its default answers. Where your deployment answers"
            " otherwise, a run may take other numbers, within its limits. --card gives the mock the answers of a card,"
            " which `tracepass-check probe` writes."
        )
    if run.is_isolated:
        return
    found_out = [WORDS[code] for code, key in _NOT_ASKED.items() if getattr(given, key) is None]
    if found_out:
        yield f"The plan takes for granted, and the run finds out, that there is {' and '.join(found_out)}."
    if run.after.writes and any("to delete" in str(step.error) for step in run.steps):
        yield f"Passports within the limits: {run.total.slots}, because each keeps a write for its deletion."
    if run.writes_of_second:
        yield f"Writes of the second workspace, which has a budget of its own: {run.writes_of_second} of the total."
    if missing := _also_needed(settings):
        yield f"The run also needs {', '.join(missing)}."


def _also_needed(settings: Settings) -> Sequence[str]:
    """What the run will ask for, where it is not given."""
    given = settings.deployment
    assert given is not None
    has_key = given.api_key_env in {*given.keys, *os.environ} or given.api_key_command
    lacking = {
        "a URL": given.base_url,
        f"an API key ({given.api_key_env})": has_key,
        "--product-id": given.product_id,
        "--gtin": given.gtin,
    }
    return [name for name, value in lacking.items() if not value]


def _numbers(cost: Cost) -> dict[str, int]:
    return {"requests": cost.requests, "writes": cost.writes, "slots": cost.slots, "cents": cost.cents}


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
