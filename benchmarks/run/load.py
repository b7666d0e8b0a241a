"""wrk: one call over and over, each answer looked at."""

import itertools
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..subjects.cases import Call
from .machine import cores

_SCRIPT = Path(__file__).with_name("call.lua")
RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$", re.MULTILINE)
_SAMPLE = re.compile(r"^SAMPLE (.*)$", re.MULTILINE)
_runs = itertools.count(1)


class WrongAnswers(RuntimeError):
    """Answers were not what the case expects, or did not come; the message shows one."""


@dataclass(frozen=True, slots=True)
class Result:
    """One run: requests answered, all of them right, and latencies in milliseconds as wrk sees them."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def run(call: Call, base_url: str, connections: int, seconds: int) -> Result:
    """Raises `WrongAnswers` for a single one."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "call.lua"
        table.write_text(as_lua(call, base_url, f"R{os.getpid()}-{next(_runs)}"), encoding="utf-8")
        command = ["taskset", "-c", str(cores()[1]), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
        done = subprocess.run(
            [*command, "--timeout", "10s", "-s", str(_SCRIPT), base_url],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"BENCH_CALL": str(table)},
        )
    found = RESULT.search(done.stdout)
    if found is None:
        raise WrongAnswers(f"wrk: {done.stderr.strip() or done.stdout.strip()}")
    requests, microseconds, wrong, lost, p50, p99, slowest = map(int, found.groups())
    if not requests:
        raise WrongAnswers(f"not one answer in {seconds} s")
    if wrong or lost:
        sample = _SAMPLE.search(done.stdout)
        shown = sample[1].strip() if sample else ""
        raise WrongAnswers(f"{wrong} wrong and {lost} lost of {requests} answers: {shown}")
    return Result(requests, microseconds / 1e6, p50 / 1e3, p99 / 1e3, slowest / 1e3)


def as_lua(call: Call, base_url: str, tag: str) -> str:
    """The call as the table that call.lua reads. The path is the whole one: that of the URL and that of the call."""
    path = re.sub(r"^https?://[^/]+", "", base_url) + call.path
    headers = ", ".join(f"[ {_quoted(name)} ] = {_quoted(value)}" for name, value in call.all_headers().items())
    members = {
        "method": _quoted(call.method),
        "path": _quoted(path),
        "headers": f"{{ {headers} }}",
        "body": _quoted(call.body),
        "status": str(call.status),
        "pattern": _quoted(call.pattern),
        "look_back": str(call.look_back),
        "tag": _quoted(tag),
    }
    return "return { " + ", ".join(f"{name} = {value}" for name, value in members.items()) + " }\n"


def _quoted(text: str) -> str:
    return f"[==[{text}]==]"
