"""Retries of lost calls with the same key."""

from collections.abc import Mapping, Set

from ....model.history import Lost
from ..calls.calls import Call
from ..calls.notes import Notes
from .key_readings import certainly_live

CHECK = "oracle.retries"
RULE = "idempotency.replays-original"


def check_retry(call: Call, calls: Mapping[int, Call], makers: Mapping[int, Set[int]], notes: Notes) -> None:
    """A retry is either the first call that is executed or a replay, so its answer says `created` for a new pair.

    `makers` maps the position of a valid item to the calls that may have created its pair. Where all of them are lost
    first tries of the retry, the pair exists because a lost call was executed and its key was not stored.
    """
    for index, numbers in makers.items():
        lost = [calls[number] for number in numbers if number in calls]
        if index not in call.entries or call.entries[index].created or not lost or len(lost) < len(numbers):
            continue
        if not all(_is_first_try(other, call) for other in lost):
            continue
        witnesses = [*sorted(numbers), call.number]
        if all(other.exchange.lost is Lost.TIMEOUT for other in lost):
            because = "a call with a lost answer was executed, and its retry did not get the result"
            notes.violates(RULE, CHECK, because, witnesses)
        else:
            because = "an interrupted call was executed, and its key was not stored; the server may have failed"
            notes.inconclusive(RULE, CHECK, because, witnesses)


def _is_first_try(other: Call, call: Call) -> bool:
    same = other.exchange.body == call.exchange.body and other.exchange.credential == call.exchange.credential
    same_key = other.key is not None and other.key == call.key and certainly_live(other, call)
    return same and same_key and other.exchange.lost is not None
