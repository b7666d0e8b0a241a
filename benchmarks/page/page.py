"""docs/benchmarks.md, written from the data of a run: no figure stands in this file."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..run.attempts import failure_of, failures
from ..run.figures import cells_of
from . import reasons, targets
from .costs import profiles
from .parts import memory, suite
from .rates import rates, servers
from .tables import NOTHING, table

Data = Mapping[str, Any]
_INTRO = """# Benchmarks

This page is written by {command}. [benchmarks.json](benchmarks.json) has the figures of each round. The server and
the load generator have one core each. In each round all servers get every case, one server after the other, while the
others are stopped; the next round goes through them in the opposite order. The figures are medians of the rounds.

Each request has a new body, except for replays. The load generator checks each answer: its status, and how many items
were created, failed or found. A server that gives one wrong answer is not measured. The mock writes its journal and its
log (to `/dev/null`), and validates each answer against the document. Rates depend on the machine: compare ratios, and
only within this page."""
_WHY = "Reasons of the missed targets:"


def page(data: Data) -> str:
    return "\n\n".join([part for part in _parts(data) if part]) + "\n"


def _parts(data: Data) -> Iterator[str]:
    yield _INTRO.format(command=" and ".join(f"`{each}`" for each in _of_parts(data, "command").values()))
    yield from _not_whole(data)
    yield _machine(data)
    yield "## Targets"
    yield _targets(data)
    yield from _missed(data)
    if why := failure_of(data.get("rounds")):
        yield f"## Requests a second\n\nNot measured: {why}"
    if cells_of(data):
        yield from rates(data)
    if "titles" in data:
        yield from servers(data)
    yield from memory(data)
    yield from profiles(data.get("profiles", {}))
    yield from suite(data.get("suite", {}))


def _not_whole(data: Data) -> Iterator[str]:
    failed = [f"- {where}: {why}" for where, why in failures(data)]
    if failed:
        yield "**This run is not whole.** What failed:"
        yield "\n".join(failed)


def _machine(data: Data) -> str:
    machine = data["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    plan = data.get("plan")
    text = f"{plan['rounds']} rounds of {plan['seconds']} s for each case, " if plan else ""
    minutes = sum(part["minutes"] for part in data["parts"].values())
    return table(
        ("what", "which"),
        [
            ("processor", f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB"),
            ("system", machine["system"]),
            ("Python", f"{machine['python']}; {packages}"),
            ("Node, Java", f"{machine['node']}; {machine['java']}"),
            ("load generator", machine["wrk"]),
            ("commit", _text(_of_parts(data, "commit"))),
            ("day", _text(_of_parts(data, "day"))),
            ("run", f"{text}{minutes:.0f} minutes in all"),
        ],
        numbers_from=2,
    )


def _of_parts(data: Data, member: str) -> dict[str, str]:
    """What the parts were measured with, each value once: by the names of the parts that have it."""
    names: dict[str, list[str]] = {}
    for name, part in data["parts"].items():
        names.setdefault(part[member], []).append(name)
    return {", ".join(having): value for value, having in names.items()}


def _text(by_parts: Mapping[str, str]) -> str:
    """The value alone, where all parts have the same."""
    if len(by_parts) == 1:
        return next(iter(by_parts.values()))
    return "; ".join(f"{value} ({names})" for names, value in by_parts.items())


def _targets(data: Data) -> str:
    words = {True: "yes", False: "**no**", None: "not measured"}
    return table(
        ("target", "figure", "met"),
        [(row.target, row.figure or NOTHING, words[row.met]) for row in targets.rows(data)],
    )


def _missed(data: Data) -> Iterator[str]:
    missed = reasons.of_missed(data)
    if missed:
        yield _WHY
        yield "\n".join(f"- *{target}*: {why}" for target, why in missed.items())
