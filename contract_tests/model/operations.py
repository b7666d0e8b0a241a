"""The operations of the API, by the paths of spec/openapi.yaml, and how well it is known that one is served."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cache, lru_cache
from typing import Any

from tracepass_contract import spec

PREFIX = "/api/v1"
_METHODS = frozenset({"get", "post", "patch", "put", "delete"})


class Standing(IntEnum):
    """How well it is known that a deployment serves an operation."""

    UNKNOWN = 0
    SERVED = 1  # it succeeded before in this run, or the document of the deployment lists it
    OURS = 2  # the document of the deployment is spec/openapi.yaml, and lists it


@lru_cache(maxsize=4096)
def operation_of(method: str, path: str) -> str | None:
    """The operation of a call, such as `GET /passports/{id}`; None where the document has none."""
    parts = path.partition("?")[0].removeprefix(PREFIX).split("/")
    for template in _templates().get((method.upper(), len(parts)), ()):
        if all(wanted.startswith("{") or wanted == part for wanted, part in zip(template, parts, strict=True)):
            return f"{method.upper()} {'/'.join(template)}"
    return None


def operations_of(document: Mapping[str, Any]) -> frozenset[str]:
    """All operations of an OpenAPI document."""
    paths = document.get("paths")
    shown = paths.items() if isinstance(paths, dict) else ()
    return frozenset(
        f"{method.upper()} {path}"
        for path, methods in shown
        if isinstance(methods, dict)
        for method in methods
        if method in _METHODS
    )


def is_ours(document: Mapping[str, Any]) -> bool:
    """Whether a document is spec/openapi.yaml, under any readings."""
    info = document.get("info")
    return isinstance(info, dict) and info.get("title") == spec.openapi_document()["info"]["title"]


@cache
def _templates() -> Mapping[tuple[str, int], Sequence[Sequence[str]]]:
    """The paths by method and number of parts, those with the fewest parameters first."""
    found: dict[tuple[str, int], list[list[str]]] = {}
    for operation in operations_of(spec.openapi_document()):
        method, _, path = operation.partition(" ")
        parts = path.split("/")
        found.setdefault((method, len(parts)), []).append(parts)
    for paths in found.values():
        paths.sort(key=lambda parts: sum(part.startswith("{") for part in parts))
    return found
