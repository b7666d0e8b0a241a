"""The control plane: the operations of spec/control.yaml. Its refusals are problems (RFC 9457)."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import orjson

from tracepass_contract.spec.numbers import with_integers

from ...semantics.types.answers import Refusal
from ...state import State, Workspace
from ...state.saved.snapshot import UnusableSnapshot
from ...state.workspaces import Balances, add_key, mint
from ..api.replies import UndocumentedAnswer
from ..call.body import Body
from ..call.exchange import Call, Reply
from ..call.problems import FOUND_LENGTH_MAX
from . import clock, faults, journal, problems, workspace
from .guard import CONTROL, PROBLEM_JSON, problem_json

CAPABILITIES = (
    *("batch-create", "single-create", "read-back", "products"),
    *("readings", "worlds", "clock", "ledger", "journal", "faults", "reset", "state"),
)
WORLDS_MAX = 20_000
API_KEYS_MAX = 100
FAULTS_MAX = 1_000
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


class UnusableReadings(ValueError):
    """The readings asked for can't be run with; the message says why and names what can, a line each."""


class Server(Protocol):
    """What the control plane can do with the server as a whole."""

    def reset(self) -> None:
        """Be as freshly started."""

    def change_readings(self, readings: Mapping[str, str]) -> None:
        """Raises `UnusableReadings`, and then nothing has changed."""

    @property
    def readings(self) -> Mapping[str, str]:
        """The answer in force to each reading that can be set."""

    def save(self) -> bytes:
        """Everything, as a JSON document."""

    def restore(self, saved: bytes) -> None:
        """Raises `UnusableSnapshot`, and then nothing has changed."""


class ControlOperations:
    """The handlers by operationId, for the readings in force: with others there are other handlers."""

    def __init__(self, state: State, server: Server, health: Reply, in_force: Mapping[str, str]) -> None:
        self._state = state
        self._server = server
        self._health = health
        self._in_force = in_force

    def handlers(self) -> Mapping[str, Callable[[Call], Reply]]:
        """Each answers as documented, or not at all."""
        return {name: _documented(handler) for name, handler in self._handlers().items()}

    def _handlers(self) -> Mapping[str, Callable[[Call], Reply]]:
        return {
            "getHealth": lambda _call: self._health,
            "reset": self._reset,
            "getState": lambda _call: Reply(200, (), self._server.save()),
            "setState": self._set_state,
            "getReadings": lambda _call: _json({"readings": dict(self._in_force)}),
            "setReadings": _checked(self._set_readings),
            "createWorkspace": _checked(self._create_workspace),
            "getWorkspace": self._of_world(lambda world, _asked: _json(self._balances(world))),
            "updateWorkspace": self._of_world(self._update_workspace),
            "createApiKey": self._of_world(self._create_api_key),
            "deleteApiKey": self._delete_api_key,
            "planFault": self._of_world(_plan_fault),
            "getFaults": self._of_world(lambda world, _asked: _json(faults.planned(world))),
            "clearFaults": self._of_world(_clear_faults),
            "getLedger": self._of_world(lambda world, _asked: _json(journal.ledger(world))),
            "getJournal": self._of_world(lambda world, _asked: _json(journal.journal(world))),
            "clearJournal": self._of_world(_clear_journal),
            "getJournalEntry": self._get_journal_entry,
            "getClock": self._of_world(lambda world, _asked: _json(clock.told(world))),
            "setClock": self._of_world(_in_the_calendar(clock.change)),
            "advanceClock": self._of_world(_in_the_calendar(clock.advance)),
        }

    def _reset(self, _call: Call) -> Reply:
        self._server.reset()
        return _NO_CONTENT

    def _set_state(self, call: Call) -> Reply:
        if isinstance(call.body, Refusal):
            return _never_json(call.body)
        try:
            self._server.restore(call.raw)
        except UnusableSnapshot as error:
            return _problem(400, f"body: {error}")
        return _NO_CONTENT

    def _set_readings(self, _call: Call, asked: Json) -> Reply:
        try:
            self._server.change_readings(asked["readings"])
        except UnusableReadings as error:
            return _problem(400, str(error))
        return _json({"readings": dict(self._server.readings)})

    def _create_workspace(self, _call: Call, asked: Json) -> Reply:
        if len(self._state.workspaces) >= WORLDS_MAX:
            return _problem(429, f"expected at most {WORLDS_MAX:,} worlds; POST {CONTROL}/reset makes room")
        plan = workspace.plan_asked_for(asked)
        used = Balances(asked.get("writes_used", 0), asked.get("passports_used", 0), asked.get("reads_used", 0))
        world, api_key = mint(self._state, plan, used)
        return _json({"api_key": api_key, **self._balances(world)}, 201)

    def _update_workspace(self, world: Workspace, asked: Json) -> Reply:
        world.plan = workspace.plan_asked_for(asked, world.plan)
        now = world.clock.now()
        account = self._state.view(world, now).account
        used = {
            name: asked.get(name, getattr(account, name)) for name in ("writes_used", "reads_used", "passports_used")
        }
        self._state.set_balances(world, **used, now=now)
        workspace.set_overage(world, asked)
        return _json(self._balances(world))

    def _create_api_key(self, world: Workspace, _asked: Json) -> Reply:
        if world.keys_given >= API_KEYS_MAX:
            return _problem(429, f"expected at most {API_KEYS_MAX} keys of a world")
        return _json({"api_key": add_key(self._state, world)}, 201)

    def _delete_api_key(self, call: Call) -> Reply:
        api_key = call.path_params["key"]
        world = self._state.workspace_of(api_key)
        if world is None or world.id != call.path_params["id"]:
            return _problem(404, "key: expected a key of this world, found another text")
        self._state.revoke_api_key(api_key)
        return _NO_CONTENT

    def _get_journal_entry(self, call: Call) -> Reply:
        world, number = self._state.workspaces.get(call.path_params["id"]), call.path_params["entry"]
        if world is None:
            return _no_world(call)
        entry = world.journal.find(int(number)) if _NUMBER.fullmatch(number) else None
        if entry is None:
            found = number[:FOUND_LENGTH_MAX]
            return _problem(404, f"entry: expected the number of a call that is remembered, found {found}")
        return _json(journal.entry_in_full(entry))

    def _balances(self, world: Workspace) -> Json:
        return workspace.balances(world, self._state.view(world, world.clock.now()).account)

    def _of_world(self, handle: Callable[[Workspace, Json], Reply]) -> Callable[[Call], Reply]:
        """A handler for the world that the path names, or 404."""

        def handler(call: Call, asked: Json) -> Reply:
            world = self._state.workspaces.get(call.path_params["id"])
            if world is None:
                return _no_world(call)
            return handle(world, asked)

        return _checked(handler)


