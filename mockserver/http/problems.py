"""What a validator has against a body, in the words of a `Problem`: where, what was expected, what was found."""

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs
import orjson

from tracepass_contract.mockserver.http.contract31 import HeaderParameter
from tracepass_contract.mockserver.semantics.request import BATCH_ITEMS_MAX, Kind, Problem

_STRUCTURE = frozenset({"Required", "Type", "FalseSchema"})
_SIZE = frozenset({"MinItems", "MaxItems"})
_FOUND_LENGTH_MAX = 60
_Unexpected = (
    jsonschema_rs.ValidationErrorKind.AdditionalProperties | jsonschema_rs.ValidationErrorKind.UnevaluatedProperties
)


def of_body(validator: jsonschema_rs.Validator, body: object) -> Sequence[Problem]:
    """Every departure from the documented shape, in the order of the items. None for a valid body."""
    if (count := len(passports_of(body))) > BATCH_ITEMS_MAX:  # before anything looks at each of them
        return (Problem(Kind.SIZE, "/passports", f"{BATCH_ITEMS_MAX} or fewer items", f"{count} items"),)
    if validator.is_valid(body):
        return ()
    return tuple(_of_error(error) for error in validator.iter_errors(body))


def of_header(parameter: HeaderParameter, values: Sequence[bytes]) -> Sequence[Problem]:
    """A documented header that stands twice, is missing, or has a value out of its domain."""
    if len(values) > 1:
        return (Problem(Kind.KEY, parameter.name, "the header once", f"{len(values)} times"),)
    if not values:
        missing = Problem(Kind.KEY, parameter.name, "the header", "nothing")
        return (missing,) if parameter.required else ()
    errors = parameter.validator.iter_errors(values[0].decode("latin-1"))
    return tuple(Problem(Kind.KEY, parameter.name, _expected(error), _found(error)) for error in errors)


def passports_of(body: object) -> Sequence[Any]:
    """The elements of `passports`, as far as there are any."""
    passports = body.get("passports") if isinstance(body, dict) else None
    return passports if isinstance(passports, list) else ()


def _of_error(error: jsonschema_rs.ValidationError) -> Problem:
    path, keyword = list(error.instance_path), type(error.kind).__name__.rpartition("_")[2]
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        path = [*path, error.kind.property]
    if isinstance(error.kind, _Unexpected):
        path = [*path, error.kind.unexpected[0]]
    item = path[1] if len(path) > 1 and path[0] == "passports" and isinstance(path[1], int) else None
    where = "".join(f"/{str(step)[:_FOUND_LENGTH_MAX]}" for step in path) or "body"
    return Problem(_kind(keyword, path, item), where, _expected(error), _found(error), item)


def _kind(keyword: str, path: list[Any], item: int | None) -> Kind:
    if item is None:
        return Kind.SIZE if keyword in _SIZE or path == ["passports"] else Kind.CALL
    if "parties" in path:
        return Kind.PARTIES
    if keyword == "AdditionalProperties":
        return Kind.UNKNOWN_MEMBER
    return Kind.STRUCTURE if keyword in _STRUCTURE else Kind.VALUE


def _expected(error: jsonschema_rs.ValidationError) -> str:
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.FalseSchema):
        return "no such member"
    match error.kind.as_dict():
        case {"property": str(name)}:
            return f"the member {name}"
        case {"types": [*types]}:
            return " or ".join(map(str, types))
        case {"pattern": str(pattern)}:
            return f"text that matches {pattern}"
        case {"format": str(name)}:
            return f"text in the format {name}"
        case {"options": [*options]}:
            return "one of " + ", ".join(map(str, options))
        case {"unexpected": [*_]}:
            return "no such member"
        case {"limit": limit}:
            return _LIMITS.get(type(error.kind).__name__.rpartition("_")[2], "{limit}").format(limit=limit)
    return "gln or legacyOperatorId" if "parties" in error.instance_path else "another value"


_LIMITS: Mapping[str, str] = {
    "MinLength": "{limit} or more characters",
    "MaxLength": "{limit} or fewer characters",
    "MinItems": "{limit} or more items",
    "Minimum": "{limit} or more",
    "Maximum": "{limit} or less",
    "MaxItems": "{limit} or fewer items",
}


def _found(error: jsonschema_rs.ValidationError) -> str:
    """What stands there, short: a caller's own words come back to them, but never at length."""
    kind, instance = error.kind, error.instance
    if isinstance(kind, _Unexpected) and isinstance(instance, dict):
        instance = instance[kind.unexpected[0]]
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        return "nothing"
    match instance:
        case str() if isinstance(
            kind, jsonschema_rs.ValidationErrorKind.MinLength | jsonschema_rs.ValidationErrorKind.MaxLength
        ):
            return f"{len(instance)} characters"
        case dict():
            return "an object"
        case list():
            return f"{len(instance)} items"
    text = orjson.dumps(instance).decode()
    return text if len(text) <= _FOUND_LENGTH_MAX else f"{text[:_FOUND_LENGTH_MAX]}…"
