"""The tables of the page: levels, baselines, faults, profiles, and faults without a mutant."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tracepass_contract.spec.files import read_yaml

from ..levels import EVERYTHING, SMALL, STOCK
from ..proof import PRICES
from ..schemathesis_runs import EXAMPLES
from .markdown import (
    Data,
    middle_and_most,
    profile_in_short,
    section,
    table,
)


def levels(data: Data) -> str:
    total, rows = 0, []
    for rung in _rungs(data):
        is_on_top = rung["level"] != SMALL
        total = total + len(rung["killed"]) if is_on_top else len(rung["killed"])
        whole = rung["a_run_without_a_fault"] or {}
        cost = [whole.get(member) for member in PRICES]
        rows.append((rung["level"], len(rung["killed"]), total, *middle_and_most(rung["requests_to_the_kill"]), *cost))
    head = ("given", "kills first", "in all", "requests to the kill", "most", *(f"{each} of a run" for each in PRICES))
    text = (
        "Each level knows more of the deployment than the one above it. A fault that one level kills is not tried at\n"
        "the next. The last line is separate: every fault on the smallest plan, with read-back. The figures on the\n"
        "right are of a run at this level against the mock without a fault."
    )
    return section("By level of knowledge", text, table(head, rows)) if rows else ""


def _rungs(data: Data) -> list[Data]:
    return [rung for rung in data["levels"] if rung["level"] != STOCK]


def has_stock(data: Data) -> bool:
    return any(rung["level"] == STOCK for rung in data["levels"])


def found_by_stock(data: Data) -> set[str]:
    return {fault for rung in data["levels"] if rung["level"] == STOCK for fault in rung["killed"]}


def unlike(data: Data) -> set[str]:
    """The faults that a look at schema and status finds in the whole run, under the first profile."""
    seen: dict[str, bool] = {}
    for row in data["matrix"]:
        seen.setdefault(row["fault"], row["schema_and_status"])
    return {fault for fault, is_seen in seen.items() if is_seen}


def baselines(data: Data) -> str:
    if not data["levels"]:
        return ""
    by_level = {rung["level"]: rung for rung in data["levels"]}
    every = len({row["fault"] for row in data["matrix"]})
    killed = every - len({row["fault"] for row in data["matrix"] if row["outcome"] != "killed"})
    right = by_level[EVERYTHING]
    rows = [
        ("this suite, by rule", f"{killed} of {every}", len(right["alarms"])),
        (
            "the same answers, by schema and status only",
            f"{len(unlike(data))} of {every}",
            right.get("schema_and_status"),
        ),
    ]
    if has_stock(data):
        found = f"{len(found_by_stock(data))} of {every}"
        rows.append((f"{STOCK}, all checks and phases", found, len(by_level[STOCK]["alarms"])))
    given = f" Schemathesis tests the batch and the operations of a passport, with {EXAMPLES} examples each."
    text = (
        "The same mutants under their first profile. A method that reports no rules finds a mutant when it reports\n"
        "anything that it does not report on the mock without a fault. Its reports on that mock are false\n"
        f"alarms.{given if has_stock(data) else ''}"
    )
    return section("Other methods", text, table(("", "found", "false alarms"), rows))


def fault_by_fault(data: Data) -> str:
    if not data["matrix"]:
        return ""
    stock, seen = found_by_stock(data), unlike(data)
    by_fault: dict[str, list[Data]] = {}
    for row in data["matrix"]:
        by_fault.setdefault(row["fault"], []).append(row)
    tried = has_stock(data)
    rows = [
        (*_fault(rows), _mark(fault in seen), _mark(fault in stock) if tried else "not run")
        for fault, rows in by_fault.items()
    ]
    text = (
        "*Needs* has codes of `spec/rules.yaml`. The figures are what the whole suite had taken at the end of the\n"
        "test that killed, with the first seed and the first profile. The last two columns are other methods: by\n"
        "schema and status only, and by stock Schemathesis."
    )
    head = (
        "fault",
        "severity",
        "needs",
        "what is wrong",
        "rule",
        "killed under",
        "killed by",
        *PRICES,
        "schema",
        "stock",
    )
    return section("Fault by fault", text, table(head, rows))


def _fault(rows: list[Data]) -> Iterator[object]:
    """`rows` are the profiles of one fault."""
    first, killed = rows[0], sum(row["outcome"] == "killed" for row in rows)
    yield from (first["fault"], first["severity"], first["needs"] or "-", first["what"], first["rule"])
    yield f"{killed} of {len(rows)}" if killed < len(rows) or killed > 1 else first["profile"]
    checks = Counter(check for row in rows for check in row["checks"])
    others = f" and {len(checks) - 1} more" if len(checks) > 1 else ""
    yield f"{checks.most_common(1)[0][0]}{others}" if checks else "-"
    for member in PRICES:
        yield max((price for row in rows for price in row[member]), default=None)


def _mark(is_found: bool) -> str:
    return "found" if is_found else ""


def profiles(data: Data) -> str:
    tried = Counter(row["profile"] for row in data["matrix"])
    killed = Counter(row["profile"] for row in data["matrix"] if row["outcome"] == "killed")
    rows = [(profile_in_short(profile), number, killed[profile]) for profile, number in tried.most_common()]
    return section("Profiles", table(("profile", "faults tried", "killed"), rows)) if rows else ""


def not_seeded() -> str:
    rows = [
        (
            each["id"],
            each["fault"],
            each.get("needs") or f"nothing: it is an answer of `{each['reading']}`, not a fault",
        )
        for each in read_yaml(Path(__file__).resolve().parents[1] / "not_seeded.yaml")
    ]
    return section("Faults without a mutant", table(("fault", "what is wrong", "what a mutant needs"), rows))
