"""Authorisation: `Authorization: Bearer <api-key>` against the keys of the workspaces (auth.bearer-required).

Connexion says which operations require a key. Its own security handlers are looked up, wrapped and awaited for each
request. Here the handler of an operation is built once.
"""

from collections.abc import Awaitable
from typing import NoReturn

from connexion.exceptions import OAuthProblem, ProblemException
from starlette.types import ASGIApp, Receive, Scope, Send

from ...state import State
from .scope import Caller, context_of

REPLICA_HEADER = "Mock-Replica"  # of a 421: the replica that has the workspace


class MisdirectedCall(ProblemException):
    """The caller's workspace is at another replica, `home`."""

    def __init__(self, home: str, here: str) -> None:
        detail = f"this key belongs to the replica {home}; this is the replica {here}"
        super().__init__(status=421, detail=detail)  # type: ignore[no-untyped-call]  # Connexion has no types
        self.home = home


class AuthorisedOperation:
    """An operation that requires a key. It puts the caller into the context of the call, or refuses the call: with 421
    if another replica has the workspace, else with 401.
    """

    def __init__(self, next_app: ASGIApp, state: State) -> None:
        self._next_app = next_app
        self._state = state

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        context = context_of(scope)
        token = context.token or _refuse_without_token(scope["headers"])
        workspace = self._state.workspace_of(token)
        if workspace is None:
            if home := self._state.replica.other_home_of(token):
                raise MisdirectedCall(home, self._state.replica.name)
            raise OAuthProblem(detail="expected a key of a workspace, found another token")
        context.caller = Caller(workspace, token, workspace.clock.now())
        context.workspace = workspace
        return self._next_app(scope, receive, send)


def _refuse_without_token(headers: list[tuple[bytes, bytes]]) -> NoReturn:
    """Say what a request has in place of one bearer token."""
    count = sum(name == b"authorization" for name, _ in headers)
    if count != 1:
        raise OAuthProblem(detail=f"expected one Authorization header, found {f'{count} of them' if count else 'none'}")
    raise OAuthProblem(detail="expected Authorization: Bearer <api-key>, found another form")
