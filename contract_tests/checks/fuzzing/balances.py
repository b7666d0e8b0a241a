"""What must be true of a workspace after all its calls, and what an answer violates.

Numbers are kept as bounds. Where the documentation leaves open what a call takes, the bounds move apart, so a breach is
what no reading allows. A workspace of which nothing is known has bounds that no answer violates.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from .bodies import NOBODYS_PRODUCT
from .breaches import Breach
from .exchanges import Exchange, Pair, alike, pair_of

_SAFE_SERIAL = re.compile(r"[A-Z0-9-]{1,20}")  # in the domain of every reading, and equal to no other one in any
_PLAIN_ITEM = {"productId", "gs1", "confirmOverage"}
KEY_LENGTH_MAX = 255  # idempotency.key-is-opaque
_BUDGET, _QUOTA, _REPLAY = "budget.refuses-whole-batch", "quota.asks-for-consent", "idempotency.replay-changes-nothing"


@dataclass
class Left:
    """The least and the most that can be left."""

    at_least: float = 0
    at_most: float = inf

    def take(self, at_least: float, at_most: float) -> None:
        self.at_least, self.at_most = max(0, self.at_least - at_most), max(0, self.at_most - at_least)

    def less_than(self, count: int) -> None:
        """A refusal shows that less is left. A narrower bound stays: then the refusal is a breach."""
        self.at_most = max(self.at_least, min(self.at_most, count - 1))


@dataclass
class Balances:
    """The balances of one workspace. `product_id` and `gtin` are known to be valid. Nobody else uses serial numbers
    that start with `prefix`; in an isolated workspace nobody else uses any, and it has one product.
    """

    product_id: str | None = None
    gtin: str | None = None
    prefix: str = "S-"
    private: bool = False
    writes: Left = field(default_factory=Left)
    slots: Left = field(default_factory=Left)
    sells_overage: bool | None = None
    created: dict[Pair, str] = field(default_factory=dict)  # to the `_id`
    _tried: dict[Pair, str | None] = field(
        default_factory=dict
    )  # by `alike`: the rule that says that the call created nothing, or None
    _alone: set[Pair] = field(default_factory=set)  # `alike` pairs that failed without an equal one in the batch
    _kept: dict[str, Exchange] = field(default_factory=dict)  # by key: the result that a replay must have
    _unsure_keys: set[str] = field(default_factory=set)
    _free: list[str] = field(default_factory=list)  # the rules that say that later calls took nothing
    _failed: int = 0
    _consented: bool = False

    def observe(self, exchange: Exchange) -> Iterator[Breach]:
        """Enter an exchange. Returns the breaches of what was known before it."""
        if (key := exchange.key) is not None and 1 <= len(key) <= KEY_LENGTH_MAX:
            if key in self._kept:
                yield from self._used_key(exchange, self._kept[key])
                return
            if key in self._unsure_keys:  # a refusal may be stored under its key
                self._maybe(exchange)
                return
            if exchange.succeeded and exchange.results is not None:
                self._kept[key] = exchange
            else:
                self._unsure_keys.add(key)
        yield from self._fresh(exchange)

    def is_creatable(self, item: Any) -> bool:
        """Whether every reading creates the item: known product, GTIN of the workspace, new safe serial number."""
        pair = pair_of(item)
        if pair is None or not set(item) <= _PLAIN_ITEM or set(item["gs1"]) != {"gtin", "serialNumber"}:
            return False
        known = item.get("productId") == self.product_id and pair[0] == self.gtin
        new = self._tried.get(alike(pair), "") is not None
        ours = self.private or pair[1].startswith(self.prefix)
        return known and new and ours and bool(_SAFE_SERIAL.fullmatch(pair[1]))

    def _fresh(self, exchange: Exchange) -> Iterator[Breach]:
        count = len(exchange.items)
        if exchange.executed:
            yield from self._executed(exchange)
        elif exchange.status == 429:
            yield from self._over_the_budget(exchange, count)
        elif exchange.status == 402:
            yield from self._over_the_quota(exchange, count)
        elif 400 <= exchange.status < 500:
            if exchange.status not in (401, 403):
                self.writes.take(0, max(count, 1))
            self._refused(exchange, "items.fail-independently")
        else:
            self._maybe(exchange)

    def _over_the_budget(self, exchange: Exchange, count: int) -> Iterator[Breach]:
        if 1 <= count <= self.writes.at_least:
            rule = _REPLAY if _REPLAY in self._free else _BUDGET
            yield Breach(rule, f"{count} items admitted: {self.writes.at_least:g} writes are left", "429")
        self.writes.less_than(max(count, 1))
        self._refused(exchange, _BUDGET)

    def _over_the_quota(self, exchange: Exchange, count: int) -> Iterator[Breach]:
        if 1 <= count <= self.slots.at_least:
            text = f"{count} items admitted: {self.slots.at_least:g} slots are left"
            yield Breach(self._rule_of_early_402(count), text, "402")
        elif self.sells_overage and exchange.says_overage_required:
            yield from self._ignored_consent(exchange)
        elif self.sells_overage and count > self.slots.at_most:
            yield Breach(_QUOTA, "402 overage_required", f"402 {exchange.answered}")
        self._free.append(_QUOTA)
        if exchange.says_overage_required:
            self.slots.less_than(max(count, 1))
        self.writes.take(0, count)
        self._refused(exchange, _QUOTA)

    def _executed(self, exchange: Exchange) -> Iterator[Breach]:
        created, failed = exchange.with_status("created"), exchange.with_status("error")
        yield from self._over_a_limit(exchange, len(created))
        self._consented |= exchange.consents
        self._failed += len(failed)
        self.writes.take(len(created), len(exchange.items))
        self.slots.take(len(created), len(created))
        pairs = [pair_of(item) for item in exchange.items]
        times = Counter(alike(pair) for pair in pairs if pair)
        yield from self._none_of_twins(exchange, pairs, times)
        for index in failed:
            if (pair := pairs[index]) is not None and times[alike(pair)] == 1:
                yield from self._failed_alone(pair, exchange, index)
        for index in created:
            if (pair := pairs[index]) is not None:
                yield from self._created(pair, exchange, index)
        for each in times:
            self._tried[each] = None

    def _over_a_limit(self, exchange: Exchange, created: int) -> Iterator[Breach]:
        """More items were created than can be left."""
        if created > self.writes.at_most:
            yield Breach(_BUDGET, f"429: {self.writes.at_most:g} writes are left", f"{created} items created")
        if created > self.slots.at_most and not (exchange.consents and self.sells_overage is not False):
            rule = "quota.consent-is-not-remembered" if self._consented or _says_no(exchange) else _QUOTA
            yield Breach(rule, f"402: {self.slots.at_most:g} slots are left", f"{created} items created")

    def _failed_alone(self, pair: Pair, exchange: Exchange, index: int) -> Iterator[Breach]:
        """An item failed whose pair the batch does not repeat."""
        if self.is_creatable(exchange.items[index]):
            yield self._should_be_created(index, exchange, pair)
        if alike(pair) not in {alike(known) for known in self.created}:
            self._alone.add(alike(pair))

    def _created(self, pair: Pair, exchange: Exchange, index: int) -> Iterator[Breach]:
        if pair in self.created:
            text = "created again"
            yield Breach("items.serial-unique-per-gtin", f"{pair} refused: it was created before", text)
        elif alike(pair) in self._alone:
            text = "it is created alone: another item was in its way"
            yield Breach("items.fail-independently", f"{pair} fails again as it did in a batch", text)
        product = exchange.items[index].get("productId")
        if product == NOBODYS_PRODUCT or (self.private and product != self.product_id):
            yield Breach(
                "items.fail-independently", f"item {index} to fail: there is no product {product!r}", "created"
            )
        self._alone.discard(alike(pair))
        data = exchange.entries[index].get("data")
        self.created[pair] = str(data.get("_id")) if isinstance(data, dict) else ""

    def _none_of_twins(
        self, exchange: Exchange, pairs: Sequence[Pair | None], like: Mapping[Pair, int]
    ) -> Iterator[Breach]:
        """Of a repeated pair, one is created. Which one is a reading."""
        created = {pairs[index] for index in exchange.with_status("created")}
        for pair in {pair for pair in pairs if pair and like[alike(pair)] > 1}:
            same = [item for item in exchange.items if pair_of(item) == pair]
            if len(same) == like[alike(pair)] and all(map(self.is_creatable, same)) and pair not in created:
                rule = "items.fail-independently"
                yield Breach(rule, f"one of {len(same)} items {pair} created: it is new", "none of them is")

    def _rule_of_early_402(self, count: int) -> str:
        if _REPLAY in self._free:
            return _REPLAY
        if _QUOTA in self._free:
            return _QUOTA
        eaten = self._failed and self.slots.at_least - self._failed < count
        return "quota.failed-items-take-no-slot" if eaten else _QUOTA

    def _should_be_created(self, index: int, exchange: Exchange, pair: Pair) -> Breach:
        rule = self._tried.get(alike(pair)) or "items.fail-independently"
        before = "the refused call before left a trace" if alike(pair) in self._tried else "nothing is wrong with it"
        return Breach(rule, f"item {index} created: {pair} is new", f"{dict(exchange.entries[index])}; {before}")

    def _used_key(self, exchange: Exchange, first: Exchange) -> Iterator[Breach]:
        """The key has an answer. The call takes nothing."""
        same = exchange.body == first.body
        if same or exchange.sent == first.sent:
            self._free.append(_REPLAY)
            yield from self._replayed(exchange, first, same=same)
        elif exchange.executed:
            rule, text = "idempotency.refuses-another-body", f"{exchange.status} with results"
            yield Breach(rule, "a 4xx without results: the key was used with another body", text)
            list(self._executed(exchange))
        else:
            self._refused(exchange, "idempotency.refuses-another-body")

    def _replayed(self, exchange: Exchange, first: Exchange, *, same: bool) -> Iterator[Breach]:
        rule = "idempotency.replays-original"
        if exchange.succeeded:
            shown, kept = _result_of(exchange), _result_of(first)
            if shown != kept:
                yield Breach(rule, f"the first result again: {kept}", f"{shown}")
                list(self._executed(exchange))
        elif exchange.status == 429 and len(exchange.items) > self.writes.at_least:
            return  # a reading: the budget is checked first
        elif same and exchange.status:
            yield Breach(rule, f"the first result again, with a 2xx like {first.status}", f"{exchange.status}")

    def _ignored_consent(self, exchange: Exchange) -> Iterator[Breach]:
        if isinstance(exchange.sent, dict) and all(
            each.get("confirmOverage") is True for each in (exchange.sent, *exchange.items) if isinstance(each, dict)
        ):
            rule = "quota.consent-covers-whole-batch"
            yield Breach(rule, "the batch admitted: it consents in every place", f"{exchange.status} once more")

    def _refused(self, exchange: Exchange, rule: str) -> None:
        """Nothing of this batch exists, unless an earlier call named it."""
        for item in exchange.items:
            if (pair := pair_of(item)) is not None:
                self._tried.setdefault(alike(pair), rule)

    def _maybe(self, exchange: Exchange) -> None:
        """The batch may be executed or not."""
        count = len(exchange.items)
        self.writes.take(0, count)
        self.slots.take(0, count)
        for item in exchange.items:
            if (pair := pair_of(item)) is not None:
                self._tried[alike(pair)] = None


def _says_no(exchange: Exchange) -> bool:
    return isinstance(exchange.sent, dict) and exchange.sent.get("confirmOverage") is False


def _result_of(exchange: Exchange) -> Any:
    return (
        {name: exchange.answered.get(name) for name in ("results", "summary")}
        if isinstance(exchange.answered, dict)
        else None
    )
