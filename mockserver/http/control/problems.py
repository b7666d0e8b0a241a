"""The problems of a body of the control plane, with suggestions."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

import jsonschema_rs

from tracepass_contract.spec import control_document

from ...semantics.checks.refusals import describe
from ...semantics.types.request import DOCUMENTED_MEMBER, Kind, Problem
from ..call import problems

PROBLEMS_MAX = 10
_Kinds = jsonschema_rs.ValidationErrorKind
_Unknown = _Kinds.AdditionalProperties | _Kinds.UnevaluatedProperties | _Kinds.FalseSchema
_document = cache(control_document)
Json = dict[str, Any]


class Described(NamedTuple):
    """One problem. `hint` suggests a name or lists the known ones; it may be empty."""

    problem: Problem
    hint: str = ""

    def as_text(self) -> str:
        return describe(self.problem) + (self.hint and f". {self.hint}")

    def as_json(self) -> Json:
        where, expected, found = self.problem[1:4]
        return {"where": where, "expected": expected, "found": found, **({"hint": self.hint} if self.hint else {})}


def of_body(validator: jsonschema_rs.Validator, body: object) -> Sequence[Described]:
    """The problems of a body. Unknown members come first, because a mistyped name also leaves a member out."""
    errors = sorted(validator.iter_errors(body), key=lambda error: not isinstance(error.kind, _Unknown))
    return [described for error in errors[:PROBLEMS_MAX] for described in _described(error, body)][:PROBLEMS_MAX]


def _described(error: jsonschema_rs.ValidationError, body: object) -> Iterator[Described]:
    match error.kind:
        case _Kinds.AdditionalProperties() | _Kinds.UnevaluatedProperties():
            members: Any = error.instance
            names = _names(error.schema_path[:-1], members)
            for name in error.kind.unexpected[:PROBLEMS_MAX]:
                where = problems.location([*error.instance_path, name])
                problem = Problem(Kind.CALL, where, DOCUMENTED_MEMBER, problems.shown(name))
                yield Described(problem, _suggestion(name, names) or _list_of(names))
        case _Kinds.FalseSchema():  # a member of another kind of fault
            names = _names(error.schema_path[: error.schema_path.index("allOf")], body)
            excluded = _at(error.schema_path[:-1])
            others = [name for name in names if excluded.get(name) is not False]
            yield Described(problems.of_error(error), _list_of(others))
        case _Kinds.Enum(options=options):
            yield Described(problems.of_error(error), _suggestion(error.instance, options))
        case _:
            yield Described(problems.of_error(error))


def _names(schema_path: Sequence[str | int], instance: Any) -> Sequence[str]:
    """The members that the document allows for an object of this kind."""
    schema = _at(schema_path)
    members: Json = dict(schema["properties"])
    for branch in schema.get("allOf", ()):
        if all(instance.get(name) == value["const"] for name, value in branch["if"]["properties"].items()):
            members |= branch["then"]["properties"]
    return [name for name, value in members.items() if value is not False]


def _at(schema_path: Sequence[str | int]) -> Any:
    schema: Any = _document()
    for step in schema_path:
        schema = schema[step]
    return schema


def _suggestion(found: object, known: Sequence[Any]) -> str:
    """The nearest known name, without regard to case; empty if none is near."""
    near = get_close_matches(found[: problems.FOUND_LENGTH_MAX].lower(), known, n=1) if isinstance(found, str) else ()
    return f'Did you mean "{near[0]}"?' if near else ""


def _list_of(names: Sequence[str]) -> str:
    return f"The members are {', '.join(names)}."
