"""One answer against the document, by openapi-core. Equal answers are checked once.

Most answers of a run differ only in serial numbers, ids and times, and the schemas can't tell one valid name from
another. So names are first replaced by a fixed one of their kind, and of the entries of a batch each kind is kept once.
Where that finds a problem, the original answer is checked, so that the message shows it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import httpx
import orjson

from tracepass_contract import spec

_UNDESCRIBED = frozenset({"date", "content-length"})  # other in each answer, and the document says nothing of them
_MOST = 4096
_FEW = 3  # entries
_PLACES = 100  # batch.holds-1-to-100-items
_PART = rb"(?<=[\"/])%b(?=[\"/])"  # of a text, or of a URL: never of a number
_DAY = rb"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_TIME = rb"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]+)?"
_NAMES = (
    rb"(?P<serial>CONF-[A-Z2-9]{8}-[0-9]{6})",
    _PART % rb"(?P<id>[0-9a-f]{24})",
    _PART % rb"(?P<gtin>[0-9]{14})",
    rb"(?P<moment>%bT%bZ)" % (_DAY, _TIME),
)
_NO_MEMBER = rb"(?![^\"]*\"\s*:)"  # two members that become one would be looked at once
_NAME = re.compile(rb"(?:%b)%b" % (rb"|".join(_NAMES), _NO_MEMBER))
_ONE_FOR_ALL: Mapping[str | None, bytes] = {
    "serial": b"CONF-AAAAAAAA-000000",
    "id": b"a" * 24,
    "gtin": b"0" * 14,
    "moment": b"2026-01-01T00:00:00Z",
}


class Shown(NamedTuple):
    """The parts of an answer that the document describes. `path` is that of the operation."""

    method: str
    path: str
    status: int
    content_type: str
    body: bytes


def body_errors(shown: Shown) -> Sequence[str]:
    """The problems of status, content type and body, one per line."""
    alike = shown._replace(body=_once_each(_NAME.sub(lambda name: _ONE_FOR_ALL[name.lastgroup], shown.body)))
    return _of_body(shown) if _of_body(alike) else []


def header_errors(shown: Shown, headers: Mapping[str, str]) -> Sequence[str]:
    """The problems of status and headers, one per line."""
    described = tuple((name, value) for name, value in headers.items() if name not in _UNDESCRIBED)
    return _of_headers(shown._replace(content_type="", body=b""), described)


def _once_each(body: bytes) -> bytes:
    """The result of a batch without entries that differ from an earlier one only in their index."""
    try:
        result = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    entries = result.get("results") if isinstance(result, dict) else None
    if not isinstance(entries, list) or len(entries) < _FEW:
        return body
    unlike = {orjson.dumps(_at_no_place(entry)): entry for entry in reversed(entries)}
    return orjson.dumps({**result, "results": [*unlike.values()]})


def _at_no_place(entry: Any) -> Any:
    index = entry.get("index") if isinstance(entry, dict) else None
    return {**entry, "index": 0} if type(index) is int and 0 <= index < _PLACES else entry


@lru_cache(maxsize=_MOST)
def _of_body(shown: Shown) -> Sequence[str]:
    from openapi_core.validation.response import V31ResponseDataValidator

    return _described(_validator(V31ResponseDataValidator).iter_errors(_Request(shown), _Response(shown)))


@lru_cache(maxsize=_MOST)
def _of_headers(shown: Shown, headers: tuple[tuple[str, str], ...]) -> Sequence[str]:
    from openapi_core.validation.response import V31ResponseHeadersValidator

    return _described(_validator(V31ResponseHeadersValidator).iter_errors(_Request(shown), _Response(shown, headers)))


def _described(errors: Iterator[Exception]) -> Sequence[str]:
    from openapi_core.exceptions import OpenAPIError

    try:
        found: Sequence[Exception] = [*errors]
    except OpenAPIError as error:
        found = [error]
    return [line for error in found for line in _lines(error)]


def _lines(error: Exception) -> Iterator[str]:
    inner = getattr(error.__cause__, "schema_errors", None) or getattr(error, "schema_errors", None)
    if inner:
        for each in inner:
            where = "/".join(map(str, each.absolute_path))
            yield f"/{where}: {each.message}"
    else:
        yield f"{type(error).__name__}: {error.__cause__ or error}"


@cache
def _document() -> Any:
    from jsonschema_path import SchemaPath

    return SchemaPath.from_dict(spec.openapi_document())


@cache
def _validator(kind: Any) -> Any:
    """openapi-core looks for the operation and makes the validator of its schema anew for each answer. Both stay the
    same in a run.
    """
    from openapi_core.templating.paths.finders import APICallPathFinder
    from openapi_core.validation.schemas import oas31_schema_validators_factory

    class Finder(APICallPathFinder):
        find = cache(APICallPathFinder.find)

    return kind(_document(), path_finder_cls=Finder, schema_validators_factory=_Once(oas31_schema_validators_factory))


class _Once:
    """A factory of openapi-core that makes each validator once."""

    def __init__(self, factory: Any) -> None:
        self.create = cache(factory.create)


class _Request:
    """The request as openapi-core looks for the operation."""

    def __init__(self, shown: Shown) -> None:
        from openapi_core.datatypes import RequestParameters

        self.host_url = "https://app.tracepass.eu"
        self.path, self.method = shown.path, shown.method
        self.parameters, self.content_type, self.body = RequestParameters(), "application/json", b""


class _Response:
    """The answer as openapi-core checks it."""

    def __init__(self, shown: Shown, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.status_code, self.content_type, self.data = shown.status, shown.content_type, shown.body
        self.headers = httpx.Headers(headers)  # which have the same name in any case
