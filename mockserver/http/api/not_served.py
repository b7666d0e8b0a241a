"""Parts of calls that change their meaning and that the mock does not serve.

A call with such a part gets 501 before all other checks. It is not the caller's mistake, and leaving the part out would
invent a success.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from ...semantics.types.answers import Refusal
from ...semantics.types.readings import Identifier, Readings
from ..call.exchange import Call

_MEMBERS = frozenset({"lineage", "identifier"})  # that may have a part that is not served
_OTHER_SCHEMES = frozenset({"iso15459", "iec61406", "did", "doi"})
_PICTURES = frozenset({"getPassportQr", "getPassportQrBySerial"})


def picture_not_served(call: Call) -> Refusal | None:
    """501 for a code that the mock does not draw."""
    is_other = call.operation.operation_id in _PICTURES and ("symbology", "datamatrix") in call.query
    return _refusal(["symbology=datamatrix"]) if is_other else None


def items_not_served(
    items: Sequence[Any], members: AbstractSet[str], readings: Readings, *, single: bool
) -> Refusal | None:
    """501 that names each part that is not served. `members` are those of all items."""
    if _MEMBERS.isdisjoint(members):
        return None
    found = [
        part
        for n, item in enumerate(items)
        if isinstance(item, dict)
        for part in _of_item("" if single else f"/passports/{n}", item, readings)
    ]
    return _refusal(found) if found else None


def _refusal(parts: Sequence[str]) -> Refusal:
    message = f"The mock knows {parts[0]} and does not serve it. Nothing of this call was executed."
    return Refusal("calls.not-served-here", 501, "Not Implemented", message, {"notServed": parts})


def _of_item(where: str, item: Mapping[str, Any], readings: Readings) -> Iterator[str]:
    if item.get("lineage") is not None:
        yield f"{where}/lineage"
    identifier = item.get("identifier")
    if not isinstance(identifier, Mapping) or readings.identifier is Identifier.IGNORED:
        return
    if isinstance(scheme := identifier.get("scheme"), str) and scheme in _OTHER_SCHEMES:
        yield f'{where}/identifier/scheme "{scheme}"'
