"""Finds the record that a path names."""

from ..checks.other_refusals import ambiguous_serial, passport_unknown
from ..types.answers import Refusal
from ..types.gs1 import gtin14, serial_identity
from ..types.readings import Readings
from ..types.records import KnownPassport
from ..types.request import NamedCall
from ..types.state_view import StateView


def passport_named(call: NamedCall, state: StateView, readings: Readings) -> KnownPassport | Refusal:
    """The passport by id, or by serial number and optional GTIN. An id of any unknown form is 404, not 400."""
    if "id" in call.names:
        return state.passport(call.names["id"]) or passport_unknown()
    gtin = call.query.get("gtin")
    identity = serial_identity(call.names["serial"], readings)
    found = state.passports_with_serial(identity, gtin14(gtin) if gtin else None)
    if len(found) > 1:
        return ambiguous_serial(found)
    return found[0] if found else passport_unknown()
