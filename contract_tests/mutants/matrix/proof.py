"""All results of one run of the matrix, also as data."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from .by_level import Climb, Rung
from .cell import Cell, Outcome
from .conforming import Skipped
from .kills import (
    Failure,
    Found,
    Row,
    alarms_of,
    failures_of,
    survivors_of,
)

PRICES = ("requests", "seconds", "writes", "slots")


@dataclass(frozen=True, slots=True)
class Proof:
    """`rows` are the faults, `variants` the conforming runs, `masked` faults behind masks, `skipped` impossible masks.
    `minutes` is the time of the runs, with those kept from before; 0: unknown. `code` is the digest of all that an
    outcome depends on.
    """

    seeds: Sequence[int]
    rows: Sequence[Row]
    variants: Found = ()
    masked: Found = ()
    skipped: Sequence[Skipped] = ()
    climb: Climb | None = None
    minutes: float = 0
    code: str = ""

    @property
    def failures(self) -> Sequence[Failure]:
        """The failures of all runs."""
        return [
            *(failure for row in self.rows for failure in row.failures),
            *failures_of(self.variants),
            *failures_of(self.masked),
            *(failure for rung in _rungs(self.climb) for failure in rung.failures),
        ]

    @property
    def holds(self) -> bool:
        """No fault survives, no conforming variant raises an alarm, and no server is broken."""
        return not alarms_of(self.variants) and not self.failures and all(row.killed for row in self.rows)


def as_data(proof: Proof) -> dict[str, Any]:
    rows = proof.rows
    prices = {member: [price for row in rows for price in row.prices(member)] for member in PRICES}
    return {
        "seeds": list(proof.seeds),
        "minutes": round(proof.minutes, 1),
        "code": proof.code,
        "faults": len({row.fault.id for row in rows}),
        "cells": len(rows),
        "killed": sum(row.killed for row in rows),
        "to_the_kill": {
            member: {"median": median(values), "maximum": max(values)} for member, values in prices.items() if values
        },
        "matrix": [_row_as_data(row) for row in rows],
        "variants": {
            "runs": len(proof.variants),
            "alarms": [_run_as_data(*each) for each in alarms_of(proof.variants)],
        },
        "masked": {
            "runs": len(proof.masked),
            "survived": [_run_as_data(*each) for each in survivors_of(proof.masked)],
            "skipped": [each._asdict() for each in proof.skipped],
        },
        "broken": [each._asdict() for each in proof.failures],
        "levels": [_rung_as_data(rung) for rung in _rungs(proof.climb)],
    }


def _rungs(climb: Climb | None) -> Sequence[Rung]:
    if climb is None:
        return []
    return [*climb.rungs, climb.small, *([climb.stock] if climb.stock is not None else [])]


def _rung_as_data(rung: Rung) -> dict[str, Any]:
    return {
        "level": rung.level,
        "killed": list(rung.killed),
        "requests_to_the_kill": [price.requests for price in rung.prices],
        "a_run_without_a_fault": asdict(rung.right.whole) if rung.right.whole is not None else None,
        "alarms": dict(rung.right.wrong),
        "schema_and_status": int(bool(rung.right.unlike)),
    }


def _row_as_data(row: Row) -> dict[str, Any]:
    return {
        "fault": row.fault.id,
        "what": row.fault.fault,
        "needs": row.fault.needs,
        "rule": row.fault.rule,
        "also": list(row.fault.also),
        "severity": str(row.fault.severity),
        "profile": row.profile,
        "outcome": row.described,
        "checks": list(row.checks),
        "other_rules": list(row.others),
        "crashes": list(row.crashes),
        "schema_and_status": row.is_unlike,
        **{member: [*row.prices(member)] for member in PRICES},
        "seeds": [_as_data(each) for each in row.outcomes],
    }


def _as_data(outcome: Outcome) -> dict[str, Any]:
    return {"outcome": outcome.described, "check": outcome.killed_by, **(asdict(outcome.at) if outcome.at else {})}


def _run_as_data(cell: Cell, outcome: Outcome) -> dict[str, Any]:
    return {
        "fault": cell.mutant,
        "readings": dict(cell.readings),
        "variants": list(cell.wire),
        "profile": cell.profile,
        "found": dict(outcome.wrong),
        "crashes": list(outcome.crashes),
    }
