"""The operations of spec/control.yaml."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...semantics.types.answers import Refusal
from ...state import State, Workspace
from ...state.saved.snapshot import UnusableSnapshot
from ...state.workspaces import Balances, add_key, create_workspace
from ..call.exchange import Call, Reply, Stream, in_pieces
from ..call.problems import FOUND_LENGTH_MAX
from ..call.security import REPLICA_HEADER
from . import clock, faults, journal, workspace
from .events import Events
from .guard import CONTROL
from .overview import Overview
from .replies import NO_CONTENT, checked, documented, json_reply, problem, refused_body
from .server import Server, UnusableReadings

if TYPE_CHECKING:
    from .metrics import Metrics

CAPABILITIES = (
    *("batch-create", "single-create", "read-back", "products"),
    *("readings", "workspaces", "clock", "ledger", "journal", "faults", "reset", "state", "events", "metrics"),
)
WORKSPACES_MAX = 20_000
API_KEYS_MAX = 100
FAULTS_MAX = 1_000
_NUMBER = re.compile(r"[0-9]{1,18}")
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
        replies = {name: documented(self._at_home(handler)) for name, handler in self._handlers().items()}
        announced = {name: events.announcing(name, handler) for name, handler in replies.items()}
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
            return problem(421, detail)._replace(headers=((REPLICA_HEADER, home),))

        return handler

    def _handlers(self) -> Mapping[str, Callable[[Call], Reply]]:
        return {
            "getHealth": self._get_health,
            "getMetrics": lambda call: self._metrics.reply(call),
            "reset": self._reset,
            "setState": self._set_state,
            "getReadings": lambda _call: json_reply({"readings": dict(self._in_force)}),
            "setReadings": checked(self._set_readings),
            "getWorkspaces": self._overview.workspaces,
            "getCatalogue": self._overview.catalogue,
            "createWorkspace": checked(self._create_workspace),
            "getWorkspace": self._of_workspace(lambda owner, _body: json_reply(self._balances(owner))),
            "updateWorkspace": self._of_workspace(self._update_workspace),
            "createApiKey": self._of_workspace(self._create_api_key),
            "deleteApiKey": self._delete_api_key,
            "planFault": self._of_workspace(_plan_fault),
            "getFaults": self._of_workspace(lambda owner, _body: json_reply(faults.planned(owner))),
            "clearFaults": self._of_workspace(_clear_faults),
            "getLedger": self._of_workspace(self._get_ledger),
            "getJournal": self._of_workspace(lambda owner, _body: json_reply(journal.journal(owner))),
            "clearJournal": self._of_workspace(_clear_journal),
            "getJournalEntry": self._get_journal_entry,
            "getClock": self._of_workspace(lambda owner, _body: json_reply(clock.shown(owner))),
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
        return NO_CONTENT

    def _set_state(self, call: Call) -> Reply:
        if isinstance(call.body, Refusal):
            return refused_body(call.body)
        try:
            self._server.restore(call.raw)
        except UnusableSnapshot as error:
            return problem(400, f"body: {error}")
        return NO_CONTENT

    def _set_readings(self, _call: Call, body: Json) -> Reply:
        try:
            self._server.change_readings(body["readings"])
        except UnusableReadings as error:
            return problem(400, str(error))
        return json_reply({"readings": dict(self._server.readings)})

    def _create_workspace(self, call: Call, body: Json) -> Reply:
        if (beside := _named(call)[1]) and beside not in self._state.workspaces:
            return _no_workspace(call)
        if len(self._state.workspaces) >= WORKSPACES_MAX:
            return problem(
                429,
                f"the mock has {WORKSPACES_MAX:,} workspaces, the most that are allowed; reset it to remove them",
            )
        try:
            own = self._server.readings_with(body["readings"]) if "readings" in body else None
        except UnusableReadings as error:
            return problem(400, f"/readings: {error}")
        plan = workspace.plan_from(body)
        used = Balances(body.get("writes_used", 0), body.get("passports_used", 0), body.get("reads_used", 0))
        owner, api_key = create_workspace(self._state, plan, used)
        owner.readings = own
        return json_reply({"api_key": api_key, **self._balances(owner)}, 201)

    def _update_workspace(self, owner: Workspace, body: Json) -> Reply:
        if "readings" in body:
            answers = body["readings"]
            try:
                own = None if answers is None else self._server.readings_with(answers, owner.readings)
            except UnusableReadings as error:
                return problem(400, f"/readings: {error}")
            self._state.change_readings_of(owner, own, self._server.readings_with({}))
        owner.plan = workspace.plan_from(body, owner.plan)
        now = owner.clock.now()
        account = self._state.view(owner, now).account
        used = {
            name: body.get(name, getattr(account, name)) for name in ("writes_used", "reads_used", "passports_used")
        }
        self._state.set_balances(owner, **used, now=now)
        workspace.set_overage(owner, body)
        return json_reply(self._balances(owner))

    def _create_api_key(self, owner: Workspace, _body: Json) -> Reply:
        if owner.keys_given >= API_KEYS_MAX:
            return problem(429, f"the workspace has {API_KEYS_MAX} keys, the most that are allowed")
        return json_reply({"api_key": add_key(self._state, owner)}, 201)

    def _delete_api_key(self, call: Call) -> Reply:
        api_key = call.path_params["key"]
        owner = self._state.workspace_of(api_key)
        if owner is None or owner.id != call.path_params["id"]:
            return problem(404, "key: this workspace does not have this key")
        self._state.revoke_api_key(api_key)
        return NO_CONTENT

    def _get_journal_entry(self, call: Call) -> Reply:
        owner, number = self._state.workspaces.get(call.path_params["id"]), call.path_params["entry"]
        if owner is None:
            return _no_workspace(call)
        entry = owner.journal.find(int(number)) if _NUMBER.fullmatch(number) else None
        if entry is None:
            found = number[:FOUND_LENGTH_MAX]
            return problem(
                404, f'entry: unknown entry "{found}"; GET {CONTROL}/workspaces/{owner.id}/journal lists them'
            )
        return json_reply(journal.entry_in_full(owner, entry))

    def _get_health(self, _call: Call) -> Reply:
        saving = self._server.saving
        status = "not-saving" if saving and saving.problem else "ok"
        return json_reply({"status": status, **self._health, "state_file": saving and saving._asdict()})

    def _get_ledger(self, owner: Workspace, _body: Json) -> Reply:
        saving = self._server.saving
        return json_reply({**journal.ledger(owner), "saved": saving and not saving.problem})

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

        return checked(handler)


def _no_workspace(call: Call) -> Reply:
    where, workspace_id = _named(call)
    return problem(404, f'{where}: unknown workspace "{workspace_id[:FOUND_LENGTH_MAX]}"')


def _named(call: Call) -> tuple[str, str]:
    """The parameter that names a workspace, and its value: empty if the call names none."""
    if "id" in call.path_params:
        return "id", call.path_params["id"]
    return "beside", dict(call.query).get("beside", "")


def _in_the_calendar(move: Callable[[Workspace, Json], Json]) -> Callable[[Workspace, Json], Reply]:
    def handle(owner: Workspace, body: Json) -> Reply:
        try:
            return json_reply(move(owner, body))
        except OverflowError:
            return problem(400, "the clock cannot show this time; use a time in the years 1970 to 9998 UTC")
        except ValueError:
            return problem(400, "/now: the clock has no leap seconds")

    return handle


def _plan_fault(owner: Workspace, body: Json) -> Reply:
    if len(owner.faults.planned) >= FAULTS_MAX:
        return problem(
            429, f"the workspace has {FAULTS_MAX:,} planned faults, the most that are allowed; DELETE removes them"
        )
    return json_reply(faults.plan(owner, body), 201)


def _clear_faults(owner: Workspace, _body: Json) -> Reply:
    owner.faults.planned.clear()
    return NO_CONTENT


def _clear_journal(owner: Workspace, _body: Json) -> Reply:
    owner.journal.clear()
    return NO_CONTENT
