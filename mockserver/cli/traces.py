"""Traces, as the OTEL_* variables of the environment configure them. Nothing is imported unless they do."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from .serving import CannotServe
from .streams import say

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

    from ..http.traces import Traces

_EXPORTER, _DISABLED = "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_OTLP = {"grpc": "otlp_proto_grpc", "http/protobuf": "otlp_proto_http"}
_NOT_INSTALLED = (
    "The OTEL_* variables ask for traces, and the packages for them are not installed. The mock serves without traces. "
    "To install them: pip install 'tracepass-contract[otel]'."
)


def traces_from(environment: Mapping[str, str], version: str) -> "Traces | None":
    """The traces that these variables ask for; None if they ask for none. Raises `CannotServe`."""
    names = _exporters_in(environment)
    if not names:
        return None
    try:
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from ..http.traces import Traces
    except ModuleNotFoundError:
        say(_NOT_INSTALLED)
        return None
    about = {"service.name": "tracepass-mock", "service.version": version, **OTELResourceDetector().detect().attributes}
    provider = TracerProvider(resource=Resource.create(about))
    for name in names:
        provider.add_span_processor(BatchSpanProcessor(_exporter(name, environment)))
    return Traces(provider)


def _exporters_in(environment: Mapping[str, str]) -> list[str]:
    """The names of the exporters. An endpoint without a name means OTLP."""
    if environment.get(_DISABLED, "").strip().lower() == "true":
        return []
    given = environment.get(_EXPORTER) or ("otlp" if any(environment.get(each) for each in _ENDPOINTS) else "")
    names = [each.strip() for each in given.split(",")]
    return [each for each in names if each not in ("", "none")]


def _exporter(name: str, environment: Mapping[str, str]) -> "SpanExporter":
    if name == "console":
        import sys

        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter(out=sys.stderr)  # beside the log: stdout has the ready object only
    known = name
    if name == "otlp":
        protocol = next((environment[each] for each in _PROTOCOLS if environment.get(each)), "http/protobuf")
        known = _OTLP.get(protocol, protocol)
    found = [*entry_points(group="opentelemetry_traces_exporter", name=known)]
    if not found:
        raise CannotServe(None, f"{_EXPORTER}: no exporter {known} is installed. Install its package, or use none.")
    exporter: SpanExporter = found[0].load()()
    return exporter
