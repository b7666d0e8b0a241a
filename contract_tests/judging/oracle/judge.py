"""`judge`: what a history shows of rules and readings. Pure: the same history gives the same judgement."""

from collections import defaultdict

from tracepass_contract.spec import rules

from ...model.history import Exchange, Given, History
from ...model.time_is_up import BECAUSE, IsUp, TimeIsUp, never
from ...model.verdicts import Finding, Judgement, Verdict
from .answers.answers import check_answers
from .answers.appearance import observe_appearance
from .calls.calls import Call, is_batch
from .calls.notes import Notes
from .keys.keys import roles_of
from .ledger.ledger import check_ledger
from .ledger.timeline import timelines
from .passports.passports import Pairs

CHECK = "oracle"
_FAMILIES = ("auth", "batch", "items", "summary", "budget", "quota", "idempotency", "limits", "errors")


def judge(history: History, is_up: IsUp = never) -> Judgement:
    """The findings, worst first, and the observations. A rule that the history does not test has no finding.

    Where the time is up, the rules that could be violated by the rest are inconclusive.
    """
    notes, unjudged = Notes(is_up), list[Finding]()
    try:
        _judge(history, notes)
    except TimeIsUp:
        judged = [rule for rule in rules() if rule.startswith(_FAMILIES)]
        unjudged = [Finding(rule, Verdict.INCONCLUSIVE, CHECK, BECAUSE) for rule in judged]
    return Judgement([*notes.findings, *unjudged], notes.observations)


def _judge(history: History, notes: Notes) -> None:
    calls = _calls(history)
    roles = roles_of(calls, notes)
    check_answers(calls, roles, notes)
    observe_appearance(calls, roles, notes)
    by_number = {call.number: call for call in calls}
    Pairs(history, by_number, roles, notes).check()
    for timeline in timelines(history, by_number, roles):
        notes.go_on()
        check_ledger(timeline, notes)


def _calls(history: History) -> list[Call]:
    """The calls of the batch endpoint. A GTIN is good, whatever its check digit, once it was given or accepted."""
    good: dict[str | None, set[str]] = defaultdict(set)
    given: dict[str | None, Given] = {}
    calls: list[Call] = []
    for event in history.events:
        if isinstance(event, Given):
            given[event.workspace] = event
            good[event.workspace] |= {event.gtin.zfill(14)} if event.gtin else set()
        elif isinstance(event, Exchange) and is_batch(event):
            calls.append(Call(event, good[event.workspace], given.get(event.workspace)))
    for call in calls:
        good[call.workspace] |= {pair[0] for index in call.created if (pair := call.items[index].pair)}
    return calls
