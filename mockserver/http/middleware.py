"""The last middleware of Connexion's stack: from a routed request to an authorised call, and its reply out.

Connexion's own validation middlewares build their parsers and validators for each request. Here everything is looked up
once, when the operation is registered, and validation is that of the 3.1 document (`contract31`).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import quote, unquote

from connexion.middleware.abstract import ROUTING_CONTEXT, RoutedAPI, RoutedMiddleware
from connexion.middleware.routing import RoutingMiddleware, RoutingOperation, _scope
from connexion.operations import AbstractOperation
from connexion.spec import Specification
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from ..semantics.types.answers import Refusal
from ..state import State
from .api.in_flight import Turn
from .call import body
from .call.document import Contract31, OperationContract
from .call.exchange import Call, Overtaken, Reply, send_reply
from .call.security import AuthorisedOperation

Handler = Callable[[Call], Reply]


class ExactRoutingMiddleware(RoutingMiddleware):
    """Connexion's router without redirects: a path with a slash too many is another path, and not documented.

    A path without parameters is found in a table; only the others are held against one pattern after the other.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self._by_path: dict[tuple[str, bytes], Mapping[str, Any]] = {}  # what Connexion says of its operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A slash that is written `%2F` is a part of a name, and not the end of it: route by the path as it was sent.

        Each part is brought to one spelling first, so that a letter may be written `%65` and a percent sign as it is.
        """
        raw = scope.get("raw_path") or b""
        found = self._by_path.get((scope.get("method", ""), raw))
        if found is not None:
            scope["path_params"] = {}
            scope.setdefault("extensions", {})[ROUTING_CONTEXT] = found
            await self.app(scope, receive, send)
        elif b"%" not in raw:
            await super().__call__(scope, receive, send)
        else:
            _scope.set(dict(scope))
            parts = [quote(unquote(part), safe="") for part in raw.decode("latin-1").split("/")]
            await self.router({**scope, "path": "/".join(parts)}, receive, send)

    def add_api(self, specification: Specification, *args: Any, **kwargs: Any) -> None:
        super().add_api(specification, *args, **kwargs)
        self.router.redirect_slashes = False
        for mount in cast("list[Mount]", self.router.routes):
            router = cast("Router", mount.app)
            router.redirect_slashes = False
            routes = _most_literal_first(cast("list[Route]", router.routes))
            router.routes = cast("list[BaseRoute]", routes)
            self._by_path |= {
                (method, f"{mount.path}{route.path}".encode()): _found_at(mount, route)
                for route in routes
                for method in route.methods or ()
                if "{" not in route.path
            }


def _found_at(mount: Mount, route: Route) -> Mapping[str, Any]:
    """What Connexion's router would put into the scope."""
    operation = cast("RoutingOperation", route.app)
    return {"api_base_path": mount.path, "operation_id": operation.operation_id}


def _most_literal_first(routes: list[Route]) -> list[Route]:
    """A path without parameters is itself, and never a value of a parameter of another (OpenAPI, "Paths Object").

    So each path answers for all methods: with 405 for those that it does not have.
    """
    by_path: dict[str, list[Route]] = {}
    for route in routes:
        if not isinstance(route.app, _OtherMethods):
            by_path.setdefault(route.path, []).append(route)
    ordered: list[Route] = []
    for path in sorted(by_path, key=lambda path: ["{" in part for part in path.split("/")]):
        methods = {method for route in by_path[path] for method in route.methods or ()}
        ordered += [*by_path[path], Route(path, _OtherMethods(methods))]
    return ordered


class _OtherMethods:
    """What a path says to a method that is not documented for it."""

    def __init__(self, methods: set[str]) -> None:
        self._allow = ", ".join(sorted(methods))

    async def __call__(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        raise HTTPException(405, headers={"Allow": self._allow})


class CallOperation:
    """One operation: reads the body where there is one, waits for its turn, calls the handler, sends the reply.

    A call that the books have overtaken meanwhile is asked again, of what serves them now.
    """

    def __init__(
        self, operation: OperationContract, handler: Handler, turn: Turn | None, state: State, current: ASGIApp
    ) -> None:
        self._operation = operation
        self._handler = handler
        self._turn = turn
        self._state = state
        self._current = current

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        edition = self._state.edition
        raw: bytes = b""
        content: body.Body | Refusal | None = None
        if self._operation.body is not None:
            read = await body.read(scope["headers"], receive, self._operation.body_bytes_max)
            if isinstance(read, bytes):
                raw = read
                if raw or self._operation.body_required:
                    content = body.parse(scope["headers"], raw)
            else:
                content = read
        call = Call(self._operation, scope, raw, content)
        if self._turn is not None and (its_turn := self._turn(call)) is not None:
            await its_turn
        if edition != self._state.edition and not isinstance(content, Refusal):
            raise Overtaken(self._current, raw)
        await send_reply(send, self._handler(call))


class CallAPI(RoutedAPI[ASGIApp]):
    """The operations of one document, and which of them ask for a key.

    Its options come through `ConnexionMiddleware.add_api`.
    """

    def __init__(
        self,
        specification: Specification,
        *args: Any,
        state: State,
        contract: Contract31,
        handlers: Mapping[str, Handler],
        current: ASGIApp,
        turns: Mapping[str, Turn] = MappingProxyType({}),
        **kwargs: Any,
    ) -> None:
        super().__init__(specification, *args, **kwargs)
        self._state = state
        self._contract = contract
        self._handlers = handlers
        self._current = current
        self._turns = turns
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> ASGIApp:
        name = operation.operation_id
        contract, turn = self._contract.operations[name], self._turns.get(name)
        call = CallOperation(contract, self._handlers[name], turn, self._state, self._current)
        return AuthorisedOperation(call, self._state) if operation.security else call


class CallMiddleware(RoutedMiddleware[CallAPI]):
    """Serves the documented operations; what is not documented goes on to the application behind it."""

    api_cls = CallAPI
