"""What the mock is to reach, and whether these figures do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..run.figures import cells_of, middle, p99_to_p50, paired
from ..subjects.cases import BY_ID, CASES

Data = Mapping[str, Any]
_NOT_BY_RATIO = {"ours", "full", "raw"}
_SEARCH = ("search",)
_OF_KIND = {"writes": tuple(case.id for case in CASES if case.id not in _SEARCH), "search": _SEARCH}


@dataclass(frozen=True, slots=True)
class Row:
    """A target; `figure` is None for what this run did not measure. `id` is what its reason goes by, in `reasons`."""

    id: str
    target: str
    figure: str | None
    met: bool | None


def rows(data: Data) -> list[Row]:
    cells = cells_of(data)
    return [
        *_rates(cells),
        *_tails(cells),
        *_full_store(cells),
        *_of_process(data.get("measures", {})),
        *_of_suite(data),
    ]


def _rates(cells: Any) -> list[Row]:
    to_floor, to_plain = (paired(cells, ("ours", "100"), (other, "100")) for other in ("floor", "connexion"))
    to_floor_of_1 = paired(cells, ("ours", "1"), ("floor", "1"))
    of_fastest = "{:.2f} of the fastest"
    return [
        _row("floor-100", "100-item batches: 1.0 or more of the floor", to_floor, _least(1)),
        _row("connexion-100", "100-item batches: 8 times plain Connexion or more", to_plain, _least(8)),
        _row("floor-1", "1-item batches: 0.8 or more of the floor", to_floor_of_1, _least(0.8)),
        _row("peers-1", "1-item batches: not behind any peer", _to_best_peer(cells), _least(1), of_fastest),
    ]


def _tails(cells: Any) -> list[Row]:
    return [
        _row(
            f"tail-{items}",
            f"p99 at one connection: under 5 times p50, batch of {items}",
            p99_to_p50(cells, "ours", f"{items}-alone"),
            lambda ratio: ratio < 5,
        )
        for items in (1, 100)
    ]


def full_store(cells: Any, kind: str, member: str) -> dict[str, float]:
    """By case, the factor by which it is worse with the full store: fewer requests, or a longer time."""
    factors = {}
    for case in _OF_KIND[kind]:
        ratio = paired(cells, ("full", case), ("ours", case), member)
        if ratio is not None:
            factors[case] = 1 / ratio if member == "per_second" else ratio
    return factors


def _full_store(cells: Any) -> list[Row]:
    """The worst case stands for the others; a search, which looks through the store, stands alone."""
    return [
        _within(full_store(cells, kind, member), f"full-{kind}-{member}", f"{what} with 1,000,000 passports, {calls}")
        for kind, calls in (("writes", "creates, replays, refusals"), ("search", "a search"))
        for what, member in (("requests/s", "per_second"), ("p99", "p99_ms"))
    ]


def _within(factors: Mapping[str, float], target_id: str, what: str) -> Row:
    title = f"{what}: within 1.2 of the empty store"
    if not factors:
        return Row(target_id, title, None, None)
    worst = max(factors, key=lambda case: factors[case])
    return _row(target_id, title, factors[worst], _most(1.2), f"{{:.2f}} ({BY_ID[worst].title})")


def _of_process(measures: Any) -> list[Row]:
    start, imported, control = (measures.get(name, {}) for name in ("start", "import", "control"))
    growth = _growth(measures.get("flat"))
    reset = control.get("a reset", {}).get("median_ms")
    workspace = control.get("a new workspace", {}).get("median_ms")
    passport = measures.get("passport", {}).get("bytes_each")
    ready, took = start.get("ready_seconds"), imported.get("import_seconds")
    flat = "memory after 1,000,000 requests: within 1.2 of that after 100,000"
    return [
        _row("passport", "memory of a stored passport: 600 bytes or less", passport, _most(600), "{:.0f} bytes"),
        _row("ready", "ready, from the command: under 0.5 s", ready, lambda s: s < 0.5, "{:.2f} s"),
        _row("import", "import in process: under 0.35 s", took, lambda s: s < 0.35, "{:.2f} s"),
        _row("reset", "reset: under 5 ms", reset, lambda ms: ms < 5, "{:.2f} ms"),
        _row("workspace", "new workspace: under 1 ms", workspace, lambda ms: ms < 1, "{:.2f} ms"),
        _row("flat", flat, growth, _most(1.2)),
    ]


def _of_suite(data: Data) -> list[Row]:
    found = data.get("suite", {})
    whole = found.get("whole", {}).get("seconds")
    families = [run["seconds"] for run in found.get("families", {}).values() if "seconds" in run]
    slowest = max(families, default=None)
    return [
        _row("suite", "`tracepass-check run` on the mock: under 12 s", whole, lambda s: s < 12, "{:.1f} s"),
        _row("family", "the same for one family of rules: under 4 s", slowest, lambda s: s < 4, "{:.1f} s at most"),
    ]


def _growth(flat: Any) -> float | None:
    """Of the memory, from the first point to the last."""
    if not isinstance(flat, list):
        return None
    growth: float = flat[-1]["rss_bytes"] / flat[0]["rss_bytes"]
    return growth


def _to_best_peer(cells: Any) -> float | None:
    """Of the peers only: neither the floor, which is no peer, nor the limit."""
    peers = [each for each in cells if each not in _NOT_BY_RATIO | {"floor"}]
    rates = [rate for each in peers if (rate := middle(cells, each, "1")) is not None]
    ours = middle(cells, "ours", "1")
    return ours / max(rates) if rates and ours is not None else None


def _row(target_id: str, target: str, value: float | None, met: Callable[[float], bool], form: str = "{:.2f}") -> Row:
    if value is None:
        return Row(target_id, target, None, None)
    return Row(target_id, target, form.format(value), met(value))


def _least(limit: float) -> Callable[[float], bool]:
    return lambda value: value >= limit


def _most(limit: float) -> Callable[[float], bool]:
    return lambda value: value <= limit
