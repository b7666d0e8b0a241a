"""Makes an OpenAPI 3.1 document usable for Connexion 3.3.

Connexion accepts OpenAPI 3.0 and validates with JSON Schema Draft 4. The 3.1 document stays the only source. Here
each of its schemas is compiled once (Draft 2020-12). Connexion gets a *routing view*: the same paths, operations and
security under `openapi: 3.0.3`, without schemas and answers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

Document = Mapping[str, Any]
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
JSON = "application/json"
BODY_BYTES_MAX = 1_048_576
_BY_KEY: list[dict[str, list[str]]] = [{"bearer": []}]  # the only security that an operation can require
_ANY_RESPONSE = {"default": {"description": ""}}  # answers are checked against the 3.1 document
NOT_SERVED = "x-not-served"  # operations that the vendor documents and the mock answers with 501


class BrokenDocument(ValueError):
    """The document cannot be served. The message says where it is wrong."""


@dataclass(frozen=True, slots=True)
class HeaderParameter:
    """A documented request header. `wire_name` is its name in ASGI: lower case."""

    name: str
    wire_name: bytes
    required: bool
    validator: jsonschema_rs.Validator


@dataclass(frozen=True, slots=True)
class TextParameter:
    """A documented parameter of the query or the path: text for a value of `type`."""

    name: str
    required: bool
    type: str
    validator: jsonschema_rs.Validator


@dataclass(frozen=True, slots=True)
class OperationContract:
    """One operation of the document, compiled. The keys of `responses` are a status, a range or `default`."""

    operation_id: str
    body: jsonschema_rs.Validator | None
    headers: tuple[HeaderParameter, ...]
    responses: Mapping[str, jsonschema_rs.Validator | None]
    media_types: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by the keys of `responses`
    query: tuple[TextParameter, ...] = ()
    path: tuple[TextParameter, ...] = ()
    body_required: bool = True
    body_bytes_max: int = BODY_BYTES_MAX  # x-body-bytes-max

    def allows(self, status: int, body: object) -> bool:
        """Whether the document allows this answer. The exact status comes first, then its range, then the default."""
        code = str(status)
        if code not in self.responses:
            code = f"{code[0]}XX" if f"{code[0]}XX" in self.responses else "default"
        if code not in self.responses:
            return False
        validator = self.responses[code]
        return validator is None or validator.is_valid(body)

    def allows_content(self, status: int, media_type: str) -> bool:
        """Whether the document allows an answer that is not JSON."""
        return media_type in self.media_types.get(str(status), ())


class Contract31:
    """One document: its compiled operations and its routing view."""

    def __init__(self, document: Document) -> None:
        if not str(document.get("openapi", "")).startswith("3.1."):
            raise BrokenDocument(f"openapi: expected 3.1.x, found {document.get('openapi')!r}")
        self.document = document
        self._validators = jsonschema_rs.validator_map_for(dict(document), validate_formats=True)
        self.operations = {
            operation["operationId"]: self._operation(pointer, operation, shared)
            for pointer, operation, shared in _operations(document)
        }
        self.not_served = {
            f"not served: {method} {path}": (path, method)
            for path, methods in document.get(NOT_SERVED, {}).items()
            for method in methods
        }
        served = (_path_and_method(pointer) for pointer, _, _ in _operations(document))
        self.served = [f"{method.upper()} {path}" for path, method in served]
        self.operations |= {name: OperationContract(name, None, (), {"501": None}) for name in self.not_served}

    def routing_view(self) -> dict[str, Any]:
        """The document from which Connexion routes and authorises."""
        paths: dict[str, dict[str, Any]] = {}
        for pointer, operation, _ in _operations(self.document):
            path, method = _path_and_method(pointer)
            paths.setdefault(path, {})[method] = _view_of(operation)
        for name, (path, method) in self.not_served.items():
            paths.setdefault(path, {})[method] = {"operationId": name, "responses": _ANY_RESPONSE}
        components = self.document.get("components", {})
        return {
            "openapi": "3.0.3",
            "info": {"title": self.document["info"]["title"], "version": self.document["info"]["version"]},
            "security": _required(self.document.get("security", [])),
            "paths": paths,
            "components": {"securitySchemes": components.get("securitySchemes", {})},
        }

    def _operation(self, pointer: str, operation: Document, shared: list[Any]) -> OperationContract:
        security = operation.get("security", self.document.get("security", []))
        if security not in ([], _BY_KEY) and {} not in security:
            raise BrokenDocument(f"{pointer}/security: expected none or {_BY_KEY}, found {security}")
        body_pointer, body = self._resolve(f"{pointer}/requestBody", operation.get("requestBody", {}))
        responses, media_types = {}, {}
        for code, response in operation["responses"].items():
            at, response = self._resolve(f"{pointer}/responses/{code}", response)
            responses[code] = self._of_content(at, response)
            media_types[code] = frozenset(response.get("content", ()))
        parameters = list(self._parameters(pointer, operation, shared))
        for at, parameter in parameters:
            if parameter["in"] not in {"header", "path", "query"}:
                raise BrokenDocument(
                    f"{at}: cannot validate a parameter in {parameter['in']!r}; use header, path or query"
                )
        headers = tuple(
            HeaderParameter(
                parameter["name"],
                parameter["name"].lower().encode(),
                parameter.get("required", False),
                self._at(f"{at}/schema"),
            )
            for at, parameter in parameters
            if parameter["in"] == "header"
        )
        texts = {
            where: tuple(self._text(at, parameter) for at, parameter in parameters if parameter["in"] == where)
            for where in ("query", "path")
        }
        return OperationContract(
            operation["operationId"],
            self._of_content(body_pointer, body),
            headers,
            responses,
            media_types,
            **texts,
            body_required=body.get("required", False),
            body_bytes_max=operation.get("x-body-bytes-max", BODY_BYTES_MAX),
        )

    def _text(self, pointer: str, parameter: Document) -> TextParameter:
        _, schema = self._resolve(f"{pointer}/schema", parameter["schema"])
        validator = self._at(f"{pointer}/schema")
        return TextParameter(
            parameter["name"], parameter.get("required", False), schema.get("type", "string"), validator
        )

    def _parameters(self, pointer: str, operation: Document, shared: list[Any]) -> Iterator[tuple[str, Document]]:
        path_pointer = pointer.rpartition("/")[0]
        for n, parameter in enumerate(shared):
            yield self._resolve(f"{path_pointer}/parameters/{n}", parameter)
        for n, parameter in enumerate(operation.get("parameters", [])):
            yield self._resolve(f"{pointer}/parameters/{n}", parameter)

    def _of_content(self, pointer: str, holder: Document) -> jsonschema_rs.Validator | None:
        """The validator of the JSON content, or None if the document has no JSON content."""
        if "schema" not in holder.get("content", {}).get(JSON, {}):
            return None
        return self._at(f"{pointer}/content/{_escape(JSON)}/schema")

    def _at(self, pointer: str) -> jsonschema_rs.Validator:
        """The validator of a schema. Raises at start for a schema that is broken or refers to nothing."""
        validator = self._validators.get(pointer)
        if validator is None:
            raise BrokenDocument(
                f"{pointer}: cannot compile the schema; it is invalid, or refers to a place that does not exist"
            )
        return validator

    def _resolve(self, pointer: str, part: Document) -> tuple[str, Document]:
        """Follow `$ref` to the part itself."""
        passed = set()
        while "$ref" in part:
            pointer = part["$ref"]
            if pointer in passed:
                raise BrokenDocument(f"{pointer}: refers to itself")
            passed.add(pointer)
            part = self.document
            for step in pointer.removeprefix("#/").split("/"):
                if _unescape(step) not in part:
                    raise BrokenDocument(f"{pointer}: refers to a place that does not exist")
                part = part[_unescape(step)]
        return pointer, part


def _required(security: list[Any]) -> list[Any]:
    """What an operation requires: nothing if it can do without, as the control plane, which has a guard in front."""
    return [] if {} in security else security


def _operations(document: Document) -> Iterator[tuple[str, Document, list[Any]]]:
    """Each operation with its JSON pointer and the shared parameters of its path."""
    for path, path_item in document.get("paths", {}).items():
        for method, operation in path_item.items():
            if method in METHODS:
                yield f"#/paths/{_escape(path)}/{method}", operation, path_item.get("parameters", [])


def _path_and_method(pointer: str) -> tuple[str, str]:
    path, method = pointer.split("/")[2:4]
    return _unescape(path), method


def _view_of(operation: Document) -> dict[str, Any]:
    """An operation without its parameters, because the router takes every path parameter as text."""
    view = {"operationId": operation["operationId"], "responses": _ANY_RESPONSE}
    if "security" in operation:
        view["security"] = _required(operation["security"])
    return view


def _escape(step: str) -> str:
    """A step of a JSON pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


def _unescape(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
