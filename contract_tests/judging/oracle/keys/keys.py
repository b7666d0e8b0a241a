"""Idempotency keys: which call a key belongs to, which calls replay it, and which should have been refused.

It is a reading whether a refusal is stored under its key (idempotency.remembered-outcomes), so only an executed call
binds later calls.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import timedelta

from ..calls.bodies import FINGERPRINTS, same_result, same_under
from ..calls.calls import Call, Outcome
from ..calls.notes import Notes
from ..calls.roles import Role
from .key_readings import (
    LIFETIME,
    certainly_live,
    observe_kept,
    observe_not_kept,
    observe_replay,
    overlap,
    status_class,
)

CHECK = "oracle.keys"
AT_ONCE = timedelta(minutes=10)  # a key that is lost sooner was never stored; later, it was not kept long enough
IN_FLIGHT = frozenset({409, 425, 429, 503})
SHARED_BY_API_KEYS = ("workspace", "workspace-and-endpoint")  # answers of idempotency.key-identity


class _Key:
    """One key of one workspace, and the calls that it belongs to."""

    def __init__(self, notes: Notes, roles: dict[int, Role]) -> None:
        self.notes, self.roles = notes, roles
        self.originals: dict[str, Call] = {}  # by credential: see reading idempotency.key-identity
        self.last_use: Call | None = None
        self.refusals: list[Call] = []
        self.maybe: list[Call] = []
        self.fingerprints: list[tuple[Set[str], int]] = []

    def take(self, call: Call) -> None:
        if call.outcome is Outcome.NEVER or call.status == 401 or (call.status == 403 and self.originals):
            return
        original = self.originals.get(call.exchange.credential) or next(iter(self.originals.values()), None)
        if call.outcome is Outcome.MAYBE:
            self.maybe.append(call)
            self.roles[call.number] = Role.UNCLEAR
        elif original is None:
            self._first(call)
        elif certainly_live(self._perhaps_first(original), call):
            self._while_kept(call, original)
        else:
            self._perhaps_forgotten(call, original)

    def _perhaps_first(self, original: Call) -> Call:
        """The first call that may have been executed: the original, or an earlier call with a lost answer."""
        since = original.exchange.sent_at - LIFETIME
        lost = [each for each in self.maybe if since < each.exchange.sent_at]
        return min((*lost, original), key=lambda each: each.exchange.sent_at)

    def _first(self, call: Call) -> None:
        """No call is known to be executed under the key. A refusal may be stored, a lost call may be executed."""
        if call.outcome is Outcome.EXECUTED:
            observe_not_kept(self.refusals, call, self.notes)
            self._executed_now_or_when_lost(call)
            return
        if self.refusals or self.maybe:
            self.roles[call.number] = Role.UNCLEAR
            if not self.maybe:
                observe_kept(self.refusals, call, self.notes)
        self.refusals.append(call)

    def _executed_now_or_when_lost(self, call: Call) -> None:
        """The key is bound by this call, or by an earlier one with the same body whose answer was lost."""
        self._bind(call)
        if any(same_under(lost.exchange.body, call.exchange.body) for lost in self.maybe):
            self.roles[call.number] = Role.UNCLEAR

    def _bind(self, call: Call) -> None:
        self.originals[call.exchange.credential] = self.last_use = call
        self.refusals = []

    def _while_kept(self, call: Call, original: Call) -> None:
        same = same_under(original.exchange.body, call.exchange.body)
        if call.exchange.credential != original.exchange.credential:
            self._with_another_api_key(call, original, same)
        elif call.outcome is Outcome.EXECUTED:
            self._executed(call, original, same)
        elif call.status == 429:
            if same == FINGERPRINTS:
                self.notes.observe("idempotency.replay-when-budget-spent", ["refused"], [original.number, call.number])
        else:
            self._refused(call, original, same)

    def _with_another_api_key(self, call: Call, original: Call, same: Set[str]) -> None:
        """Reading idempotency.key-identity: with another API key it may be another idempotency key."""
        witnesses = [original.number, call.number]
        if call.outcome is not Outcome.EXECUTED:
            self._refused_to_another_api_key(call, original, same)
        elif same and _has_result_of(call, original):
            if original.created:
                self._replayed(call, original, same)
                self.notes.observe("idempotency.key-identity", SHARED_BY_API_KEYS, witnesses)
            else:
                self.roles[call.number] = Role.UNCLEAR  # the items fail again, replayed or not
        elif _is_old_result(call, original):
            self._executed(call, original, same)
        else:
            self.notes.observe("idempotency.key-identity", ["api-key"], witnesses)
            self._executed_now_or_when_lost(call)

    def _refused_to_another_api_key(self, call: Call, original: Call, same: Set[str]) -> None:
        """A 422 shows that the API keys share the key, unless an earlier call of this API key may have used it."""
        self.roles[call.number] = Role.UNCLEAR
        earlier = {other.exchange.credential for other in (*self.refusals, *self.maybe)}
        self.refusals.append(call)
        if not same and call.status == 422 and call.is_sound and call.exchange.credential not in earlier:
            self.notes.observe("idempotency.key-identity", SHARED_BY_API_KEYS, [original.number, call.number])

    def _executed(self, call: Call, original: Call, same: Set[str]) -> None:
        witnesses = [original.number, call.number]
        if not same:
            self.roles[call.number] = Role.STALE if _is_old_result(call, original) else Role.BROKEN
            rule = "idempotency.refuses-another-body"
            because = "a used key came with another body, and the call got results"
            if overlap(original, call) and self.roles[call.number] is Role.BROKEN:
                rule, because = "idempotency.executes-once", "parallel calls with one key were both executed"
            elif 0 < len(_shared(call, original)) < len(call.created):
                rule, because = (
                    "idempotency.covers-whole-batch",
                    "a used key gave some items of another batch their old result",
                )
            self.notes.violates(rule, CHECK, because, witnesses, expected="422", actual=str(call.status))
        elif _has_result_of(call, original):
            self._replayed(call, original, same)
        else:
            self.roles[call.number] = Role.BROKEN
            rule, because = _broken_replay(call, original)
            self.notes.violates(rule, CHECK, because, witnesses, expected="the first result")

    def _replayed(self, call: Call, original: Call, same: Set[str]) -> None:
        witnesses = [original.number, call.number]
        self.roles[call.number] = Role.REPLAY
        self.last_use = call
        if original.created:
            self.fingerprints.append((same, call.number))
        if same != FINGERPRINTS:
            return
        if original.created:
            self.notes.conforms("idempotency.replays-original", CHECK, witnesses)
        if original.created and len(original.items) > 1:
            self.notes.conforms("idempotency.covers-whole-batch", CHECK, witnesses)
        if overlap(original, call) and original.created:
            self.notes.conforms("idempotency.executes-once", CHECK, witnesses)
        if call.exchange.sent_at - original.exchange.sent_at > AT_ONCE:
            self.notes.conforms("idempotency.kept-24-hours", CHECK, witnesses)
        observe_replay(call, original, self.notes)

    def _refused(self, call: Call, original: Call, same: Set[str]) -> None:
        witnesses = [original.number, call.number]
        self.roles[call.number] = Role.REFUSED_BY_KEY
        at_once = overlap(original, call) or any(overlap(lost, call) for lost in self.maybe)
        if at_once and call.status in IN_FLIGHT:
            self.notes.conforms("idempotency.executes-once", CHECK, witnesses)
            if call.status == 409 and same:  # else it may be for another body under the key
                self.notes.observe("idempotency.in-flight", ["409"], witnesses)
        elif not same:
            if call.is_sound:
                self.notes.conforms("idempotency.refuses-another-body", CHECK, witnesses)
                self.notes.observe("idempotency.key-reuse", [str(call.status)], witnesses)
        elif same != FINGERPRINTS:
            self.fingerprints.append((FINGERPRINTS - same, call.number))
        else:
            self.roles[call.number] = Role.BROKEN
            rule, because = _broken_replay(call, original)
            self.notes.violates(rule, CHECK, because, witnesses, expected="the first result", actual=str(call.status))

    def _perhaps_forgotten(self, call: Call, original: Call) -> None:
        """24 hours or more have passed. The key may be forgotten, and a longer memory is no fault."""
        same = same_under(original.exchange.body, call.exchange.body)
        if call.outcome is not Outcome.EXECUTED:
            self.roles[call.number] = Role.UNCLEAR
        elif not same and _is_old_result(call, original):
            self._executed(call, original, same)
        elif same and same_result(original.answer, call.answer):
            self._remembered(call, original)
        elif (other := self._with_its_result(call)) is not None:
            self._with_another_api_key(call, other, same_under(other.exchange.body, call.exchange.body))
        else:
            self._forgotten(call, original)

    def _remembered(self, call: Call, original: Call) -> None:
        """The key still has its first result. Where a replay came in between, its day may count from there."""
        self.roles[call.number] = Role.REPLAY if original.created else Role.UNCLEAR
        if original.created and _is_a_day_old(original, call) and self.last_use is not original:
            self.notes.observe("idempotency.lifetime-from", ["last-replay"], [original.number, call.number])
        self.last_use = call

    def _forgotten(self, call: Call, original: Call) -> None:
        """The key was executed again. Where a replay came less than a day before, its day did not count from there."""
        if _is_a_day_old(original, call):
            witnesses, last = [original.number, call.number], self.last_use
            self.notes.conforms("idempotency.kept-24-hours", CHECK, witnesses)
            if last is not None and last is not original and certainly_live(last, call):
                self.notes.observe("idempotency.lifetime-from", ["first-answer", "request"], witnesses)
        self._executed_now_or_when_lost(call)

    def _with_its_result(self, call: Call) -> Call | None:
        """The call with another API key that got the same result since; None where there is none."""
        others = (each for each in self.originals.values() if each.exchange.credential != call.exchange.credential)
        return next(
            (
                each
                for each in others
                if each.created and same_under(each.exchange.body, call.exchange.body) and _has_result_of(call, each)
            ),
            None,
        )


def roles_of(calls: Sequence[Call], notes: Notes) -> Mapping[int, Role]:
    """The role of each call, by number. The order within a race is unknown, so executed calls come first."""
    roles = {call.number: Role.OWN for call in calls}
    keys: dict[tuple[str, str], _Key] = defaultdict(lambda: _Key(notes, roles))
    for call in _executed_first(calls):
        notes.go_on()
        if call.workspace is not None and call.key is not None and call.key_in_range:
            keys[call.workspace, call.key].take(call)
    _one_fingerprint(keys.values(), notes)
    return roles


def _one_fingerprint(keys: Iterable[_Key], notes: Notes) -> None:
    """Reading idempotency.fingerprint: a deployment has one answer for all keys."""
    seen = [each for key in keys for each in key.fingerprints]
    remaining = FINGERPRINTS.intersection(*(answers for answers, _ in seen))
    for answers, number in seen:
        notes.observe("idempotency.fingerprint", answers, number)
    if not remaining:
        because = "bodies that differ only in form sometimes counted as the same and sometimes as different"
        notes.violates(
            "idempotency.replays-original",
            CHECK,
            because,
            [number for answers, number in seen if answers != FINGERPRINTS],
        )


def _executed_first(calls: Sequence[Call]) -> Sequence[Call]:
    positions: dict[str, int] = {}
    for position, call in enumerate(calls):
        if call.race is not None:
            positions.setdefault(call.race, position)
    at = {
        id(call): positions.get(call.race, position) if call.race else position for position, call in enumerate(calls)
    }
    return sorted(calls, key=lambda call: (at[id(call)], call.outcome is not Outcome.EXECUTED, call.number))


def _broken_replay(call: Call, original: Call) -> tuple[str, str]:
    if overlap(original, call):
        return "idempotency.executes-once", "parallel calls with one key got different answers"
    if call.exchange.sent_at - original.exchange.sent_at > AT_ONCE:
        return (
            "idempotency.kept-24-hours",
            "a retry within 24 hours did not get the first result",
        )
    return "idempotency.replays-original", "a retry with the same key and body did not get the first result"


def _has_result_of(call: Call, original: Call) -> bool:
    return same_result(original.answer, call.answer) and status_class(original) == status_class(call)


def _is_a_day_old(original: Call, call: Call) -> bool:
    answered_at = original.exchange.answered_at or original.exchange.sent_at
    return call.exchange.sent_at - answered_at >= LIFETIME


def _is_old_result(call: Call, original: Call) -> bool:
    """Whether the answer can only be the result of the original."""
    telling = bool(original.created) or len(original.items) != len(call.items)
    return telling and same_result(original.answer, call.answer)


def _shared(call: Call, original: Call) -> set[str]:
    """The passports that both answers report as created."""
    ids = [{entry.passport_id for entry in each.entries.values() if entry.created} for each in (call, original)]
    return {shared for shared in ids[0] & ids[1] if shared is not None}
