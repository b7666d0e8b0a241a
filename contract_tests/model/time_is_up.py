"""The time limit of local work: judges ask often, and end with what they know."""

from collections.abc import Callable

IsUp = Callable[[], bool]
BECAUSE = "not all calls were judged: the time limit of the run is over (--time-limit)"


class TimeIsUp(Exception):
    """A judge has to end now."""


def never() -> bool:
    return False
