"""What a run of the conformance suite costs: seconds and requests, whole and by family, and where its time goes."""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tracepass_contract.spec import rules

from ..run.attempts import attempted
from ..run.machine import ROOT
from . import profiler

Say = Callable[[str], None]
CELLS = ("PAR-01", "IDM-01")  # two that many tests find
_CHECK = (sys.executable, "-m", "tracepass_contract.contract_tests")
_MEASURABLE = {0, 4}  # exit codes: conforms; not proven
_KINDS = (  # the first pattern that a frame matches, from the innermost on, says what a sample was spent on
    (
        "starting",
        re.compile(r"importlib|_call_with_frames|contract_tests/target/|mockserver/testing|subprocess\.py"),
    ),
    ("requests", re.compile(r"httpx|httpcore|h11|socket\.py|contract_tests/client/")),
    ("judging", re.compile(r"openapi_core|openapi_schema|jsonschema|contract_tests/(judging|checks/expect)")),
    ("Hypothesis", re.compile(r"hypothesis")),
    ("reporting", re.compile(r"contract_tests/report")),
)


def whole(say: Say, *, quick: bool) -> dict[str, Any]:
    """By what was run; `failure` in the place of what broke off."""
    families = [] if quick else sorted({rule.partition(".")[0] for rule in rules()})
    say("the suite, whole")
    found: dict[str, Any] = {"whole": attempted(_run), "families": {}}
    for family in families:
        say(f"the suite: {family}")
        found["families"][family] = attempted(partial(_run, "--rule", f"{family}."))
    say("the suite, where its time goes")
    found["shares"] = attempted(_shares)
    if not quick:
        say("the matrix, a few cells")
        found["cells"] = attempted(_cells)
        found["matrix"] = attempted(_matrix)
    return found


def _run(*options: str) -> dict[str, float]:
    """Seconds as somebody who waits for it has them, and what was sent. Raises `RuntimeError` for a broken rule.

    On a machine that is busy with something else a race may stay inconclusive; the run took its time all the same.
    """
    start = time.perf_counter()
    done = subprocess.run([*_CHECK, "run", "--json", *options], capture_output=True, text=True, check=False, cwd=ROOT)
    seconds = time.perf_counter() - start
    if done.returncode not in _MEASURABLE:
        raise RuntimeError(f"tracepass-check run {' '.join(options)}: {done.returncode}: {_text(done)}")
    return {"seconds": round(seconds, 2), "requests": json.loads(done.stdout)["spend"]["requests"]}


def _text(done: subprocess.CompletedProcess[str]) -> str:
    """What somebody needs who wants to see the same again: the seed, and the rules that were broken."""
    try:
        found = json.loads(done.stdout)
    except json.JSONDecodeError:
        return done.stderr[-500:]
    broken = [rule for rule in found["rules"] if rule["verdict"] == "violates"]
    return f"seed {found['seed']}, {json.dumps(broken)}"


def _shares() -> dict[str, Any]:
    """Of the time of the main thread, waiting included."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "raw"
        options = ["--format", "raw", "--idle", "--threads", "--rate", "100", "--output", str(file)]
        command = [profiler.py_spy(), "record", *options, "--", *_CHECK, "run", "--json"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, cwd=ROOT)
        stacks = profiler.read(file)
    spent: Counter[str] = Counter()
    for stack, count in stacks.items():
        if "MainThread" in stack[0]:
            spent[kind_of(stack)] += count
    return {kind: count / spent.total() for kind, count in spent.most_common()}


def kind_of(stack: tuple[str, ...]) -> str:
    """What a sample was spent on."""
    for frame in reversed(stack):
        for kind, pattern in _KINDS:
            if pattern.search(frame):
                return kind
    return "the rest"


def _cells() -> dict[str, float]:
    """Seconds of a cell of the matrix: one run of the directed tests against one wrong server."""
    only = [option for each in CELLS for option in ("--only", each)]
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "cells.jsonl"
        command = [*_CHECK, "mutants", *only, "--default-only", "--jobs", "1", "--resume", str(kept)]
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
        seconds = time.perf_counter() - start
        cells = len(kept.read_text(encoding="utf-8").splitlines())
    return {"cells": cells, "seconds_each": round(seconds / cells, 2)}


def _matrix() -> dict[str, Any]:
    """What the whole matrix took when its page was last written, on the machine where it was."""
    found = json.loads((ROOT / "docs/kill-matrix.json").read_text(encoding="utf-8"))
    return {name: found[name] for name in ("minutes", "cells", "seeds")} | {
        "requests_to_a_kill": found["to_the_kill"]["requests"]["median"]
    }
