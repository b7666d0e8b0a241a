"""The operations of spec/control.yaml. A refusal is a problem document (RFC 9457)."""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from tracepass_contract.spec.numbers import with_integers

from ...semantics.types.answers import Refusal
from ...semantics.types.readings import Readings
from ...state import State, Workspace
from ...state.saved.snapshot import UnusableSnapshot
from ...state.workspaces import Balances, add_key, create_workspace
from ..api.replies import UndocumentedAnswer
from ..call.body import Body
from ..call.exchange import Call, Reply, Stream, in_pieces
from ..call.problems import FOUND_LENGTH_MAX
from ..call.security import REPLICA_HEADER
from . import clock, faults, journal, problems, workspace
from .events import Events
from .guard import CONTROL, PROBLEM_JSON, problem_json
from .overview import Overview

if TYPE_CHECKING:
    from .metrics import Metrics

if TYPE_CHECKING:
    from ...state.saved.saver import Saving

CAPABILITIES = (
    *("batch-create", "single-create", "read-back", "products"),
    *("readings", "workspaces", "clock", "ledger", "journal", "faults", "reset", "state", "events", "metrics"),
)
WORKSPACES_MAX = 20_000
API_KEYS_MAX = 100
FAULTS_MAX = 1_000
_NUMBER = re.compile(r"[0-9]{1,18}")
_NO_CONTENT = Reply(204, (), b"")
Json = dict[str, Any]


def health(version: str, spec_sha256: str, readings: Mapping[str, str], replica: str) -> Json:
    """The answer of the health check, without what it says about the state file."""
    about: Json = {
        "version": version,
        "spec_sha256": spec_sha256,
        "readings": dict(readings),
        "capabilities": CAPABILITIES,
    }
    return {**about, "replica": replica} if replica else about


class UnusableReadings(ValueError):
    """The mock cannot use these readings. The message has a line for each problem."""


class Server(Protocol):
    """The server, as the control plane sees it."""

    def reset(self) -> None:
        """Restore the state of the start."""

    def change_readings(self, readings: Mapping[str, str]) -> None:
        """Change nothing and raise `UnusableReadings` if the readings are wrong."""

    @property
    def readings(self) -> Mapping[str, str]:
        """The answer to each reading that can be set."""

    def readings_with(self, answers: Mapping[str, str], own: Readings | None = None) -> Readings:
        """These answers; the others are those of `own`, or of the server. Raises `UnusableReadings`."""

    @property
    def saving(self) -> "Saving | None":
        """How the state is saved; None if it is not."""

    def saved_pieces(self) -> Generator[bytes, None, None]:
        """The whole state as a JSON document, in pieces."""

    def restore(self, saved: bytes) -> None:
        """Change nothing and raise `UnusableSnapshot` if the document is wrong."""


