"""The mock as it was at a commit, to be measured beside the mock as it is: on one machine, in one run.

Ratios to other servers can't say whether the mock has become slower: they differ from processor to processor.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..subjects.contenders import OURS, Contender
from . import figures, machine

FALL_MAX = 0.15  # of the requests in a second


class NoSuchCommit(Exception):
    """The message has the words of git."""


@contextmanager
def mock_of(commit: str) -> Iterator[Contender]:
    """The mock of this commit, which runs with the packages of today."""
    done = subprocess.run(
        ["git", "archive", commit, "src", "mockserver", "spec", "fixtures", "contract_tests"],
        capture_output=True,
        check=False,
        cwd=machine.ROOT,
    )
    if done.returncode:
        raise NoSuchCommit(done.stderr.decode().strip())
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "--extract", "--directory", folder], input=done.stdout, check=True)
        command = (sys.executable, "-m", "tracepass_contract.mockserver", *OURS.command[1:])
        path = f"PYTHONPATH={Path(folder) / 'src'}"
        yield replace(OURS, id="earlier", title=f"the mock of {commit}", command=("env", path, *command))


def ratios(rounds: Mapping[str, Any]) -> dict[str, float]:
    """Requests in a second of the mock, to those of the earlier one, by case: the median of the rounds."""
    cells = figures.cells_of({"rounds": rounds})
    found = {case: figures.paired(cells, (OURS.id, case), ("earlier", case)) for case in cells.get(OURS.id, {})}
    return {case: ratio for case, ratio in found.items() if ratio is not None}


def fallen(found: Mapping[str, float]) -> Mapping[str, float]:
    return {case: ratio for case, ratio in found.items() if ratio < 1 - FALL_MAX}
