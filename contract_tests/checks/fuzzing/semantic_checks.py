"""Checks for Schemathesis of the meaning of an answer: partial success, quota, overage, idempotency.

Each looks at the answer to a generated call, and sends further calls: the same bytes again, a pair again, one item more
than fits. They know nothing of the server, and accept any answer where the documentation leaves a question open. They
need a `watching` transport: it counts what they spend, enforces the ceilings, and keeps the balances that the breaches
come from.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from schemathesis import Case, CheckContext, Response

from .bodies import NOBODYS_PRODUCT, consenting, fingerprint, item, serial
from .breaches import BATCH_ITEMS_MAX, Breach
from .exchanges import Exchange, exchange_of
from .spending import CeilingReached
from .transport import Watch, current_watch, send_again, send_bytes

RULES_OF: Mapping[str, Sequence[str]] = {  # the rules of spec/rules.yaml that a check speaks of, by their beginnings
    "partial_success": ("batch.", "errors.", "items.", "summary."),
    "quota": ("budget.", "quota.asks-for-consent", "quota.failed-items"),
    "overage": ("quota.consent",),
    "idempotency": ("auth.", "idempotency."),
}
_SPELLINGS = (" {}", "{} ", "{}%2F", "{}&amp;", "0{}", "{}_")
_PROBED_FAILURES = 2
_LONG = 12
_verdicts: WeakKeyDictionary[Any, Sequence[Breach]] = WeakKeyDictionary()


def partial_success(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """Each item has its own entry, its data and its reason. A failing item changes no other. The summary adds up."""
    _report("partial_success", response)


def quota(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """An exact fit is admitted. One item more is refused with 402 or 429, and changes nothing."""
    _report("quota", response)


def overage(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """Consent admits the whole batch, and counts for that call only."""
    _report("overage", response)


def idempotency(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """A key with the same bytes gets the first result and changes nothing. With another body it is refused."""
    _report("idempotency", response)


CHECKS = (partial_success, quota, overage, idempotency)


def _report(area: str, response: Response) -> None:
    breaches = [each for each in _examine(response) if each.rule.startswith(tuple(RULES_OF[area]))]
    if breaches:
        raise AssertionError("\n".join(str(each) for each in dict.fromkeys(breaches)))


def _examine(response: Response) -> Sequence[Breach]:
    """The breaches of this answer and of the calls that follow it up, which are sent once."""
    watch = current_watch()
    if watch is None:
        return ()
    if response.request not in _verdicts:
        found = watch.take()
        exchange = exchange_of(response.request, response.status_code, response.content)
        if exchange is not None and exchange.api_key in watch.balances:
            with suppress(CeilingReached):  # what was seen until then counts
                _FOLLOW_UPS[watch.scenes.get(exchange.api_key)](exchange, watch)
            found += watch.take()
        _verdicts[response.request] = found
    return _verdicts[response.request]


def _in_plenty(exchange: Exchange, watch: Watch) -> None:
    """There are no limits: check the items and the key."""
    if exchange.executed and exchange.items:
        _ask_the_items_again(exchange)
        _mix_good_and_bad(exchange, watch)
        _spell_otherwise(exchange, watch)
        _use_the_key_again(exchange, watch)
    if fingerprint(exchange.sent) % 4 == 0:
        _try_sizes(exchange, watch)


def _ask_the_items_again(exchange: Exchange) -> None:
    """Created items exist now, and failed items fail alone, too."""
    send_bytes(exchange, exchange.body, idempotency_key=None)
    for index in exchange.with_status("error")[:_PROBED_FAILURES]:
        send_again(exchange, {"passports": [exchange.items[index]]}, idempotency_key=None)


def _mix_good_and_bad(exchange: Exchange, watch: Watch) -> None:
    """New items around a repeated pair, around an unknown product, around a known pair."""
    new = _new_items(exchange, watch, 8)
    if new:
        for batch in (
            [new[0], new[1], new[1], new[2]],
            [new[3], {**new[4], "productId": NOBODYS_PRODUCT}, new[5]],
            [new[6], new[0], new[7]],
        ):
            send_again(exchange, {"passports": batch}, idempotency_key=None)


def _spell_otherwise(exchange: Exchange, watch: Watch) -> None:
    """New items whose serial numbers have marks that may get lost. Each text comes back as it was sent."""
    for each, spelling in zip(_new_items(exchange, watch, len(_SPELLINGS), "spelled"), _SPELLINGS, strict=False):
        pair = {**each["gs1"], "serialNumber": spelling.format(each["gs1"]["serialNumber"])}
        send_again(exchange, {"passports": [{**each, "gs1": pair}]}, idempotency_key=None)


def _once_in_a_workspace(exchange: Exchange, watch: Watch) -> None:
    """What is asked once where writes and passports are scarce: a repeated pair, an unknown product, sizes, marks."""
    new = _new_items(exchange, watch, 3, "once")
    if new and watch.is_first_look(exchange.api_key):
        for batch in ([new[0], new[0]], [new[1], {**new[2], "productId": NOBODYS_PRODUCT}], [], new[:1] * 101):
            send_again(exchange, {"passports": batch}, idempotency_key=None)
        _spell_otherwise(exchange, watch)


def _try_sizes(exchange: Exchange, watch: Watch) -> None:
    """No items, too many, and many that exist, so that nothing is created."""
    known = _new_items(exchange, watch, 1, "known")
    if known:
        send_again(exchange, {"passports": known}, idempotency_key=None)
        for batch in ([], known * (BATCH_ITEMS_MAX + 1), known * _LONG):
            send_again(exchange, {"passports": batch}, idempotency_key=None)


def _use_the_key_again(exchange: Exchange, watch: Watch) -> None:
    """The same bytes, another body, and the same bytes in another workspace."""
    if not exchange.key or not exchange.succeeded:
        return
    send_bytes(exchange, exchange.body)
    for more in _new_items(exchange, watch, 1, "more"):
        changed = {**exchange.items[-1], "gs1": {**exchange.items[-1]["gs1"], **more["gs1"]}}
        for batch in ([*exchange.items[:-1], changed], [*exchange.items, more][:BATCH_ITEMS_MAX]):
            send_again(exchange, {**exchange.sent, "passports": batch})
        send_again(exchange, {"passports": [more]}, idempotency_key=None)
    if other := watch.other.get(exchange.api_key):
        send_bytes(exchange, exchange.body, authorization=f"Bearer {other}")


def _after_replays(exchange: Exchange, watch: Watch) -> None:
    """Three writes and slots are left. Replays take none, so two items fit."""
    if exchange.key and exchange.succeeded and exchange.items:
        send_bytes(exchange, exchange.body)
        send_bytes(exchange, exchange.body)
        send_again(exchange, {"passports": _new_items(exchange, watch, 2)}, idempotency_key=None)


def _one_too_many(exchange: Exchange, watch: Watch) -> None:
    """The batch is one item too long. Without its last item it fits, and then nothing does."""
    if fitting := exchange.items[:-1]:
        send_again(exchange, {"passports": fitting}, idempotency_key=None)
    _one_more(exchange, watch)


def _one_more(exchange: Exchange, watch: Watch, **members: bool) -> None:
    """A new item. The balances know whether it can fit."""
    body = {"passports": _new_items(exchange, watch, 1, str(members)), **members}
    send_again(exchange, body, idempotency_key=None)


def _nothing_for_free(exchange: Exchange, watch: Watch) -> None:
    """As `_one_too_many`. Without consent, or with consent on a plan without overage, the batch is refused."""
    _one_too_many(exchange, watch)
    _one_more(exchange, watch, confirmOverage=False)
    if watch.balances_of(exchange.api_key).sells_overage is False and _may_charge(watch):
        _one_more(exchange, watch, confirmOverage=True)


def _with_consent(exchange: Exchange, watch: Watch) -> None:
    """The batch does not fit. With consent it is created, and the next call without consent is refused."""
    if exchange.items and _may_charge(watch) and isinstance(exchange.sent, dict):
        send_again(exchange, consenting(exchange.sent), idempotency_key=None)
        _one_more(exchange, watch)
        _one_more(exchange, watch, confirmOverage=False)


def _without_writes(exchange: Exchange, watch: Watch) -> None:
    """Consent does not replace writes."""
    if exchange.items and _may_charge(watch) and isinstance(exchange.sent, dict):
        send_again(exchange, consenting(exchange.sent), idempotency_key=None)


def _in_an_unknown_place(exchange: Exchange, watch: Watch) -> None:
    """The workspace was not made for this call: check the call, and a few others once."""
    if exchange.executed and exchange.items:
        _once_in_a_workspace(exchange, watch)
        _ask_the_items_again(exchange)
        _use_the_key_again(exchange, watch)
    elif exchange.status in (402, 429) and len(exchange.items) > 1:
        send_again(exchange, {"passports": exchange.items[:1]}, idempotency_key=None)


def _may_charge(watch: Watch) -> bool:
    return watch.spending.ceilings.charges != 0


def _new_items(exchange: Exchange, watch: Watch, count: int, purpose: str = "new") -> list[dict[str, Any]]:
    """Items that can be created, if a product and a GTIN are known. The same ones for the same call."""
    balances = watch.balances_of(exchange.api_key)
    if balances.product_id is None or balances.gtin is None:
        return []
    serials = [serial(purpose, nth, exchange.sent, exchange.key, prefix=balances.prefix) for nth in range(count)]
    return [item(balances.product_id, balances.gtin, each) for each in serials]


_FOLLOW_UPS: Mapping[str | None, Callable[[Exchange, Watch], None]] = {
    None: _in_an_unknown_place,
    "plenty": _in_plenty,
    "replays": _after_replays,
    "budget-short": _one_too_many,
    "budget-exact": _one_more,
    "quota-short": _nothing_for_free,
    "quota-exact": _one_more,
    "overage": _with_consent,
    "consent-short": _without_writes,
}
