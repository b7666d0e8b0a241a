"""Assertions about the entries of an answer: one for each item, with its passport or its reason."""

from typing import Any

from ..client.reply import Reply
from ..client.single_calls import Item
from . import expect


def one_entry_each(reply: Reply, number: int) -> None:
    expect.executed(reply, rule="items.one-result-each")
    indexes = sorted(str(entry.get("index")).zfill(3) for entry in reply.results)
    wanted = [str(index).zfill(3) for index in range(number)]
    expect.same("the indexes", indexes, wanted, reply, rule="items.one-result-each")
    unknown = sorted(set(reply.outcomes) - {"created", "error"})
    expect.same("statuses other than created and error", unknown, [], reply, rule="items.one-result-each")


def shows_passport(reply: Reply, index: int, item: Item) -> None:
    rule = "items.created-carries-data"
    entry = reply.entry(index)
    expect.same(f"the status of item {index}", entry.get("status"), "created", reply, rule="items.fail-independently")
    data: Any = entry.get("data")
    expect.true(f"data of item {index}", isinstance(data, dict), data, reply, rule=rule)
    expect.true(
        f"a text `_id` of item {index}", isinstance(data.get("_id"), str) and data["_id"], data, reply, rule=rule
    )
    expect.same(f"the pair of item {index}", pair(data), pair(item), reply, rule=rule)
    expect.same(f"the state of passport {index}", data.get("status"), "draft", reply, rule=rule)
    expect.true(
        f"no error next to the data of item {index}", not entry.get("error"), entry.get("error"), reply, rule=rule
    )


def gives_reason(reply: Reply, index: int) -> None:
    rule = "items.error-carries-reason"
    entry = reply.entry(index)
    expect.same(f"the status of item {index}", entry.get("status"), "error", reply, rule="items.fail-independently")
    reason = entry.get("error")
    in_words = isinstance(reason, str) and bool(reason.strip()) and reason != "[object Object]"
    expect.true(f"an error text for item {index}", in_words, reason, reply, rule=rule)
    expect.true(
        f"no data next to the error of item {index}", not entry.get("data"), entry.get("data"), reply, rule=rule
    )


def adds_up(reply: Reply, number: int) -> None:
    wanted = {"created": reply.created, "errors": reply.outcomes.count("error"), "total": number}
    found = {name: reply.summary.get(name, "absent") for name in wanted}
    expect.same("the summary", found, wanted, reply, rule="summary.adds-up")


def pair(value: Any) -> tuple[Any, Any]:
    gs1 = value.get("gs1") if isinstance(value, dict) else None
    return (gs1.get("gtin"), gs1.get("serialNumber")) if isinstance(gs1, dict) else (None, None)
