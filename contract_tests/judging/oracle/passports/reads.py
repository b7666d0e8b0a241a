"""Passports that are read back, and lists with a page size that is too large."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ....model.history import Exchange
from ..calls.calls import Call, read_id
from ..calls.items import Pair, gtin14, same_but_for_spelling
from ..calls.notes import Notes
from .ids import Identities

CHECK = "oracle.reads"
RULE = "items.created-is-readable"
READING = "items.read-your-writes"
SOON = timedelta(minutes=1)  # reading items.read-your-writes: seconds later is soon enough
AT_ONCE = timedelta(seconds=1)
PAGE_MAX = 100


class Reads:
    """Judges each GET of a created passport, unless it was deleted."""

    def __init__(self, identities: Identities, notes: Notes) -> None:
        self._identities, self._notes = identities, notes
        self._not_yet: dict[str, list[int]] = {}  # the witnesses, by the id of what was not there yet
        self._late: list[int] = []
        self._at_once: list[int] = []

    def look(self, exchange: Exchange) -> None:
        passport_id = read_id(exchange)
        known = self._identities.created_by(passport_id) if passport_id is not None else None
        if passport_id is None or known is None or exchange.status is None or passport_id in self._identities.deleted:
            return
        call, pair = known
        if call.workspace != exchange.workspace:
            self._of_another(exchange, call)
        elif exchange.status == 404:
            self._missing(exchange, call, passport_id)
        elif exchange.succeeded and pair is not None and (gs1 := _gs1(exchange.answer_json)):
            self._there(exchange, call, passport_id)
            self._same(exchange, call, pair, gs1)

    def finish(self) -> None:
        """Report passports that were never found, and observe how soon the others were."""
        for witnesses in self._not_yet.values():
            self._notes.inconclusive(RULE, CHECK, "a passport that was reported as created is not found yet", witnesses)
        if self._late:
            self._notes.observe(READING, ["seconds-later"], self._late)
        elif self._at_once and not self._not_yet:
            self._notes.observe(READING, ["immediate"], self._at_once[:1])

    def _of_another(self, exchange: Exchange, call: Call) -> None:
        """A key of another workspace must not read the passport."""
        if exchange.succeeded and _gs1(exchange.answer_json):
            because = "a passport was read with a key of another workspace"
            self._notes.violates("auth.workspaces-are-separate", CHECK, because, [call.number, exchange.number])

    def _missing(self, exchange: Exchange, call: Call, passport_id: str) -> None:
        witnesses = [call.number, exchange.number]
        if _since(call, exchange) > SOON:
            self._notes.violates(RULE, CHECK, "a passport that was reported as created is not found", witnesses)
        else:
            self._not_yet.setdefault(passport_id, []).extend(witnesses)

    def _there(self, exchange: Exchange, call: Call, passport_id: str) -> None:
        if passport_id in self._not_yet:
            self._late += [*self._not_yet.pop(passport_id), exchange.number]
        elif _since(call, exchange) <= AT_ONCE:
            self._at_once += [call.number, exchange.number]

    def _same(self, exchange: Exchange, call: Call, pair: Pair, gs1: Mapping[str, Any]) -> None:
        witnesses = [call.number, exchange.number]
        gtin, serial = gtin14(gs1.get("gtin")), gs1.get("serialNumber")
        if gtin == pair[0] and isinstance(serial, str) and same_but_for_spelling(serial, pair[1]):
            self._notes.conforms(RULE, CHECK, witnesses)
        else:
            self._notes.violates(RULE, CHECK, "a created passport is read back with another `gs1`", witnesses)


def observe_page(exchange: Exchange, notes: Notes) -> None:
    """Reading reads.limit-out-of-range: the answer to a page size that is too large."""
    url = urlsplit(exchange.path)
    limit = parse_qs(url.query).get("limit", [""])[0]
    is_list = exchange.method.upper() == "GET" and url.path.endswith(("/passports", "/products"))
    if is_list and limit.isdecimal() and int(limit) > PAGE_MAX:
        if exchange.succeeded:
            notes.observe("reads.limit-out-of-range", ["clamped"], exchange.number)
        elif exchange.status in (400, 422):
            notes.observe("reads.limit-out-of-range", ["refused"], exchange.number)


def _since(call: Call, exchange: Exchange) -> timedelta:
    return exchange.sent_at - (call.exchange.answered_at or call.exchange.sent_at)


def _gs1(answer: Any) -> Mapping[str, Any] | None:
    """Of the passport, or of the `data` or `passport` that it is wrapped in."""
    if not isinstance(answer, dict):
        return None
    for container in (answer, answer.get("data"), answer.get("passport")):
        if isinstance(container, dict) and isinstance(container.get("gs1"), dict):
            return dict(container["gs1"])
    return None
