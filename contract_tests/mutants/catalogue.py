"""All mutants by id."""

from collections.abc import Mapping
from functools import cache

from .faults import (
    access,
    answers,
    budget,
    idempotency,
    items,
    lost_races,
    narrow,
    quota,
    races,
    rare,
    reads,
    related,
    requests,
    retries,
    transport,
)
from .mutant import Mutant

FIRST_EIGHT = ("IDM-06", "IDM-01", "ORD-05", "SHP-02", "BUD-05", "PAR-09", "IDM-11", "VAL-13")


@cache
def catalogue() -> Mapping[str, Mutant]:
    """The mutants, family by family."""
    families = (
        items,
        answers,
        requests,
        idempotency,
        budget,
        quota,
        access,
        races,
        retries,
        reads,
        lost_races,
        rare,
        narrow,
        transport,
        related,
    )
    mutants = [mutant for family in families for mutant in family.family.mutants]
    by_id = {mutant.id: mutant for mutant in mutants}
    if len(by_id) < len(mutants):
        raise ValueError("two mutants have the same id")
    return by_id