def _checked(handle: Callable[[Call, Json], Reply]) -> Callable[[Call], Reply]:
    """A handler that is given a body as documented, and none else."""

    def handler(call: Call) -> Reply:
        if call.operation.body is None:
            return handle(call, {})
        if isinstance(call.body, Refusal):
            return _never_json(call.body)
        assert isinstance(call.body, Body)  # noqa: S101  an operation with a body reads one
        if found := problems.of_body(call.operation.body, call.body.value):
            return _problem(400, "\n".join(each.as_text() for each in found), [each.as_json() for each in found])
        return handle(call, with_integers(call.body.value))

    return handler


def _no_world(call: Call) -> Reply:
    return _problem(404, f"id: expected the id of a world, found {call.path_params['id'][:FOUND_LENGTH_MAX]}")


def _in_the_calendar(move: Callable[[Workspace, Json], Json]) -> Callable[[Workspace, Json], Reply]:
    def handle(world: Workspace, asked: Json) -> Reply:
        try:
            return _json(move(world, asked))
        except OverflowError:
            return _problem(400, "expected a moment in the years 1970 to 9998 UTC, found one beyond them")
        except ValueError:
            return _problem(400, "/now: expected a moment on a clock without leap seconds, found one")

    return handle


def _plan_fault(world: Workspace, asked: Json) -> Reply:
    if len(world.faults.planned) >= FAULTS_MAX:
        return _problem(429, f"expected at most {FAULTS_MAX:,} planned faults; DELETE forgets them")
    return _json(faults.plan(world, asked), 201)


def _clear_faults(world: Workspace, _asked: Json) -> Reply:
    world.faults.planned.clear()
    return _NO_CONTENT


def _clear_journal(world: Workspace, _asked: Json) -> Reply:
    world.journal.clear()
    return _NO_CONTENT


def _documented(handle: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    def handler(call: Call) -> Reply:
        reply = handle(call)
        if not call.operation.allows(reply.status, orjson.loads(reply.body) if reply.body else None):
            told = f"{call.operation.operation_id}: {reply.status} with this body is not in the document"
            raise UndocumentedAnswer(told)
        return reply

    return handler


def _never_json(refused: Refusal) -> Reply:
    return _problem(refused.status, refused.message or "", (refused.details or {})["problems"])


def _json(value: object, status: int = 200) -> Reply:
    return Reply(status, (), orjson.dumps(value))


def _problem(status: int, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> Reply:
    return Reply(status, (), problem_json(status, detail, errors), PROBLEM_JSON.encode())
