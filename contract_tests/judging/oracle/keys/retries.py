"""Calls that were lost and came again under their key."""

from collections.abc import Mapping, Set

from ....model.history import Lost
from ..calls.calls import Call
from ..calls.notes import Notes
from .key_readings import certainly_live

CHECK = "oracle.retries"
RULE = "idempotency.replays-original"


def check_retry(call: Call, calls: Mapping[int, Call], makers: Mapping[int, Set[int]], notes: Notes) -> None:
    """The retry is either the first to be executed or a replay, so a new pair is `created` in its answer.

    `makers` are the calls that may have created the pair of an item with which nothing is wrong, by its position. Where
    all of them are the same call, lost, the pair exists because the lost call was executed and not remembered.
    """
    for index, numbers in makers.items():
        lost = [calls[number] for number in numbers if number in calls]
        if index not in call.entries or call.entries[index].created or not lost or len(lost) < len(numbers):
            continue
        if not all(_is_first_try(other, call) for other in lost):
            continue
        witnesses = [*sorted(numbers), call.number]
        if all(other.exchange.lost is Lost.TIMEOUT for other in lost):
            because = "a call that was lost had been executed, and its key did not give the result when it came again"
            notes.violates(RULE, CHECK, because, witnesses)
        else:
            because = "a call that was cut off was executed and not remembered; perhaps the server failed in it"
            notes.inconclusive(RULE, CHECK, because, witnesses)


def _is_first_try(other: Call, call: Call) -> bool:
    same = other.exchange.body == call.exchange.body and other.exchange.credential == call.exchange.credential
    same_key = other.key is not None and other.key == call.key and certainly_live(other, call)
    return same and same_key and other.exchange.lost is not None
