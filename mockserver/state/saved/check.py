"""What no mock has saved, though each member of the document has its type: taken in, it would break calls later on."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

import msgspec
import orjson

from ...semantics.types.gs1 import is_gtin14
from ...semantics.types.records import ACTIVE, ARCHIVED, STATUSES
from ..clock import is_in_calendar
from ..journal import OUTCOMES
from ..planned_faults import OPTIONS
from ..workspace import Passport
from .document import AS_THEY_ARE, SavedWorkspace, Snapshot

_COUNT_MAX = 2**53
_AHEAD_MIN, _AHEAD_MAX = timedelta(days=-60_000), timedelta(days=2_900_000)
_ID = re.compile(r"[0-9a-f]{24}")


def contradictions(snapshot: Snapshot) -> Iterator[str]:
    """What no mock would have written, though each member has its type."""
    ids, keys = (
        [workspace.id for workspace in snapshot.workspaces],
        [key for workspace in snapshot.workspaces for key in workspace.api_keys],
    )
    for what, names in (("id of a workspace", ids), ("API key", keys)):
        if len(set(names)) < len(names):
            yield f"workspaces: expected each {what} once; found one twice"
    for gtin, holder in snapshot.gtin_holders.items():
        if holder not in ids:
            yield f"gtin_holders.{gtin}: expected the id of a workspace in this document, found {holder!r}"
    for workspace in snapshot.workspaces:
        for problem in _impossible(workspace):
            yield f"workspaces.{workspace.id}.{problem}"


def _impossible(workspace: SavedWorkspace) -> Iterator[str]:
    """Values of the right type that no call can have led to, and no page could show."""
    yield from _impossible_numbers(workspace)
    yield from _impossible_times(workspace)
    yield from _impossible_records(workspace)
    yield from _impossible_memories(workspace)


def _impossible_numbers(workspace: SavedWorkspace) -> Iterator[str]:
    counts = {name: getattr(workspace, name) for name in AS_THEY_ARE} | msgspec.structs.asdict(workspace.totals)
    for name, count in counts.items():
        if isinstance(count, int) and abs(count) > _COUNT_MAX:
            yield f"{name}: expected {_COUNT_MAX:,} or less, found {count}"
    for name, limit in asdict(workspace.plan).items():
        if isinstance(limit, int) and not 0 <= limit <= _COUNT_MAX:
            yield f"plan.{name}: expected 0 or more, and {_COUNT_MAX:,} or less, found {limit}"
    given = max((int(each.id[-12:], 16) + 1 for each in workspace.passports if _ID.fullmatch(each.id)), default=0)
    if workspace.ids_given < given:
        yield f"ids_given: expected {given} or more, as the passports have it, found {workspace.ids_given}"
    written = max((entry.number for entry in workspace.entries), default=0)
    if workspace.entries_written < written:
        yield f"entries_written: expected {written} or more, as the entries have it, found {workspace.entries_written}"


def _impossible_times(workspace: SavedWorkspace) -> Iterator[str]:
    """A time without an offset can't be held against another; the others belong to no calendar."""
    passports = workspace.passports
    times: dict[str, list[datetime | None]] = {
        "clock_frozen_at": [workspace.clock_frozen_at],
        "products": [at for each in workspace.products for at in (each.created_at, each.updated_at)],
        "passports": [at for each in passports for at in (each.created_at, each.updated_at, each.published_at)]
        + [at for each in passports for at in (each.suspended_at, each.archived_at)],
        "answers": [remembered.good_until for _, remembered in workspace.answers],
        "entries": [entry.at for entry in workspace.entries],
        "rows": [row.at for row in workspace.rows],
    }
    for where, found in times.items():
        if wrong := next((at for at in found if at is not None and at.tzinfo is None), None):
            yield f"{where}: expected times with an offset, found {wrong.isoformat()}"
    if workspace.clock_frozen_at is not None and not is_in_calendar(workspace.clock_frozen_at):
        yield f"clock_frozen_at: expected a moment of the years that the clock has, found {workspace.clock_frozen_at}"
    if not _AHEAD_MIN <= workspace.clock_ahead <= _AHEAD_MAX:
        days = workspace.clock_ahead.days
        yield f"clock_ahead: expected {_AHEAD_MIN.days:,} to {_AHEAD_MAX.days:,} days, found {days:,}"


def _impossible_records(workspace: SavedWorkspace) -> Iterator[str]:
    for product in workspace.products:
        if product.status not in {ACTIVE, ARCHIVED}:
            yield f"products: expected the status {ACTIVE} or {ARCHIVED}, found {product.status!r}"
    for passport in workspace.passports:
        yield from _impossible_passport(passport)
    ids = [passport.id for passport in workspace.passports]
    if ids != sorted(set(ids)):
        yield "passports: expected ids that ascend, found others"
    known = set(ids)
    for gtin, identities in workspace.pairs.items():
        for owners in identities.values():
            if not known.issuperset(owners.split()):
                yield f"pairs.{gtin}: expected ids of passports of this workspace, found {owners!r}"


def _impossible_passport(passport: Passport) -> Iterator[str]:
    if not _ID.fullmatch(passport.id):
        yield f"passports: expected an id of 24 hexadecimal digits, found {passport.id!r}"
    if not passport.serial_number:
        yield "passports: expected a serial number of 1 or more characters, found none"
    if not is_gtin14(passport.gtin):
        yield f"passports: expected a GTIN of 14 digits, found {passport.gtin!r}"
    if passport.status not in STATUSES:
        yield f"passports: expected a status among {', '.join(STATUSES)}; found {passport.status!r}"
    if not 0 <= passport.completion <= 100:
        yield f"passports: expected a completion of 0 to 100, found {passport.completion}"
    if not (_is_object(passport.fields) and _is_object(passport.parties)):
        yield f"passports: expected JSON objects as fields and parties of {passport.id}, found others"


def _impossible_memories(workspace: SavedWorkspace) -> Iterator[str]:
    for _, remembered in workspace.answers:
        if not 200 <= remembered.status <= 599:
            yield f"answers: expected a status of 200 to 599, found {remembered.status}"
        if not all(text.isascii() and text.isprintable() for header in remembered.headers for text in header):
            yield "answers: expected headers of printable ASCII characters, found others"
    for fault in workspace.faults:
        if min(fault.times - 1, fault.skip, fault.passed_over, fault.fired) < 0:
            yield f"faults.{fault.id}: expected counts of 0 or more, and times of 1 or more; found less"
        if not OPTIONS[fault.kind] <= fault.options.keys():
            needed = " and ".join(sorted(OPTIONS[fault.kind]))
            yield f"faults.{fault.id}: expected {needed}, found {', '.join(fault.options) or 'nothing'}"
    for outcome in {*(entry.outcome for entry in workspace.entries), *(row.outcome for row in workspace.rows)}:
        if outcome not in OUTCOMES:
            yield f"outcome: expected one of {', '.join(OUTCOMES)}; found {outcome!r}"
    if not all(entry.checks for entry in workspace.entries):
        yield "entries: expected one check or more, found none"


def _is_object(json: bytes) -> bool:
    try:
        return json == b"{}" or isinstance(orjson.loads(json), dict)
    except orjson.JSONDecodeError:
        return False
