"""Where the mock, and beside it the floor, spend the time of a batch of 1 and of 100, as py-spy sees it under load."""

import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from ..run import load
from ..run.attempts import attempted
from ..run.machine import cores
from ..run.processes import Server, running
from ..subjects.cases import BY_ID
from ..subjects.contenders import FLOOR, OURS, Contender
from . import layers, profiler
from .profiler import NoProfile

TOP = 12  # entries of a table
CASES = ("1", "100")


def profiles(seconds: int) -> dict[str, Any]:
    """By server and case: shares of self time, and what a request costs; or `failure`, why there are none."""
    return {each.id: attempted(partial(_of_server, each, seconds)) for each in (OURS, FLOOR)}


def _of_server(contender: Contender, seconds: int) -> dict[str, Any]:
    profiler.py_spy()  # installed before the load begins
    with running(contender) as server:
        return {case: _of(server, case, seconds) for case in CASES}


def _of(server: Server, case: str, seconds: int) -> dict[str, Any]:
    server.reset()
    load.run(BY_ID[case].call, server.base_url, BY_ID[case].connections, 1)
    server.reset()
    spent = server.cpu_seconds()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        under_load = pool.submit(load.run, BY_ID[case].call, server.base_url, BY_ID[case].connections, seconds + 2)
        stacks = _recorded(server.pid, seconds, Path(folder) / "raw")
        answered = under_load.result().requests
    return {
        "samples": sum(stacks.values()),
        "cpu_us": round((server.cpu_seconds() - spent) / answered * 1e6, 2),
        "layers": layers.shares(stacks),
        "functions": profiler.shares(stacks, by_function=True)[:TOP],
        "files": profiler.shares(stacks, by_function=False)[:TOP],
    }


def _recorded(pid: int, seconds: int, file: Path) -> profiler.Stacks:
    options = ["--format", "raw", "--function", "--rate", str(profiler.RATE), "--duration", str(seconds)]
    command = ["taskset", "-c", str(cores()[1]), profiler.py_spy(), "record", "--pid", str(pid), *options]
    done = subprocess.run([*command, "--output", str(file)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoProfile((done.stderr or done.stdout).strip().splitlines()[-1])
    return profiler.read(file)
