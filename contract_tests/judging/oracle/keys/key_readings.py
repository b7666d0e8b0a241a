"""Two calls with one key: how they relate in time, and which readings they show."""

from collections.abc import Sequence
from datetime import timedelta

from ..calls.bodies import same_under
from ..calls.calls import Call
from ..calls.notes import Notes

LIFETIME = timedelta(hours=24)  # idempotency.kept-24-hours


def certainly_live(original: Call, call: Call) -> bool:
    """Whether the key is kept under each answer of reading idempotency.lifetime-from."""
    return (call.exchange.answered_at or call.exchange.sent_at) < original.exchange.sent_at + LIFETIME


def overlap(one: Call, other: Call) -> bool:
    if one.race is not None and one.race == other.race:
        return True
    ended = one.exchange.answered_at
    return ended is None or other.exchange.sent_at < ended


def status_class(call: Call) -> int:
    return call.status // 100


def observe_replay(call: Call, original: Call, notes: Notes) -> None:
    """Observe how equal the two answers are, and how the replay is marked."""
    witnesses = [original.number, call.number]
    alike = "same-bytes" if call.exchange.answer == original.exchange.answer else "same-json"
    notes.observe("idempotency.replay-equality", [alike], witnesses)
    if not overlap(original, call):  # else it is unknown which of them is the replay
        names = {name.lower() for name in call.exchange.answer_headers}
        marker = "idempotent-replayed" if "idempotent-replayed" in names else "none"
        notes.observe("idempotency.replay-marker", [marker], witnesses)


def observe_not_kept(refusals: Sequence[Call], call: Call, notes: Notes) -> None:
    """The call was executed, so earlier refusals were not stored under its key."""
    for refusal in refusals:
        if certainly_live(refusal, call) and _one_credential(refusal, call):
            answers = {"2xx", "executed", "all-but-429-and-5xx", "all"} - _kept(refusal)
            notes.observe("idempotency.remembered-outcomes", answers, [refusal.number, call.number])


def observe_kept(refusals: Sequence[Call], call: Call, notes: Notes) -> None:
    """A valid call that is refused as another body shows that the earlier refusal was stored."""
    for refusal in refusals[-1:]:
        other = not same_under(refusal.exchange.body, call.exchange.body)
        if other and call.is_sound and call.status == 422 and _one_credential(refusal, call):
            notes.observe("idempotency.remembered-outcomes", _kept(refusal), [refusal.number, call.number])


def _kept(refusal: Call) -> set[str]:
    return {"all"} if refusal.status == 429 else {"all", "all-but-429-and-5xx"}


def _one_credential(one: Call, other: Call) -> bool:
    return one.exchange.credential == other.exchange.credential
