"""OpenTelemetry: one span for each call of the API, with the decision and without secrets."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import Message, Receive, Scope, Send

from tracepass_contract.mockserver.app import VERSION, create_app
from tracepass_contract.mockserver.cli.serving import CannotServe
from tracepass_contract.mockserver.cli.traces import traces_from
from tracepass_contract.mockserver.http.call.scope import start_context
from tracepass_contract.mockserver.http.traces import Traces
from tracepass_contract.mockserver.tests.client import BATCH, Client
from tracepass_contract.mockserver.tests.commandline import create_one, running

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Traced(Client):
    """A client of a mock whose spans stay in memory."""

    def __init__(self, account: str = "unlimited") -> None:
        super().__init__(account)
        self._exporter, self.provider = InMemorySpanExporter(), TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.mock = create_app(clock=self.clock, log=self.log.append, traces=Traces(self.provider))

    def plan(self, **fault: Any) -> None:
        reply = self.control("POST", "faults", fault)
        assert reply.status_code == 201, reply.text

    def control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        async def call() -> httpx.Response:
            async with self.over_asgi() as client:
                return await client.request(method, f"/_mock/workspaces/{self.account.name}/{path}", json=body)

        return asyncio.run(call())

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self._exporter.get_finished_spans()

    @property
    def span(self) -> ReadableSpan:
        """The only one."""
        [span] = self.spans
        return span

    @property
    def attributes(self) -> Mapping[str, Any]:
        return dict(self.span.attributes or {})


def test_a_span_has_the_request_and_the_decision() -> None:
    client = Traced()

    client.batch(client.item("A"), client.item("A"), client.item("B"), key="a-key")

    assert client.span.name == "createPassportBatch"
    assert client.span.kind is SpanKind.SERVER
    assert client.span.status.status_code is StatusCode.UNSET
    assert client.attributes == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "network.protocol.version": "1.1",
        "server.address": "127.0.0.1",
        "tracepass.items": 3,
        "tracepass.items_created": 2,
        "tracepass.items_failed": 1,
        "tracepass.journal_entry": 1,
        "tracepass.outcome": "executed",
        "tracepass.rule": "items.fail-independently",
        "tracepass.workspace": "unlimited",
        "url.path": BATCH,
        "url.scheme": "http",
        "user_agent.original": f"python-httpx/{httpx.__version__}",
    }
    assert client.log  # the log has its line as well


def test_a_replay_and_a_refusal_are_no_errors() -> None:
    client = Traced("one_slot_left")
    client.batch(client.item("A"), key="a-key")
    client.batch(client.item("A"), key="a-key")
    client.batch(client.item("B"))
    client.api("GET", "/templates")

    found = [(each.name, (each.attributes or {}).get("tracepass.outcome")) for each in client.spans]
    assert found == [
        ("createPassportBatch", "executed"),
        ("createPassportBatch", "replayed"),
        ("createPassportBatch", "refused"),
        ("listTemplates", "executed"),
    ]
    assert {each.status.status_code for each in client.spans} == {StatusCode.UNSET}
    assert "tracepass.items" not in (client.spans[3].attributes or {})


def test_a_call_that_comes_to_no_operation_is_named_by_its_method() -> None:
    client = Traced()

    client.request("BREW", "/api/v1/coffee")

    assert client.span.name == "BREW"
    assert client.attributes["http.request.method"] == "_OTHER"
    assert client.attributes["http.response.status_code"] == 404


def test_the_control_plane_has_no_spans() -> None:
    client = Traced()

    client.control("GET", "journal")

    assert client.spans == ()


def test_a_span_continues_the_trace_of_its_caller() -> None:
    client = Traced()

    client.request("GET", "/api/v1/templates", [("traceparent", f"00-{TRACE}-{PARENT}-01")])

    assert client.span.parent is not None
    assert (f"{client.span.parent.trace_id:032x}", f"{client.span.parent.span_id:016x}") == (TRACE, PARENT)


def test_no_span_has_a_key_or_a_body() -> None:
    client = Traced()
    key = client.account.api_key

    client.batch(client.item("SERIAL-1"), key="an-idempotency-key")
    client.api("GET", f"/passports?search={key}")
    client.api("GET", f"/passports/{key}")

    text = "".join(span.to_json() for span in client.spans)
    assert len(client.spans) == 3
    assert key not in text
    assert "an-idem" not in text
    assert "SERIAL-1" not in text


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ({"kind": "status", "status": 503}, 503, "503"),
        ({"kind": "status", "status": 429}, 429, None),
        ({"kind": "truncate"}, 200, None),
    ],
    ids=lambda value: str(value.get("status", value["kind"])) if isinstance(value, dict) else "",
)
def test_a_span_has_the_status_that_was_sent(fault: dict[str, Any], status: int, error: str | None) -> None:
    client = Traced()
    client.plan(**fault)

    client.batch(client.item())

    assert client.attributes["tracepass.fault"] == fault["kind"]
    assert client.attributes["http.response.status_code"] == status
    assert client.attributes.get("error.type") == error
    assert client.span.status.status_code is (StatusCode.ERROR if error else StatusCode.UNSET)


def test_a_fault_of_an_item_is_named_only_where_it_fires() -> None:
    client = Traced()
    client.plan(kind="item", index=1)

    client.batch(client.item("A"))
    client.batch(client.item("B"), client.item("C"))

    assert [(each.attributes or {}).get("tracepass.fault") for each in client.spans] == [None, "item"]


@pytest.mark.parametrize(
    ("fault", "status", "outcome"),
    [
        ({"kind": "lose-request"}, None, None),
        ({"kind": "lose-response"}, None, "executed"),
        ({"kind": "lose-response", "cut": "mid-body"}, 200, "executed"),
    ],
    ids=["lost request", "lost answer", "half an answer"],
)
def test_a_lost_call_is_an_error(fault: dict[str, Any], status: int | None, outcome: str | None) -> None:
    """The span says whether the mock has executed the call, which its client can't know."""
    client = Traced()
    client.plan(**fault)

    with pytest.raises(httpx.TransportError):
        client.batch(client.item())

    assert client.span.status.status_code is StatusCode.ERROR
    assert client.attributes["error.type"] == fault["kind"]
    assert client.attributes["tracepass.fault"] == fault["kind"]
    assert client.attributes.get("http.response.status_code") == status
    assert client.attributes.get("tracepass.outcome") == outcome


