"""Assertions of the directed tests. A failure says what was expected, what was found, and in which exchanges.

No assertion looks at wording, at the status within its class, or at members that the contract does not name.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ..client.reply import Reply
from ..model.operations import Standing
from ..model.outcomes import Inconclusive, Mismatch, Untested
from ..target.workspace import Account

MISMATCH = frozenset({400, 409, 422})  # reading idempotency.key-reuse
_NOT_SERVED = frozenset({403, 404, 405, 501})  # or not for this key


def executed(reply: Reply, *, rule: str | None = None) -> Reply:
    """The batch was executed: it has results, and a success or (reading batch.all-failed-status) none of its items."""
    if not reply.is_result:
        raise Mismatch("the batch to be executed and answered with results", reply.described, [reply.number], rule)
    if not reply.exchange.succeeded and reply.created:
        raise Mismatch("a status of 2xx where items were created", reply.described, [reply.number], rule)
    return reply


def refused(reply: Reply, *statuses: int, rule: str | None = None) -> Reply:
    """The call was refused whole, with one of these statuses (none given: any 4xx)."""
    wanted = " or ".join(map(str, statuses)) or "4xx"
    if not reply.is_refusal or (statuses and reply.status not in statuses):
        raise Mismatch(f"the whole call to be refused with {wanted}", reply.described, [reply.number], rule)
    return reply


def offered(reply: Reply, operation: str) -> Reply:
    """The operation exists, whatever it answered. Raises `Untested` where it does not, or not for this key.

    A 404 to a GET is an answer: the resource does not exist.
    """
    if not is_served(reply) and (reply.status != 404 or reply.exchange.method != "GET"):
        raise Untested(f"{operation}; it got {reply.status}")
    return reply


def is_served(reply: Reply) -> bool:
    """False where the answer may mean that the deployment does not serve the operation, or not for this key."""
    return reply.status not in _NOT_SERVED or reply.standing is not Standing.UNKNOWN


def served(reply: Reply, operation: str) -> Reply:
    """The operation succeeded, as a valid call must. Raises `Untested` where the deployment is not known to serve it,
    and `Inconclusive` where a limit or a requirement of the deployment may be the reason.
    """
    if reply.exchange.succeeded:
        return reply
    if not is_served(reply):
        raise Untested(f"{operation}; it got {reply.status}")
    if _must_succeed(reply):
        raise Mismatch(f"{operation} to succeed", reply.described, [reply.number], "calls.valid-calls-succeed")
    because = f"{operation} should succeed before the test, but got {reply.described}"
    raise Inconclusive(because, [reply.number])


def served_for_draft(reply: Reply, operation: str) -> Reply:
    """As `served`. Raises `Untested` where a deployment may refuse the change of a draft."""
    if reply.status in {400, 409, 422} and reply.standing is not Standing.OURS:
        raise Untested(f"{operation}; for a draft the call got {reply.described}")
    return served(reply, operation)


def declined(reply: Reply, operation: str, *statuses: int, rule: str | None = None) -> Reply:
    """The operation exists and refused the call with one of these statuses. A reached limit is inconclusive; a deletion
    in an isolated workspace reaches none.
    """
    if reply.status not in statuses:
        if not is_served(reply):
            raise Untested(f"{operation}; it got {reply.status}")
        may_end = reply.exchange.method != "DELETE" or reply.standing is not Standing.OURS
        if reply.status in {402, 429} and may_end:
            raise Inconclusive(f"{operation} was refused because a limit was reached", [reply.number])
    return refused(reply, *statuses, rule=rule)


def reasoned(reply: Reply) -> Reply:
    """The refusal of a deletion says why: in `reason`, as the suite's own document has it, or in another member."""
    names = ("reason",) if reply.standing is Standing.OURS else ("reason", "message", "error", "detail")
    texts = [text for name in names if isinstance(text := reply.members.get(name), str) and text.strip()]
    if not texts:
        raise Mismatch(f"a text in {' or '.join(names)}", reply.described, [reply.number])
    return reply


def outcomes(reply: Reply, *wanted: str, rule: str | None = None) -> Reply:
    """The items have these statuses, in the order in which they were sent."""
    executed(reply, rule=rule)
    found = [str(reply.entry(index).get("status")) for index in range(len(wanted))]
    if found != list(wanted) or len(reply.results) != len(wanted):
        raise Mismatch(f"items {', '.join(wanted)}", reply.described, [reply.number], rule)
    return reply


def same(what: str, found: Any, wanted: Any, *replies: Reply, rule: str | None = None) -> None:
    if found != wanted:
        raise Mismatch(f"{what}: {_described(wanted)}", _described(found), [reply.number for reply in replies], rule)


def true(what: str, holds: Any, found: Any, *replies: Reply, rule: str | None = None) -> None:
    if not holds:
        raise Mismatch(what, _described(found), [reply.number for reply in replies], rule)


def replayed(replay: Reply, original: Reply, *, rule: str | None = None) -> Reply:
    """The replay is the full result of the original in the same status class. Order of members and headers are free."""
    executed(replay, rule=rule)
    numbers = [original.number, replay.number]
    if (replay.status or 0) // 100 != (original.status or 0) // 100:
        raise Mismatch(f"the status class of the original, {original.status}", f"{replay.status}", numbers, rule)
    if _sorted(replay.results) != _sorted(original.results):
        raise Mismatch(
            f"the results of the original, {original.described}", _difference(replay, original), numbers, rule
        )
    if replay.summary != original.summary:
        raise Mismatch(f"the summary of the original, {original.summary}", f"{replay.summary}", numbers, rule)
    return replay


def none_there(is_there: Callable[[Any], bool], items: Sequence[Any], cause: Reply, *, rule: str | None = None) -> None:
    """None of the items of a refused call exists."""
    there = [item["gs1"]["serialNumber"] for item in items if is_there(item)]
    if there:
        raise Mismatch("a refused call to create nothing", f"{', '.join(there)} exists", [cause.number], rule)


def let_writes_show(account: Account) -> None:
    """Wait until earlier writes can be read (items.read-your-writes): until a passport created now can be read.

    A test that something does not exist needs this. Takes a write and a slot. Raises `Inconclusive` where no passport
    is created, and `Untested` where passports can't be read.
    """
    item = account.passport()
    account.require_created(account.api.create_batch([item], purpose="wait until earlier writes can be read"))
    served(account.read(account.id_of(item)), "GET /passports/{id}")


def _must_succeed(reply: Reply) -> bool:
    """Whether nothing but a fault of the API explains that a valid call failed."""
    if reply.status == 500:
        return reply.exchange.media_type != "text/html"  # else perhaps of a gateway
    if reply.standing is Standing.OURS:
        return reply.is_refusal or reply.status == 501
    return reply.status in {*_NOT_SERVED, 409}


def _sorted(results: Sequence[Any]) -> Sequence[Any]:
    """Sorted by index: the order of entries is free."""
    return sorted(results, key=lambda entry: str(entry.get("index")).zfill(4))


def _difference(replay: Reply, original: Reply) -> str:
    if replay.outcomes != original.outcomes:
        return replay.described
    wrong = [str(e.get("index")) for e in original.results if replay.entry(e.get("index", -1)) != e]
    return f"other entries at index {', '.join(wrong)}"


def _described(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 300 else f"{text[:300]}…"
