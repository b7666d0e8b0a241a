"""`GET /_mock/metrics`: the counts of the mock in the formats of Prometheus.

Calls are only counted. Everything else is read off the state when somebody asks. No label has a value that a client
can choose: neither workspaces nor keys are in them.
"""

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from ...state import State
from ...state.call_counts import SECONDS_MAX
from ..call.exchange import Call, Reply

_PREFIX = "tracepass_mock"
_LEDGER_COUNTERS = {
    "executions": "Writes that were executed",
    "replays": "Calls that got a stored answer",
    "refusals": "Calls that were refused",
    "failures": "Calls that failed with a 5xx status",
    "writes": "Writes that were taken from the write budgets",
    "reads": "Reads that were taken from the read budgets",
    "answers_dropped": "Stored answers that were dropped before they expired",
}
_LEDGER_GAUGES = {  # they can go down: the metric, the total of the ledger, and what it is
    "passports": ("passports", "Passports that were created, less those that were deleted"),
    "overage_passports": ("overage_count", "Passports that were charged as overage"),
    "overage_cents": ("overage_cents", "Charges for overage in cents"),
}


class Metrics:
    """The metrics of one mock, in a registry of its own. `about` are the labels of the version."""

    def __init__(self, state: State, about: Mapping[str, str]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(state, about))
        ProcessCollector(registry=self._registry)

    def reply(self, call: Call) -> Reply:
        """In the format that the caller accepts: OpenMetrics, else the text format."""
        encode, content_type = choose_encoder(b",".join(call.header(b"accept")).decode("latin-1"))
        return Reply(200, (), encode(self._registry), content_type.encode())


class _Collector(Collector):
    def __init__(self, state: State, about: Mapping[str, str]) -> None:
        self._state = state
        self._about = about

    def describe(self) -> Iterable[Metric]:
        """Nothing: the registry would collect everything once for it."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily(_PREFIX, "The mock that serves", value=dict(self._about))
        yield self._requests()
        yield self._seconds()
        yield from self._of_the_ledgers()
        yield _gauge("workspaces", "Workspaces that exist", len(self._state.workspaces))
        yield _gauge("journal_entries", "Calls in the journals", self._sum("journal.count"))
        yield _gauge("journal_bytes", "Bytes of the bodies in the journals", self._sum("journal.bytes"))

    def _requests(self) -> Metric:
        about = "Calls that were answered, by operation, status and the rule that decided"
        family = CounterMetricFamily(f"{_PREFIX}_requests", about, labels=("operation", "status", "rule"))
        for (operation, status, rule), count in self._state.calls.answered.items():
            family.add_metric((operation, str(status), rule), count)
        return family

    def _seconds(self) -> Metric:
        about = "Time from the arrival of a call to the end of its answer, planned delays included"
        family = HistogramMetricFamily(f"{_PREFIX}_request_seconds", about, labels=("operation",))
        bounds = [*map(str, SECONDS_MAX), "+Inf"]
        for operation, durations in self._state.calls.durations.items():
            family.add_metric((operation,), list(zip(bounds, durations.cumulative, strict=True)), durations.sum)
        return family

    def _of_the_ledgers(self) -> Iterator[Metric]:
        for name, about in _LEDGER_COUNTERS.items():
            yield CounterMetricFamily(f"{_PREFIX}_{name}", about, value=self._sum(f"totals.{name}"))
        for name, (total, about) in _LEDGER_GAUGES.items():
            yield _gauge(name, about, self._sum(f"totals.{total}"))

    def _sum(self, member: str) -> int:
        """The sum over all workspaces. It leaves no objects to the cyclic collector: no call is served meanwhile."""
        return sum(map(attrgetter(member), self._state.workspaces.values()))


def _gauge(name: str, about: str, value: int) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", about, value=value)
