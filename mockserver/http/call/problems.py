"""The errors of a validator as `Problem`s: where, what was expected, what was found."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import jsonschema_rs
import orjson

from ...semantics.types.request import BATCH_ITEMS_MAX, DOCUMENTED_MEMBER, Kind, Problem
from .document import HeaderParameter, TextParameter

_STRUCTURE = frozenset({"Required", "Type", "FalseSchema", "AnyOf"})
BATCHES = ("passports", "products")  # the members that hold items
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_BOOLEANS = {"true": True, "false": False}
FOUND_LENGTH_MAX = 60
Values = dict[str, Any]
_Unexpected = (
    jsonschema_rs.ValidationErrorKind.AdditionalProperties | jsonschema_rs.ValidationErrorKind.UnevaluatedProperties
)
_Unknown = _Unexpected | jsonschema_rs.ValidationErrorKind.FalseSchema  # a member that the schema does not allow


def of_body(validator: jsonschema_rs.Validator, body: object) -> Sequence[Problem]:
    """Every departure of a body from the documented shape, in the order of the items."""
    if validator.is_valid(body):
        return ()
    for member in BATCHES:
        if (count := len(items_in(body, member))) > BATCH_ITEMS_MAX:  # before validation describes each item
            return (Problem(Kind.SIZE, f"/{member}", f"{BATCH_ITEMS_MAX} or fewer items", f"{count} items"),)
    return tuple(of_error(error) for error in validator.iter_errors(body))


def of_header(parameter: HeaderParameter, values: Sequence[bytes]) -> Sequence[Problem]:
    """The problems of a documented header: it occurs twice, is missing, or has a value that is not allowed."""
    if len(values) > 1:
        return (Problem(Kind.KEY, parameter.name, "the header once", f"{len(values)} times"),)
    if not values:
        return (Problem(Kind.KEY, parameter.name, "the header", "nothing"),) if parameter.required else ()
    value = values[0].decode("latin-1")
    if parameter.validator.is_valid(value):
        return ()
    errors = parameter.validator.iter_errors(value)
    return tuple(Problem(Kind.KEY, parameter.name, _expected(error), _found(error)) for error in errors)


def of_texts(parameters: Sequence[TextParameter], found: Sequence[tuple[str, str]]) -> tuple[Values, Sequence[Problem]]:
    """The values of the documented parameters, and their problems. Other parameters are ignored."""
    values: Values = {}
    problems: list[Problem] = []
    for parameter in parameters:
        texts = [text for name, text in found if name == parameter.name]
        if len(texts) > 1:
            problems.append(Problem(Kind.CALL, parameter.name, "the parameter once", f"{len(texts)} times"))
        elif texts:
            value = values[parameter.name] = _value(texts[0], parameter.type)
            for error in parameter.validator.iter_errors(value):
                problems.append(Problem(Kind.CALL, parameter.name, _expected(error), _found(error)))
        elif parameter.required:
            problems.append(Problem(Kind.CALL, parameter.name, "the parameter", "nothing"))
    return values, problems


def _value(text: str, kind: str) -> Any:
    """The value of a text, or the text itself if it is no value of this type."""
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    return _BOOLEANS.get(text, text) if kind == "boolean" else text


def items_in(body: object, member: str) -> Sequence[Any]:
    """The elements of `passports` or `products`; none if the body has no such list."""
    items = body.get(member) if isinstance(body, dict) else None
    return items if isinstance(items, list) else ()


def members_of(items: Sequence[Any]) -> AbstractSet[str]:
    """The names of the members that the items have, those of all items together."""
    try:
        return set().union(*items)  # an item that is text or a list adds its parts, which do no harm
    except TypeError:
        return set().union(*(item for item in items if isinstance(item, dict)))


def of_error(error: jsonschema_rs.ValidationError) -> Problem:
    """The problem of one error. Of several unknown members, it names the first."""
    path, keyword = list(error.instance_path), type(error.kind).__name__.rpartition("_")[2]
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        path = [*path, error.kind.property]
    if isinstance(error.kind, _Unexpected):
        path = [*path, error.kind.unexpected[0]]
    item = path[1] if len(path) > 1 and path[0] in BATCHES and isinstance(path[1], int) else None
    return Problem(_kind(keyword, path, item), location(path), _expected(error), _found(error), item)


def location(path: Sequence[str | int]) -> str:
    """The JSON pointer of a place in a body."""
    return "".join(f"/{str(step)[:FOUND_LENGTH_MAX]}" for step in path) or "body"


def _kind(keyword: str, path: list[Any], item: int | None) -> Kind:
    if item is None:
        return Kind.SIZE if len(path) == 1 and path[0] in BATCHES else Kind.CALL
    if "parties" in path:
        return Kind.PARTIES
    if keyword == "AdditionalProperties":
        return Kind.UNKNOWN_MEMBER
    return Kind.STRUCTURE if keyword in _STRUCTURE else Kind.VALUE


def _expected(error: jsonschema_rs.ValidationError) -> str:
    if isinstance(error.kind, _Unknown):
        return DOCUMENTED_MEMBER
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
        case {"limit": limit}:
            return _LIMITS.get(type(error.kind).__name__.rpartition("_")[2], "{limit}").format(limit=limit)
    if names := _alternatives(error):
        return f"{', '.join(names[:-1])} or {names[-1]}"
    return "another value"


def _alternatives(error: jsonschema_rs.ValidationError) -> Sequence[str]:
    """The members of which an object needs one and has none. Each is a branch of an `anyOf`."""
    branches = error.kind.context if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf) else []
    required = jsonschema_rs.ValidationErrorKind.Required
    return [each.kind.property for branch in branches for each in branch if isinstance(each.kind, required)]


_LIMITS: Mapping[str, str] = {
    "MinLength": "{limit} or more characters",
    "MaxLength": "{limit} or fewer characters",
    "MinItems": "{limit} or more items",
    "Minimum": "{limit} or more",
    "Maximum": "{limit} or less",
    "MaxItems": "{limit} or fewer items",
    "MinProperties": "{limit} or more members",
}


def _found(error: jsonschema_rs.ValidationError) -> str:
    """The value at this place, shortened, or its length. For an unknown member, its name."""
    kind, instance = error.kind, error.instance
    if isinstance(kind, _Unexpected):
        return shown(kind.unexpected[0])
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.FalseSchema):
        return shown(error.instance_path[-1])
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        return "nothing"
    if _alternatives(error):
        return "none of them"
    lengths = jsonschema_rs.ValidationErrorKind.MinLength | jsonschema_rs.ValidationErrorKind.MaxLength
    if isinstance(instance, str) and isinstance(kind, lengths):
        return f"{len(instance)} characters"
    counts = jsonschema_rs.ValidationErrorKind.MinItems | jsonschema_rs.ValidationErrorKind.MaxItems
    if isinstance(instance, list) and isinstance(kind, counts):
        return f"{len(instance)} items"
    return shown(instance)


def shown(value: object) -> str:
    """A value as short JSON."""
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
    text = orjson.dumps(value).decode()
    return text if len(text) <= FOUND_LENGTH_MAX else f"{text[:FOUND_LENGTH_MAX]}…"
