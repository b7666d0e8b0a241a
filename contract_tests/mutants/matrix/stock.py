"""The baseline: Schemathesis as it comes, with all checks and phases, against the servers of the matrix.

It knows no rule, so nothing is attributed: what it finds and does not find on the mock without a fault, counts. It is
given the batch and the operations of a passport, to which its links lead.
"""

from collections.abc import Mapping
from pathlib import Path

from .schemathesis_runs import attempt

EXAMPLES = 10
_OPERATIONS = r"^/passports(/batch|/[{]id[}])?$"


def found_by_stock(mutant: str | None, readings: Mapping[str, str], seed: int, log: Path) -> Mapping[str, str]:
    """What it said, by the name of its check."""
    options = [part for pair in readings.items() for part in ("--reading", "=".join(pair))]
    told = attempt(mutant, seed=seed, examples=EXAMPLES, stock=True, options=options, operations=_OPERATIONS, log=log)
    return dict.fromkeys(told.others, "found by Schemathesis as it comes")
