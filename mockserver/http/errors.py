"""Answers to calls that no operation receives: a missing or unknown key, an unknown path or method, a bug of the mock.

They have the API's error envelope. Each has a log line, and so has each call that a fault does not deliver.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import orjson
from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from connexion.middleware.exceptions import ExceptionMiddleware
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from ..state.call_counts import UNROUTED, CallCounts
from ..state.clock import Clock
from ..state.planned_faults import PlannedFault
from .api.log import Log, NotDelivered, UnroutedCall, log_line
from .call.exchange import PATH_LENGTH_MAX, StateReplaced, path_for_log
from .call.scope import context_of
from .call.security import REPLICA_HEADER, MisdirectedCall
from .control.guard import CONTROL, PROBLEM_JSON, is_local, problem_json
from .faults import LogNotDelivered

logger = logging.getLogger(__name__)
_RAISED = "tracepass_raised"  # in the scope: the exception to answer
_ERRORS = {401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed", 421: "Misdirected Request"}
_HEALTH = frozenset({"health", "healthz", "healthcheck", "livez", "ping", "ready", "readyz", "status"})
API_PREFIX = ["api", "v1"]


class RaisedMiddleware(ExceptionMiddleware):
    """Connexion's error handling, used only after an exception. Connexion's own prepares it for each call."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(_raise_again)
        self._next_app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._next_app(scope, receive, send)
        except StateReplaced as replaced:
            await replaced.handle_again(scope, send)
        except OSError:
            return  # by ASGI, a server raises it where the caller has gone; no operation reads a file
        except Exception as error:
            await super().__call__({**scope, _RAISED: error}, receive, send)


async def _raise_again(scope: Scope, _receive: Receive, _send: Send) -> None:
    raise scope[_RAISED]


Answer = Callable[[ConnexionRequest, Exception], Awaitable[ConnexionResponse]]


