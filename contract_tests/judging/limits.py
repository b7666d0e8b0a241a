"""Failures of a test that a gateway explains, or a reached limit on a deployment that others use too."""

from collections.abc import Collection, Sequence, Set

from ..model.gateways import not_of_the_api
from ..model.history import Exchange
from ..model.outcomes import Inconclusive, Mismatch

_LIMITS = {429: ("W", "budget."), 402: ("Q", "quota.")}  # status: the need and the rules of tests about this limit


def reached_limit(
    failure: Mismatch,
    calls: Sequence[Exchange],
    *,
    needs: Collection[str],
    limits: Set[int],
    key_may_expire: bool,
) -> Inconclusive | None:
    """Why the failure proves nothing; None where it counts.

    `limits` are the statuses of limits that any call may reach. A test that is about a limit (by its `needs` or its
    rule) has to live with that limit. The oracle decides whether a limit was reached too early.
    """
    about = {status for status, (need, family) in _LIMITS.items() if need in needs or family in (failure.rule or "")}
    for call in calls:
        if call.number not in failure.witnesses:
            continue
        if message := not_of_the_api(call):
            return Inconclusive(f"call #{call.number} got {message}", failure.witnesses)
        if call.status in limits - about:
            return Inconclusive(f"call #{call.number} got {call.status}: a limit was reached", failure.witnesses)
        if key_may_expire and call.status == 401 and call.workspace is not None:
            because = f"call #{call.number} got 401, although its API key was accepted before"
            return Inconclusive(because, failure.witnesses)
    return None
