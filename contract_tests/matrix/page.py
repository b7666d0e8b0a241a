"""The matrix as a page and as data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tracepass_contract.contract_tests.matrix.cell import Cell, Outcome
from tracepass_contract.contract_tests.matrix.kills import Row, alarms_of, middle_and_most
from tracepass_contract.spec.files import read_yaml

_MEMBERS = ("requests", "seconds", "writes", "slots")
_COLUMNS = ("fault", "severity", "what is wrong", "rule", "profile", "outcome", "killed by", *_MEMBERS, "also named")
Found = Sequence[tuple[Cell, Outcome]]


def as_page(rows: Sequence[Row], variants: Found, seeds: Sequence[int]) -> str:
    parts = [
        _head(rows, variants, seeds),
        _prices(rows),
        _survivors(rows),
        _alarms(variants),
        _table(rows),
        _not_seeded(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_data(rows: Sequence[Row], variants: Found, seeds: Sequence[int]) -> dict[str, Any]:
    return {
        "seeds": list(seeds),
        "faults": len({row.fault.id for row in rows}),
        "cells": len(rows),
        "killed": sum(row.killed for row in rows),
        "to_the_kill": {
            member: dict(zip(("median", "maximum"), found, strict=True))
            for member in _MEMBERS
            if (found := middle_and_most(rows, member))
        },
        "matrix": [_row_as_data(row) for row in rows],
        "variants": {
            "runs": len(variants),
            "alarms": [
                {"readings": dict(cell.readings), "found": dict(each.wrong), "crashes": list(each.crashes)}
                for cell, each in alarms_of(variants)
            ],
        },
    }


def _row_as_data(row: Row) -> dict[str, Any]:
    return {
        "fault": row.fault.id,
        "rule": row.fault.rule,
        "also": list(row.fault.also),
        "severity": str(row.fault.severity),
        "profile": row.profile,
        "outcome": row.told,
        "checks": list(row.checks),
        "other_rules": list(row.others),
        "crashes": list(row.crashes),
        **{member: [*row.prices(member)] for member in _MEMBERS},
    }


def _head(rows: Sequence[Row], variants: Found, seeds: Sequence[int]) -> str:
    faults = {row.fault.id for row in rows}
    lost = {row.fault.id for row in rows if not row.killed}
    severities = ", ".join(
        f"{_killed_of(rows, letter)} of severity {letter}" for letter in "MDN" if _of_severity(rows, letter)
    )
    conforming = f" In {len(variants)} runs against servers that conform it raised {len(alarms_of(variants))} alarms."
    return (
        "# The kill matrix\n\n"
        "Which wrong servers the directed tests find. Written by `make matrix` (`tracepass-check mutants`).\n\n"
        "A fault is *killed* when a check names the rule that it breaks, or one that its mutant declares beside it,\n"
        "with every seed and under every profile. A profile is the readings that the server runs with. Severity M\n"
        "breaks a sentence of the batch page, D the documentation of a sibling, N a general norm.\n\n"
        f"**{len(faults) - len(lost)} of {len(faults)} faults are killed** ({severities}),\n"
        f"in {len(rows)} combinations of fault and profile, each with {len(seeds)} seed{'s' * (len(seeds) > 1)}."
        f"{conforming if variants else ''}"
    )


def _of_severity(rows: Sequence[Row], letter: str) -> set[str]:
    return {row.fault.id for row in rows if row.fault.severity == letter}


def _killed_of(rows: Sequence[Row], letter: str) -> str:
    every = _of_severity(rows, letter)
    lost = {row.fault.id for row in rows if not row.killed}
    return f"{len(every - lost)} of {len(every)}"


def _prices(rows: Sequence[Row]) -> str:
    lines = [
        "What the whole suite had taken by the end of the test that killed:\n",
        "| | median | maximum |",
        "|---|---|---|",
    ]
    for member in _MEMBERS:
        if found := middle_and_most(rows, member):
            lines.append(f"| {member} | {found[0]:.0f} | {found[1]:.0f} |")
    return "\n".join(lines)


def _survivors(rows: Sequence[Row]) -> str:
    lost = [row for row in rows if not row.killed]
    if not lost:
        return ""
    lines = [
        f"- **{row.fault.id}** under `{row.profile}`: {row.told}. {row.fault.fault}"
        + (f" Named instead: {', '.join(row.others)}." if row.others else "")
        for row in lost
    ]
    return "\n".join(["## Not killed\n", *lines])


def _alarms(variants: Found) -> str:
    lines = [
        f"- `{cell.profile}`: {'; '.join([*each.wrong.values(), *each.crashes, each.error])}"
        for cell, each in alarms_of(variants)
    ]
    return "\n".join(["## False alarms\n", *lines]) if lines else ""


def _table(rows: Sequence[Row]) -> str:
    lines = [
        "## Fault by fault\n",
        f"| {' | '.join(_COLUMNS)} |",
        "|---" * len(_COLUMNS) + "|",
    ]
    for row in rows:
        fault, prices = row.fault, [_most(row.prices(member)) for member in _MEMBERS]
        cells = [fault.id, fault.severity, fault.fault, fault.rule, row.profile, row.told, "<br>".join(row.checks)]
        lines.append(f"| {' | '.join([*cells, *prices, ', '.join(row.others)])} |")
    return "\n".join(lines)


def _not_seeded() -> str:
    kinds = {
        "needs": "not to be seen without",
        "reading": "no fault, but an answer of",
        "later": "not seeded yet; it takes",
    }
    lines = [
        f"| {each['fault']} | {words} {each[kind]} |"
        for each in read_yaml(Path(__file__).with_name("not_seeded.yaml"))
        for kind, words in kinds.items()
        if kind in each
    ]
    return "\n".join(["## Faults that no server here has\n", "| fault | why |", "|---|---|", *lines])


def _most(values: Sequence[float]) -> str:
    return f"{max(values):.0f}" if values else "-"
