"""A mock in place of the deployment, to rehearse a run: its workspaces have the limits that the deployment declares."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tracepass_contract import spec

from ..client.access import ANYWHERE
from ..judging.cards import served
from ..model.outcomes import BadDeployment, Unreachable
from .control_plane import ControlPlane, Json
from .deployment import Deployment, Hooks, SecondWorkspace
from .settings import Settings

_HOOK = [sys.executable, "-I", str(Path(__file__).with_name("arranged_mock_hook.py"))]


def has_control_plane(settings: Settings) -> bool:
    """Whether the run would get isolated workspaces. Asks the deployment for its health, and for the readings to see
    that it accepts the token.

    Raises `Unreachable`, also where there is no URL, and `BadDeployment` where the token is wrong.
    """
    given = settings.deployment
    if given is None or not settings.control_plane:
        return given is None
    if not given.base_url:
        raise Unreachable("no URL")
    with closing(ControlPlane(given.base_url, settings.control_token, settings.access)) as control:
        health = control.health()
        if health is None or "workspaces" not in health["capabilities"]:
            return False
        control.check_token()
    return True


@contextmanager
def arranged_mock(settings: Settings, *, is_provisioned: bool) -> Iterator[Settings]:
    """The settings of the same run against a mock, until the end of the block. The mock answers as the card says.

    Raises `BadDeployment` where no mock can do that.
    """
    given = settings.deployment
    if given is None:
        yield settings
        return
    with settings.start_mock(_answers(settings.card), settings.mock_log) as base_url:
        like_it = replace(settings, access=ANYWHERE, control_token=None, control_plane=is_provisioned)
        if is_provisioned:
            yield replace(like_it, deployment=replace(given, base_url=base_url))
            return
        with closing(ControlPlane(base_url, None)) as control:
            yield replace(like_it, deployment=_arranged(given, base_url, control))


def _answers(card: Mapping[str, str]) -> list[str]:
    """The options of a mock for this card."""
    how = served(spec.Card(card))
    if how.problems:
        raise BadDeployment("\n".join(["--card: the mock can't behave like this card:", *how.problems]))
    return [part for reading, answer in {**card, **how.chosen}.items() for part in ("--reading", f"{reading}={answer}")]


def _arranged(given: Deployment, base_url: str, control: ControlPlane) -> Deployment:
    """The deployment with workspaces, keys and hooks of the mock."""
    main = control.create_workspace(**_limits(given))
    keys = {given.api_key_env: main["api_key"]}
    if given.second_key_env is not None:
        keys[given.second_key_env] = control.add_key(main["id"])
    second = given.second_workspace
    workspaces: list[Json] = [main]
    if second is not None:
        other = control.create_workspace()
        keys[second.api_key_env] = other["api_key"]
        second = SecondWorkspace(second.api_key_env, other["product_id"], other["gtin"])
        workspaces.append(other)
    return replace(
        given,
        base_url=base_url,
        product_id=main["product_id"],
        gtin=main["gtin"],
        keys=keys,
        second_workspace=second,
        hooks=_hooks(given, base_url, [str(each["id"]) for each in workspaces]),
        api_key_command=[],
    )


def _limits(given: Deployment) -> Mapping[str, Any]:
    """What is declared. The rest is that of the plan, or unlimited without a plan."""
    found: dict[str, Any] = {"plan": given.plan} if given.plan is not None else {}
    if given.unlimited_writes:
        found["writes_per_day"] = None
    elif given.writes_left is not None:
        most = max(given.writes_per_day or 0, given.writes_left)
        found |= {"writes_per_day": most, "writes_used": most - given.writes_left}
    elif given.writes_per_day is not None:
        found["writes_per_day"] = given.writes_per_day
    if given.unlimited_slots:
        found["passports_included"] = None
    elif given.slots_left is not None:
        found["passports_included"] = given.slots_left
    if given.overage_supported is not None:
        found["overage_supported"] = given.overage_supported
    if given.overage_supported and given.overage_price_cents is not None:
        found["overage_price_cents"] = given.overage_price_cents
    return found


def _hooks(given: Deployment, base_url: str, workspaces: list[str]) -> Hooks:
    """Those that the deployment has. `set_clock` moves the clock of all workspaces."""
    main = f"{base_url}/_mock/workspaces/{workspaces[0]}"
    full = str(given.writes_per_day or 0)
    clocks = [f"{base_url}/_mock/workspaces/{each}" for each in workspaces]
    return Hooks(
        set_budget=[*_HOOK, "budget", "{writes_left}", full, main] if given.hooks.set_budget else [],
        set_quota=[*_HOOK, "quota", "{slots_left}", "0", main] if given.hooks.set_quota else [],
        set_clock=[*_HOOK, "clock", "{now}", "0", *clocks] if given.hooks.set_clock else [],
    )
