"""The control plane is for programs on this machine: not for pages of other sites that a browser has open.

A page elsewhere can make a browser send requests to a local port. What gives it away is its `Origin`, and, where a name
was bent to point here (DNS rebinding), the `Host`.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

CONTROL = "/_mock"
PROBLEM_JSON = "application/problem+json"
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class LocalOnly:
    """Refuses a foreign `Host` or `Origin` under `/_mock` with an RFC 9457 problem."""

    def __init__(self, app: ASGIApp, path_prefix: str = CONTROL) -> None:
        self._app = app
        self._path_prefix = path_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._path_prefix) and (told := _foreign(scope)):
            await _refuse(send, told)
        else:
            await self._app(scope, receive, send)


def problem_json(status: int, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> bytes:
    """An error of the control plane (RFC 9457), so that it is never taken for one of the API."""
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return orjson.dumps(problem | ({"errors": list(errors)} if errors else {}))


def _foreign(scope: Scope) -> str | None:
    """Which header is not of this machine, or None. The address that the call came in at is one of its names."""
    host = _header(scope, b"host")
    if _name_in(host) not in {*_LOCAL_NAMES, (scope.get("server") or (None,))[0]}:
        return f"Host: expected a name of this machine, found {host[:80]!r}"
    origin = _header(scope, b"origin")
    if origin and origin.partition("://")[2] != host:
        return f"Origin: expected none, or that of this server, found {origin[:80]!r}"
    return None


def _name_in(host: str) -> str:
    """The name without its port; nothing for what is no name at all, a bracket that is never closed for one."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for each, value in scope["headers"] if each == name), "")


async def _refuse(send: Send, detail: str) -> None:
    body = problem_json(403, detail)
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