class ControlOperations:
    """The handlers by operationId, for one set of readings."""

    def __init__(
        self, state: State, server: Server, health: Json, in_force: Mapping[str, str], overview: Overview
    ) -> None:
        self._state = state
        self._server = server
        self._health = health
        self._in_force = in_force
        self._overview = overview

    def handlers(self, events: Events) -> Mapping[str, Callable[[Call], Reply | Stream]]:
        """The handlers. Each answer is checked against the document, and each change is an event."""
        documented = {name: _documented(self._at_home(handler)) for name, handler in self._handlers().items()}
        announced = {name: events.announcing(name, handler) for name, handler in documented.items()}
        in_parts = {"getEvents": events.follow, "getState": lambda _call: in_pieces(self._server.saved_pieces())}
        return {**announced, **in_parts}

    def _at_home(self, handle: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        """A handler that gets no call for a workspace of another replica."""

        def handler(call: Call) -> Reply:
            replica = self._state.replica
            where, workspace_id = _named(call)
            home = replica.other_home_of(workspace_id)
            if home is None:
                return handle(call)
            detail = f"{where}: this workspace belongs to the replica {home}; this is the replica {replica.name}"
            return _problem(421, detail)._replace(headers=((REPLICA_HEADER, home),))

        return handler

    def _handlers(self) -> Mapping[str, Callable[[Call], Reply]]:
        return {
            "getHealth": self._get_health,
            "getMetrics": lambda call: self._metrics.reply(call),
            "reset": self._reset,
            "setState": self._set_state,
            "getReadings": lambda _call: _json({"readings": dict(self._in_force)}),
            "setReadings": _checked(self._set_readings),
            "getWorkspaces": self._overview.workspaces,
            "getCatalogue": self._overview.catalogue,
            "createWorkspace": _checked(self._create_workspace),
            "getWorkspace": self._of_workspace(lambda owner, _body: _json(self._balances(owner))),
            "updateWorkspace": self._of_workspace(self._update_workspace),
            "createApiKey": self._of_workspace(self._create_api_key),
            "deleteApiKey": self._delete_api_key,
            "planFault": self._of_workspace(_plan_fault),
            "getFaults": self._of_workspace(lambda owner, _body: _json(faults.planned(owner))),
            "clearFaults": self._of_workspace(_clear_faults),
            "getLedger": self._of_workspace(self._get_ledger),
            "getJournal": self._of_workspace(lambda owner, _body: _json(journal.journal(owner))),
            "clearJournal": self._of_workspace(_clear_journal),
            "getJournalEntry": self._get_journal_entry,
            "getClock": self._of_workspace(lambda owner, _body: _json(clock.shown(owner))),
            "setClock": self._of_workspace(_in_the_calendar(clock.change)),
            "advanceClock": self._of_workspace(_in_the_calendar(clock.advance)),
        }

    @cached_property
    def _metrics(self) -> "Metrics":
        from .metrics import Metrics  # only when somebody asks: its library takes 10 ms of a start

        labels = {"version", "spec_sha256", "replica"}
        return Metrics(self._state, {name: self._health[name] for name in sorted(labels & self._health.keys())})

    def _reset(self, _call: Call) -> Reply:
        self._server.reset()
        return _NO_CONTENT

    def _set_state(self, call: Call) -> Reply:
        if isinstance(call.body, Refusal):
            return _refused_body(call.body)
        try:
            self._server.restore(call.raw)
        except UnusableSnapshot as error:
            return _problem(400, f"body: {error}")
        return _NO_CONTENT

    def _set_readings(self, _call: Call, body: Json) -> Reply:
        try:
            self._server.change_readings(body["readings"])
        except UnusableReadings as error:
            return _problem(400, str(error))
        return _json({"readings": dict(self._server.readings)})

    def _create_workspace(self, call: Call, body: Json) -> Reply:
        if (beside := _named(call)[1]) and beside not in self._state.workspaces:
            return _no_workspace(call)
        if len(self._state.workspaces) >= WORKSPACES_MAX:
            return _problem(
                429,
                f"the mock has {WORKSPACES_MAX:,} workspaces, the most that are allowed; reset it to remove them",
            )
        try:
            own = self._server.readings_with(body["readings"]) if "readings" in body else None
        except UnusableReadings as error:
            return _problem(400, f"/readings: {error}")
        plan = workspace.plan_from(body)
        used = Balances(body.get("writes_used", 0), body.get("passports_used", 0), body.get("reads_used", 0))
        owner, api_key = create_workspace(self._state, plan, used)
        owner.readings = own
        return _json({"api_key": api_key, **self._balances(owner)}, 201)

    def _update_workspace(self, owner: Workspace, body: Json) -> Reply:
        if "readings" in body:
            answers = body["readings"]
            try:
                own = None if answers is None else self._server.readings_with(answers, owner.readings)
            except UnusableReadings as error:
                return _problem(400, f"/readings: {error}")
            self._state.change_readings_of(owner, own, self._server.readings_with({}))
        owner.plan = workspace.plan_from(body, owner.plan)
        now = owner.clock.now()
        account = self._state.view(owner, now).account
        used = {
            name: body.get(name, getattr(account, name)) for name in ("writes_used", "reads_used", "passports_used")
        }
        self._state.set_balances(owner, **used, now=now)
        workspace.set_overage(owner, body)
        return _json(self._balances(owner))

    def _create_api_key(self, owner: Workspace, _body: Json) -> Reply:
        if owner.keys_given >= API_KEYS_MAX:
            return _problem(429, f"the workspace has {API_KEYS_MAX} keys, the most that are allowed")
        return _json({"api_key": add_key(self._state, owner)}, 201)

    def _delete_api_key(self, call: Call) -> Reply:
        api_key = call.path_params["key"]
        owner = self._state.workspace_of(api_key)
        if owner is None or owner.id != call.path_params["id"]:
            return _problem(404, "key: this workspace does not have this key")
        self._state.revoke_api_key(api_key)
        return _NO_CONTENT

    def _get_journal_entry(self, call: Call) -> Reply:
        owner, number = self._state.workspaces.get(call.path_params["id"]), call.path_params["entry"]
        if owner is None:
            return _no_workspace(call)
        entry = owner.journal.find(int(number)) if _NUMBER.fullmatch(number) else None
        if entry is None:
            found = number[:FOUND_LENGTH_MAX]
            return _problem(
                404, f'entry: unknown entry "{found}"; GET {CONTROL}/workspaces/{owner.id}/journal lists them'
            )
        return _json(journal.entry_in_full(owner, entry))

    def _get_health(self, _call: Call) -> Reply:
        saving = self._server.saving
        status = "not-saving" if saving and saving.problem else "ok"
        return _json({"status": status, **self._health, "state_file": saving and saving._asdict()})

    def _get_ledger(self, owner: Workspace, _body: Json) -> Reply:
        saving = self._server.saving
        return _json({**journal.ledger(owner), "saved": saving and not saving.problem})

    def _balances(self, owner: Workspace) -> Json:
        return workspace.balances(owner, self._state.view(owner, owner.clock.now()).account)

    def _of_workspace(self, handle: Callable[[Workspace, Json], Reply]) -> Callable[[Call], Reply]:
        """A handler that gets the workspace of the path, or answers 404."""

        def handler(call: Call, body: Json) -> Reply:
            owner = self._state.workspaces.get(call.path_params["id"])
            if owner is None:
                return _no_workspace(call)
            if call.scope["method"] != "GET":
                self._state.changes.touch(owner)
            return handle(owner, body)

        return _checked(handler)


def _checked(handle: Callable[[Call, Json], Reply]) -> Callable[[Call], Reply]:
    """A handler that gets valid bodies only. The others are refused (400)."""

    def handler(call: Call) -> Reply:
        if call.operation.body is None:
            return handle(call, {})
        if isinstance(call.body, Refusal):
            return _refused_body(call.body)
        assert isinstance(call.body, Body)  # noqa: S101  an operation with a body reads one
        if found := problems.of_body(call.operation.body, call.body.value):
            return _problem(400, "\n".join(each.as_text() for each in found), [each.as_json() for each in found])
        return handle(call, with_integers(call.body.value))

    return handler


def _no_workspace(call: Call) -> Reply:
    where, workspace_id = _named(call)
    return _problem(404, f'{where}: unknown workspace "{workspace_id[:FOUND_LENGTH_MAX]}"')


def _named(call: Call) -> tuple[str, str]:
    """The parameter that names a workspace, and its value: empty if the call names none."""
    if "id" in call.path_params:
        return "id", call.path_params["id"]
    return "beside", dict(call.query).get("beside", "")


def _in_the_calendar(move: Callable[[Workspace, Json], Json]) -> Callable[[Workspace, Json], Reply]:
    def handle(owner: Workspace, body: Json) -> Reply:
        try:
            return _json(move(owner, body))
        except OverflowError:
            return _problem(400, "the clock cannot show this time; use a time in the years 1970 to 9998 UTC")
        except ValueError:
            return _problem(400, "/now: the clock has no leap seconds")

    return handle


def _plan_fault(owner: Workspace, body: Json) -> Reply:
    if len(owner.faults.planned) >= FAULTS_MAX:
        return _problem(
            429, f"the workspace has {FAULTS_MAX:,} planned faults, the most that are allowed; DELETE removes them"
        )
    return _json(faults.plan(owner, body), 201)


def _clear_faults(owner: Workspace, _body: Json) -> Reply:
    owner.faults.planned.clear()
    return _NO_CONTENT


def _clear_journal(owner: Workspace, _body: Json) -> Reply:
    owner.journal.clear()
    return _NO_CONTENT


def _documented(handle: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    def handler(call: Call) -> Reply:
        reply = handle(call)
        media_type = reply.content_type.decode().partition(";")[0]
        if "json" in media_type:
            documented = call.operation.allows(reply.status, orjson.loads(reply.body) if reply.body else None)
        else:
            documented = call.operation.allows_content(reply.status, media_type)
        if not documented:
            problem = f"{call.operation.operation_id}: the document has no answer {reply.status} with this body"
            raise UndocumentedAnswer(problem)
        return reply

    return handler


def _refused_body(refused: Refusal) -> Reply:
    return _problem(refused.status, refused.message or "", (refused.details or {})["problems"])


def _json(value: object, status: int = 200) -> Reply:
    return Reply(status, (), orjson.dumps(value))


def _problem(status: int, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> Reply:
    return Reply(status, (), problem_json(status, detail, errors), PROBLEM_JSON.encode())
