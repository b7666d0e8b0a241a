"""Items that failed for no reason in the history so far. Earlier or later calls may give one."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from ..calls.calls import Call, Outcome
from ..calls.items import Item, Pair
from ..calls.notes import Notes

CHECK = "oracle.pairs"
LEFT_BY = {  # the rule that a refusal with this status violates when it changes something
    401: "auth.bearer-required",
    402: "quota.asks-for-consent",
    429: "budget.refuses-whole-batch",
}


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A failed item. `fresh`: its serial number belongs to this run, so nobody else has used it."""

    call: Call
    index: int
    item: Item
    epoch: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call with a pair. Between different epochs, the workspace may have changed in other ways."""

    call: Call
    epoch: int


def solve(
    puzzles: Sequence[Puzzle],
    attempts: Mapping[Pair, Sequence[Attempt]],
    products: Set[str],
    gtins: Set[str],
    notes: Notes,
) -> None:
    """`attempts` are all calls with a pair, `products` and `gtins` are known to be valid, in one workspace."""
    unexplained = {(puzzle.call.number, puzzle.index) for puzzle in puzzles}
    with_failing_item: set[int] = set()  # calls in which a valid item failed next to one that had to fail
    for puzzle in puzzles:
        pair = puzzle.item.pair
        if pair is None or puzzle.item.product_id not in products or pair[0] not in gtins or not puzzle.fresh:
            continue
        others = [each for each in attempts[pair] if each.call is not puzzle.call]
        if any(each.call.race is not None and each.call.race == puzzle.call.race for each in others):
            continue
        failed = {(puzzle.call.number, index) for index, entry in puzzle.call.entries.items() if not entry.created}
        if failed - unexplained:
            with_failing_item.add(puzzle.call.number)
            _next_to_a_failing_item(puzzle, others, notes)
        else:
            _alone(puzzle, others, notes)
    if len(with_failing_item) > 1:
        because = "valid items failed repeatedly next to an item that had to fail"
        notes.violates("items.fail-independently", CHECK, because, with_failing_item)


def _next_to_a_failing_item(puzzle: Puzzle, others: Sequence[Attempt], notes: Notes) -> None:
    """A valid item that failed in a batch with an item that had to fail."""
    later = _created_later(puzzle, others)
    if later is not None and later.epoch == puzzle.epoch:
        because = "an item failed next to an item that had to fail, and was created when it was sent again"
        notes.violates("items.fail-independently", CHECK, because, [puzzle.call.number, later.call.number])
    else:
        because = "a valid item failed next to an item that had to fail"
        notes.inconclusive("items.fail-independently", CHECK, because, puzzle.call.number)


def _alone(puzzle: Puzzle, others: Sequence[Attempt], notes: Notes) -> None:
    call, rule = puzzle.call, "items.fail-independently"
    before = [each.call for each in others if each.call.number < call.number]
    later = _created_later(puzzle, others)
    refusal = next((other for other in before if other.outcome is Outcome.REFUSED), None)
    if later is not None:
        because = "an item failed without a visible reason, and was created when it was sent again"
        notes.inconclusive(rule, CHECK, because, [call.number, later.call.number])
    elif refusal is not None:
        because = "an item of a refused call can't be created any more"
        notes.violates(_rule_of(refusal), CHECK, because, [refusal.number, call.number])
    elif before:
        because = "a failed item can't be created any more, although its mistake was corrected"
        notes.violates("items.created-is-readable", CHECK, because, [before[0].number, call.number])
    else:
        notes.inconclusive(rule, CHECK, "a new item failed without a visible reason", call.number)


def _created_later(puzzle: Puzzle, others: Sequence[Attempt]) -> Attempt | None:
    after = (each for each in others if each.call.number > puzzle.call.number)
    return next((each for each in after if _created(each.call, puzzle.item)), None)


def _created(call: Call, item: Item) -> bool:
    return any(call.items[index].sent == item.sent for index in call.created)


def _rule_of(refusal: Call) -> str:
    if refusal.workspace is None:
        return "auth.bearer-required"
    if not refusal.has_right_size:
        return "batch.holds-1-to-100-items"
    if refusal.key is not None and refusal.is_sound and refusal.status in (400, 409, 422):
        return "idempotency.refuses-another-body"
    return LEFT_BY.get(refusal.status, "items.fail-independently")
