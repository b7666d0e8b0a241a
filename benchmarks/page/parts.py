"""The parts of the page that are not about rates: start and memory, the suite."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..run.attempts import failure_of
from ..subjects.contenders import FULL
from .tables import megabytes, share, table

Data = Mapping[str, Any]
Rows = list[tuple[str, str]]
_FLAT = """Memory is measured after replays, refusals because no write is left, searches, and batches whose one item
fails, in turn. They store nothing new, so memory that grows here grows without end."""
_SPENT = """Shares of the time of the suite's main thread, with waiting: sending calls and waiting for answers, judging
them, Hypothesis, starting (imports, the mock), and writing the report."""


def memory(data: Data) -> Iterator[str]:
    measures = data.get("measures")
    if not measures:
        return
    yield "## Start and memory"
    if why := failure_of(measures):
        yield f"Not measured: {why}"
        return
    full = data.get("rounds", {}).get("ready", {}).get("full")
    rows: Rows = []
    for name, show in _SHOWN.items():
        if name in measures:
            why = failure_of(measures[name])
            rows += [(name, f"not measured: {why}")] if why else show(measures[name])
    if full:
        rows.append((f"memory with {FULL:,} passports, before the first request", megabytes(full["rss_bytes"])))
    yield table(("what", "figure"), rows)
    if "flat" in measures:
        yield _FLAT


def _start(start: Any) -> Rows:
    return [
        ("`tracepass-mock`: from the command to its first answer", f"{start['ready_seconds']:.2f} s"),
        ("its memory then", megabytes(start["rss_bytes"])),
    ]


def _import(imported: Any) -> Rows:
    return [
        ("import of `create_app`", f"{imported['import_seconds']:.2f} s"),
        ("its first call", f"{imported['create_seconds']:.2f} s"),
    ]


def _control(control: Any) -> Rows:
    return [
        (f"{name}, in process", f"{took['median_ms']:.3f} ms (p99 {took['p99_ms']:.3f} ms)")
        for name, took in control.items()
    ]


def _passport(stored: Any) -> Rows:
    return [(f"each of {stored['passports']:,} passports", f"{stored['bytes_each']:.0f} bytes")]


def _flat(points: Any) -> Rows:
    return [(f"memory after {at['requests']:,} requests", megabytes(at["rss_bytes"])) for at in points]


_SHOWN = {"start": _start, "import": _import, "control": _control, "passport": _passport, "flat": _flat}


def suite(found: Data) -> Iterator[str]:
    if not found:
        return
    yield "## The suite"
    if why := failure_of(found):
        yield f"Not measured: {why}"
        return
    yield "`tracepass-check run` against a mock that it starts itself, and by family with `--rule`."
    runs = {"all rules": found["whole"], **{f"`{name}`": run for name, run in found["families"].items()}}
    yield table(("rules", "seconds", "requests"), [_run(name, run) for name, run in runs.items()])
    if why := failure_of(found["shares"]):
        yield f"Where its time goes was not measured: {why}"
    else:
        yield _SPENT
        yield table(("spent on", "share"), [(kind, share(part)) for kind, part in found["shares"].items()])
    yield " ".join(_matrix(found))


def _run(name: str, run: Any) -> tuple[str, str, str]:
    why = failure_of(run)
    return (name, f"failed: {why}", "") if why else (name, f"{run['seconds']:.1f}", f"{run['requests']:,}")


def _matrix(found: Data) -> Iterator[str]:
    if why := failure_of(found.get("cells")):
        yield f"A cell of the [kill matrix](kill-matrix.md) was not measured: {why}"
    elif "cells" in found:
        cells = found["cells"]
        yield (
            f"A cell of the [kill matrix](kill-matrix.md) (the directed tests against one wrong server) takes "
            f"{cells['seconds_each']:.1f} seconds, of {cells['cells']} one after the other."
        )
    if why := failure_of(found.get("matrix")):
        yield f"What the whole matrix took is not known: {why}"
    elif "matrix" in found:
        whole = found["matrix"]
        yield (
            f"When its page was last written, the whole matrix took {whole['minutes']:.0f} minutes: {whole['cells']} "
            f"combinations of fault and profile, {len(whole['seeds'])} seeds, and the servers that conform. A fault is "
            f"killed after {whole['requests_to_a_kill']:,} requests, in the median."
        )
