"""What a single answer violates: results, their data, their summary, and the form of refusals."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .exchanges import Exchange, pair_of

BATCH_ITEMS_MAX = 100  # batch.holds-1-to-100-items
_SHOWN_MAX = 600


@dataclass(frozen=True, slots=True)
class Breach:
    """A violated rule of spec/rules.yaml, with what was expected and found."""

    rule: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"{self.rule}\n  expected: {_short(self.expected)}\n  actual:   {_short(self.actual)}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"


def of_answer(exchange: Exchange) -> Iterator[Breach]:
    """The breaches that this answer shows by itself."""
    if exchange.executed:
        count = len(exchange.items)
        if not 1 <= count <= BATCH_ITEMS_MAX and exchange.succeeded:
            yield Breach("batch.holds-1-to-100-items", "a 4xx without results", f"{exchange.status} for {count} items")
        if exchange.items:
            yield from _of_results(exchange)
            yield from _of_summary(exchange)
    elif 400 <= exchange.status < 500:
        yield from _of_refusal(exchange)


def _of_results(exchange: Exchange) -> Iterator[Breach]:
    results, count = exchange.results, len(exchange.items)
    rule = "items.one-result-each"
    if results is None:
        yield Breach(rule, f"an array `results` of {count} entries", f"{exchange.status} without one")
        return
    indexes = [entry.get("index") if isinstance(entry, dict) else None for entry in results]
    if Counter(map(repr, indexes)) != Counter(map(repr, range(count))):
        yield Breach(rule, f"each index from 0 to {count - 1} once", f"indexes {indexes}")
        return
    created = []
    for index, entry in sorted(exchange.entries.items()):
        match entry.get("status"):
            case "created":
                created.append(pair_of(exchange.items[index]))
                yield from _of_created(index, entry, exchange.items[index])
            case "error":
                yield from _of_failed(index, entry)
            case other:
                yield Breach(rule, f'"created" or "error" as the status of item {index}', repr(other))
    for pair, times in Counter(pair for pair in created if pair).items():
        if times > 1:
            yield Breach("items.serial-unique-per-gtin", f"{pair} created at most once", f"{times} times in one batch")


def _of_created(index: int, entry: Mapping[str, Any], item: Any) -> Iterator[Breach]:
    rule, data = "items.created-carries-data", entry.get("data")
    if not isinstance(data, dict) or "error" in entry:
        yield Breach(rule, f"entry {index} to have `data` and no `error`", f"members {sorted(entry)}")
        return
    if not isinstance(data.get("_id"), str) or not data["_id"]:
        yield Breach(rule, f"an `_id` in entry {index}", repr(data.get("_id")))
    if data.get("status") != "draft":
        yield Breach(rule, f'"draft" as the status of the passport in entry {index}', repr(data.get("status")))
    sent, shown = pair_of(item), pair_of(data)
    if sent is None:
        yield Breach("batch.same-shape-as-single", f"item {index} to be refused: it has no GTIN or serial", "created")
    elif shown is None or (sent[0].zfill(14), sent[1]) != (shown[0].zfill(14), shown[1]):
        yield Breach(rule, f"the gs1 of item {index}, {sent}", f"{data.get('gs1')}")


def _of_failed(index: int, entry: Mapping[str, Any]) -> Iterator[Breach]:
    reason = entry.get("error")
    if not isinstance(reason, str) or not reason.strip() or "data" in entry:
        rule = "items.error-carries-reason"
        yield Breach(rule, f"entry {index} to have a text `error` and no `data`", f"{dict(entry)}")


def _of_summary(exchange: Exchange) -> Iterator[Breach]:
    """The summary against the existing entries; another rule is about their number."""
    answered = exchange.answered if isinstance(exchange.answered, dict) else {}
    words = Counter(entry.get("status") for entry in exchange.results or () if isinstance(entry, dict))
    counted = {"created": words["created"], "errors": words["error"], "total": len(exchange.items)}
    summary = answered.get("summary")
    shown = {name: summary.get(name) for name in counted} if isinstance(summary, dict) else summary
    if exchange.results is not None and shown != counted and counted["created"] + counted["errors"] == counted["total"]:
        yield Breach("summary.adds-up", f"{counted}", f"{shown}")


def _of_refusal(exchange: Exchange) -> Iterator[Breach]:
    error = exchange.answered.get("error") if isinstance(exchange.answered, dict) else None
    problem = exchange.answered.get("title") if isinstance(exchange.answered, dict) else None  # RFC 9457 is legal, too
    if not (isinstance(error, str) and error) and not isinstance(problem, str):
        shown = exchange.answer[:200].decode(errors="replace")
        yield Breach("errors.envelope", f"an object with a text `error` behind {exchange.status}", shown)
