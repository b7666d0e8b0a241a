"""Runs of the suite against the independent server, in live mode: as against somebody's deployment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tracepass_contract.contract_tests.model import clock
from tracepass_contract.contract_tests.model.verdicts import RunResult
from tracepass_contract.contract_tests.run.pytest_run import perform
from tracepass_contract.contract_tests.target.deployment import Deployment, Hooks
from tracepass_contract.contract_tests.target.settings import Settings
from tracepass_contract.contract_tests.tests.independent.server.backend import Parts, Setup, Taken
from tracepass_contract.contract_tests.tests.independent.server.plans import Choices, Plan, Space
from tracepass_contract.contract_tests.tests.independent.server.serving import Gateway, Served, served

MAIN = Space("main", ("tp_main_one_0001", "tp_main_two_0002"), "prod-a", "09506000134352")
OTHER = Space("other", ("tp_other_one_0003",), "prod-b", "04012345678901")
SECOND_KEY, OTHER_KEY = "INDEPENDENT_SECOND_KEY", "INDEPENDENT_OTHER_KEY"
DAY = "2026-01-15"
RIGHT = Parts()
_NO_LIMITS, _CHOICES, _NO_GATEWAY = Plan(), Choices(), Gateway()


@dataclass(frozen=True, slots=True)
class Mode:
    """How a run goes: the plan of the main workspace, what the deployment file declares, and the options."""

    plan: Plan = _NO_LIMITS
    declares: Mapping[str, Any] = field(default_factory=dict)
    hooks: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    choices: Choices = _CHOICES
    gateway: Gateway = _NO_GATEWAY


@dataclass(frozen=True, slots=True)
class Done:
    """A run that has ended, and what the server says that it took from both workspaces."""

    result: RunResult
    taken: Taken


def run_in(mode: Mode, parts: Parts = RIGHT, at: str = "12:00") -> Done:
    """A run that begins at this time, by the clock of the suite and by that of the server."""
    spaces = [replace(MAIN, plan=mode.plan), OTHER]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "utc_now", _running_from(at if "T" in at else f"{DAY}T{at}"))
        setup = Setup(clock.utc_now, mode.choices, parts)
        with served(spaces, setup, mode.gateway) as server:
            given = Settings(
                _deployment(server, mode), control_plane=False, seed=1, rule_prefixes=mode.rules, **mode.settings
            )
            result = perform(given).result
            assert result is not None
            main, other = (server.backend.taken(space.name) for space in spaces)
    taken = Taken(main.writes + other.writes, main.created + other.created, main.cents + other.cents)
    return Done(result, taken)


def _running_from(text: str) -> Callable[[], datetime]:
    begun, start = clock.monotonic(), datetime.fromisoformat(text).replace(tzinfo=UTC)
    return lambda: start + timedelta(seconds=clock.monotonic() - begun)


def _deployment(server: Served, mode: Mode) -> Deployment:
    hooks = {name: getattr(server.backend.operator, name) for name in mode.hooks}
    keys = {SECOND_KEY: MAIN.keys[1], OTHER_KEY: OTHER.keys[0]}
    known = Deployment(server.url, product_id=MAIN.product, gtin=MAIN.gtin, hooks=Hooks(**hooks), keys=keys)
    return replace(known.with_key(MAIN.keys[0]), **mode.declares)
