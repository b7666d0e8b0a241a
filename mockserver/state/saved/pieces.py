"""The saved state as JSON, piece by piece, so that other calls can be answered in between.

The document shows one moment: that of the first piece. A workspace that is about to change before it was shown is
copied first. Its large collections are not copied (`Parted.frozen`).
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from ..journal import Kept
from ..state import State
from ..workspace import Workspace
from .document import SavedWorkspace, Snapshot
from .snapshot import head_of

_encode = msgspec.json.Encoder().encode
_BYTES = 64 * 1024  # of a piece, at least
_ELEMENTS = 50  # that are encoded at once: some of them have large bodies
Texts = Iterator[bytes]


def pieces(state: State, readings: Mapping[str, str]) -> Generator[bytes, None, None]:
    """The state with these readings as one JSON document. The state may change between two pieces."""
    server = Snapshot(
        readings=dict(readings),
        workspaces_created=state.workspaces_created,
        gtin_holders=dict(state.gtin_holders),
        workspaces=[],
    )
    keys: dict[str, list[str]] = {}
    for api_key, workspace in state.api_keys():
        keys.setdefault(workspace.id, []).append(api_key)
    owners = [*state.workspaces]
    left, frozen = dict(state.workspaces), dict[str, Callable[[], Texts]]()

    def freeze(workspace: Workspace | None) -> None:
        for each in [*left.values()] if workspace is None else [workspace]:
            if left.get(each.id) is each:
                frozen[each.id] = _frozen(left.pop(each.id), keys.get(each.id, []))

    def texts() -> Texts:
        yield _encode(server).removesuffix(b"]}")
        for nth, owner in enumerate(owners):
            if owner in left:
                freeze(left[owner])
            yield b"," if nth else b""
            yield from frozen.pop(owner)()
        yield b"]}"

    with state.changes.read_by(freeze):
        yield from _joined(texts())


def _joined(texts: Texts) -> Iterator[bytes]:
    """The same in larger pieces."""
    found: list[bytes] = []
    size = 0
    for text in texts:
        found.append(text)
        size += len(text)
        if size >= _BYTES:
            yield b"".join(found)
            found, size = [], 0
    yield b"".join(found)


def _frozen(workspace: Workspace, api_keys: list[str]) -> Callable[[], Texts]:
    """A workspace as it is now, to be encoded later."""
    head = head_of(workspace)
    head = replace(head, api_keys=api_keys, totals=replace(head.totals), faults=[replace(each) for each in head.faults])
    products, answers = [*workspace.products.values()], [*workspace.answers.items()]
    kept, rows = [*workspace.journal.kept], [*workspace.journal.rows]
    passports, pairs = workspace.passports.frozen(), {gtin: each.frozen() for gtin, each in workspace.pairs.items()}
    large: Mapping[str, Callable[[], Texts]] = {
        "products": lambda: _list([products]),
        "passports": lambda: _list([*part.values()] for part in passports),
        "pairs": lambda: _pairs(pairs),
        "answers": lambda: _list([answers]),
        "entries": lambda: _list([kept], Kept.entry),
        "rows": lambda: _list([rows]),
    }

    def texts() -> Texts:
        for nth, name in enumerate(SavedWorkspace.__struct_fields__):
            yield b'%s"%s":' % (b"," if nth else b"{", name.encode())
            if name in large:
                yield from large[name]()
            else:
                yield _encode(getattr(head, name))
        yield b"}"

    return texts


def _list(parts: Iterable[Sequence[Any]], convert: Callable[[Any], Any] | None = None) -> Texts:
    """A list that consists of parts."""
    begins = b"["
    for part in parts:
        for start in range(0, len(part), _ELEMENTS):
            elements = part[start : start + _ELEMENTS]
            yield begins + _encode([convert(each) for each in elements] if convert else elements)[1:-1]
            begins = b","
    yield b"[]" if begins == b"[" else b"]"


def _pairs(pairs: Mapping[str, Sequence[Mapping[str, str]]]) -> Texts:
    """The owners by GTIN and identity."""
    yield b"{"
    for nth, (gtin, parts) in enumerate(pairs.items()):
        yield b'%s"%s":{' % (b"," if nth else b"", gtin.encode())
        begins = b""
        for part in parts:
            if part:
                yield begins + _encode(part)[1:-1]
                begins = b","
        yield b"}"
    yield b"}"
