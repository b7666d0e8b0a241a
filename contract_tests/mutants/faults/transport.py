"""Faults of HTTP and JSON: invalid bodies, other methods, media types, large bodies."""

from typing import Any

import orjson
from starlette.exceptions import HTTPException
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tracepass_contract.mockserver.app import Mock
from tracepass_contract.mockserver.http import errors, middleware
from tracepass_contract.mockserver.http.call import body, problems
from tracepass_contract.mockserver.http.call.body import Body
from tracepass_contract.mockserver.semantics.checks import shape
from tracepass_contract.mockserver.semantics.types.answers import Refusal

from ..mutant import Broken, Family

family = Family("items.malformed-item=item-error")
_BATCH = "/api/v1/passports/batch"
_BODY_BYTES_MAX = 100 * 1024  # the default limit of a popular framework


@family.around(body, "parse", "HTP-01", rule="batch.holds-1-to-100-items errors.envelope", severity="N", profiles=())
def breaks_without_json(parse: Any, headers: Any, raw: bytes) -> Any:
    """A body that is not JSON breaks the server."""
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Broken(str(error)) from error
    return parse(headers, raw)


@family.around(
    body,
    "parse",
    "HTP-02",
    rule="batch.holds-1-to-100-items errors.envelope",
    hidden_by="CV-90",
    severity="N",
    profiles=(),
)
def breaks_at_a_form(parse: Any, headers: Any, raw: bytes) -> Any:
    """A body with another media type than JSON breaks the server."""
    found = parse(headers, raw)
    if isinstance(found, Refusal) and found.status == 415:
        raise Broken("body is undefined")
    return found


@family.around(
    body,
    "parse",
    "HTP-02a",
    rule="batch.holds-1-to-100-items errors.envelope",
    hidden_by="CV-90",
    severity="N",
    profiles=(),
)
def breaks_at_plain_text(parse: Any, headers: Any, raw: bytes) -> Any:
    """A body with the type text/plain breaks the server."""
    found = parse(headers, raw)
    if isinstance(found, Refusal) and found.status == 415 and (b"content-type", b"text/plain") in headers:
        raise Broken("no parser")
    return found


@family.around(
    middleware,
    "send_reply",
    "HTP-02b",
    rule="items.one-result-each batch.holds-1-to-100-items",
    hidden_by="CV-90",
    severity="N",
    profiles=(),
)
async def reads_no_items_in_it(send_reply: Any, send: Any, reply: Any) -> None:
    """A body with another media type counts as a batch without items, and succeeds."""
    if reply.status == 415:
        nothing = b'{"results":[],"summary":{"created":0,"errors":0,"total":0}}'
        reply = reply._replace(status=200, body=nothing)
    await send_reply(send, reply)


@family.around(errors, "http_error", "HTP-03", rule="errors.envelope", severity="N", profiles=())
def breaks_at_other_methods(http_error: Any, request: Any, exc: HTTPException, *others: Any) -> Any:
    """A method that the path does not have breaks the server."""
    answer = http_error(request, exc, *others)
    if exc.status_code == 405:
        answer.status_code = 500
    return answer


@family.around(Mock, "__call__", "HTP-03a", rule="errors.envelope", severity="N", profiles=())
async def executes_a_put(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """PUT on the path of the batch is executed like POST."""
    is_put = scope["type"] == "http" and scope["method"] == "PUT" and scope["path"] == _BATCH
    await call(self, {**scope, "method": "POST"} if is_put else scope, receive, send)


@family.around(body, "read", "HTP-08", rule="batch.holds-1-to-100-items", profiles=())
async def takes_no_large_body(read: Any, headers: Any, receive: Any, limit: int) -> Any:
    """A body of more than 100 KiB is refused with 413, even with 100 items or fewer."""
    return await read(headers, receive, min(limit, _BODY_BYTES_MAX))


@family.around(HttpToolsProtocol, "on_header", "HTP-09", rule="idempotency.replays-original", severity="N", profiles=())
def knows_one_spelling(on_header: Any, self: Any, name: bytes, value: bytes) -> None:
    """The name of the header Idempotency-Key is compared with its case."""
    if name != b"idempotency-key":
        on_header(self, name, value)


@family.around(
    shape,
    "_wrong_check_digits",
    "VAL-01",
    rule="batch.same-shape-as-single",
    severity="D",
    needs="S",
    only_under=("items.gtin-check-digit=enforced",),
)
def checks_single_creates_alone(wrong_check_digits: Any, request: Any, readings: Any) -> Any:
    """The single create verifies the check digit of a GTIN, the batch does not."""
    return wrong_check_digits(request, readings) if request.single else ()


@family.around(
    body,
    "parse",
    "VAL-05",
    rule="batch.same-shape-as-single",
    hidden_by="items.gtin-check-digit=enforced",
    severity="N",
    profiles=(),
)
def loses_the_zero(parse: Any, headers: Any, raw: bytes) -> Any:
    """A GTIN as a JSON number is accepted, and a leading zero moves to its end."""
    found = parse(headers, raw)
    if not isinstance(found, Body):
        return found
    for item in problems.items_in(found.value, "passports"):
        gs1 = item.get("gs1") if isinstance(item, dict) else None
        if isinstance(gs1, dict) and isinstance(gs1.get("gtin"), int):
            gs1["gtin"] = str(gs1["gtin"]).ljust(14, "0")
    return found


@family.around(problems, "of_body", "PAR-14", rule="batch.same-shape-as-single", severity="N")
def looks_at_the_first(of_body: Any, validator: Any, checked: Any) -> Any:
    """The values of the first item are checked; wrong values of other items are corrected."""
    for item in problems.items_in(checked, "passports")[1:]:
        gs1 = item.get("gs1") if isinstance(item, dict) else None
        if isinstance(gs1, dict):
            if isinstance(gs1.get("gtin"), str):
                digits = "".join(filter(str.isascii, filter(str.isdigit, gs1["gtin"])))
                gs1["gtin"] = digits.zfill(14)[:14]
            if isinstance(gs1.get("serialNumber"), str):
                gs1["serialNumber"] = gs1["serialNumber"][:100] or "1"
    return of_body(validator, checked)
