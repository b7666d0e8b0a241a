"""The parts of a run, one after the other. One that fails does not keep the next from being measured."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from .measures import hot_paths, start_and_memory, suite_run
from .run import machine, rounds
from .run.attempts import attempted, failure_of
from .subjects import contenders, peers
from .subjects.cases import CASES
from .subjects.contenders import Contender

Found = dict[str, Any]
Say = Callable[[str], None]
PARTS = ("rates", "measures", "profiles", "suite")
QUICK_CASES = ("1", "100", "search", "replay", "429", "1-alone", "100-alone")


@dataclass(frozen=True, slots=True)
class Plan:
    """`command` is what was typed, for the page."""

    command: str
    quick: bool
    rounds: int
    seconds: int


def measured(
    before: Mapping[str, Any], wanted: Sequence[str], plan: Plan, say: Say, keep: Callable[[Found], None]
) -> Found:
    """What is known from `before`, with the wanted parts anew. `keep` gets it after each of them."""
    described = machine.described()
    found: Found = {**before, "machine": described, "parts": dict(before.get("parts", {}))}
    for name in wanted:
        begun = time.perf_counter()
        found |= MAKES[name](plan, say)
        found["parts"][name] = {
            "command": plan.command,
            "commit": f"{described['commit']}{' and changes that are not committed' if described['changed'] else ''}",
            "day": datetime.now(UTC).date().isoformat(),
            "minutes": (time.perf_counter() - begun) / 60,
        }
        keep(found)
    return found


def rates(who: Sequence[Contender], *, quick: bool, times: int, seconds: int, say: Say) -> Found:
    """By the names of the data. Peers are installed unless it has to be quick."""
    failures: dict[str, str] = {}
    if not quick:
        say("install the peers")
        failures = peers.install()
    there = [contender for contender in who if contender.id not in failures]
    cases = QUICK_CASES if quick else [case.id for case in CASES]
    found = attempted(lambda: rounds.measure(there, cases, times, seconds, say).as_json())
    return {
        "plan": {"rounds": times, "seconds": seconds},
        "titles": {contender.id: contender.title for contender in who},
        "lacks": {contender.id: contender.lacks for contender in who},
        "failures": failures | (found["failures"] if failure_of(found) is None else {}),
        "rounds": found,
    }


def _rates(plan: Plan, say: Say) -> Found:
    who = contenders.QUICK if plan.quick else (*contenders.ALL, *contenders.of_peers())
    return rates(who, quick=plan.quick, times=plan.rounds, seconds=plan.seconds, say=say)


def _one(name: str, make: Callable[[Plan, Say], Any], plan: Plan, say: Say) -> Found:
    say(name)
    return {name: attempted(lambda: make(plan, say))}


MAKES: Mapping[str, Callable[[Plan, Say], Found]] = {
    "rates": _rates,
    "measures": partial(_one, "measures", lambda plan, say: start_and_memory.all_of_them(quick=plan.quick, say=say)),
    "profiles": partial(_one, "profiles", lambda plan, _: hot_paths.profiles(3 if plan.quick else 15)),
    "suite": partial(_one, "suite", lambda plan, say: suite_run.whole(say, quick=plan.quick)),
}
