"""From a decision to the answer to send. The answer is checked against the document before the commit."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from ...semantics.types.answers import BatchResult, Decision, Refusal, Replay
from ...semantics.types.results import QrCode
from ...state.texts import as_json
from ..call.exchange import Call, Reply
from . import batch_json, qr, reply_bodies

JSON = "application/json"


class UndocumentedAnswer(RuntimeError):
    """The document does not allow an answer of the mock: a bug in the mock. Nothing was committed."""


def reply_to(call: Call, decision: Decision, now: datetime) -> Reply:
    headers: tuple[tuple[str, str], ...] = (("Mock-Rule", decision.rule),)
    match decision.answer:
        case BatchResult() as result:
            status, json = result.status, batch_json.batch_result(result, now)
        case Replay(original=original, same_bytes=same_bytes, headers=marker):
            body = original.body if same_bytes else _same_json(original.body)
            return Reply(original.status, (*headers, *_without_rule(original.headers), *marker), body)
        case QrCode() as code if code.form != "json":
            media_type, drawing = qr.drawn(code)
            _require(call.operation.allows_content(200, media_type), call, 200)
            return Reply(200, headers, drawing, media_type.encode())
        case QrCode() as code:
            status, json = code.status, {"result": qr.drawn(code)[1].decode()}
        case Refusal() as refused:
            status, json, headers = refused.status, batch_json.refusal(refused), (*headers, *refused.headers)
        case answer:
            status, json = answer.status, reply_bodies.as_json(answer)
    _require(call.operation.allows(status, json), call, status)
    return Reply(status, headers, as_json(json))


def _require(documented: bool, call: Call, status: int) -> None:
    if not documented:
        raise UndocumentedAnswer(f"{call.operation.operation_id}: the document has no answer {status} with this body")


def _without_rule(headers: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return [header for header in headers if header[0] != "Mock-Rule"]


def _same_json(body: bytes) -> bytes:
    """Equal JSON with other bytes: the members are sorted."""
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
