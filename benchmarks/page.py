"""docs/benchmarks.md, written from the data of a run: no figure stands in this file."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks import targets
from benchmarks.cases import BY_ID, CASES
from benchmarks.figures import middle, paired, spread
from benchmarks.page_of_parts import memory, profiles, suite
from benchmarks.tables import NOTHING, count, megabytes, milliseconds, ratio, table

Data = Mapping[str, Any]
_AGAINST = (("floor", "to the floor"), ("connexion", "to plain Connexion"))
_INTRO = """# Benchmarks

Written by `{command}`; the figures of each round are in [benchmarks.json](benchmarks.json). Server and load
generator have a core each. In each round every case is asked of every server in turn, while the others are
stopped; what stands here is the median of the rounds. Each request has a body of its own (a replay has the
stored one), each answer is looked at: status, and how many were created, failed or found. One wrong answer
ends the run. The journal of the mock is on, its log is written and thrown away, and every answer is held
against the document. Rates belong to this machine: compare ratios, and only within one page."""
_SERVERS = """## Who is measured

All are told of the same document as far as they can read it: Connexion gets its two operations relabelled as
3.0.3, Specmatic the document without `5XX`, WireMock a stub for each call. Prism, Mockoon, WireMock and
Specmatic answer what is written down or made up, so they have no figure for a replay or a 429."""
_FULL = """## With 1,000,000 passports

The passports of the full store are entered before it is ready, in the workspace that the calls are for, and
what the run creates is added to them: it has no reset. The empty store is reset before each case. A search
finds one passport of a hundred that were created for it, in both."""


def page(data: Data) -> str:
    return "\n\n".join([part for part in _parts(data) if part]) + "\n"


def _parts(data: Data) -> Iterator[str]:
    cells = data["rounds"]["cells"]
    yield _INTRO.format(command=data["command"])
    yield _machine(data)
    yield "## Targets"
    yield _targets(data)
    yield "## Requests a second"
    yield _rates(data)
    yield "A ratio is the median of those within each round; the spread is from worst to best round, by the median."
    yield _ratios(cells)
    yield "## Latency"
    yield "In milliseconds, as a client that waits for each answer before it asks again sees it."
    yield _latency(data)
    if "full" in cells:
        yield _FULL
        yield _full(cells)
    yield _SERVERS
    yield _servers(data)
    yield from memory(data.get("measures", {}))
    yield from profiles(data.get("profiles", {}))
    yield from suite(data.get("suite", {}))


def _machine(data: Data) -> str:
    machine = data["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    changed = " and changes that are not committed" if machine["changed"] else ""
    rounds, seconds = data["plan"]["rounds"], data["plan"]["seconds"]
    return table(
        ("what", "which"),
        [
            ("processor", f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB"),
            ("system", machine["system"]),
            ("Python", f"{machine['python']}; {packages}"),
            ("Node, Java", f"{machine['node']}; {machine['java']}"),
            ("load generator", machine["wrk"]),
            ("commit", f"{machine['commit']}{changed}"),
            ("day", data["day"]),
            ("run", f"{rounds} rounds of {seconds} s for each case, {data['minutes']:.0f} minutes in all"),
        ],
        numbers_from=2,
    )


def _targets(data: Data) -> str:
    words = {True: "yes", False: "**no**", None: "not measured"}
    return table(
        ("target", "figure", "met"),
        [(row.target, row.figure or NOTHING, words[row.met]) for row in targets.rows(data)],
    )


def _rates(data: Data) -> str:
    cells = data["rounds"]["cells"]
    cases = [case for case in CASES if case.connections > 1 and any(case.id in each for each in cells.values())]
    rows = [
        (data["titles"][contender], *(count(middle(cells, contender, case.id)) for case in cases))
        for contender in cells
    ]
    return table(("server", *(case.title for case in cases)), rows)


def _ratios(cells: Any) -> str:
    head = ("the mock", "requests/s", "spread", *(title for _, title in _AGAINST))
    rows = []
    for case, results in cells["ours"].items():
        against = [ratio(paired(cells, ("ours", case), (other, case))) for other, _ in _AGAINST]
        rate = count(middle(cells, "ours", case))
        rows.append((BY_ID[case].title, rate, f"{spread(cells, 'ours', case):.0%}" if results else NOTHING, *against))
    return table(head, rows)


def _latency(data: Data) -> str:
    cells = data["rounds"]["cells"]
    rows = [
        (
            data["titles"][contender],
            BY_ID[case].title,
            *(milliseconds(middle(cells, contender, case, member)) for member in ("p50_ms", "p99_ms", "max_ms")),
        )
        for contender in cells
        for case in cells[contender]
        if case.endswith("-alone") or (contender == "ours" and BY_ID[case].connections > 1)
    ]
    return table(("server", "case", "p50", "p99", "slowest"), rows, numbers_from=2)


def _full(cells: Any) -> str:
    rows = []
    for case in (each for each in cells["full"] if each in cells["ours"]):
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
    ready, failures = data["rounds"]["ready"], data["failures"]
    rows = []
    for contender, title in data["titles"].items():
        started = ready.get(contender)
        seconds = f"{started['seconds']:.2f} s" if started else NOTHING
        memory_then = megabytes(started["rss_bytes"]) if started else NOTHING
        lacks = data["lacks"][contender]
        told = f"{lacks} Not measured: {failures[contender]}" if contender in failures else lacks
        rows.append((title, told.replace("|", "\\|"), seconds, memory_then))
    return table(("server", "what it does not do", "ready after", "memory then"), rows, numbers_from=2)
