"""From the name in a path to the record that it names, in this workspace."""

from ..checks.other_refusals import ambiguous_serial, passport_unknown
from ..types.answers import Refusal
from ..types.gs1 import gtin14, serial_identity
from ..types.readings import Readings
from ..types.records import KnownPassport
from ..types.request import NamedCall
from ..types.state_view import StateView


def passport_named(call: NamedCall, state: StateView, readings: Readings) -> KnownPassport | Refusal:
    """By its id, or by its serial number and perhaps a GTIN. An id of no known form names nothing: 404, not 400."""
    if "id" in call.names:
        return state.passport(call.names["id"]) or passport_unknown()
    gtin = call.query.get("gtin")
    identity = serial_identity(call.names["serial"], readings)
    found = state.passports_with_serial(identity, gtin14(gtin) if gtin else None)
    if len(found) > 1:
        return ambiguous_serial(found)
    return found[0] if found else passport_unknown()
