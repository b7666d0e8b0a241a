"""The whole state as one JSON document, and back. A restored mock gives the same answers, byte for byte."""

import msgspec

from ...semantics.types.readings import Readings
from ..clock import Clock
from ..collections import ByText
from ..state import State
from ..workspace import Workspace
from .check import contradictions
from .document import COPIED_MEMBERS, FORMAT, VERSION, SavedWorkspace, Snapshot


class UnusableSnapshot(ValueError):
    """The document is not a saved state that this mock can use. The message says why."""


def decode(content: bytes) -> Snapshot:
    """The snapshot of a document. Raises `UnusableSnapshot`."""
    try:
        label = msgspec.json.decode(content, type=_Label)
        if label.format != FORMAT:
            raise UnusableSnapshot(f'not a saved state of a mock: "format" is not "{FORMAT}"')
        if label.version != VERSION:
            raise UnusableSnapshot(f"the saved state has version {label.version}; this mock reads version {VERSION}")
        snapshot = msgspec.json.decode(content, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnusableSnapshot(f"not a saved state of a mock: {error}") from None
    return checked(snapshot)


def checked(snapshot: Snapshot) -> Snapshot:
    """The same snapshot, if a mock can have saved it. Raises `UnusableSnapshot`."""
    for problem in contradictions(snapshot):
        raise UnusableSnapshot(problem)
    return snapshot


def state_from(snapshot: Snapshot, clock: Clock) -> State:
    """The saved state, as a new object."""
    state = State(clock)
    state.workspaces_created = snapshot.workspaces_created
    state.gtin_holders.update(snapshot.gtin_holders)
    for saved in snapshot.workspaces:
        workspace = state.add_workspace(saved.id, saved.plan, subscription_active=saved.subscription_active)
        for api_key in saved.api_keys:
            state.add_api_key(workspace, api_key)
        _fill(workspace, saved)
    return state


class _Label(msgspec.Struct):
    """The members that say what the document is. They may have any type."""

    format: object = None
    version: object = None


def head_of(workspace: Workspace) -> SavedWorkspace:
    """The members of a workspace but for its collections, which are empty."""
    return SavedWorkspace(
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
        api_keys=[],
        reads_used=workspace.reads_used,
        reads_day=workspace.reads_day,
        product_ids_given=workspace.product_ids_given,
        products=[],
        passports=[],
        pairs={},
        answers=[],
        totals=workspace.totals,
        entries=[],
        rows=[],
        entries_written=workspace.journal.numbers_given,
        faults=workspace.faults.planned,
        faults_planned=workspace.faults.ids_given,
        readings=None if workspace.readings is None else workspace.readings.deviations(),
    )


def _fill(workspace: Workspace, saved: SavedWorkspace) -> None:
    workspace.clock.restore(saved.clock_ahead, saved.clock_frozen_at)
    for name in COPIED_MEMBERS:
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
    workspace.readings = None if saved.readings is None else Readings.from_answers(saved.readings)
