"""The whole state as one JSON document, and back: what is restored answers as what was saved did, byte for byte."""

from collections.abc import Mapping

import msgspec

from ..clock import Clock
from ..collections import ByText
from ..state import State
from ..workspace import Workspace
from .check import contradictions
from .document import AS_THEY_ARE, FORMAT, VERSION, SavedWorkspace, Snapshot


class UnusableSnapshot(ValueError):
    """The document is no state of this mock; the message says where, what was expected and what was found."""


def take(state: State, readings: Mapping[str, str]) -> Snapshot:
    keys: dict[str, list[str]] = {}
    for api_key, workspace in state.api_keys():
        keys.setdefault(workspace.id, []).append(api_key)
    return Snapshot(
        readings=dict(readings),
        workspaces_created=state.workspaces_created,
        gtin_holders=dict(state.gtin_holders),
        workspaces=[_saved(workspace, keys.get(workspace.id, [])) for workspace in state.workspaces.values()],
    )


def encode(snapshot: Snapshot) -> bytes:
    return msgspec.json.encode(snapshot)


def decode(content: bytes) -> Snapshot:
    """The snapshot that `encode` wrote. Raises `UnusableSnapshot`, before anything has changed."""
    try:
        label = msgspec.json.decode(content, type=_Label)
        if (label.format, label.version) != (FORMAT, VERSION):
            raise UnusableSnapshot(f"expected {FORMAT!r}, version {VERSION}; found {label.as_text()}")
        snapshot = msgspec.json.decode(content, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnusableSnapshot(f"expected the saved state of a mock: {error}") from None
    for problem in contradictions(snapshot):
        raise UnusableSnapshot(problem)
    return snapshot


def state_from(snapshot: Snapshot, clock: Clock) -> State:
    """The books that were saved, made apart from those that are in use."""
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
    """What the document says that it is; anything at all."""

    format: object = None
    version: object = None

    def as_text(self) -> str:
        name = "no format" if self.format is None else repr(self.format)
        return f"{name}, {'no version' if self.version is None else f'version {self.version!r}'}"


def _saved(workspace: Workspace, api_keys: list[str]) -> SavedWorkspace:
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


def _fill(workspace: Workspace, saved: SavedWorkspace) -> None:
    workspace.clock.restore(saved.clock_ahead, saved.clock_frozen_at)
    for name in AS_THEY_ARE:
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
