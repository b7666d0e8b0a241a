"""The routing and the last middleware of Connexion's stack: from a request to an authorised call, and its reply out.

Connexion's own validation middlewares build parsers and validators for each request. Here each operation is prepared
once, when it is registered. The 3.1 document (`call.document`) validates the request.
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
from .api.in_flight import Wait
from .call import body
from .call.document import Contract31, OperationContract
from .call.exchange import Call, Reply, StateReplaced, Stream, send_reply
from .call.scope import context_of
from .call.security import AuthorisedOperation

Handler = Callable[[Call], Reply | Stream]


class ExactRoutingMiddleware(RoutingMiddleware):
    """Connexion's router without redirects: a path with an extra slash is a different path, and not documented.

    The router finds a path without parameters in a table. It matches other paths against one pattern after the other.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self._by_path: dict[tuple[str, bytes], Mapping[str, Any]] = {}  # the routing context of Connexion

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route by the path as the client sent it, because `%2F` is a part of a name and not a separator.

        The percent-encoding of each part is normalised first: a client may encode a letter, or leave a percent sign.
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
                (method, f"{mount.path}{route.path}".encode()): _routing_context(mount, route)
                for route in routes
                for method in route.methods or ()
                if "{" not in route.path
            }


def _routing_context(mount: Mount, route: Route) -> Mapping[str, Any]:
    """What Connexion's router puts into the scope for this route."""
    operation = cast("RoutingOperation", route.app)
    return {"api_base_path": mount.path, "operation_id": operation.operation_id}


def _most_literal_first(routes: list[Route]) -> list[Route]:
    """Sort the routes: a path without parameters comes before a path with parameters (OpenAPI, "Paths Object").

    Each path answers all methods: 405 for those that the document does not have.
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
    """Answers 405 for the methods that the document does not have for a path."""

    def __init__(self, methods: set[str]) -> None:
        self._allow = ", ".join(sorted(methods))

    async def __call__(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        raise HTTPException(405, headers={"Allow": self._allow})


class CallOperation:
    """One operation: reads the body if there is one, waits if the call has to, calls the handler, sends the reply.

    If the state is replaced in the meantime, the call starts again with the application that serves the new state.
    """

    def __init__(
        self, operation: OperationContract, handler: Handler, wait: Wait | None, state: State, current: ASGIApp
    ) -> None:
        self._operation = operation
        self._handler = handler
        self._wait = wait
        self._state = state
        self._current = current

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context, generation = context_of(scope), self._state.generation
        context.operation = self._operation.operation_id
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
        call = Call(self._operation, scope, raw, content, context)
        if self._wait is not None and (waiting := self._wait(call)) is not None:
            await waiting
        if generation != self._state.generation and not isinstance(content, Refusal):
            raise StateReplaced(self._current, raw)
        reply = self._handler(call)
        await (reply.send(receive, send) if isinstance(reply, Stream) else send_reply(send, reply))


class CallAPI(RoutedAPI[ASGIApp]):
    """The operations of one document. Its options come through `ConnexionMiddleware.add_api`."""

    def __init__(
        self,
        specification: Specification,
        *args: Any,
        state: State,
        contract: Contract31,
        handlers: Mapping[str, Handler],
        current: ASGIApp,
        waits: Mapping[str, Wait] = MappingProxyType({}),
        **kwargs: Any,
    ) -> None:
        super().__init__(specification, *args, **kwargs)
        self._state = state
        self._contract = contract
        self._handlers = handlers
        self._current = current
        self._waits = waits
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> ASGIApp:
        name = operation.operation_id
        contract, wait = self._contract.operations[name], self._waits.get(name)
        call = CallOperation(contract, self._handlers[name], wait, self._state, self._current)
        return AuthorisedOperation(call, self._state) if operation.security else call


class CallMiddleware(RoutedMiddleware[CallAPI]):
    """Serves the documented operations. Every other request goes to the application behind it."""

    api_cls = CallAPI
