"""The parts of the page that the rounds are shown in: rates, latency, the full store, who is measured."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..run.figures import cells_of, ends, middle, paired, spread
from ..subjects.cases import BY_ID, CASES
from .tables import NOTHING, count, megabytes, milliseconds, ratio, table

Data = Mapping[str, Any]
_AGAINST = (("floor", "to the floor"), ("connexion", "to plain Connexion"))
_RATIO = """A ratio is the median of the ratios of the rounds. The spread is the difference of the best and the worst
round, divided by the median."""
_LATENCY = """In milliseconds, as wrk reports them. wrk corrects for requests that a slow answer delayed, so a pause
counts for as long as it lasts; a pause of more than a hundredth of a round is its p99. The figures are medians of the
rounds, and for the p99 also the best and the worst round."""
_SERVERS = """## The servers

All servers get the same document, as far as they can read it: Connexion gets two operations, relabelled as 3.0.3,
Specmatic gets the document without `5XX`, and WireMock gets a stub for each call. Prism, Mockoon, WireMock and
Specmatic send fixed or generated answers, so they have no figure for a replay or a 429."""
_FULL = """## With 1,000,000 passports

The full store has its passports before the run starts, in the workspace that the calls use. It is not reset, so the
passports that the run creates stay. The empty store is reset before each case. In both, a search finds one of a
hundred passports that were created for it."""


def rates(data: Data) -> Iterator[str]:
    cells = cells_of(data)
    yield "## Requests a second"
    yield _rates(data)
    if "ours" in cells:
        yield _RATIO
        yield _ratios(cells)
    yield "## Latency"
    yield _LATENCY
    yield _latency(data)
    if "full" in cells:
        yield _FULL
        yield _full(cells)


def servers(data: Data) -> Iterator[str]:
    yield _SERVERS
    yield _servers(data)


def _rates(data: Data) -> str:
    cells = cells_of(data)
    cases = [case for case in CASES if case.connections > 1 and any(case.id in each for each in cells.values())]
    rows = [
        (data["titles"][contender], *(count(middle(cells, contender, case.id)) for case in cases))
        for contender in cells
    ]
    return table(("server", *(case.title for case in cases)), rows)


def _ratios(cells: Any) -> str:
    head = ("the mock", "requests/s", "spread", *(title for _, title in _AGAINST))
    rows = []
    for case in cells["ours"]:
        against = [ratio(paired(cells, ("ours", case), (other, case))) for other, _ in _AGAINST]
        rate = count(middle(cells, "ours", case))
        rows.append((BY_ID[case].title, rate, f"{spread(cells, 'ours', case):.0%}", *against))
    return table(head, rows)


def _latency(data: Data) -> str:
    cells = cells_of(data)
    rows = []
    for contender in cells:
        for case in (each for each in cells[contender] if each.endswith("-alone") or contender in {"ours", "full"}):
            p50, p99, slowest = (middle(cells, contender, case, f"{each}_ms") for each in ("p50", "p99", "max"))
            worst = ends(cells, contender, case, "p99_ms")
            rows.append(
                (
                    data["titles"][contender],
                    BY_ID[case].title,
                    count(middle(cells, contender, case, "requests")),
                    *(milliseconds(each) for each in (p50, p99)),
                    f"{worst[0]:.2f} to {worst[1]:.2f}" if worst else NOTHING,
                    milliseconds(slowest),
                )
            )
    head = ("server", "case", "answers a round", "p50", "p99", "p99, best to worst", "slowest")
    return table(head, rows, numbers_from=2)


def _full(cells: Any) -> str:
    rows = []
    for case in cells["full"]:
        pair = ("full", case), ("ours", case)
        rows.append(
            (
                BY_ID[case].title,
                count(middle(cells, "full", case)),
                count(middle(cells, "ours", case)),
                ratio(paired(cells, *pair)),
                milliseconds(middle(cells, "full", case, "p99_ms")),
                milliseconds(middle(cells, "ours", case, "p99_ms")),
                ratio(paired(cells, *pair, "p99_ms")),
            )
        )
    return table(("case", "requests/s, full", "empty", "ratio", "p99 ms, full", "empty", "ratio"), rows)


def _servers(data: Data) -> str:
    ready = data["rounds"].get("ready", {})
    broken = {contender: found["failure"] for contender, found in data["rounds"].get("broken", {}).items()}
    failures = {**data["failures"], **broken}
    rows = []
    for contender, title in data["titles"].items():
        started = ready.get(contender)
        seconds = f"{started['seconds']:.2f} s" if started else NOTHING
        memory_then = megabytes(started["rss_bytes"]) if started else NOTHING
        lacks = data["lacks"][contender]
        text = f"{lacks}. Not measured: {failures[contender]}" if contender in failures else lacks
        rows.append((title, text.replace("|", "\\|"), seconds, memory_then))
    return table(("server", "what it does not do", "ready after", "memory then"), rows, numbers_from=2)
