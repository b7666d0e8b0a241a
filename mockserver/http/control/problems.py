"""What is wrong with a body of the control plane, told so that it can be mended: with what may have been meant."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

import jsonschema_rs

from tracepass_contract.spec import control_document

from ..call import problems

PROBLEMS_MAX = 10
_Kinds = jsonschema_rs.ValidationErrorKind
_Unknown = _Kinds.AdditionalProperties | _Kinds.UnevaluatedProperties | _Kinds.FalseSchema
_document = cache(control_document)
Json = dict[str, Any]


class Described(NamedTuple):
    """One problem. `hint` is what may have been meant, or what there is; empty where neither helps."""

    where: str
    expected: str
    found: str
    hint: str = ""

    def as_text(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}{self.hint and f'; {self.hint}'}"

    def as_json(self) -> Json:
        return {name: text for name, text in self._asdict().items() if text}


def of_body(validator: jsonschema_rs.Validator, body: object) -> Sequence[Described]:
    """The departures from the documented shape, unknown members first: who mistypes a name also leaves one out."""
    errors = sorted(validator.iter_errors(body), key=lambda error: not isinstance(error.kind, _Unknown))
    return [described for error in errors[:PROBLEMS_MAX] for described in _described(error, body)][:PROBLEMS_MAX]


def _described(error: jsonschema_rs.ValidationError, body: object) -> Iterator[Described]:
    match error.kind:
        case _Kinds.AdditionalProperties() | _Kinds.UnevaluatedProperties():
            members: Any = error.instance
            names = _names(error.schema_path[:-1], members)
            for name in error.kind.unexpected[:PROBLEMS_MAX]:
                where, found = problems.location([*error.instance_path, name]), problems.shown(members[name])
                yield Described(where, "no such member", found, _meant(name, names) or _there_are(names))
        case _Kinds.FalseSchema():  # a member that others of its kind have
            names = _names(error.schema_path[: error.schema_path.index("allOf")], body)
            others = [name for name in names if name != error.instance_path[-1]]
            yield _plainly(error)._replace(hint=_there_are(others))
        case _Kinds.Enum(options=options):
            yield _plainly(error)._replace(hint=_meant(error.instance, options))
        case _:
            yield _plainly(error)


def _plainly(error: jsonschema_rs.ValidationError) -> Described:
    problem = problems.of_error(error)
    return Described(problem.where, problem.expected, problem.found)


def _names(schema_path: Sequence[str | int], instance: Any) -> Sequence[str]:
    """The members that the document has for such an object: without those that it has for another kind of it."""
    schema: Any = _document()
    for step in schema_path:
        schema = schema[step]
    members: Json = dict(schema["properties"])
    for branch in schema.get("allOf", ()):
        if all(instance.get(name) == value["const"] for name, value in branch["if"]["properties"].items()):
            members |= branch["then"]["properties"]
    return [name for name, value in members.items() if value is not False]


def _meant(found: object, known: Sequence[Any]) -> str:
    """The nearest of the known, whichever case its letters are in; nothing where none is near."""
    near = get_close_matches(found[: problems.FOUND_LENGTH_MAX].lower(), known, n=1) if isinstance(found, str) else ()
    return f"did you mean {near[0]}?" if near else ""


def _there_are(names: Sequence[str]) -> str:
    return f"there are {', '.join(names)}"
