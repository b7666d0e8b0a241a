"""Faults that show in few calls: late in a batch, at the end of a key, on another day, under another GTIN."""

from dataclasses import replace
from typing import Any

import orjson

from tracepass_contract.mockserver.http.api import requests
from tracepass_contract.mockserver.http.call import problems
from tracepass_contract.mockserver.semantics.checks import replay as semantics_of_replay
from tracepass_contract.mockserver.semantics.checks import write
from tracepass_contract.mockserver.semantics.checks.items import JudgedItems
from tracepass_contract.mockserver.semantics.checks.quota import accepts_overage
from tracepass_contract.mockserver.semantics.checks.replay import key_name
from tracepass_contract.mockserver.semantics.operations import create_batch
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.view import View
from tracepass_contract.mockserver.state.workspace import Workspace

from ..mutant import Family

family = Family()
_KEY_CHARACTERS = 64  # of a column that was made for UUIDs and some more
_CHUNK = 50
_LOOKED_AT = 10


@family.around(
    semantics_of_replay,
    "key_in_force",
    "IDM-21a",
    rule="idempotency.key-is-opaque",
    hidden_by="idempotency.key-syntax=uuid",
    severity="N",
)
def cuts_keys(key_in_force: Any, key: Any, readings: Any) -> Any:
    """Long keys are cut, so that two keys that differ at the end are the same."""
    found = key_in_force(key, readings)
    return found and found[:_KEY_CHARACTERS]


@family.around(semantics_of_replay, "key_in_force", "IDM-21b", rule="idempotency.key-is-opaque", severity="N")
def overlooks_the_last_character(key_in_force: Any, key: Any, readings: Any) -> Any:
    """Keys that differ only in the last character are the same."""
    found = key_in_force(key, readings)
    return found and found[:-1]


@family.around(requests, "fingerprint_of", "IDM-13e", rule="idempotency.refuses-another-body", severity="D")
def overlooks_gtins(fingerprint_of: Any, body: Any, readings: Any) -> Any:
    """Two bodies that differ in a GTIN are the same."""
    value = orjson.loads(body.raw)
    for item in problems.items_in(value, "passports"):
        if isinstance(item, dict) and isinstance(item.get("gs1"), dict):
            item["gs1"].pop("gtin", None)
    raw = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return fingerprint_of(type(body)(raw, value), readings)


@family.around(write, "stored_answer", "IDM-10a", rule="idempotency.refuses-another-body idempotency.replays-original")
def hands_the_key_over(stored_answer: Any, request: Any, state: Any, readings: Any, now: Any) -> Any:
    """Another body under a used key is refused, and afterwards the key belongs to it."""
    found = stored_answer(request, state, readings, now)
    if found and found.fingerprint != request.fingerprint:
        kept = state._workspace.answers._by_name
        kept[key_name(request, readings)] = replace(found, fingerprint=request.fingerprint)
    return found


@family.around(write, "stored_answer", "TIM-04a", rule="idempotency.kept-24-hours", severity="D", needs="T")
def forgets_at_midnight(stored_answer: Any, request: Any, state: Any, readings: Any, now: Any) -> Any:
    """A key is forgotten at 00:00 UTC."""
    found = stored_answer(request, state, readings, now)
    return found if found and (found.expires_at - semantics_of_replay.KEY_LIFETIME).date() == now.date() else None


@family.around(JudgedItems, "_failure", "PAR-09a", rule="items.serial-unique-per-gtin")
def looks_at_the_one_before(failure: Any, self: Any, index: Any, item: Any, pair: Any, claimed: Any) -> Any:
    """A pair that is repeated in one batch is created twice if another item is between the two."""
    related = {self._pairs[each] for each in (index - 1, index + 1) if 0 <= each < len(self._pairs)}
    return failure(self, index, item, pair, claimed & related)


@family.around(problems, "of_body", "PAR-14a", rule="batch.same-shape-as-single", severity="N")
def looks_at_the_first_ten(of_body: Any, validator: Any, body: Any) -> Any:
    """Serial numbers are checked in the first ten items only; those of later items are corrected."""
    for item in problems.items_in(body, "passports")[_LOOKED_AT:]:
        gs1 = item.get("gs1") if isinstance(item, dict) else None
        if isinstance(gs1, dict) and isinstance(gs1.get("serialNumber"), str):
            gs1["serialNumber"] = gs1["serialNumber"][:100] or "1"
    return of_body(validator, body)


@family.around(State, "add_passports", "PAR-07a", rule="items.created-is-readable items.serial-unique-per-gtin")
def enters_the_first_chunk(add_passports: Any, self: Any, workspace: Any, passports: Any) -> None:
    """Of more than 50 created passports only the first 50 exist."""
    add_passports(self, workspace, passports[:_CHUNK])


@family.around(View, "existing_pairs", "PAR-04a", rule="items.serial-unique-per-gtin", needs="P")
def knows_serials_alone(_existing_pairs: Any, self: Any, pairs: Any) -> Any:
    """A serial number of one GTIN is taken for every GTIN of the workspace."""
    taken = {identity for serials in self._workspace.pairs.values() for identity in serials}
    return frozenset(pair for pair in pairs if pair[1] in taken)


@family.around(Workspace, "passport_ids", "SHP-04a", rule="items.created-carries-data items.created-is-readable")
def counts_ids_by_batch(_passport_ids: Any, self: Any, count: int) -> Any:
    """Ids restart in each batch, so that passports of two batches have the same id."""
    return [f"{self._id_prefix}{number:012x}" for number in range(count)]


@family.around(
    create_batch,
    "writes_taken",
    "BUD-02a",
    rule="budget.counts-every-item",
    hidden_by="items.duplicate-in-batch=whole-refused",
    needs="W",
)
def one_write_a_pair(_writes_taken: Any, _needed: Any, items: Any, _readings: Any) -> Any:
    """Items with the same pair take one write together."""
    return len(set(items._pairs)) if items.failures or items._pairs else 0


@family.around(Workspace, "writes_used_on", "TIM-01a", rule="budget.renews-each-utc-day", severity="M", needs="WT")
def saves_writes_up(writes_used_on: Any, self: Any, day: Any) -> Any:
    """The writes left of one day are added to the budget of the next day."""
    if day == self.writes_day or not self.writes_used or self.plan.writes_per_day is None:
        return writes_used_on(self, day)
    return self.writes_used - self.plan.writes_per_day


@family.around(
    create_batch,
    "quota_refusal",
    "QUO-08a",
    rule="quota.consent-is-not-remembered",
    hidden_by="quota.consent-within-quota=refused",
    needs="QO",
)
def saves_consent_up(quota_refusal: Any, request: Any, account: Any, wanted: int, readings: Any) -> Any:
    """Consent within the quota counts for the next call that exceeds the quota."""
    refused = quota_refusal(request, account, wanted, readings)
    if account.beyond_quota(wanted) == 0 and accepts_overage(request, readings):
        _consented[account.workspace] = True
    elif refused is not None and account.plan.sells_overage and _consented.pop(account.workspace, False):
        return None
    return refused


_consented: dict[str, bool] = {}