def test_a_traced_mock_can_still_cut_a_connection() -> None:
    """A fault finds the client's connection behind the part that notes the answer."""
    with running("--port", "0", environment={"OTEL_TRACES_EXPORTER": "console"}) as mock:
        control = f"{mock.ready['control_url']}/workspaces/page_sample/faults"
        assert httpx.post(control, json={"kind": "lose-response", "cut": "reset"}).status_code == 201
        with pytest.raises(httpx.TransportError):
            create_one(mock)
        assert create_one(mock).status_code == 200
        code, said, talked = mock.stop(signal.SIGTERM)

    assert (code, said) == (0, "")
    assert talked.count('"name": "createPassportBatch"') == 2
    assert '"error.type": "lose-response"' in talked
    assert '"service.name": "tracepass-mock"' in talked


def test_an_application_that_ends_without_an_answer_is_an_error() -> None:
    """As where the mock stops before a call that waits has its answer."""
    client = Traced()
    spans = Traces(client.provider)

    async def silent(scope: Scope, _receive: Receive, _send: Send) -> None:
        start_context(scope)

    scope = {"type": "http", "method": "GET", "path": "/", "scheme": "http", "http_version": "1.1", "headers": []}
    call = spans.around(silent, "/_mock")({**scope, "server": ("127.0.0.1", 80)}, no_message, ignored)
    asyncio.run(awaited(call))

    assert client.attributes["error.type"] == "incomplete-answer"
    assert client.attributes["server.port"] == 80


def test_what_is_no_call_has_no_span() -> None:
    client = Traced()
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    asyncio.run(awaited(Traces(client.provider).around(app, "/_mock")({"type": "lifespan"}, no_message, ignored)))

    assert (seen, client.spans) == (["lifespan"], ())


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"},
        {"OTEL_TRACES_EXPORTER": "console", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
    ],
    ids=str,
)
def test_there_are_no_traces_without_a_destination(variables: Mapping[str, str]) -> None:
    assert traces_from(variables, VERSION) is None


@pytest.mark.parametrize(
    ("variables", "exporters"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, ["OTLPSpanExporter"]),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ["OTLPSpanExporter"]),
        ({"OTEL_TRACES_EXPORTER": "console, otlp"}, ["ConsoleSpanExporter", "OTLPSpanExporter"]),
        ({"OTEL_TRACES_EXPORTER": "otlp_proto_http"}, ["OTLPSpanExporter"]),
    ],
    ids=str,
)
def test_the_variables_choose_the_exporters(
    monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str], exporters: list[str]
) -> None:
    found: list[str] = []

    class Processor(SimpleSpanProcessor):
        def __init__(self, exporter: SpanExporter) -> None:
            super().__init__(exporter)
            found.append(type(exporter).__name__)

    monkeypatch.setattr("opentelemetry.sdk.trace.export.BatchSpanProcessor", Processor)

    assert traces_from(variables, VERSION) is not None
    assert found == exporters


def test_an_exporter_that_is_not_installed_is_named() -> None:
    with pytest.raises(CannotServe, match="no exporter otlp_proto_grpc is installed"):
        traces_from({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, VERSION)


def test_the_mock_serves_without_traces_where_the_packages_are_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)

    assert traces_from({"OTEL_TRACES_EXPORTER": "otlp"}, VERSION) is None
    assert "pip install 'tracepass-contract[otel]'" in capsys.readouterr().err


def test_a_start_without_traces_imports_nothing_of_them() -> None:
    program = "import sys; from tracepass_contract.mockserver.cli import commands; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True)

    assert not [each for each in done.stdout.split() if each.startswith("opentelemetry")]


async def awaited(call: Awaitable[None]) -> None:
    await call


async def no_message() -> Message:
    return {"type": "http.disconnect"}


async def ignored(_message: Message) -> None:
    pass
