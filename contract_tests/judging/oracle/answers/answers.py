"""What each answer must be, whatever came before it. Undocumented members are ignored."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..calls.calls import Call, Outcome
from ..calls.items import Item, gtin14, same_but_for_spelling
from ..calls.notes import Notes
from ..calls.roles import Role

CHECK = "oracle.answers"
NO_VALID_KEY = (401, 403)
OF_THE_WAY = frozenset({403, 404, 405, 415})  # without a body, often from a proxy instead of the API


def check_answers(calls: Sequence[Call], roles: Mapping[int, Role], notes: Notes) -> None:
    for call in calls:
        notes.go_on()
        if call.exchange.status is None or call.exchange.lost is not None or roles[call.number] is Role.STALE:
            continue
        if call.not_of_the_api:
            _of_a_gateway(call, notes)
        elif call.workspace is None:
            _without_valid_key(call, notes)
        elif not call.has_right_size:
            _size(call, notes)
        elif call.outcome is Outcome.EXECUTED:
            _results(call, notes)
        elif call.exchange.succeeded:
            notes.violates("items.one-result-each", CHECK, "a batch succeeded without `results`", call.number)
        if call.outcome is Outcome.REFUSED and not call.not_of_the_api:
            _envelope(call, notes)


def _of_a_gateway(call: Call, notes: Notes) -> None:
    """It is no refusal of the API, so its envelope shows nothing."""
    if 400 <= call.status < 500 and not call.exchange.meets_another_limit:
        notes.inconclusive("errors.envelope", CHECK, f"a call got {call.not_of_the_api}", call.number)


def _without_valid_key(call: Call, notes: Notes) -> None:
    """auth.bearer-required: refused with 401; 403 is accepted, too."""
    rule = "auth.bearer-required"
    if call.status in NO_VALID_KEY:
        notes.conforms(rule, CHECK, call.number)
    elif (
        call.exchange.succeeded
        or call.outcome is Outcome.EXECUTED
        or (call.is_sound and call.status in (402, 409, 422))
    ):
        because = "a call without a valid API key was not refused with 401"
        notes.violates(rule, CHECK, because, call.number, expected="401", actual=str(call.status))


def _size(call: Call, notes: Notes) -> None:
    rule = "batch.holds-1-to-100-items"
    if call.outcome is Outcome.REFUSED:
        if call.status not in (401, 402, 403, 429):
            notes.conforms(rule, CHECK, call.number)
    elif call.is_readable and (
        call.exchange.succeeded or call.outcome is Outcome.EXECUTED or call.status in (500, 501)
    ):
        because = "a call with 0 or more than 100 items was not refused"
        notes.violates(rule, CHECK, because, call.number, expected="4xx", actual=str(call.status))


def _results(call: Call, notes: Notes) -> None:
    faults: dict[str, str] = {}
    for rule, fault in (*_one_each(call), *_entry_faults(call), *_summary_faults(call)):
        faults.setdefault(rule, fault)
    for rule, fault in faults.items():
        notes.violates(rule, CHECK, fault, call.number)
    seen = {"items.one-result-each", "summary.adds-up"}
    seen |= {
        "items.created-carries-data" if entry.created else "items.error-carries-reason"
        for entry in call.entries.values()
    }
    if any(call.items[index].is_whole for index in call.created):
        seen.add("batch.same-shape-as-single")
    for rule in seen - faults.keys():
        notes.conforms(rule, CHECK, call.number)


def _one_each(call: Call) -> Iterator[tuple[str, str]]:
    rule, results = "items.one-result-each", call.results or ()
    if len(results) != len(call.items):
        yield rule, "`results` does not have one entry per item"
    indexes = Counter(
        raw.get("index") if _is_count(raw.get("index")) else None for raw in results if isinstance(raw, dict)
    )
    if (
        len(results) != indexes.total()
        or set(indexes) - set(range(len(call.items)))
        or max(indexes.values(), default=1) > 1
    ):
        yield rule, "an `index` is not the 0-based position of an item"
    if any(isinstance(raw, dict) and raw.get("status") not in ("created", "error") for raw in results):
        yield rule, "an entry has a `status` other than `created` and `error`"


def _entry_faults(call: Call) -> Iterator[tuple[str, str]]:
    for index, entry in call.entries.items():
        members = entry.members
        if not entry.created:
            error = members.get("error")
            if not isinstance(error, str) or not error.strip() or error == "[object Object]":
                yield "items.error-carries-reason", "an `error` entry has no `error` text"
            if members.get("data") is not None:
                yield "items.error-carries-reason", "an `error` entry has `data`"
            continue
        if fault := _data_fault(members.get("data"), call.items[index]):
            yield "items.created-carries-data", fault
        if members.get("error") is not None:
            yield "items.created-carries-data", "a `created` entry has an `error`"
        if not call.items[index].is_whole:
            yield "batch.same-shape-as-single", "an item without the documented members was created"


def _data_fault(data: Any, item: Item) -> str | None:
    if not isinstance(data, dict):
        return "a `created` entry has no `data`"
    if not isinstance(data.get("_id"), str) or not data["_id"]:
        return "the `data` of a `created` entry has no `_id`"
    if data.get("status") != "draft":
        return "a new passport is not `draft`"
    gs1 = data.get("gs1")
    if (
        not isinstance(gs1, dict)
        or not isinstance(gs1.get("gtin"), str)
        or not isinstance(gs1.get("serialNumber"), str)
    ):
        return "the `data` of a `created` entry has no `gs1` with a GTIN and a serial number"
    if item.pair and (
        gtin14(gs1["gtin"]) != item.pair[0] or not same_but_for_spelling(gs1["serialNumber"], item.pair[1])
    ):
        return "the `gs1` of a `created` entry differs from that of its item"
    return None


def _summary_faults(call: Call) -> Iterator[tuple[str, str]]:
    rule, summary = "summary.adds-up", call.answer.get("summary")
    if not isinstance(summary, dict) or not all(
        _is_count(summary.get(name)) for name in ("created", "errors", "total")
    ):
        yield rule, "the answer has no `summary` with the numbers `created`, `errors` and `total`"
        return
    statuses = [raw.get("status") if isinstance(raw, dict) else None for raw in call.results or ()]
    shown = (summary["created"], summary["errors"], summary["total"])
    if shown[0] + shown[1] != shown[2] or shown[2] != len(call.items):
        yield rule, "the numbers of the `summary` do not add up to the number of items"
    elif shown[:2] != (statuses.count("created"), statuses.count("error")) and len(call.results or ()) == len(
        call.items
    ):
        yield rule, "the `summary` does not count the entries of `results`"


def _envelope(call: Call, notes: Notes) -> None:
    """errors.envelope. A body of RFC 9457 is accepted, too: it may lack `error`, but not have a wrong one."""
    rule, error = "errors.envelope", call.answer.get("error")
    is_problem = any(isinstance(call.answer.get(name), str) for name in ("title", "type", "detail"))
    if isinstance(error, str) and error.strip():
        notes.conforms(rule, CHECK, call.number)
    elif is_problem and error is None:
        return  # another envelope, as good as the documented one
    elif not call.answer and call.status in OF_THE_WAY:
        notes.inconclusive(rule, CHECK, "a refusal without JSON; it may come from a proxy", call.number)
    elif not (call.asks_for_consent and isinstance(error, dict)):
        notes.violates(rule, CHECK, "a refusal has no JSON body with an `error` text", call.number)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
