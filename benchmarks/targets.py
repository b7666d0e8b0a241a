"""What the mock is to reach, and whether these figures do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.cases import BY_ID, CASES
from benchmarks.figures import middle, p99_to_p50, paired

Data = Mapping[str, Any]
_NOT_BY_RATIO = {"ours", "full", "raw"}
_SEARCH = ("search",)
_OTHERS = tuple(case.id for case in CASES if case.id not in _SEARCH)


@dataclass(frozen=True, slots=True)
class Row:
    """A target; `figure` is None for what this run did not measure."""

    target: str
    figure: str | None
    met: bool | None


def rows(data: Data) -> list[Row]:
    cells = data["rounds"]["cells"]
    measures = data.get("measures", {})
    return [*_rates(cells), *_tails(cells), *_full_store(cells), *_of_process(measures)]


def _rates(cells: Any) -> list[Row]:
    return [
        _row(
            "100-item batches: 0.9 or more of the floor", paired(cells, ("ours", "100"), ("floor", "100")), _least(0.9)
        ),
        _row(
            "100-item batches: 8 times plain Connexion or more",
            paired(cells, ("ours", "100"), ("connexion", "100")),
            _least(8),
        ),
        _row("1-item batches: 0.8 or more of the floor", paired(cells, ("ours", "1"), ("floor", "1")), _least(0.8)),
        _row("1-item batches: not behind any peer", _to_best_peer(cells), _least(1), "{:.2f} of the fastest"),
    ]


def _tails(cells: Any) -> list[Row]:
    return [
        _row(
            f"p99 at one connection: under 5 times p50, batch of {case.removesuffix('-alone')}",
            p99_to_p50(cells, "ours", case),
            lambda ratio: ratio < 5,
        )
        for case in ("1-alone", "100-alone")
    ]


def _full_store(cells: Any) -> list[Row]:
    """The worst case stands for the others; a search, which looks through the store, stands alone."""
    return [
        _within(cells, what, member, sign, kind, cases)
        for kind, cases in (("creates, replays, refusals", _OTHERS), ("a search", _SEARCH))
        for what, member, sign in (("requests/s", "per_second", -1), ("p99", "p99_ms", 1))
    ]


def _within(cells: Any, what: str, member: str, sign: int, kind: str, cases: tuple[str, ...]) -> Row:
    """By what factor it is worse with the full store: fewer requests, or a longer time."""
    factors = {}
    for case in cases:
        ratio = paired(cells, ("full", case), ("ours", case), member)
        if ratio is not None:
            factors[case] = ratio**sign
    worst = max(factors, key=lambda case: factors[case], default=None)
    title = f"{what} with 1,000,000 passports, {kind}: within 1.2 of the empty store"
    if worst is None:
        return Row(title, None, None)
    return _row(title, factors[worst], _most(1.2), f"{{:.2f}} ({BY_ID[worst].title})")


def _of_process(measures: Any) -> list[Row]:
    start, imported, control = (measures.get(name, {}) for name in ("start", "import", "control"))
    grown = measures.get("flat")
    growth = grown[1]["rss_bytes"] / grown[0]["rss_bytes"] if grown else None
    reset = control.get("a reset", {}).get("median_ms")
    world = control.get("a new world", {}).get("median_ms")
    passport = measures.get("passport", {}).get("bytes_each")
    return [
        _row("memory of a stored passport: 600 bytes or less", passport, _most(600), "{:.0f} bytes"),
        _row("ready, from the command: under 0.6 s", start.get("ready_seconds"), lambda s: s < 0.6, "{:.2f} s"),
        _row("import in process: under 0.4 s", imported.get("import_seconds"), lambda s: s < 0.4, "{:.2f} s"),
        _row("reset: under 5 ms", reset, lambda ms: ms < 5, "{:.2f} ms"),
        _row("new world: under 1 ms", world, lambda ms: ms < 1, "{:.2f} ms"),
        _row("memory after 1,000,000 requests: within 1.2 of that after 100,000", growth, _most(1.2)),
    ]


def _to_best_peer(cells: Any) -> float | None:
    """Of the peers only: neither the floor, which is no peer, nor the limit."""
    peers = [each for each in cells if each not in _NOT_BY_RATIO | {"floor"}]
    rates = [rate for each in peers if (rate := middle(cells, each, "1")) is not None]
    ours = middle(cells, "ours", "1")
    return ours / max(rates) if rates and ours is not None else None


def _row(target: str, value: float | None, met: Callable[[float], bool], form: str = "{:.2f}") -> Row:
    return Row(target, None, None) if value is None else Row(target, form.format(value), met(value))


def _least(limit: float) -> Callable[[float], bool]:
    return lambda value: value >= limit


def _most(limit: float) -> Callable[[float], bool]:
    return lambda value: value <= limit
