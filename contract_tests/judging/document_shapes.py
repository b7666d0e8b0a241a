"""One answer against the document, by openapi-core. Equal answers are checked once.

Most answers of a run differ only in what the schemas can't tell apart: serial numbers, ids, times, counts, the words of
a message, how often an entry is repeated. So each text and each number is first replaced by the first one of its kind.
Where that finds a problem, the original answer is checked, so that the message shows it.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import httpx
import orjson

from tracepass_contract import spec

_MOST = 4096
_FEW = 3  # elements of an array


class Shown(NamedTuple):
    """The parts of an answer that the document describes. `path` is that of the operation."""

    method: str
    path: str
    status: int
    content_type: str
    body: bytes


def body_errors(shown: Shown) -> Sequence[str]:
    """The problems of status, content type and body, one per line."""
    return _of_body(shown) if _of_body(shown._replace(body=_like_others(shown.body))) else []


def header_errors(shown: Shown, headers: Mapping[str, str]) -> Sequence[str]:
    """The problems of status and headers, one per line."""
    described = tuple((name, value) for name, value in headers.items() if name.lower() in _kinds().headers)
    return _of_headers(shown._replace(content_type="", body=b""), described)


def _like_others(body: bytes) -> bytes:
    """The body with each value replaced by the first one of its kind."""
    try:
        return orjson.dumps(_alike(orjson.loads(body)), option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError):
        return body


def _alike(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return _first_text(value)
    if kind is dict:
        return {name: _alike(each) for name, each in value.items()}
    if kind is list:
        alike = [_alike(each) for each in value]
        return _once_each(alike) if len(alike) >= _FEW and all(type(each) is dict for each in alike) else alike
    return _kinds().first_number(value) if kind is int else value


@lru_cache(maxsize=_MOST)
def _first_text(value: str) -> str:
    return _kinds().first_text(value)


def _once_each(objects: Sequence[Any]) -> Sequence[Any]:
    unlike = {orjson.dumps(each, option=orjson.OPT_SORT_KEYS): each for each in objects}
    return [unlike[each] for each in sorted(unlike)]


class _Kinds:
    """The texts and whole numbers that the schemas of the document can tell apart. The keywords that tell them apart
    are `const`, `enum`, `pattern`, `minLength`, `maxLength`, `minimum` and `maximum`. `headers` are those it describes.
    """

    def __init__(self, document: Any) -> None:
        found = defaultdict[str, list[Any]](list)
        for keyword, value in _members(document):
            found[keyword].append(value)
        listed = [each for values in found["enum"] if isinstance(values, list) for each in values]
        self._named = {each for each in (*found["const"], *listed) if isinstance(each, str | int)}
        patterns = {each for each in found["pattern"] if isinstance(each, str)}
        self._patterns = [re.compile(each) for each in patterns]
        self._any_pattern = re.compile("|".join(f"(?:{each})" for each in patterns))
        self._lengths = _steps(found["minLength"], found["maxLength"])
        self._bounds = _steps(found["minimum"], found["maximum"])
        self.headers = {name.lower() for headers in found["headers"] for name in headers}
        self._firsts: dict[Any, Any] = {}

    def first_text(self, value: str) -> str:
        """The first text of its kind."""
        if value in self._named:
            return value
        is_matched = self._any_pattern.search(value) is not None
        matches = tuple(pattern.search(value) is not None for pattern in self._patterns) if is_matched else ()
        first: str = self._firsts.setdefault((bisect_left(self._lengths, len(value)), matches), value)
        return first

    def first_number(self, value: int) -> int:
        """The first whole number of its kind."""
        first: int = value if value in self._named else self._firsts.setdefault(bisect_left(self._bounds, value), value)
        return first


def _members(node: Any) -> Iterator[tuple[str, Any]]:
    """The members of each object in the document."""
    if isinstance(node, dict):
        yield from node.items()
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _members(each)


def _steps(least: Sequence[Any], most: Sequence[Any]) -> Sequence[int]:
    """The whole numbers after which another kind begins."""
    return sorted(
        {each - 1 for each in least if isinstance(each, int)} | {each for each in most if isinstance(each, int)}
    )


@cache
def _kinds() -> _Kinds:
    return _Kinds(spec.openapi_document())


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
