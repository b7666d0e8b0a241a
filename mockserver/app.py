"""The composition root: builds the parts of the mock and joins them into one ASGI application."""

from collections.abc import Awaitable, Generator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from tracepass_contract.fixtures import AccountFixture, accounts
from tracepass_contract.spec import check_answers, control_document, document_under, sha256_of

from .http import ConnexionMiddleware, ProblemException, Resolver, dashboard, errors
from .http.api.log import Line, Log
from .http.api.operations import Operations
from .http.browsers import ANY_ORIGIN, BrowserAccess
from .http.call.document import Contract31
from .http.call.scope import context_of
from .http.control.events import Events
from .http.control.guard import CONTROL, ControlGuard
from .http.control.operations import ControlOperations, health
from .http.control.overview import Overview
from .http.control.server import UnusableReadings
from .http.date_header import DateHeader
from .http.faults import Faults
from .http.html_pages import pages
from .http.middleware import CallMiddleware, ExactRoutingMiddleware
from .http.saved_first import SavedFirst
from .http.timing import Timing
from .seeding import accounts_of, seed
from .semantics.types.readings import Readings
from .state import State
from .state.clock import Clock, SystemClock
from .state.replica import ALONE, Replica
from .state.saved import snapshot
from .state.saved.capture import Captured, capture, capture_all
from .state.saved.document import Snapshot
from .state.saved.pieces import pieces
from .state.saved.snapshot import UnusableSnapshot

if TYPE_CHECKING:  # they import what only a mock with traces, or with a state file, needs
    from .http.traces import Traces
    from .state.saved.saver import Saver, Saving

_STACK = [errors.RaisedMiddleware, ExactRoutingMiddleware, CallMiddleware]
__all__ = ["VERSION", "Mock", "UnusableReadings", "create_app"]
VERSION = version("tracepass-contract")
_BUILT_MAX = 16  # sets of readings


