"""Parts of calls that change their meaning and that the mock does not serve.

A call with such a part gets 501 before all other checks. It is not the caller's mistake, and leaving the part out would
invent a success.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...semantics.types.answers import Refusal
from ...semantics.types.readings import Identifier, Readings
from ..call.body import Body
from ..call.exchange import Call
from ..call.problems import items_in, members_of

_MEMBERS = frozenset({"lineage", "identifier"})  # that may have a part that is not served
_OTHER_SCHEMES = frozenset({"iso15459", "iec61406", "did", "doi"})
_OF_ONE = frozenset({"createPassport"})
_OF_MANY = frozenset({"createPassportBatch"})
_PICTURES = frozenset({"getPassportQr", "getPassportQrBySerial"})


def part_not_served(call: Call, readings: Readings) -> Refusal | None:
    """501 that names each part that is not served, or None."""
    operation = call.operation.operation_id
    if operation in _PICTURES:
        found = ["symbology=datamatrix"] if ("symbology", "datamatrix") in call.query else []
    elif operation in _OF_ONE or operation in _OF_MANY:
        body = call.body.value if isinstance(call.body, Body) else None
        single = operation in _OF_ONE
        items = [body] if single else items_in(body, "passports")
        if _MEMBERS.isdisjoint(members_of(items)):
            return None
        found = [
            part
            for n, item in enumerate(items)
            if isinstance(item, dict)
            for part in _of_item("" if single else f"/passports/{n}", item, readings)
        ]
    else:
        return None
    if not found:
        return None
    message = f"The mock knows {found[0]} and does not serve it. Nothing of this call was executed."
    return Refusal("calls.not-served-here", 501, "Not Implemented", message, {"notServed": found})


def _of_item(where: str, item: Mapping[str, Any], readings: Readings) -> Iterator[str]:
    if item.get("lineage") is not None:
        yield f"{where}/lineage"
    identifier = item.get("identifier")
    if not isinstance(identifier, Mapping) or readings.identifier is Identifier.IGNORED:
        return
    if isinstance(scheme := identifier.get("scheme"), str) and scheme in _OTHER_SCHEMES:
        yield f'{where}/identifier/scheme "{scheme}"'
