"""All mutants by id."""

from collections.abc import Mapping
from functools import cache

from tracepass_contract.contract_tests.mutants import (
    access,
    answers,
    asked_wrong,
    budget,
    idempotency,
    items,
    lost_races,
    quota,
    racing,
    read_back,
    retried,
    seldom,
    transport,
)
from tracepass_contract.contract_tests.mutants.mutant import Mutant

FIRST_EIGHT = ("IDM-06", "IDM-01", "ORD-05", "SHP-02", "BUD-05", "PAR-09", "IDM-11", "VAL-13")


@cache
def catalogue() -> Mapping[str, Mutant]:
    """The mutants, family by family."""
    families = (
        items,
        answers,
        asked_wrong,
        idempotency,
        budget,
        quota,
        access,
        racing,
        retried,
        read_back,
        lost_races,
        seldom,
        transport,
    )
    mutants = [mutant for family in families for mutant in family.family.mutants]
    by_id = {mutant.id: mutant for mutant in mutants}
    if len(by_id) < len(mutants):
        raise ValueError("two mutants have the same id")
    return by_id
