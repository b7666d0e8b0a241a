"""Faults that show with some values only: other spellings and types, many keys, the next day, a revoked key."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from tracepass_contract.mockserver.http.call import body, problems
from tracepass_contract.mockserver.semantics.checks import items, refusals
from tracepass_contract.mockserver.semantics.checks.trace import Trace
from tracepass_contract.mockserver.semantics.operations.create_batch import CreateBatch
from tracepass_contract.mockserver.semantics.types.answers import Effects
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.stored_answers import StoredAnswers
from tracepass_contract.mockserver.state.workspace import Workspace

from ..mutant import Broken, Family

family = Family()
_KEYS_KEPT = 30
_PUNCTUATION = re.compile(r"[^\w-]", re.ASCII)


@family.around(State, "add_passports", "VAL-22", rule="items.created-is-readable", severity="D")
def decodes_when_it_stores(add_passports: Any, self: Any, workspace: Any, passports: Any) -> None:
    """Percent escapes in a serial number are decoded in the stored passport, and not in the answer."""
    decoded = [each._replace(serial_number=unquote(each.serial_number)) for each in passports]
    add_passports(self, workspace, decoded)


@family.around(items, "serial_identities", "VAL-23", rule="items.serial-unique-per-gtin")
def compares_without_punctuation(serial_identities: Any, readings: Any) -> Any:
    """Serial numbers that differ only in punctuation are the same."""
    identity = serial_identities(readings)
    return lambda serial: _PUNCTUATION.sub("", identity(serial))


@family.around(problems, "of_body", "VAL-24", rule="batch.same-shape-as-single", severity="N")
def expects_objects(of_body: Any, validator: Any, sent: Any) -> Any:
    """An item that is an array breaks the server."""
    if any(isinstance(item, list) for item in problems.items_in(sent, "passports")):
        raise Broken("item.gs1 is undefined")
    return of_body(validator, sent)


@family.around(StoredAnswers, "put", "IDM-29", rule="idempotency.replays-original")
def keeps_thirty_keys(put: Any, self: Any, name: Any, remembered: Any) -> None:
    """A workspace remembers its last 30 keys only."""
    put(self, name, remembered)
    while len(self._by_name) > _KEYS_KEPT:
        self._drop_oldest()


@family.around(Trace, "replay", "IDM-30", rule="idempotency.replay-changes-nothing budget.counts-every-item", needs="W")
def takes_writes_for_failures_again(replay: Any, self: Any, original: Any) -> Any:
    """A replay of a batch that failed whole takes its writes again."""
    decision = replay(self, original)
    if b'"created":0' not in original.body:
        return decision
    effects: Effects = decision.effects._replace(writes=len(getattr(self.request, "items", ())))
    return decision._replace(effects=effects)


@family.around(refusals, "_spent", "BUD-19", rule="limits.announced-is-true", severity="N", needs="WT")
def says_an_hour(spent: Any, *numbers: Any) -> Any:
    """A 429 says that the budget is available again in an hour."""
    refused = spent(*numbers)
    headers = tuple((name, "3600" if name == "Retry-After" else value) for name, value in refused.headers)
    return replace(refused, headers=headers)


@family.around(CreateBatch, "quota_check", "QUO-24", rule="quota.asks-for-consent", severity="D", needs="QS")
def lets_single_creates_pass(quota_check: Any, self: Any) -> Any:
    """A single create is not compared with the quota."""
    return None if self.request.single else quota_check(self)


@family.around(Workspace, "account", "TIM-08", rule="quota.asks-for-consent", needs="QT")
def renews_the_quota_each_day(account: Any, self: Any, now: Any) -> Any:
    """At 00:00 UTC, a workspace gets its full quota again."""
    if self.writes_used and self.writes_day < now.date():
        self.passports_used = 0
    return account(self, now)


@family.around(State, "revoke_api_key", "AUT-10", rule="auth.bearer-required", needs="P")
def forgets_to_revoke(_revoke_api_key: Any, _self: Any, _api_key: str) -> None:
    """A revoked API key is still valid."""


@family.around(body, "parse", "HTP-10", rule="calls.are-http", severity="N")
def compares_media_types(parse: Any, headers: Any, raw: bytes) -> Any:
    """A media type with a charset is refused."""
    kept = [(name, b"none" if name == b"content-type" and b";" in value else value) for name, value in headers]
    return parse(kept, raw)
