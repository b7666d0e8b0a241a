"""Passports that are read back: as they were answered, or not there."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tracepass_contract.contract_tests.history import Exchange, History
from tracepass_contract.contract_tests.oracle.calls import read_id
from tracepass_contract.contract_tests.oracle.findings import Notes
from tracepass_contract.contract_tests.oracle.identity import Identities
from tracepass_contract.contract_tests.oracle.items import gtin14, same_but_for_spelling

CHECK = "oracle.reads"
RULE = "items.created-is-readable"
SOON = timedelta(minutes=1)  # reading items.read-your-writes: seconds later is soon enough


def last_reads(history: History) -> Mapping[str, int]:
    """The number of the last read that found something, by the id of what it found."""
    found = ((read_id(each), each.number) for each in history.exchanges if each.succeeded)
    return {passport_id: number for passport_id, number in found if passport_id is not None}


def check_read(exchange: Exchange, identities: Identities, read_last: Mapping[str, int], notes: Notes) -> None:
    """A GET of a passport that the history saw created. One that was deleted is nobody's promise."""
    passport_id = read_id(exchange)
    known = identities.created_by(passport_id) if passport_id is not None else None
    if known is None or exchange.status is None or passport_id in identities.deleted:
        return
    call, pair = known
    witnesses = [call.number, exchange.number]
    if exchange.status == 404:
        because = "what was answered as created is not there"
        if exchange.sent_at - (call.exchange.answered_at or call.exchange.sent_at) > SOON:
            notes.violates(RULE, CHECK, because, witnesses)
        elif read_last.get(passport_id or "", 0) < exchange.number:  # nor was it later
            notes.inconclusive(RULE, CHECK, f"{because} yet", witnesses)
    elif exchange.succeeded and pair is not None and (gs1 := _gs1(exchange.answer_json)):
        gtin, serial = gtin14(gs1.get("gtin")), gs1.get("serialNumber")
        if gtin == pair[0] and isinstance(serial, str) and same_but_for_spelling(serial, pair[1]):
            notes.conforms(RULE, CHECK, witnesses)
        else:
            notes.violates(RULE, CHECK, "what was created is read back with another `gs1`", witnesses)


def _gs1(answer: Any) -> Mapping[str, Any] | None:
    """Of the passport, or of the `data` or `passport` that it is wrapped in."""
    if not isinstance(answer, dict):
        return None
    for place in (answer, answer.get("data"), answer.get("passport")):
        if isinstance(place, dict) and isinstance(place.get("gs1"), dict):
            return dict(place["gs1"])
    return None
