"""py-spy: where a process spends its time, as stacks with the number of samples that found each."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ..subjects.peers import FOLDER, PY_SPY

RATE = 250  # samples a second
_TARGET = FOLDER / "python"
_FRAME = re.compile(r"^(?P<function>.*) \((?P<file>[^()]*?)(?::\d+)?\)$")
Stacks = Mapping[tuple[str, ...], int]


class NoProfile(RuntimeError):
    """py-spy can't be had, or may not look at another process here."""


def py_spy() -> str:
    """The command, installed if it is not there. Raises `NoProfile`."""
    command = _TARGET / "bin/py-spy"
    if not command.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, "--target", str(_TARGET), PY_SPY], capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoProfile(done.stderr.strip().splitlines()[-1])
    return str(command)


def read(file: Path) -> Stacks:
    """The raw form: frames, the outermost first, and a count. Raises `NoProfile` for an empty one."""
    stacks: Counter[tuple[str, ...]] = Counter()
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        frames, _, count = line.rpartition(" ")
        stacks[tuple(frames.split(";"))] += int(count)
    if not stacks:
        raise NoProfile("py-spy found nothing: it may not look at other processes here")
    return stacks


def shares(stacks: Stacks, *, by_function: bool) -> list[tuple[str, float]]:
    """Self time as a part of the whole, the largest first: of functions with their file, or of files."""
    times: Counter[str] = Counter()
    for stack, count in stacks.items():
        function, file = function_and_file(stack[-1])
        times[f"{function} ({file})" if by_function else file] += count
    whole = sum(times.values())
    return [(name, count / whole) for name, count in times.most_common()]


def function_and_file(frame: str) -> tuple[str, str]:
    """Function and file of a frame; the file from the package on."""
    found = _FRAME.match(frame)
    if found is None:
        return frame, "?"
    file = re.split(r"site-packages/|lib/python3\.\d+/", found["file"])[-1]
    for room in ("mockserver/", "contract_tests/", "spec/", "fixtures/"):
        if room in file:
            file = room + file.split(room, 1)[1]
    return found["function"], file
