"""The parts of the page that are not about rates: memory and start, profiles, the suite."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.cases import BY_ID
from benchmarks.tables import megabytes, share, table

Data = Mapping[str, Any]
_FLAT = """The requests after which memory is measured are replays, refusals for want of writes, searches and batches
whose one item fails, in turn: they store nothing new, so what grows then grows for ever."""
_LEFT = """Self time, as py-spy samples it under load, in Python frames: what a library in C or Rust does counts for the
function that calls it. `Runner.run` is the event loop itself, with its reading and writing of sockets. What is left to
gain is in the entries under `mockserver/`; those of uvicorn, Starlette and Connexion are the price of being served by
them."""
_SPENT = """Shares of the time of the suite's main thread, waiting included, by the innermost frame that tells: sending
and waiting for answers, judging them, Hypothesis, starting (imports, the mock), writing the report."""


def memory(measures: Data) -> Iterator[str]:
    if not measures:
        return
    yield "## Start and memory"
    start, imported = measures["start"], measures["import"]
    rows = [
        ("`tracepass-mock`: from the command to its first answer", f"{start['ready_seconds']:.2f} s"),
        ("its memory then", megabytes(start["rss_bytes"])),
        ("import of `create_app`", f"{imported['import_seconds']:.2f} s"),
        ("its first call", f"{imported['create_seconds']:.2f} s"),
    ]
    for name, took in measures["control"].items():
        rows.append((f"{name}, in process", f"{took['median_ms']:.3f} ms (p99 {took['p99_ms']:.3f} ms)"))
    if "passport" in measures:
        stored = measures["passport"]
        rows.append((f"each of {stored['passports']:,} passports", f"{stored['bytes_each']:.0f} bytes"))
    for at in measures.get("flat", ()):
        rows.append((f"memory after {at['requests']:,} requests", megabytes(at["rss_bytes"])))
    yield table(("what", "figure"), rows)
    if "flat" in measures:
        yield _FLAT


def profiles(found: Data) -> Iterator[str]:
    if not found:
        return
    yield "## Where the time of the mock goes"
    if "failure" in found:
        yield f"Not measured: {found['failure']}."
        return
    yield _LEFT
    for case, profile in found.items():
        yield f"### {BY_ID[case].title.capitalize()}, {profile['samples']:,} samples"
        pairs = zip(profile["functions"], profile["files"], strict=False)
        yield table(
            ("function", "self", "file", "self"),
            [(f"`{name}`", share(part), f"`{file}`", share(of_file)) for (name, part), (file, of_file) in pairs],
        )


def suite(found: Data) -> Iterator[str]:
    if not found:
        return
    yield "## The suite"
    rows = [("all rules", found["whole"])] + [(f"`{name}`", run) for name, run in found["families"].items()]
    yield "`tracepass-check run` against a mock that it starts itself, and by family with `--rule`."
    yield table(
        ("rules", "seconds", "requests"),
        [(name, f"{run['seconds']:.1f}", f"{run['requests']:,}") for name, run in rows],
    )
    if "failure" in found["shares"]:
        yield f"Where its time goes was not measured: {found['shares']['failure']}."
    else:
        yield _SPENT
        yield table(("spent on", "share"), [(kind, share(part)) for kind, part in found["shares"].items()])
    if "matrix" in found:
        cells = found["matrix"]
        yield f"A cell of the matrix takes {cells['seconds_each']:.1f} seconds (of {cells['cells']}, one at a time)."