def logged(answer: Answer, log: Log, clock: Clock, counts: CallCounts) -> Answer:
    """The same answers. Each call that is not of the control plane has a log line and is counted."""

    async def answer_and_log(request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
        reply, scope = await answer(request, exc), request.scope
        if not scope["path"].startswith(CONTROL):
            status, message = reply.status_code, _in_short(request, exc)
            counts.count(UNROUTED, status, reply.headers.get("Mock-Rule", ""))
            log_line(
                log, UnroutedCall(clock.now(), scope["method"], path_for_log(scope), status, _error(status), message)
            )
        return reply

    return answer_and_log


def not_delivered_logger(log: Log) -> LogNotDelivered:
    """Logs each call that a planned fault does not deliver. Its time is that of the workspace."""

    def not_delivered(scope: Scope, fault: PlannedFault, status: int | None) -> None:
        workspace = context_of(scope).workspace
        assert workspace is not None  # noqa: S101  a fault is planned for a workspace
        at, method, path = workspace.clock.now(), scope["method"], path_for_log(scope)
        log_line(log, NotDelivered(at, workspace.id, method, path, fault.id, fault.kind, status))

    return not_delivered


def problem_naming(keys: Mapping[str, str]) -> Answer:
    """Connexion's own refusals. With our document the only one is that of the bearer scheme. It also gives the answer
    to a call for another replica.

    A program on this machine learns the seeded `keys`, by the names of their accounts. Others do not.
    """

    async def problem(request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
        assert isinstance(exc, ProblemException)  # noqa: S101  it is registered for this type
        message, details = f"Authorization: {exc.detail}", None
        if isinstance(exc, MisdirectedCall):
            return _envelope(exc.status, message, {REPLICA_HEADER: exc.home}, {"replica": exc.home})
        headers = {"WWW-Authenticate": "Bearer", "Mock-Rule": "auth.bearer-required"} if exc.status == 401 else {}
        if keys and is_local(request.scope):
            message += f". Try {next(iter(keys.values()))}, or another key in details.keys"
            details = {"keys": dict(keys)}
        return _envelope(exc.status, message, headers, details)

    return problem


def http_error_naming(paths: Sequence[str]) -> Answer:
    """The router's 404 and 405. A 404 names the likely one of these paths, which are templates."""

    async def answer(request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
        return http_error(request, exc, paths)

    return answer


def likely_path(path: str, templates: Sequence[str]) -> str | None:
    """The documented path that the caller may have meant: without its prefix, with a slash too many, or misspelled. For
    the usual name of a health check it is that of the mock.
    """
    wanted = [part for part in path.split("/") if part]
    if wanted and wanted[-1] in _HEALTH:
        return f"{CONTROL}/health"
    if wanted[:2] != API_PREFIX:
        wanted = [*API_PREFIX, *(part for part in wanted if part not in API_PREFIX)]
    filled = (_filled(template.split("/")[1:], wanted) for template in templates)
    near = get_close_matches("/".join(wanted), filter(None, filled), n=1, cutoff=0.8)
    return f"/{near[0]}" if near else None


def _filled(template: Sequence[str], wanted: Sequence[str]) -> str | None:
    """A path template with the caller's own names in the places of its parameters."""
    if len(template) != len(wanted):
        return None
    return "/".join(own if part.startswith("{") else part for part, own in zip(template, wanted, strict=True))


def http_error(request: ConnexionRequest, exc: Exception, paths: Sequence[str]) -> ConnexionResponse:
    """The router's 404 and 405."""
    assert isinstance(exc, HTTPException)  # noqa: S101  it is registered for this type
    headers = dict(exc.headers or {})
    is_control = request.scope["path"].startswith(CONTROL)
    if exc.status_code == 405:
        where, expected, found = "method", headers.get("Allow", "another"), request.method
        message = f"{where}: expected {expected}, found {found}"
    else:
        see = f"{CONTROL}/docs" if is_control else "/openapi.json"
        where, expected, found = "path", f"a path of {see}", request.scope["path"][:PATH_LENGTH_MAX]
        likely = None if is_control else likely_path(found, paths)
        message = f'unknown path "{found}". ' + (f'Did you mean "{likely}"?' if likely else f"{see} lists all paths.")
    if is_control:
        return _control_problem(exc.status_code, message, headers)
    details = {"problems": [{"where": where, "expected": expected, "found": found}]}
    return _envelope(exc.status_code, message, headers, details)


def _in_short(request: ConnexionRequest, exc: Exception) -> str:
    """What was expected and found, without text from the caller."""
    match exc:
        case ProblemException(detail=detail):
            return str(detail)
        case HTTPException(status_code=405, headers={"Allow": allowed}):
            return f"expected {allowed}, found {request.method}"
    return "unknown path; /openapi.json lists all paths"


def _error(status: int) -> str:
    return _ERRORS.get(status, "Internal Server Error")


async def bug(request: ConnexionRequest, exc: Exception) -> ConnexionResponse:
    """500 for a bug of the mock. The traceback is in the log, not in the answer."""
    effect = "The call is committed" if context_of(request.scope).is_committed else "Nothing was committed"
    logger.error("The mock has a bug. %s.", effect, exc_info=exc)
    return _envelope(500, f"The mock has a bug; its log has the details. {effect}.", {})


def _envelope(
    status: int, message: str, headers: dict[str, str], details: dict[str, Any] | None = None
) -> ConnexionResponse:
    body = {"error": _error(status), "message": message}
    return ConnexionResponse(  # type: ignore[no-untyped-call]
        status_code=status,
        body=orjson.dumps(body | ({"details": details} if details else {})),
        headers=headers,
        content_type="application/json",
    )


def _control_problem(status: int, detail: str, headers: dict[str, str]) -> ConnexionResponse:
    """An error of the control plane (RFC 9457). Nobody can take it for an error of the API."""
    return ConnexionResponse(  # type: ignore[no-untyped-call]
        status_code=status,
        body=problem_json(status, detail),
        headers=headers,
        content_type=PROBLEM_JSON,
    )
