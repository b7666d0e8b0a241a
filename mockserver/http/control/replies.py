"""Answers of the control plane: JSON, or a problem document (RFC 9457), as its document allows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from tracepass_contract.spec.numbers import with_integers

from ...semantics.types.answers import Refusal
from ..api.replies import UndocumentedAnswer
from ..call.body import Body
from ..call.exchange import Call, Reply
from . import problems
from .guard import PROBLEM_JSON, problem_json

Json = dict[str, Any]
NO_CONTENT = Reply(204, (), b"")


def checked(handle: Callable[[Call, Json], Reply]) -> Callable[[Call], Reply]:
    """A handler that gets valid bodies only. The others are refused (400)."""

    def handler(call: Call) -> Reply:
        if call.operation.body is None:
            return handle(call, {})
        if isinstance(call.body, Refusal):
            return refused_body(call.body)
        assert isinstance(call.body, Body)  # noqa: S101  an operation with a body reads one
        if found := problems.of_body(call.operation.body, call.body.value):
            return problem(400, "\n".join(each.as_text() for each in found), [each.as_json() for each in found])
        return handle(call, with_integers(call.body.value))

    return handler


def documented(handle: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    """A handler whose answers the document has. Raises `UndocumentedAnswer` for another."""

    def handler(call: Call) -> Reply:
        reply = handle(call)
        media_type = reply.content_type.decode().partition(";")[0]
        if "json" in media_type:
            is_documented = call.operation.allows(reply.status, orjson.loads(reply.body) if reply.body else None)
        else:
            is_documented = call.operation.allows_content(reply.status, media_type)
        if not is_documented:
            message = f"{call.operation.operation_id}: the document has no answer {reply.status} with this body"
            raise UndocumentedAnswer(message)
        return reply

    return handler


def refused_body(refused: Refusal) -> Reply:
    return problem(refused.status, refused.message or "", (refused.details or {})["problems"])


def json_reply(value: object, status: int = 200) -> Reply:
    return Reply(status, (), orjson.dumps(value))


def problem(status: int, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> Reply:
    return Reply(status, (), problem_json(status, detail, errors), PROBLEM_JSON.encode())
