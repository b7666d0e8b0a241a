"""From the name in a path to the record that it names, in this workspace."""

from tracepass_contract.mockserver.semantics.answers import Refusal
from tracepass_contract.mockserver.semantics.gs1 import gtin14, serial_identity
from tracepass_contract.mockserver.semantics.neighbour_refusals import ambiguous_serial, passport_unknown
from tracepass_contract.mockserver.semantics.readings import Readings
from tracepass_contract.mockserver.semantics.records import KnownPassport
from tracepass_contract.mockserver.semantics.request import NamedCall
from tracepass_contract.mockserver.semantics.state_view import StateView


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
