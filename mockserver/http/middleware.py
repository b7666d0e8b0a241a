"""The last middleware of Connexion's stack: from a routed and authorised request to a call, and its reply out.

Connexion's own validation middlewares build their parsers and validators for each request. Here everything is looked up
once, when the operation is registered, and validation is that of the 3.1 document (`contract31`).
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.operations import AbstractOperation
from connexion.spec import Specification
from starlette.routing import Mount, Router
from starlette.types import Receive, Scope, Send

from tracepass_contract.mockserver.http import body
from tracepass_contract.mockserver.http.contract31 import Contract31, OperationContract
from tracepass_contract.mockserver.http.exchange import Call, Reply, send_reply

Handler = Callable[[Call], Reply]
Turn = Callable[[Call], Awaitable[None] | None]


class ExactRoutingMiddleware(RoutingMiddleware):
    """Connexion's router without redirects: a path with a slash too many is another path, and not documented."""

    def add_api(self, specification: Specification, *args: Any, **kwargs: Any) -> None:
        super().add_api(specification, *args, **kwargs)
        self.router.redirect_slashes = False
        for mount in cast("list[Mount]", self.router.routes):
            cast("Router", mount.app).redirect_slashes = False


class CallOperation:
    """One operation: reads the body where there is one, waits for its turn, calls the handler, sends the reply."""

    def __init__(self, operation: OperationContract, handler: Handler, turn: Turn | None) -> None:
        self._operation = operation
        self._handler = handler
        self._turn = turn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw, content = b"", None
        if self._operation.body is not None:
            read = await body.read(scope["headers"], receive, self._operation.body_bytes_max)
            if isinstance(read, bytes):
                raw, content = read, body.parse(scope["headers"], read)
            else:
                content = read
        call = Call(self._operation, scope, raw, content)
        if self._turn is not None and (its_turn := self._turn(call)) is not None:
            await its_turn
        await send_reply(send, self._handler(call))


class CallAPI(RoutedAPI[CallOperation]):
    """The operations of one document. Its options come through `ConnexionMiddleware.add_api`."""

    def __init__(
        self,
        specification: Specification,
        *args: Any,
        contract: Contract31,
        handlers: Mapping[str, Handler],
        turns: Mapping[str, Turn] = MappingProxyType({}),
        **kwargs: Any,
    ) -> None:
        super().__init__(specification, *args, **kwargs)
        self._contract = contract
        self._handlers = handlers
        self._turns = turns
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> CallOperation:
        name = operation.operation_id
        return CallOperation(self._contract.operations[name], self._handlers[name], self._turns.get(name))


class CallMiddleware(RoutedMiddleware[CallAPI]):
    """Serves the documented operations; what is not documented goes on to the application behind it."""

    api_cls = CallAPI
