"""The documented shape: a problem refuses the whole batch, or fails one item only."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..types.answers import Refusal
from ..types.gs1 import gtin_is_acceptable, has_right_check_digit
from ..types.readings import (
    BadParties,
    MalformedItem,
    Readings,
    UnknownMembers,
)
from ..types.request import BatchRequest, Kind, Problem, gtin_of, parties_of
from .quota import consent_problems
from .refusals import malformed


def problems_of(request: BatchRequest, readings: Readings) -> Sequence[Problem]:
    """The problems that validation found, wrong check digits, and contradictions."""
    return (
        *request.problems,
        *consent_problems(request, readings),
        *_wrong_check_digits(request, readings),
        *_of_parties(request, readings),
    )


def shape_refusal(problems: Sequence[Problem], readings: Readings) -> Refusal | None:
    """400 for the whole call, unless each problem fails only its own item."""
    whole = [problem for problem in problems if not fails_only_its_item(problem, readings)]
    return malformed(whole, readings) if whole else None


def fails_only_its_item(problem: Problem, readings: Readings) -> bool:
    """Readings items.malformed-item, items.bad-parties and batch.unknown-members."""
    if problem.item is None:
        return False
    match problem.kind:
        case Kind.PARTIES if readings.bad_parties is BadParties.ITEM_ERROR:
            return True
        case Kind.UNKNOWN_MEMBER:
            return readings.unknown_members is UnknownMembers.ITEM_ERROR
        case Kind.STRUCTURE:
            return readings.malformed_item is MalformedItem.ITEM_ERROR
        case _:  # a value that is not allowed, also in the parties
            return readings.malformed_item is not MalformedItem.WHOLE_BATCH


def by_item(problems: Sequence[Problem]) -> Mapping[int | None, Problem]:
    """The first problem of each item that has one."""
    return {problem.item: problem for problem in reversed(problems)}


def party_problems(party: Mapping[str, Any], where: str, readings: Readings) -> Sequence[Problem]:
    """The wrong check digit of a GLN, and an `operatorIdentifier` with another GLN than its party."""
    gln, operator = party.get("gln"), party.get("operatorIdentifier", {})
    other = operator.get("gln") if operator.get("scheme") == "gln" else None
    found = [
        Problem(Kind.PARTIES, at, "a GLN with a valid check digit", f'"{number}"')
        for at, number in ((f"{where}/gln", gln), (f"{where}/operatorIdentifier/gln", other))
        if number is not None and not gtin_is_acceptable(number, readings)
    ]
    if gln and other and gln != other:
        at = f"{where}/operatorIdentifier/gln"
        found.append(Problem(Kind.PARTIES, at, f'the GLN of the party, "{gln}"', f'"{other}"'))
    return found


def _of_parties(request: BatchRequest, readings: Readings) -> Sequence[Problem]:
    if not any(map(parties_of, request.items)):
        return ()
    broken = {problem.item for problem in request.problems}
    found: list[Problem] = []
    for index, item in enumerate(request.items):
        at, where = (None, "") if request.single else (index, f"/passports/{index}")
        for role, party in (item.parties or {}).items() if at not in broken else ():
            for problem in party_problems(party, f"{where}/parties/{role}", readings):
                found.append(problem._replace(item=at, kind=Kind.RELATED if request.single else problem.kind))
    return found


def _wrong_check_digits(request: BatchRequest, readings: Readings) -> Sequence[Problem]:
    if all(map(has_right_check_digit, set(map(gtin_of, request.items)))):
        return ()
    broken = {problem.item for problem in request.problems}
    found = []
    for index, item in enumerate(request.items):
        item_index, where = (None, "/gs1/gtin") if request.single else (index, f"/passports/{index}/gs1/gtin")
        if item_index not in broken and not gtin_is_acceptable(item.gtin, readings):
            found.append(Problem(Kind.VALUE, where, "a GTIN with a valid check digit", f'"{item.gtin}"', item_index))
    return found
