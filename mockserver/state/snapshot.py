"""The whole state as one JSON document, and back: what is restored answers as what was saved did, byte for byte."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

import msgspec

from tracepass_contract.mockserver.semantics.accounts import Plan
from tracepass_contract.mockserver.semantics.answers import Remembered
from tracepass_contract.mockserver.semantics.gs1 import is_gtin14
from tracepass_contract.mockserver.semantics.records import STATUSES, Product
from tracepass_contract.mockserver.state.growing import ByText
from tracepass_contract.mockserver.state.journal import OUTCOMES, Entry, Row
from tracepass_contract.mockserver.state.planned_faults import PlannedFault
from tracepass_contract.mockserver.state.state import State
from tracepass_contract.mockserver.state.workspace import Passport, Totals, Workspace

FORMAT: Final = "tracepass-mock-state"
VERSION: Final = 2  # a balance is an array
_AS_THEY_ARE = (
    *("writes_used", "writes_day", "reads_used", "reads_day", "passports_used"),
    *("product_id", "gtin", "keys_given", "ids_given", "product_ids_given"),
)
Count = Annotated[int, msgspec.Meta(ge=0)]


class UnusableSnapshot(ValueError):
    """The document is no state of this mock; the message says where, what was expected and what was found."""


class SavedWorld(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One workspace. `clock_ahead` is what its clock is ahead of the machine's, where it does not stand still."""

    id: str
    plan: Plan
    subscription_active: bool
    clock_ahead: timedelta
    clock_frozen_at: datetime | None
    writes_used: Count
    writes_day: date
    passports_used: Count
    product_id: str
    gtin: str
    keys_given: Count
    ids_given: Count
    api_keys: list[str]
    reads_used: Count
    reads_day: date
    product_ids_given: Count
    products: list[Product]
    passports: list[Passport]
    pairs: dict[str, dict[str, str]]
    answers: list[tuple[tuple[str, ...], Remembered]]
    totals: Totals
    entries: list[Entry]
    rows: list[Row]
    entries_written: Count
    faults: list[PlannedFault]
    faults_planned: Count


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All workspaces, and the readings that were in force."""

    format: Literal["tracepass-mock-state"] = FORMAT
    version: Literal[2] = VERSION
    readings: dict[str, str]
    worlds_minted: Count
    gtin_holders: dict[str, str]
    worlds: list[SavedWorld]


def take(state: State, readings: Mapping[str, str]) -> Snapshot:
    keys: dict[str, list[str]] = {}
    for api_key, workspace in state.api_keys():
        keys.setdefault(workspace.id, []).append(api_key)
    return Snapshot(
        readings=dict(readings),
        worlds_minted=state.worlds_minted,
        gtin_holders=dict(state.gtin_holders),
        worlds=[_saved(workspace, keys.get(workspace.id, [])) for workspace in state.workspaces.values()],
    )


def encode(snapshot: Snapshot) -> bytes:
    return msgspec.json.encode(snapshot)


def decode(content: bytes) -> Snapshot:
    """The snapshot that `encode` wrote. Raises `UnusableSnapshot`, before anything has changed."""
    try:
        told = msgspec.json.decode(content, type=_Label)
        if (told.format, told.version) != (FORMAT, VERSION):
            found = f"{told.format!r}, version {told.version!r}"
            raise UnusableSnapshot(f"expected {FORMAT!r}, version {VERSION}; found {found}")
        snapshot = msgspec.json.decode(content, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnusableSnapshot(f"expected the saved state of a mock: {error}") from None
    for problem in _contradictions(snapshot):
        raise UnusableSnapshot(problem)
    return snapshot


def restore(state: State, snapshot: Snapshot) -> None:
    """Replace everything in the books, in one step."""
    state.clear()
    state.worlds_minted = snapshot.worlds_minted
    state.gtin_holders.update(snapshot.gtin_holders)
    for saved in snapshot.worlds:
        workspace = state.add_workspace(saved.id, saved.plan, subscription_active=saved.subscription_active)
        for api_key in saved.api_keys:
            state.add_api_key(workspace, api_key)
        _fill(workspace, saved)


class _Label(msgspec.Struct):
    """What the document says that it is; anything at all."""

    format: object = None
    version: object = None


def _saved(workspace: Workspace, api_keys: list[str]) -> SavedWorld:
    return SavedWorld(
        id=workspace.id,
        plan=workspace.plan,
        subscription_active=workspace.subscription_active,
        clock_ahead=workspace.clock.ahead,
        clock_frozen_at=workspace.clock.frozen_at,
        writes_used=workspace.writes_used,
        writes_day=workspace.writes_day,
        passports_used=workspace.passports_used,
        product_id=workspace.product_id,
        gtin=workspace.gtin,
        keys_given=workspace.keys_given,
        ids_given=workspace.ids_given,
        api_keys=api_keys,
        reads_used=workspace.reads_used,
        reads_day=workspace.reads_day,
        product_ids_given=workspace.product_ids_given,
        products=list(workspace.products.values()),
        passports=list(workspace.passports.values()),
        pairs={gtin: dict(identities) for gtin, identities in workspace.pairs.items()},
        answers=list(workspace.answers.items()),
        totals=workspace.totals,
        entries=list(workspace.journal.entries),
        rows=list(workspace.journal.rows),
        entries_written=workspace.journal.numbers_given,
        faults=workspace.faults.planned,
        faults_planned=workspace.faults.ids_given,
    )


def _fill(workspace: Workspace, saved: SavedWorld) -> None:
    workspace.clock.restore(saved.clock_ahead, saved.clock_frozen_at)
    for name in _AS_THEY_ARE:
        setattr(workspace, name, getattr(saved, name))
    for product in saved.products:
        workspace.products[product.id] = product
        workspace.models[product.model] = product.id
    for passport in saved.passports:
        workspace.passports[passport.id] = passport
    workspace.index.add(saved.passports)
    for gtin, identities in saved.pairs.items():
        pairs = workspace.pairs[gtin] = ByText()
        pairs.update(identities)
        pairs.spread()
    for key_name, remembered in saved.answers:
        workspace.answers.put(key_name, remembered)
    workspace.totals = saved.totals
    workspace.journal.restore(saved.entries, saved.rows, saved.entries_written)
    workspace.faults.planned.extend(saved.faults)
    workspace.faults.ids_given = saved.faults_planned


def _contradictions(snapshot: Snapshot) -> Iterator[str]:
    """What no mock would have written, though each member has its type."""
    ids, keys = [world.id for world in snapshot.worlds], [key for world in snapshot.worlds for key in world.api_keys]
    for what, names in (("id of a world", ids), ("API key", keys)):
        if len(set(names)) < len(names):
            yield f"worlds: expected each {what} once; found one twice"
    for gtin, holder in snapshot.gtin_holders.items():
        if holder not in ids:
            yield f"gtin_holders.{gtin}: expected the id of a world in this document, found {holder!r}"
    for world in snapshot.worlds:
        for problem in _impossible(world):
            yield f"worlds.{world.id}.{problem}"


def _impossible(world: SavedWorld) -> Iterator[str]:
    """Values of the right type that no call can have led to, and no page could show."""
    for name, limit in asdict(world.plan).items():
        if isinstance(limit, int) and limit < 0:
            yield f"plan.{name}: expected 0 or more, found {limit}"
    for passport in world.passports:
        if passport.status not in STATUSES:
            yield f"passports: expected a status among {', '.join(STATUSES)}; found {passport.status!r}"
        if not 0 <= passport.completion <= 100:
            yield f"passports: expected a completion of 0 to 100, found {passport.completion}"
        if not is_gtin14(passport.gtin):
            yield f"passports: expected a GTIN of 14 digits, found {passport.gtin!r}"
    for outcome in {*(entry.outcome for entry in world.entries), *(row.outcome for row in world.rows)}:
        if outcome not in OUTCOMES:
            yield f"outcome: expected one of {', '.join(OUTCOMES)}; found {outcome!r}"
    if not all(entry.checks for entry in world.entries):
        yield "entries: expected one check or more, found none"
