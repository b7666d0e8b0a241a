"""Faults of the passport quota, of consent, and of charges."""

from dataclasses import replace
from itertools import count
from typing import Any

from tracepass_contract.mockserver.http import middleware
from tracepass_contract.mockserver.http.api import operations
from tracepass_contract.mockserver.semantics.checks import quota
from tracepass_contract.mockserver.semantics.operations import create_batch as the_decision
from tracepass_contract.mockserver.semantics.operations.create_batch import CreateBatch
from tracepass_contract.mockserver.semantics.types.accounts import UNLIMITED
from tracepass_contract.mockserver.semantics.types.answers import BatchResult, Refusal
from tracepass_contract.mockserver.semantics.types.request import Consent
from tracepass_contract.mockserver.state import State

from ..mutant import Family
from .budget import executed_behind

family = Family("quota.compares-with=creatable-items", "quota.token-place=nested quota.consent-place=top-level")


@family.around(the_decision, "quota_refusal", "QUO-01", rule="quota.asks-for-consent", needs="Q")
def never_asks(_quota_refusal: Any, *_: Any) -> None:
    """The quota is ignored."""


@family.around(operations, "decide", "QUO-03", rule="quota.asks-for-consent", needs="Q")
def asks_and_creates(decide: Any, write: Any, now: Any) -> Any:
    """A batch that is refused with 402 is executed anyway."""
    return executed_behind(402, decide, write, now)


@family.around(State, "commit", "QUO-04", rule="quota.asks-for-consent", needs="Q")
def takes_the_slots(commit: Any, self: Any, workspace: Any, decision: Any, sent: Any, now: Any) -> None:
    """A batch that is refused with 402 takes its slots anyway."""
    commit(self, workspace, decision, sent, now)
    if isinstance(decision.answer, Refusal) and decision.answer.status == 402:
        workspace.passports_used += int((decision.answer.details or {}).get("requested", 0))


@family.around(quota, "over_the_quota", "QUO-05", rule="quota.asks-for-consent", needs="Q")
def asks_without_the_word(over_the_quota: Any, *args: Any) -> Any:
    """The 402 does not say `overage_required`."""
    refused = over_the_quota(*args)
    details = {name: value for name, value in (refused.details or {}).items() if value != "overage_required"}
    return replace(refused, error="Payment required", details=details)


@family.around(quota, "accepts_overage", "QUO-06", rule="quota.consent-covers-whole-batch", needs="QO")
def ignores_consent(_accepts_overage: Any, *_: Any) -> bool:
    """Consent is ignored."""
    return False


@family.around(quota, "accepts_overage", "QUO-07", rule="quota.consent-is-not-remembered", needs="QO")
def takes_no_for_yes(accepts_overage: Any, request: Any, readings: Any) -> Any:
    """`confirmOverage: false` counts as consent."""
    return request.consent is Consent.WITHHELD or accepts_overage(request, readings)


@family.around(the_decision, "quota_refusal", "QUO-08", rule="quota.consent-is-not-remembered", needs="QO")
def remembers_consent(quota_refusal: Any, request: Any, account: Any, *rest: Any) -> Any:
    """One consent counts for all later calls."""
    return None if account.overage_count else quota_refusal(request, account, *rest)


@family.around(operations, "decide", "QUO-11", rule="budget.refuses-whole-batch", needs="QOW")
def consent_buys_writes(decide: Any, write: Any, now: Any) -> Any:
    """A batch with consent needs no writes."""
    if isinstance(write, CreateBatch) and write.request.consent is Consent.GIVEN:
        view: Any = write.state
        plan = replace(view.account.plan, writes_per_day=UNLIMITED.writes_per_day)
        view.account = view.account._replace(plan=plan)
    return decide(write, now)


@family.around(operations, "decide", "QUO-12", rule="items.serial-unique-per-gtin", needs="QO")
def consent_buys_twins(decide: Any, write: Any, now: Any) -> Any:
    """With consent, a pair that exists is created again."""
    if isinstance(write, CreateBatch) and write.request.consent is Consent.GIVEN:
        forgetful: Any = _Forgetful(write.state)
        write.items._state = forgetful
    return decide(write, now)


@family.around(State, "commit", "QUO-13", rule="quota.failed-items-take-no-slot", severity="N", needs="Q")
def failed_items_take_slots(commit: Any, self: Any, workspace: Any, decision: Any, sent: Any, now: Any) -> None:
    """Every item takes a slot, even a failed one."""
    commit(self, workspace, decision, sent, now)
    if isinstance(decision.answer, BatchResult):
        workspace.passports_used += decision.answer.errors


@family.around(the_decision, "quota_refusal", "QUO-15", rule="quota.asks-for-consent", needs="Q")
def refuses_an_exact_fit(quota_refusal: Any, request: Any, account: Any, wanted: int, readings: Any) -> Any:
    """A batch that needs exactly the slots that are left is refused."""
    return quota_refusal(request, account, wanted + 1, readings)


@family.around(the_decision, "quota_refusal", "QUO-16", rule="quota.asks-for-consent", needs="Q")
def admits_one_more(quota_refusal: Any, request: Any, account: Any, wanted: int, readings: Any) -> Any:
    """A batch may need one slot more than are left."""
    return quota_refusal(request, account, wanted - 1, readings)


@family.around(middleware, "send_reply", "QUO-20", rule="quota.asks-for-consent budget.refuses-whole-batch", needs="WQ")
async def swaps_the_statuses(send_reply: Any, send: Any, reply: Any) -> None:
    """402 and 429 are swapped."""
    await send_reply(send, reply._replace(status={402: 429, 429: 402}.get(reply.status, reply.status)))


@family.around(quota, "overage_not_sold", "QUO-22", rule="quota.asks-for-consent", severity="D", needs="Q")
def gives_it_away(_overage_not_sold: Any, *_: Any) -> None:
    """Consent is accepted on a plan without overage, and nothing is charged."""


@family.around(
    quota,
    "accepts_overage",
    "QUO-09",
    rule="quota.consent-covers-whole-batch",
    profiles=("quota.compares-with=creatable-items",),
    hidden_by="quota.consent-place=top-level",
    severity="N",
    needs="QO",
)
def hears_one_item_now_and_then(accepts_overage: Any, request: Any, readings: Any) -> Any:
    """Consent in an item counts for the batch in every second call only."""
    whole = request._replace(items=[item._replace(consent=Consent.ABSENT) for item in request.items])
    return accepts_overage(request if next(_turns) % 2 else whole, readings)


_turns = count()


class _Forgetful:
    """The state without existing pairs."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def __getattr__(self, name: str) -> Any:
        return getattr(self._state, name)

    def existing_pairs(self, _pairs: Any) -> Any:
        return frozenset()
