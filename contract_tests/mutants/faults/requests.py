"""Faults of the validation of a batch: wrong values, missing members, invalid keys."""

from typing import Any
from urllib.parse import unquote

import orjson

from tracepass_contract.mockserver.http.api import batch_json, operations
from tracepass_contract.mockserver.http.call import problems
from tracepass_contract.mockserver.semantics.types import gs1

from ..mutant import Broken, Family

family = Family("items.malformed-item=item-error")


@family.around(problems, "of_body", "VAL-03", rule="batch.same-shape-as-single", severity="D")
def brings_a_gtin_into_form(of_body: Any, validator: Any, body: Any) -> Any:
    """A GTIN with letters, spaces or too many digits is reduced to its digits."""
    for holder in _gs1_of(body):
        if isinstance(holder.get("gtin"), str):
            holder["gtin"] = "".join(filter(str.isascii, filter(str.isdigit, holder["gtin"]))).zfill(14)[:14]
    return of_body(validator, body)


@family.around(problems, "of_body", "VAL-06", rule="batch.same-shape-as-single", severity="N")
def reads_every_digit(of_body: Any, validator: Any, body: Any) -> Any:
    """Digits of any script are accepted in a GTIN."""
    for holder in _gs1_of(body):
        gtin = holder.get("gtin")
        if isinstance(gtin, str) and gtin.isdigit():
            holder["gtin"] = "".join(str(int(digit)) for digit in gtin if digit.isdecimal())
    return of_body(validator, body)


@family.around(problems, "of_body", "VAL-08", rule="batch.same-shape-as-single", severity="D")
def numbers_the_empty(of_body: Any, validator: Any, body: Any) -> Any:
    """An empty serial number is replaced by a generated one."""
    for holder in _gs1_of(body):
        if holder.get("serialNumber") == "":
            holder["serialNumber"] = "1"
    return of_body(validator, body)


@family.around(
    problems,
    "of_body",
    "VAL-09",
    rule="batch.same-shape-as-single",
    hidden_by="items.serial-domain=gs1-1-to-20",
    severity="D",
)
def cuts_the_long(of_body: Any, validator: Any, body: Any) -> Any:
    """A serial number of more than 100 characters is cut."""
    for holder in _gs1_of(body):
        if isinstance(holder.get("serialNumber"), str):
            holder["serialNumber"] = holder["serialNumber"][:100]
    return of_body(validator, body)


@family.around(batch_json, "items_of", "VAL-12", rule="items.created-carries-data", severity="N", profiles=())
def decodes_serials(items_of: Any, elements: Any, members: Any) -> Any:
    """A serial number with percent signs is stored decoded."""
    return [item._replace(serial_number=unquote(item.serial_number)) for item in items_of(elements, members)]


@family.around(problems, "of_body", "VAL-15", rule="batch.holds-1-to-100-items errors.envelope", profiles=())
def breaks_without_an_array(of_body: Any, validator: Any, body: Any) -> Any:
    """`passports` that is not an array breaks the server."""
    if isinstance(body, dict) and not isinstance(body.get("passports", []), list):
        raise Broken("not a list")
    return of_body(validator, body)


@family.around(problems, "of_body", "VAL-18", rule="batch.same-shape-as-single")
def borrows_what_is_missing(of_body: Any, validator: Any, body: Any) -> Any:
    """An item without a product gets that of another item of the batch."""
    items = [item for item in problems.items_in(body, "passports") if isinstance(item, dict)]
    products = [item["productId"] for item in items if "productId" in item]
    for item in items:
        item.setdefault("productId", products[0] if products else None)
    return of_body(validator, body)


@family.around(
    operations,
    "reply_to",
    "VAL-19",
    rule="items.created-carries-data",
    hidden_by="batch.unknown-members=refused batch.unknown-members=item-error",
    severity="N",
    profiles=(),
)
def obeys_the_caller(reply_to: Any, call: Any, decision: Any, now: Any) -> Any:
    """`_id` and `status` of an item become those of its passport."""
    reply = reply_to(call, decision, now)
    if not reply.body.startswith(b'{"results":'):
        return reply
    answer, sent_items = orjson.loads(reply.body), problems.items_in(call.body.value, "passports")
    for entry in answer["results"]:
        if entry["status"] == "created" and entry["index"] < len(sent_items):
            own = {name: value for name, value in sent_items[entry["index"]].items() if name in {"_id", "status"}}
            entry["data"].update(own)
    return reply._replace(body=orjson.dumps(answer))


@family.around(
    gs1,
    "has_right_check_digit",
    "VAL-02",
    rule="batch.same-shape-as-single",
    severity="D",
    only_under=("items.gtin-check-digit=enforced",),
)
def weighs_from_the_left(_has_right_check_digit: Any, gtin: str) -> bool:
    """The weights of the check digit are reversed, so that valid GTINs are refused."""
    return sum(int(digit) * (3, 1)[nth % 2] for nth, digit in enumerate(reversed(gtin))) % 10 == 0


@family.around(
    problems,
    "of_header",
    "IDM-23",
    rule="idempotency.key-is-opaque",
    hidden_by="idempotency.key-syntax=uuid idempotency.key-out-of-range=ignored",
    severity="N",
    profiles=(),
)
def takes_nothing_for_a_key(of_header: Any, parameter: Any, values: Any) -> Any:
    """An empty Idempotency-Key is a valid key, and all clients share it."""
    return () if list(values) == [b""] else of_header(parameter, values)


def _gs1_of(body: Any) -> list[Any]:
    items = [item for item in problems.items_in(body, "passports") if isinstance(item, dict)]
    return [item["gs1"] for item in items if isinstance(item.get("gs1"), dict)]
