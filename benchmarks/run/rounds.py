"""The measurement itself: round after round, each case of each server in turn, so that a slow minute meets them all.

Rounds are many and short, and every other one runs in reverse order. So a slow moment that hits one of two servers in
one round is as likely to hit the other in the next.
"""

import http.client
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from ..subjects.cases import BY_ID, CASES, Case, creates
from ..subjects.contenders import Contender
from . import load
from .load import Result, WrongAnswers
from .processes import DidNotStart, Server

Say = Callable[[str], None]
WARM_SECONDS = 3  # a compiler at run time wants some
Cells = dict[str, dict[str, list[Result]]]  # by contender and case, a result for each round


@dataclass(slots=True)
class Rounds:
    """What came of it. `failures` says why a peer is not there; `broken`, what is wrong with a server of our own."""

    cells: Cells = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    ready: dict[str, dict[str, float]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        cells = {
            contender: {case: [_figures(each) for each in results] for case, results in cases.items()}
            for contender, cases in self.cells.items()
        }
        broken = {contender: {"failure": why} for contender, why in self.broken.items()}
        return {"cells": cells, "failures": self.failures, "broken": broken, "ready": self.ready}

    def leave_out(self, contender: Contender, why: str) -> None:
        """From here on; nor does a figure from before count, of a server that gives wrong answers."""
        self.cells.pop(contender.id, None)
        (self.broken if contender.stateful else self.failures)[contender.id] = why

    def has_left_out(self, contender: Contender) -> bool:
        return contender.id in self.failures or contender.id in self.broken


def measure(contenders: Sequence[Contender], case_ids: Iterable[str], rounds: int, seconds: int, say: Say) -> Rounds:
    """A server that does not start, or answers wrongly, is left out and told of; the others are measured."""
    found, wanted = Rounds(), set(case_ids)
    with ExitStack() as stack:
        servers = [server for contender in contenders if (server := _started(contender, found, stack, say))]
        for nth in range(1, rounds + 1):
            for case in (each for each in CASES if each.id in wanted):
                say(f"round {nth} of {rounds}: {case.title}")
                for server in servers if nth % 2 else reversed(servers):
                    if case.id in server.contender.cases and not found.has_left_out(server.contender):
                        _one(server, case, _seconds(server.contender, case, seconds), found)
    return found


def _started(contender: Contender, found: Rounds, stack: ExitStack, say: Say) -> Server | None:
    say(f"start: {contender.title}")
    try:
        server = Server(contender)
    except DidNotStart as error:
        found.leave_out(contender, f"does not start: {error}")
        return None
    stack.callback(server.stop)
    found.ready[contender.id] = {"seconds": server.ready_seconds, "rss_bytes": server.rss_bytes()}
    _one(server, Case("warm", "", creates(1)), WARM_SECONDS, found)
    return server


def _seconds(contender: Contender, case: Case, seconds: int) -> int:
    return max(1, seconds // 2) if contender.briefly else seconds * case.times_as_long


def _one(server: Server, case: Case, seconds: int, found: Rounds) -> None:
    contender = server.contender
    server.go_on()
    try:
        result = _result(server, case, seconds)
    except (WrongAnswers, OSError, http.client.HTTPException) as error:
        found.leave_out(contender, f"{case.title or 'warming up'}: {error}")
    else:
        if case.id in BY_ID:
            found.cells.setdefault(contender.id, {}).setdefault(case.id, []).append(result)
    finally:
        server.hold()


def _result(server: Server, case: Case, seconds: int) -> Result:
    contender = server.contender
    server.reset()
    if case.first is not None and contender.stateful:
        server.send(case.first)
    time.sleep(0.05)  # a server frees what a reset let go
    call = case.call if contender.stateful else case.call.of_a_static_answer()
    return load.run(call, server.base_url, case.connections, seconds)


def _figures(result: Result) -> dict[str, float]:
    return {
        "requests": result.requests,
        "per_second": round(result.per_second, 1),
        "p50_ms": result.p50_ms,
        "p99_ms": result.p99_ms,
        "max_ms": result.max_ms,
    }
