"""Access to the control plane: for programs on this machine, or for callers with the token. Never for other websites.

A website can make a browser send requests to a local port. Such a request has a foreign `Origin`, or a foreign `Host`
(DNS rebinding).
"""

from collections.abc import Awaitable, Mapping, Sequence
from hmac import compare_digest
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

CONTROL = "/_mock"
PROBLEM_JSON = "application/problem+json"
_OPEN = frozenset({CONTROL, f"{CONTROL}/", f"{CONTROL}/health", f"{CONTROL}/docs"})
_ASSETS = (f"{CONTROL}/docs/", f"{CONTROL}/dashboard/")
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class ControlGuard:
    """Refuses requests to the control plane with a problem document (RFC 9457).

    A mock without a token refuses a foreign `Host` or `Origin`. A mock with a token refuses calls without it; only the
    health check and the HTML pages are open.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        refused = self._refused(scope) if scope["type"] == "http" and scope["path"].startswith(CONTROL) else None
        return self._app(scope, receive, send) if refused is None else _refuse(send, *refused)

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        if self._token is None:
            foreign = _foreign(scope)
            return (403, foreign) if foreign else None
        if scope["path"] in _OPEN or scope["path"].startswith(_ASSETS):
            return None
        if compare_digest(_header(scope, b"authorization").encode(), f"Bearer {self._token}".encode()):
            return None
        return 401, "Authorization: send Bearer and the control token, which the mock prints at start"


def problem_json(status: int, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> bytes:
    """An error of the control plane as a problem document (RFC 9457)."""
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return orjson.dumps(problem | ({"errors": list(errors)} if errors else {}))


def is_local(scope: Scope) -> bool:
    """Whether a call comes from a program on this machine: by its address, `Host` and `Origin`, and not by a proxy."""
    client: tuple[str, int] | None = scope.get("client")
    forwarded = _header(scope, b"forwarded") or _header(scope, b"x-forwarded-for")
    return client is not None and _is_loopback(client[0]) and not forwarded and _foreign(scope) is None


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _foreign(scope: Scope) -> str | None:
    """What is wrong with a foreign `Host` or `Origin`, or None. The address of the connection is a local name. A call
    without a `Host` is not from a browser, but perhaps a health check of HTTP/1.0.
    """
    host = _header(scope, b"host")
    is_named = any(name == b"host" for name, _ in scope["headers"])
    if is_named and _name_in(host) not in {*_LOCAL_NAMES, (scope.get("server") or (None,))[0]}:
        return (
            f"Host: {host[:80]!r} is not a name of this machine. Call it localhost, or serve with --host and its token"
        )
    origin = _header(scope, b"origin")
    if origin and origin.partition("://")[2] != host:
        return f"Origin: {origin[:80]!r} is not the origin of this server"
    return None


def _name_in(host: str) -> str:
    """The name without its port; empty for a value that is not a host name."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for each, value in scope["headers"] if each == name), "")


async def _refuse(send: Send, status: int, detail: str) -> None:
    body = problem_json(status, detail)
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", b"%d" % len(body))]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
