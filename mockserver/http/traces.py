"""A span of OpenTelemetry for each call of the API. Only a mock whose traces are configured imports this module."""

from collections.abc import Awaitable, Iterator, Mapping

from opentelemetry.propagate import extract
from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider, get_current_span
from opentelemetry.util.types import AttributeValue
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .api.log import Line, Log, LogEntry
from .call.exchange import path_for_log
from .call.scope import CallContext, context_of
from .faults import transport_of

_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
Attributes = Mapping[str, AttributeValue]


class Traces:
    """Makes the spans. The provider decides where they go."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("tracepass-mock")

    def logging_to(self, log: Log) -> Log:
        """A log that adds the facts of each line to the span of its call, and passes the line on."""

        def both(line: Line) -> None:
            if isinstance(line, LogEntry):
                get_current_span().set_attributes(dict(_decided(line)))
            log(line)

        return both

    def around(self, app: ASGIApp, control: str) -> ASGIApp:
        """The same application with a span for each call, except to paths that begin with `control`."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"].startswith(control):
                await app(scope, receive, send)
                return
            sender = extract({name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]})
            answer = _Answer(send)
            with self._tracer.start_as_current_span(
                scope["method"],
                sender,
                SpanKind.SERVER,
                dict(_asked(scope)),
                record_exception=False,
                set_status_on_exception=False,
            ) as span:
                try:
                    await app(scope, receive, answer.send)
                finally:
                    _conclude(span, context_of(scope), answer)

        return traced


class _Answer:
    """Sends an answer, and notes how far it comes. It has the connection, because a fault may have to cut that."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.transport = transport_of(send)
        self.status: int | None = None
        self.is_complete = False

    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.is_complete = not message.get("more_body", False)
        return self._send(message)


def _asked(scope: Scope) -> Iterator[tuple[str, AttributeValue]]:
    """The request, by the semantic conventions for HTTP. Nothing of it is a secret."""
    method = scope["method"]
    yield "http.request.method", method if method in _METHODS else "_OTHER"
    yield "url.scheme", scope["scheme"]
    yield "url.path", path_for_log(scope)
    yield "network.protocol.version", scope["http_version"]
    address, port = scope["server"]
    yield "server.address", address
    if port is not None:  # a caller in the same process may have none
        yield "server.port", port
    for name, value in scope["headers"]:
        if name == b"user-agent":
            yield "user_agent.original", value.decode("latin-1")


def _decided(line: LogEntry) -> Iterator[tuple[str, AttributeValue]]:
    """The decision of a call that an operation has received."""
    found = line.fields()
    yield "tracepass.workspace", found.workspace
    yield "tracepass.journal_entry", line.entry.number
    yield "tracepass.outcome", found.outcome
    yield "tracepass.rule", found.rule
    if found.items is not None:
        yield "tracepass.items", found.items
        yield "tracepass.items_created", found.created
        yield "tracepass.items_failed", found.errors
    if found.fault:
        yield "tracepass.fault", found.fault


def _conclude(span: Span, context: CallContext, answer: _Answer) -> None:
    """Name the span for its operation, and say how the call ended."""
    if context.operation:
        span.update_name(context.operation)
    fault = context.fault if context.fault and context.fault.item is None else None
    if fault:
        span.set_attribute("tracepass.fault", fault.kind)
    if answer.status is not None:
        span.set_attribute("http.response.status_code", answer.status)
    if error := _error_in(answer, fault.kind if fault else "incomplete-answer"):
        span.set_attribute("error.type", error)
        span.set_status(StatusCode.ERROR)


def _error_in(answer: _Answer, cause: str) -> str | None:
    """The type of the error. `cause` is the one for an answer that is not complete."""
    if answer.status is None or not answer.is_complete:
        return cause
    return str(answer.status) if answer.status >= 500 else None
