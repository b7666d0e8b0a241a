"""Who is measured: how each is started, where it answers, what it does and what not."""

import sys
from dataclasses import dataclass
from pathlib import Path

from . import peers
from .cases import CASES

FULL = 1_000_000  # passports
_COMMAND = Path(sys.executable).with_name("tracepass-mock")
_EVERY = tuple(case.id for case in CASES)
_STATIC = ("1", "100", "search")


@dataclass(frozen=True, slots=True)
class Contender:
    """A server to be measured. `{port}` in the command becomes its port.

    One with a state is reset before each case where it can be, and fails the run with a wrong answer. `lacks` is what
    it does not do of what the mock does. What is compared only roughly is measured `briefly`: half as long.
    """

    id: str
    title: str
    lacks: str
    command: tuple[str, ...]
    cases: tuple[str, ...] = _EVERY
    base_path: str = "/api/v1"
    stateful: bool = True
    resets: bool = True
    ready_seconds_max: int = 30
    briefly: bool = False
    talks: bool = False  # writes a line for each call, which is thrown away


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-W", "ignore", "-m", f"benchmarks.servers.{module}", "{port}", *arguments)


_NO_BUDGET = "a budget, a quota, unique serial numbers, replays, partial success: the answer is written down"

OURS = Contender("ours", "the mock", "—", (str(_COMMAND), "--port", "{port}"), talks=True)
FILLED = Contender(
    "full",
    f"the mock with {FULL:,} passports",
    "—",
    _python("filled", str(FULL)),
    resets=False,
    ready_seconds_max=180,
    talks=True,
)
FLOOR = Contender(
    "floor",
    "the floor: Starlette and msgspec, by hand",
    "readings, workspaces, journal, log, control plane, faults, the other operations (see its docstring)",
    _python("floor"),
)
PLAIN = Contender(
    "connexion",
    "Connexion AsyncApp, default validators",
    "as the floor, and OpenAPI 3.1, validation of answers",
    _python("plain_connexion"),
)
PLAIN_VALIDATING = Contender(
    "connexion-responses",
    "the same with validate_responses",
    "as the floor, and OpenAPI 3.1",
    _python("plain_connexion", "--validate-responses"),
    ("replay", "1", "3", "100"),
    briefly=True,
)
RAW = Contender(
    "raw",
    "ASGI with a constant answer",
    "anything: the limit",
    _python("raw"),
    ("1", "100"),
    stateful=False,
    resets=False,
    briefly=True,
)


def of_peers() -> tuple[Contender, ...]:
    """The tools for any API, as they are started. Whether they are installed shows when they start."""
    return tuple(
        Contender(
            peer.id,
            f"{peer.title} {peer.version}",
            f"{peer.also_lacks}{_NO_BUDGET}",
            peer.command,
            _STATIC,
            peer.base_path,
            stateful=False,
            resets=False,
            ready_seconds_max=60,
            briefly=True,
        )
        for peer in peers.PEERS
    )


QUICK = (OURS, FILLED, FLOOR, PLAIN)
ALL = (OURS, FILLED, FLOOR, PLAIN, PLAIN_VALIDATING, RAW)
