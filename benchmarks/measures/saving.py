"""How much longer calls take while the mock saves its state: two mocks with as many passports, one with a state file.

    python -m benchmarks.measures.saving [PASSPORTS] [ROUNDS]        (1,000,000 and 10 by default)

Both run the whole time, and each round asks one after the other. A row per case: the p99 of both and its ratio, in the
median of the rounds and in the best of them, and the requests per second as a ratio.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from ..run.load import run
from ..run.processes import Server, running
from ..subjects.cases import BY_ID
from ..subjects.contenders import Contender

CASES = ("1", "100", "replay")
SECONDS = 3
RATIO_MAX = 1.5  # of the p99


def servers(passports: int, folder: Path) -> Iterator[Contender]:
    command = (sys.executable, "-W", "ignore", "-m", "benchmarks.servers.filled", "{port}", str(passports))
    for title, file in (("without a state file", ()), ("with a state file", (str(folder / "mock.db"),))):
        yield Contender(title, title, "", (*command, *file), ready_seconds_max=300, talks=True)


def measured(unsaved: Server, saved: Server, rounds: int) -> Iterator[str]:
    for case in map(BY_ID.__getitem__, CASES):
        for server in (unsaved, saved):
            if case.first:
                server.send(case.first)
        found = []
        for nth in range(rounds):
            order = (unsaved, saved) if nth % 2 else (saved, unsaved)
            results = {each: run(case.call, each.base_url, case.connections, SECONDS) for each in order}
            found.append((results[unsaved], results[saved]))
        p99 = [(before.p99_ms, after.p99_ms) for before, after in found]
        rates = median(after.per_second / before.per_second for before, after in found)
        of_each = [*zip(*p99, strict=True)]
        (before_ms, after_ms), (before_best, after_best) = map(median, of_each), map(min, of_each)
        ratio = median(after / before for before, after in p99)
        row = f"{case.title:36} {before_ms:9.2f} {after_ms:9.2f} {ratio:9.2f}"
        yield f"{row} {before_best:9.2f} {after_best:9.2f} {after_best / before_best:9.2f} {rates:12.2f}"


def main(passports: int = 1_000_000, rounds: int = 10) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as until_the_end:
        unsaved, saved = (until_the_end.enter_context(running(each)) for each in servers(passports, Path(folder)))
        print(f"{passports:,} passports, {rounds} rounds of {SECONDS} s; the p99 ratio may be {RATIO_MAX}")
        columns = ("p99 ms", "saving", "ratio", "best", "saving", "ratio")
        print(f"{'call':36}", *(f"{each:>9}" for each in columns), f"{'rate, ratio':>12}", flush=True)
        for row in measured(unsaved, saved, rounds):
            print(row, flush=True)
        size = sum(each.stat().st_size for each in Path(folder).iterdir()) / 1e6
        print(
            f"the files of the state have {size:,.0f} MB; memory {unsaved.rss_bytes() / 1e6:,.0f} MB without, "
            f"{saved.rss_bytes() / 1e6:,.0f} MB with"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
