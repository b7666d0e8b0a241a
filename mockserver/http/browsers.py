"""Access for pages of other origins (CORS), except to the control plane."""

from collections.abc import Awaitable, Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

ANY_ORIGIN = "*"
_EXPOSED = ("Date", "Idempotent-Replayed", "Mock-Rule", "Retry-After", "ETag", "Location", "Allow", "WWW-Authenticate")


class BrowserAccess:
    """Lets pages of these origins call the API and read its answers. A preflight is no call: nothing counts it.

    Paths that begin with `control` are left to their own guard.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str], control: str) -> None:
        self._app = app
        self._control = control
        self._shared = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_private_network=True,
            expose_headers=_EXPOSED,
        )

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or scope["path"].startswith(self._control) or not _has_origin(scope):
            return self._app(scope, receive, send)
        return self._shared(scope, receive, send)


def _has_origin(scope: Scope) -> bool:
    return b"origin" in dict(scope["headers"])
