"""Where the mock spends the time of a batch of 1 and of 100, as py-spy sees it under load."""

import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import load, spying
from benchmarks.cases import BY_ID
from benchmarks.contenders import OURS
from benchmarks.machine import cores
from benchmarks.processes import Server, running
from benchmarks.spying import NoProfile

TOP = 12  # entries of a table


def profiles(seconds: int) -> dict[str, Any]:
    """By case, shares of self time by function and by file; or `failure`, why there are none."""
    try:
        with running(OURS) as server:
            return {case: _of(server, case, seconds) for case in ("1", "100")}
    except NoProfile as error:
        return {"failure": str(error)}


def _of(server: Server, case: str, seconds: int) -> dict[str, Any]:
    server.reset()
    load.run(BY_ID[case].call, server.base_url, BY_ID[case].connections, 1)
    server.reset()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        under_load = pool.submit(load.run, BY_ID[case].call, server.base_url, BY_ID[case].connections, seconds + 2)
        stacks = _recorded(server.pid, seconds, Path(folder) / "raw")
        under_load.result()
    return {
        "samples": sum(stacks.values()),
        "functions": spying.shares(stacks, by_function=True)[:TOP],
        "files": spying.shares(stacks, by_function=False)[:TOP],
    }


def _recorded(pid: int, seconds: int, file: Path) -> spying.Stacks:
    options = ["--format", "raw", "--function", "--rate", str(spying.RATE), "--duration", str(seconds)]
    command = ["taskset", "-c", str(cores()[1]), spying.py_spy(), "record", "--pid", str(pid), *options]
    done = subprocess.run([*command, "--output", str(file)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoProfile((done.stderr or done.stdout).strip().splitlines()[-1])
    return spying.read(file)
