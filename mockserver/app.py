"""The composition root: builds the parts of the mock and joins them into one ASGI application."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from connexion.exceptions import ProblemException
from connexion.middleware import ConnexionMiddleware
from connexion.middleware.exceptions import ExceptionMiddleware
from connexion.middleware.security import SecurityMiddleware
from connexion.resolver import Resolver
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from tracepass_contract.fixtures import AccountFixture, accounts
from tracepass_contract.mockserver.clock import Clock, SystemClock
from tracepass_contract.mockserver.faults import Faults
from tracepass_contract.mockserver.http import errors
from tracepass_contract.mockserver.http.contract31 import Contract31
from tracepass_contract.mockserver.http.control import ControlOperations, health_reply
from tracepass_contract.mockserver.http.guard import CONTROL, ControlGuard
from tracepass_contract.mockserver.http.log import Log, LogEntry
from tracepass_contract.mockserver.http.middleware import CallMiddleware, ExactRoutingMiddleware, Handler
from tracepass_contract.mockserver.http.operations import Operations
from tracepass_contract.mockserver.http.pages import pages
from tracepass_contract.mockserver.http.security import bearer_handler
from tracepass_contract.mockserver.seeding import seed
from tracepass_contract.mockserver.semantics.readings import Readings
from tracepass_contract.mockserver.state import State
from tracepass_contract.mockserver.state.planned_faults import FaultQueue
from tracepass_contract.spec import check_answers, control_document, document_under, sha256_of

_STACK = [ExceptionMiddleware, ExactRoutingMiddleware, SecurityMiddleware, CallMiddleware]
VERSION = version("tracepass-contract")


class UnusableReadings(ValueError):
    """The readings asked for can't be run with; the message says why and names what can."""


@dataclass(frozen=True, slots=True)
class Mock:
    """The ASGI application with its parts in reach."""

    asgi: ASGIApp
    state: State
    readings: Readings
    spec_sha256: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.asgi(scope, receive, send)


def create_app(
    *,
    readings: Mapping[str, str] | None = None,
    seed_with: Sequence[AccountFixture] | None = None,
    clock: Clock | None = None,
    log: Log | None = None,
    control_token: str | None = None,
) -> Mock:
    """A mock with its own books. `readings` maps reading ids to answers; what is not named has its default. With a
    `control_token` the control plane asks for it, and is for this machine only without.

    Raises `UnusableReadings` for readings that do not exist, can't be set, or contradict each other.
    """
    answers = dict(readings or {})
    if problems := check_answers(answers):
        raise UnusableReadings("\n".join(problems))
    chosen, clock = Readings.from_answers(answers), clock or SystemClock()
    state, fixtures = State(clock), accounts() if seed_with is None else seed_with

    def start() -> None:
        seed(state, fixtures, chosen)

    start()
    document = document_under(answers)
    digest = sha256_of(document)
    operations = Operations(state, chosen, log or _say_nothing)
    in_force = chosen.as_answers()
    control = ControlOperations(state, in_force, health_reply(VERSION, digest, in_force), start)
    connexion = ConnexionMiddleware(
        pages(document, _swagger_ui(), fixtures[0].api_key),
        middlewares=_STACK,  # type: ignore[arg-type]  # it says applications, and means what makes them
    )
    api = Contract31(document)
    for contract, base_path, handlers in (
        (api, "/api/v1", operations.handlers(api)),
        (Contract31(control_document()), CONTROL, control.handlers()),
    ):
        _add(connexion, contract, base_path, handlers, state)
    connexion.add_error_handler(ProblemException, errors.problem)
    connexion.add_error_handler(HTTPException, errors.http_error)
    connexion.add_error_handler(Exception, errors.bug)

    def faults_of(api_key: str) -> FaultQueue | None:
        world = state.workspace_of(api_key)
        return world.faults if world else None

    return Mock(Faults(ControlGuard(connexion, control_token), faults_of), state, chosen, digest)


def _add(
    connexion: ConnexionMiddleware,
    contract: Contract31,
    base_path: str,
    handlers: Mapping[str, Handler],
    state: State,
) -> None:
    connexion.add_api(
        contract.routing_view(),
        base_path=base_path,
        resolver=Resolver(handlers.__getitem__),
        security_map={"bearer": bearer_handler(state)},
        contract=contract,
        handlers=handlers,
    )


def _swagger_ui() -> Path:
    """The files of Swagger UI 5, which a package brings along. The package itself is not imported."""
    package = find_spec("flask_swagger_ui")
    assert package is not None  # noqa: S101  it is a dependency
    assert package.origin is not None  # noqa: S101
    return Path(package.origin).parent / "dist"


def _say_nothing(_entry: LogEntry) -> None:
    pass
