"""Finds values of the right type that no mock can have saved. They would break later calls."""

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
from .document import COPIED_MEMBERS, SavedWorkspace, Snapshot

_COUNT_MAX = 2**53
_AHEAD_MIN, _AHEAD_MAX = timedelta(days=-60_000), timedelta(days=2_940_000)  # more than the clock's calendar
_ID = re.compile(r"[0-9a-f]{24}")


def contradictions(snapshot: Snapshot) -> Iterator[str]:
    """A sentence for each contradiction in a snapshot."""
    ids, keys = (
        [workspace.id for workspace in snapshot.workspaces],
        [key for workspace in snapshot.workspaces for key in workspace.api_keys],
    )
    for what, names in (("id", ids), ("API key", keys)):
        if len(set(names)) < len(names):
            yield f"workspaces: an {what} occurs twice; each must be unique"
    for gtin, holder in snapshot.gtin_holders.items():
        if holder not in ids:
            yield f"gtin_holders.{gtin}: unknown workspace {holder!r}"
    for workspace in snapshot.workspaces:
        for problem in _impossible(workspace):
            yield f"workspaces.{workspace.id}.{problem}"


def _impossible(workspace: SavedWorkspace) -> Iterator[str]:
    """A sentence for each impossible value of a workspace."""
    yield from _impossible_numbers(workspace)
    yield from _impossible_times(workspace)
    yield from _impossible_records(workspace)
    yield from _impossible_memories(workspace)


def _impossible_numbers(workspace: SavedWorkspace) -> Iterator[str]:
    counts = {name: getattr(workspace, name) for name in COPIED_MEMBERS} | msgspec.structs.asdict(workspace.totals)
    for name, count in counts.items():
        if isinstance(count, int) and abs(count) > _COUNT_MAX:
            yield f"{name}: {count} is not possible; at most {_COUNT_MAX:,} is allowed"
    for name, limit in asdict(workspace.plan).items():
        if isinstance(limit, int) and not 0 <= limit <= _COUNT_MAX:
            yield f"plan.{name}: {limit} is not possible; 0 to {_COUNT_MAX:,} is allowed"
    given = max((int(each.id[-12:], 16) + 1 for each in workspace.passports if _ID.fullmatch(each.id)), default=0)
    if workspace.ids_given < given:
        yield f"ids_given: {workspace.ids_given} is less than the {given} of the passports"
    written = max((entry.number for entry in workspace.entries), default=0)
    if workspace.entries_written < written:
        yield f"entries_written: {workspace.entries_written} is less than the {written} of the entries"


def _impossible_times(workspace: SavedWorkspace) -> Iterator[str]:
    """Times without an offset, which cannot be compared, and clocks outside the calendar."""
    passports = workspace.passports
    times: dict[str, list[datetime | None]] = {
        "clock_frozen_at": [workspace.clock_frozen_at],
        "products": [at for each in workspace.products for at in (each.created_at, each.updated_at)],
        "passports": [at for each in passports for at in (each.created_at, each.updated_at, each.published_at)]
        + [at for each in passports for at in (each.suspended_at, each.archived_at)],
        "answers": [remembered.expires_at for _, remembered in workspace.answers],
        "entries": [entry.at for entry in workspace.entries],
        "rows": [row.at for row in workspace.rows],
    }
    for where, found in times.items():
        if wrong := next((at for at in found if at is not None and at.tzinfo is None), None):
            yield f"{where}: the time {wrong.isoformat()} has no UTC offset"
    if workspace.clock_frozen_at is not None and not is_in_calendar(workspace.clock_frozen_at):
        yield f"clock_frozen_at: {workspace.clock_frozen_at} is not in the years 1970 to 9998"
    if not _AHEAD_MIN <= workspace.clock_ahead <= _AHEAD_MAX:
        days = workspace.clock_ahead.days
        yield f"clock_ahead: {days:,} days is not possible; {_AHEAD_MIN.days:,} to {_AHEAD_MAX.days:,} is allowed"


def _impossible_records(workspace: SavedWorkspace) -> Iterator[str]:
    for product in workspace.products:
        if product.status not in {ACTIVE, ARCHIVED}:
            yield f"products: unknown status {product.status!r}"
    for passport in workspace.passports:
        yield from _impossible_passport(passport)
    ids = [passport.id for passport in workspace.passports]
    if ids != sorted(set(ids)):
        yield "passports: the ids do not ascend"
    known = set(ids)
    for gtin, identities in workspace.pairs.items():
        for owners in identities.values():
            if not known.issuperset(owners.split()):
                yield f"pairs.{gtin}: unknown passport in {owners!r}"


def _impossible_passport(passport: Passport) -> Iterator[str]:
    if not _ID.fullmatch(passport.id):
        yield f"passports: the id {passport.id!r} does not have 24 hexadecimal digits"
    if not passport.serial_number:
        yield "passports: a serial number is empty"
    if not is_gtin14(passport.gtin):
        yield f"passports: the GTIN {passport.gtin!r} does not have 14 digits"
    if passport.status not in STATUSES:
        yield f"passports: unknown status {passport.status!r}"
    if not 0 <= passport.completion <= 100:
        yield f"passports: a completion of {passport.completion} is not possible; 0 to 100 is allowed"
    if not (_is_object(passport.fields) and _is_object(passport.parties)):
        yield f"passports: fields and parties of {passport.id} are not JSON objects"


def _impossible_memories(workspace: SavedWorkspace) -> Iterator[str]:
    for _, remembered in workspace.answers:
        if not 200 <= remembered.status <= 599:
            yield f"answers: a status of {remembered.status} is not possible; 200 to 599 is allowed"
        if not all(text.isascii() and text.isprintable() for header in remembered.headers for text in header):
            yield "answers: a header has characters that are not printable ASCII"
    for fault in workspace.faults:
        if min(fault.times - 1, fault.skip, fault.passed_over, fault.fired) < 0:
            yield f"faults.{fault.id}: a count is less than 0, or times is less than 1"
        if not OPTIONS[fault.kind] <= fault.options.keys():
            missing = ", ".join(sorted(OPTIONS[fault.kind] - fault.options.keys()))
            yield f"faults.{fault.id}: a fault of the kind {fault.kind} needs {missing}"
    for outcome in {*(entry.outcome for entry in workspace.entries), *(row.outcome for row in workspace.rows)}:
        if outcome not in OUTCOMES:
            yield f"unknown outcome {outcome!r}"
    if not all(entry.checks for entry in workspace.entries):
        yield "entries: an entry has no check"


def _is_object(json: bytes) -> bool:
    try:
        return json == b"{}" or isinstance(orjson.loads(json), dict)
    except orjson.JSONDecodeError:
        return False
