"""The control plane: the operations of spec/control.yaml. Its refusals are problems (RFC 9457)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from tracepass_contract.mockserver.http import fault_pages, journal_pages, problems
from tracepass_contract.mockserver.http.body import Body
from tracepass_contract.mockserver.http.exchange import Call, Reply
from tracepass_contract.mockserver.http.guard import PROBLEM_JSON, problem_json
from tracepass_contract.mockserver.http.shown import timestamp
from tracepass_contract.mockserver.semantics.accounts import PLANS, UNLIMITED, Plan
from tracepass_contract.mockserver.semantics.answers import Refusal
from tracepass_contract.mockserver.state import State, Workspace
from tracepass_contract.mockserver.state.worlds import Balances, add_key, mint

CAPABILITIES = ("batch-create", "readings", "worlds", "clock", "ledger", "journal", "faults", "reset")
_LIMITS = ("writes_per_day", "reads_per_day", "passports_included", "overage_price_cents")
_NUMBER = re.compile(r"[0-9]{1,18}")
_NO_CONTENT = Reply(204, (), b"")
Json = dict[str, Any]


def health_reply(version: str, spec_sha256: str, readings: Mapping[str, str]) -> Reply:
    """What this server is. It does not change while the server runs, so it is written once."""
    health = {
        "status": "ok",
        "version": version,
        "spec_sha256": spec_sha256,
        "readings": dict(readings),
        "capabilities": CAPABILITIES,
    }
    return _json(health)


class ControlOperations:
    """The handlers by operationId. `start` enters the seeded accounts into empty books."""

    def __init__(self, state: State, readings: Mapping[str, str], health: Reply, start: Callable[[], None]) -> None:
        self._readings = readings
        self._state = state
        self._health = health
        self._start = start

    def handlers(self) -> Mapping[str, Callable[[Call], Reply]]:
        return {
            "getHealth": lambda _call: self._health,
            "reset": self._reset,
            "createWorkspace": _checked(self._create_workspace),
            "getWorkspace": self._of_world(lambda world, _asked: _json(self._balances(world))),
            "updateWorkspace": self._of_world(self._update_workspace),
            "createApiKey": self._of_world(lambda world, _asked: _json({"api_key": add_key(self._state, world)}, 201)),
            "deleteApiKey": self._delete_api_key,
            "planFault": self._of_world(lambda world, asked: _json(fault_pages.plan(world, asked), 201)),
            "getFaults": self._of_world(lambda world, _asked: _json(fault_pages.planned(world))),
            "clearFaults": self._of_world(_clear_faults),
            "getLedger": self._of_world(lambda world, _asked: _json(journal_pages.ledger(world))),
            "getJournal": self._of_world(lambda world, _asked: _json(journal_pages.journal(world))),
            "clearJournal": self._of_world(_clear_journal),
            "getJournalEntry": self._get_journal_entry,
            "getClock": self._of_world(_clock),
            "setClock": self._of_world(_set_clock),
            "advanceClock": self._of_world(_advance_clock),
        }

    def _reset(self, _call: Call) -> Reply:
        self._state.clear()
        self._start()
        return _NO_CONTENT

    def _create_workspace(self, _call: Call, asked: Json) -> Reply:
        plan = _plan(PLANS[asked["plan"]] if "plan" in asked else UNLIMITED, asked)
        used = Balances(asked.get("writes_used", 0), asked.get("passports_used", 0), asked.get("reads_used", 0))
        world, api_key = mint(self._state, plan, used)
        return _json({"api_key": api_key, **self._balances(world)}, 201)

    def _update_workspace(self, world: Workspace, asked: Json) -> Reply:
        world.plan = _plan(PLANS[asked["plan"]] if "plan" in asked else world.plan, asked)
        now = world.clock.now()
        account = self._state.view(world, now).account
        used = {
            name: asked.get(name, getattr(account, name)) for name in ("writes_used", "reads_used", "passports_used")
        }
        self._state.set_balances(world, **used, now=now)
        return _json(self._balances(world))

    def _delete_api_key(self, call: Call) -> Reply:
        api_key = call.path_params["key"]
        world = self._state.workspace_of(api_key)
        if world is None or world.id != call.path_params["id"]:
            return _problem(404, "key: expected a key of this world, found another text")
        self._state.revoke_api_key(api_key)
        return _NO_CONTENT

    def _get_journal_entry(self, call: Call) -> Reply:
        world, number = self._state.workspaces.get(call.path_params["id"]), call.path_params["entry"]
        entry = world.journal.find(int(number)) if world and _NUMBER.fullmatch(number) else None
        if entry is None:
            return _problem(404, "entry: expected the number of a call that is remembered, found another text")
        return _json(journal_pages.entry_in_full(entry, self._readings))

    def _balances(self, world: Workspace) -> Json:
        account = self._state.view(world, world.clock.now()).account
        return {
            "id": world.id,
            "plan": world.plan.name,
            "product_id": world.product_id,
            "gtin": world.gtin,
            "writes_per_day": world.plan.writes_per_day,
            "writes_used": account.writes_used,
            "writes_left": account.writes_left,
            "reads_per_day": world.plan.reads_per_day,
            "reads_used": account.reads_used,
            "reads_left": account.reads_left,
            "passports_included": world.plan.passports_included,
            "passports_used": account.passports_used,
            "passports_left": account.passports_left,
            "overage_supported": world.plan.sells_overage,
            "overage_price_cents": world.plan.overage_price_cents,
            "overage_count": account.overage_count,
            "overage_cents": account.overage_cents,
        }

    def _of_world(self, handle: Callable[[Workspace, Json], Reply]) -> Callable[[Call], Reply]:
        """A handler for the world that the path names, or 404."""

        def handler(call: Call, asked: Json) -> Reply:
            world = self._state.workspaces.get(call.path_params["id"])
            if world is None:
                return _problem(404, "id: expected the id of a world, found another text")
            return handle(world, asked)

        return _checked(handler)


def _checked(handle: Callable[[Call, Json], Reply]) -> Callable[[Call], Reply]:
    """A handler that is given a body as documented, and none else."""

    def handler(call: Call) -> Reply:
        if call.operation.body is None:
            return handle(call, {})
        if isinstance(call.body, Refusal):
            return _problem(call.body.status, call.body.message or "", (call.body.details or {})["problems"])
        assert isinstance(call.body, Body)  # noqa: S101  an operation with a body reads one
        if found := problems.of_body(call.operation.body, call.body.value):
            errors = [{"where": each.where, "expected": each.expected, "found": each.found} for each in found]
            told = found[0]
            return _problem(400, f"{told.where}: expected {told.expected}, found {told.found}", errors)
        return handle(call, call.body.value)

    return handler


def _plan(plan: Plan, asked: Json) -> Plan:
    """The plan with what is asked otherwise. A price sells overage, unless it is said not to be supported."""
    plan = replace(plan, **{name: asked[name] for name in _LIMITS if name in asked})
    if asked.get("overage_supported") is False:
        return replace(plan, overage_price_cents=None)
    if asked.get("overage_supported") and not plan.sells_overage:
        return replace(plan, overage_price_cents=UNLIMITED.overage_price_cents)
    return plan


def _clear_faults(world: Workspace, _asked: Json) -> Reply:
    world.faults.planned.clear()
    return _NO_CONTENT


def _clear_journal(world: Workspace, _asked: Json) -> Reply:
    world.journal.clear()
    return _NO_CONTENT


def _clock(world: Workspace, _asked: Json) -> Reply:
    return _json({"now": timestamp(world.clock.now()), "frozen": world.clock.frozen})


def _set_clock(world: Workspace, asked: Json) -> Reply:
    if "now" in asked:
        world.clock.set(datetime.fromisoformat(asked["now"]))
    match asked.get("frozen"):
        case True:
            world.clock.freeze()
        case False:
            world.clock.run()
    return _clock(world, asked)


def _advance_clock(world: Workspace, asked: Json) -> Reply:
    world.clock.advance(timedelta(seconds=asked["seconds"]))
    return _clock(world, asked)


def _json(value: object, status: int = 200) -> Reply:
    return Reply(status, (), orjson.dumps(value))


def _problem(status: int, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> Reply:
    return Reply(status, (), problem_json(status, detail, errors), PROBLEM_JSON.encode())
