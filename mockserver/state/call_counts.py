"""How many calls the mock has answered, and how long they took. Kept for `GET /_mock/metrics`."""

from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate

SECONDS_MAX = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # of each bucket
UNROUTED = "unrouted"  # in place of an operation: an unknown key, path or method


class Durations:
    """The durations of the calls of one operation, in buckets."""

    def __init__(self) -> None:
        self.sum = 0.0
        self._counts = [0] * (len(SECONDS_MAX) + 1)  # the last bucket has no upper bound

    def add(self, seconds: float) -> None:
        self.sum += seconds
        self._counts[bisect_left(SECONDS_MAX, seconds)] += 1

    @property
    def cumulative(self) -> list[int]:
        """For each bucket the calls that took at most its seconds."""
        return list(accumulate(self._counts))


class CallCounts:
    """The counts since the start, the last reset or the last restored state."""

    def __init__(self) -> None:
        self.answered: dict[tuple[str, int, str], int] = {}  # by operation, status and rule, which may be empty
        self.durations: defaultdict[str, Durations] = defaultdict(Durations)  # by operation

    def clear(self) -> None:
        self.answered.clear()
        self.durations.clear()

    def count(self, operation: str, status: int, rule: str) -> None:
        same = (operation, status, rule)
        self.answered[same] = self.answered.get(same, 0) + 1
