"""Whole batches that were refused although their shape is right, and calls without a key."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from re import compile as pattern

from ..calls.calls import Call, Outcome
from ..calls.items import Pair, loosest
from ..calls.notes import Notes
from ..calls.roles import Role

CHECK = "oracle.whole"
UUID = pattern("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
FOR_THE_ITEMS = (400, 404, 409, 413, 422)
LARGE = 50  # items; a larger batch that is refused while smaller ones are not was refused for its size


@dataclass
class Sizes:
    """The batches of a workspace: executed, and refused without a visible reason."""

    with_key: list[Call] = field(default_factory=list)
    without_key: list[Call] = field(default_factory=list)
    refused: list[Call] = field(default_factory=list)

    def executed(self, call: Call, notes: Notes) -> None:
        if call.key is not None:
            self.with_key.append(call)
            return
        body = call.exchange.body
        first = next((other for other in self.without_key if other.exchange.body == body and other.created), None)
        if first is not None and not call.created:
            notes.conforms("idempotency.key-is-optional", CHECK, [first.number, call.number])
        self.without_key.append(call)

    def judge(self, notes: Notes) -> None:
        largest = max((len(call.items) for call in (*self.with_key, *self.without_key)), default=0)
        for call in self.refused:
            if largest and len(call.items) > max(largest, LARGE):
                because = "a large batch of at most 100 items was refused"
                notes.violates("batch.holds-1-to-100-items", CHECK, because, call.number, actual=str(call.status))
            elif call.key is None and self.with_key and not self.without_key:
                because = "calls without an idempotency key were refused, calls with one were executed"
                notes.violates("idempotency.key-is-optional", CHECK, because, [call.number, self.with_key[0].number])
            elif largest:
                because = "a new batch of the documented shape was refused without a visible reason"
                notes.inconclusive("batch.same-shape-as-single", CHECK, because, call.number)


def is_puzzling(call: Call, role: Role, products: Set[str], gtins: Set[str]) -> bool:
    """Whether the batch is refused for its items although each is valid, or could fail alone."""
    pairs = [loosest(item.pair) for item in call.items if item.pair]
    return (
        call.outcome is Outcome.REFUSED
        and call.status in FOR_THE_ITEMS
        and role is Role.OWN
        and call.race is None
        and call.is_sound
        and "confirmOverage" not in call.body_sent
        and all(item.says is None and item.product_id in products for item in call.items)
        and all(pair[0] in gtins for pair in pairs)
        and len(set(pairs)) == len(pairs)
        and (call.key is None or UUID.fullmatch(call.key) is not None)
    )


def refused_for_items(call: Call, known: Sequence[Pair], notes: Notes) -> None:
    """items.fail-independently: pairs that exist fail alone."""
    because = "the whole batch was refused for items that exist; only these items should fail"
    notes.violates("items.fail-independently", CHECK, because, call.number, actual=f"{call.status}, {len(known)} exist")