class Mock:
    """The ASGI application and its state. Readings and state can be replaced while it serves."""

    def __init__(self, parts: "Parts", readings: Mapping[str, str]) -> None:
        self._parts = parts
        self._readings_at_start = readings
        self.state = State(parts.clock, parts.replica)
        self.events = parts.events
        self._built: dict[Readings, Served] = {}
        self._run_with(readings)
        seed(self.state, parts.seeds, self._served.readings)
        guarded = ControlGuard(self._current, parts.control_token)
        not_delivered = errors.not_delivered_logger(parts.log)
        saved = self._saved = SavedFirst(guarded, CONTROL)
        with_faults = Faults(DateHeader(saved, parts.clock), self.state, not_delivered, CONTROL)
        served: ASGIApp = Timing(with_faults, self.state.calls)
        if parts.traces is not None:
            served = parts.traces.around(served, CONTROL)
        open_to = parts.cors_origins
        self._asgi: ASGIApp = BrowserAccess(served, open_to, CONTROL) if open_to else served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._asgi(scope, receive, send)

    def reset(self) -> None:
        """Restore the state and the readings of the start."""
        self._run_with(self._readings_at_start)
        self.state.clear()
        seed(self.state, self._parts.seeds, self._served.readings)

    def change_readings(self, readings: Mapping[str, str]) -> None:
        """Use other readings and keep the state. Changes nothing if it raises `UnusableReadings`."""
        before = self._served.readings
        self._run_with(readings)
        self.state.apply_readings(before, self._served.readings)

    def saved_pieces(self) -> Generator[bytes, None, None]:
        """The state and the readings as one JSON document, in pieces. Calls may come between two of them."""
        return pieces(self.state, self.deviations)

    def save(self) -> bytes:
        """The state and the readings as one JSON document."""
        return b"".join(self.saved_pieces())

    def restore(self, saved: bytes) -> None:
        """Restore what `save` returned. Changes nothing if it raises `UnusableSnapshot`."""
        self.restore_snapshot(snapshot.decode(saved))

    def restore_snapshot(self, found: Snapshot) -> None:
        """Restore a state. Changes nothing if it raises `UnusableSnapshot`."""
        restored = snapshot.state_from(found, self._parts.clock)
        for workspace in found.workspaces:
            if home := self.state.replica.other_home_of(workspace.id):
                raise UnusableSnapshot(f"workspaces.{workspace.id}: it belongs to the replica {home}")
        try:
            for workspace in found.workspaces:
                _check(workspace.readings or {})
            self._run_with(found.readings)
        except UnusableReadings as error:
            raise UnusableSnapshot(f"readings: {error}") from None
        self.state.replace_with(restored)

    def capture(self) -> Captured:
        """What has changed since the last call of this method."""
        return capture(self.state, self.deviations)

    def capture_all(self) -> Captured:
        """The whole state."""
        return capture_all(self.state, self.deviations)

    def save_with(self, saver: "Saver") -> None:
        """Save all changes from now on."""
        self._saved.saver = saver
        self.state.changes.note_from_now_on(saver.changed)

    @property
    def saving(self) -> "Saving | None":
        """How the state is saved; None if it is not."""
        return self._saved.saver.saving if self._saved.saver else None

    @property
    def readings(self) -> Mapping[str, str]:
        """The answer to each reading that can be set."""
        return self._served.readings.as_answers()

    @property
    def deviations(self) -> Mapping[str, str]:
        """The answers that differ from the default."""
        return self._served.deviations

    def readings_with(self, answers: Mapping[str, str], own: Readings | None = None) -> Readings:
        """These answers for one workspace; the others are its own, or those in force. Raises `UnusableReadings`."""
        merged = {**(own.as_answers() if own else self.readings), **answers}
        _check(merged)
        return Readings.from_answers(merged)

    @property
    def spec_sha256(self) -> str:
        """The digest of the OpenAPI document."""
        return self._served.spec_sha256

    def _run_with(self, readings: Mapping[str, str]) -> None:
        """Build everything that depends on the readings, or take it from the cache. The state does not change."""
        _check(readings)
        self._served = self._serving(Readings.from_answers(readings))

    def _serving(self, chosen: Readings) -> "Served":
        """The application for these readings. The one that was built first makes room for another."""
        if chosen not in self._built:
            if len(self._built) >= _BUILT_MAX:
                del self._built[next(iter(self._built))]
            self._built[chosen] = self._build(chosen)
        return self._built[chosen]

    def _build(self, readings: Readings) -> "Served":
        parts, in_force, deviations = self._parts, readings.as_answers(), readings.deviations()
        document, of_control = document_under(deviations), control_document()
        digest = sha256_of(document)
        about = health(VERSION, digest, in_force, parts.replica.name)
        operations = Operations(self.state, readings, deviations, parts.log)
        overview = Overview(self.state, {each.name: each.about for each in parts.seeds})
        control = ControlOperations(self.state, self, about, in_force, overview)
        connexion = ConnexionMiddleware(
            pages(document, of_control, _swagger_ui(), parts.seeds[0].api_key, dashboard.routes()),
            middlewares=_STACK,  # type: ignore[arg-type]  # the annotation names applications, Connexion takes factories
        )
        api = Contract31(document)
        for contract, base_path, handlers, waits in (
            (api, "/api/v1", operations.handlers(api), operations.waits()),
            (Contract31(of_control), CONTROL, control.handlers(parts.events), {}),
        ):
            connexion.add_api(
                contract.routing_view(),
                base_path=base_path,
                resolver=Resolver(handlers.__getitem__),
                state=self.state,
                contract=contract,
                handlers=handlers,
                current=self._current,
                waits=waits,
            )
        own = accounts_of(parts.replica, parts.seeds)
        keys = {} if parts.control_token else {seeded.name: seeded.api_key for seeded in own}
        paths = [f"/api/v1{each.partition(' ')[2]}" for each in api.served]
        for kind, answer in (
            (ProblemException, errors.problem_naming(keys)),
            (HTTPException, errors.http_error_naming(paths)),
        ):
            connexion.add_error_handler(kind, errors.logged(answer, parts.log, parts.clock, self.state.calls))
        connexion.add_error_handler(Exception, errors.bug)
        return Served(readings, deviations, digest, connexion)

    def _current(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return self._served_to(scope).connexion(scope, receive, send)

    def _served_to(self, scope: Scope) -> "Served":
        """The application for the readings of the caller's workspace. The control plane always has the server's."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            return self._served
        workspace = context_of(scope).workspace
        own = None if workspace is None else workspace.readings
        return self._served if own is None else self._serving(own)


@dataclass(frozen=True, slots=True)
class Served:
    """The application for one set of readings. `deviations` are the answers that differ from the default."""

    readings: Readings
    deviations: Mapping[str, str]
    spec_sha256: str
    connexion: ConnexionMiddleware


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a mock that no reset and no restore changes."""

    seeds: Sequence[AccountFixture]
    clock: Clock
    log: Log
    events: Events
    control_token: str | None
    cors_origins: Sequence[str]
    replica: Replica
    traces: "Traces | None"


def create_app(  # noqa: PLR0913  a keyword for each part that a caller may choose
    *,
    readings: Mapping[str, str] | None = None,
    seed_with: Sequence[AccountFixture] | None = None,
    clock: Clock | None = None,
    log: Log | None = None,
    control_token: str | None = None,
    cors_origins: Sequence[str] = (ANY_ORIGIN,),
    replica: Replica = ALONE,
    traces: "Traces | None" = None,
) -> Mock:
    """A mock with a state of its own. `readings` maps reading ids to answers; the others have their default.

    Pages of `cors_origins` may call the API from a browser (none: no page of another origin may). The control plane
    requires the `control_token`. Without one it accepts requests from this machine only. Raises `UnusableReadings` for
    readings that do not exist, cannot be set, or contradict each other.
    """
    seeds = accounts() if seed_with is None else seed_with
    clock = clock or SystemClock()
    events = Events(clock.now())
    log = log or _no_log
    log = events.logging_to(traces.logging_to(log) if traces else log)
    parts = Parts(seeds, clock, log, events, control_token, cors_origins, replica, traces)
    return Mock(parts, dict(readings or {}))


def _check(answers: Mapping[str, str]) -> None:
    if problems := check_answers(answers):
        raise UnusableReadings("\n".join(problems))


def _swagger_ui() -> Path:
    """The folder with the files of Swagger UI 5. They are in a package, which is not imported."""
    package = find_spec("flask_swagger_ui")
    assert package is not None  # noqa: S101  it is a dependency
    assert package.origin is not None  # noqa: S101
    return Path(package.origin).parent / "dist"


def _no_log(_line: Line) -> None:
    pass
