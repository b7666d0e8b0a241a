"""What has changed in the state, as rows for the database. It is captured between two calls, so it is a whole state."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import NamedTuple, cast

import msgspec

from ..changes import Note
from ..state import State
from ..stored_answers import as_text
from ..workspace import NO_OWNER, Workspace, pair_name
from .snapshot import head_of

_encode = msgspec.json.Encoder().encode


class Head(NamedTuple):
    """A workspace without its collections, as JSON, and the oldest entry and row that its journal still has."""

    workspace: str
    json: bytes
    oldest_entry: int
    oldest_row: int


class Captured(NamedTuple):
    """What to write in one transaction. If it is `complete`, it replaces everything."""

    complete: bool
    server: Mapping[str, bytes]
    heads: Sequence[Head]
    notes: Sequence[Note]


def capture(state: State, readings: Mapping[str, str]) -> Captured:
    """Take the changes of the state. `readings` are those that differ from the default."""
    taken = state.changes.take()
    if taken.everything:
        return capture_all(state, readings)
    groups = [*_changed_groups(state, taken.notes)]
    notes = [*(note for note in taken.notes if note.kind != "passports"), *groups]
    return Captured(False, _server(state, readings), [_head(each) for each in taken.touched], notes)


def capture_all(state: State, readings: Mapping[str, str]) -> Captured:
    """The whole state, as if all of it had been added now."""
    workspaces = state.workspaces.values()
    notes = chain(_notes_of_all(state), *(_notes_of(workspace) for workspace in workspaces))
    heads = [_head(each) for each in workspaces]
    return Captured(True, _server(state, readings), heads, [each for each in notes if each.keys])


def _changed_groups(state: State, notes: Sequence[Note]) -> Iterator[Note]:
    """Passports are saved in groups, whose ids differ in the last digit: a row for each passport takes four times as
    long. A note of a passport stands for its group as it is now.
    """
    changed: dict[str, set[str]] = {}
    for note in notes:
        if note.kind == "passports":
            changed.setdefault(note.workspace, set()).update([each[:-1] for each in cast("Sequence[str]", note.keys)])
    for owner, prefixes in changed.items():
        passports, found = state.workspaces[owner].passports, []
        for prefix in prefixes:
            part = passports.part(prefix + "0")
            found.append([part[each] for last in "0123456789abcdef" if (each := prefix + last) in part] or None)
        yield Note("passports", owner, [*prefixes], found)


def _server(state: State, readings: Mapping[str, str]) -> Mapping[str, bytes]:
    return {"readings": _encode(readings), "workspaces_created": _encode(state.workspaces_created)}


def _head(workspace: Workspace) -> Head:
    return Head(workspace.id, _encode(head_of(workspace)), *workspace.journal.oldest)


def _notes_of_all(state: State) -> Iterator[Note]:
    for api_key, workspace in state.api_keys():
        yield Note("api_keys", workspace.id, [api_key], [""])
    for gtin, holder in state.gtin_holders.items():
        yield Note("gtin_holders", holder, [gtin], [""])


def _notes_of(workspace: Workspace) -> Iterator[Note]:
    owner, journal = workspace.id, workspace.journal
    yield Note("gtins", owner, [*workspace.pairs], [""] * len(workspace.pairs))
    yield Note("products", owner, [*workspace.products], [*workspace.products.values()])
    groups = [(prefix, [*group]) for prefix, group in groupby(workspace.passports.values(), lambda each: each.id[:-1])]
    yield Note("passports", owner, [prefix for prefix, _ in groups], [group for _, group in groups])
    for gtin, pairs in workspace.pairs.items():
        taken = [pair_name(gtin, identity) for identity, owners in pairs.items() if owners == NO_OWNER]
        yield Note("taken_pairs", owner, taken, [""] * len(taken))
    names = [name for name, _ in workspace.answers.items()]
    yield Note("answers", owner, [as_text(name) for name in names], [each for _, each in workspace.answers.items()])
    yield Note("entries", owner, [each.number for each in journal.kept], [*journal.kept])
    yield Note("rows", owner, [each.entry for each in journal.rows], [*journal.rows])
