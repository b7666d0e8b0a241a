"""Who is calling: `Authorization: Bearer <api-key>` against the keys of the workspaces (auth.bearer-required)."""

from collections.abc import Callable
from typing import Any

from connexion.exceptions import OAuthProblem
from connexion.lifecycle import ConnexionRequest

from tracepass_contract.mockserver.http.exchange import CALLER, Caller
from tracepass_contract.mockserver.state import State

Verify = Callable[[ConnexionRequest], Any]


def bearer_handler(state: State) -> type:
    """The handler that Connexion asks for the document's bearer scheme, over these books."""

    class BearerHandler:
        def get_fn(self, _security_scheme: object, _required_scopes: object) -> Verify:
            async def verify(request: ConnexionRequest) -> dict[str, str]:
                scope = request.scope
                token = _token(scope["headers"])
                workspace = state.workspace_of(token)
                if workspace is None:
                    raise OAuthProblem(detail="expected a key of a workspace, found another token")
                scope["extensions"][CALLER] = Caller(workspace, token, workspace.clock.now())
                return {"sub": workspace.id}

            return verify

    return BearerHandler


def _token(headers: list[tuple[bytes, bytes]]) -> str:
    """The one bearer token of a request. The scheme is case-insensitive (RFC 9110)."""
    values = [value for name, value in headers if name == b"authorization"]
    if len(values) != 1:
        found = "none" if not values else f"{len(values)} of them"
        raise OAuthProblem(detail=f"expected one Authorization header, found {found}")
    scheme, _, token = values[0].decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise OAuthProblem(detail="expected Authorization: Bearer <api-key>, found another form")
    return token.strip()
