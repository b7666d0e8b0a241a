"""What has changed in the state since it was last saved. `saved.saver` takes the notes and saves them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, NamedTuple

from .workspace import Workspace

Kind = Literal[
    "api_keys", "gtin_holders", "gtins", "products", "passports", "taken_pairs", "answers", "entries", "rows"
]
Key = str | int  # numbers for entries and rows
Reader = Callable[[Workspace | None], None]


class Note(NamedTuple):
    """Values of one kind under their keys. None is a value that was removed."""

    kind: Kind
    workspace: str
    keys: Sequence[Key]
    values: Sequence[object]


class Taken(NamedTuple):
    """All changes since the last time. `everything` says that no note tells how the state has changed."""

    notes: Sequence[Note]
    touched: Sequence[Workspace]
    everything: bool


class Changes:
    """The notes, oldest first. They are made only while somebody saves the state.

    A note has what was added, changed or removed. The other members of a workspace, such as its balances, are few: the
    notes only say that the workspace was touched.
    """

    __slots__ = ("_everything", "_first", "_notes", "_readers", "_touched", "is_empty", "noted")

    def __init__(self) -> None:
        self.noted = False  # whether somebody saves the state
        self._first: Callable[[], None]
        self._readers: list[Reader] = []
        self._notes: list[Note] = []
        self._touched: dict[str, Workspace] = {}
        self._everything = False
        self.is_empty = True

    def note_from_now_on(self, first: Callable[[], None]) -> None:
        """Make notes. `first` is called for the first change after this call and after each `take`."""
        self.noted, self._first = True, first

    @contextmanager
    def read_by(self, reader: Reader) -> Iterator[None]:
        """Tell a reader before a workspace changes, or before all change (None), until the end of the block."""
        self._readers.append(reader)
        try:
            yield
        finally:
            self._readers.remove(reader)

    def before_all(self) -> None:
        """Say that all workspaces are about to change."""
        for tell in self._readers:
            tell(None)

    def touch(self, workspace: Workspace) -> None:
        """Say that members of a workspace are about to change."""
        for tell in self._readers:
            tell(workspace)
        if self.noted and workspace.id not in self._touched:
            self._touched[workspace.id] = workspace
            self._changed()

    def touch_server(self) -> None:
        """Say the same of members that belong to no workspace."""
        if self.noted:
            self._changed()

    def note(self, kind: Kind, workspace: Workspace, keys: Sequence[Key], values: Sequence[object]) -> None:
        """Note values, and touch their workspace."""
        if self.noted:
            self._notes.append(Note(kind, workspace.id, keys, values))
            self.touch(workspace)

    def replace_everything(self) -> None:
        """Forget the notes: the whole state has to be saved."""
        if self.noted:
            self._notes, self._touched, self._everything = [], {}, True
            self._changed()

    def take(self) -> Taken:
        """Return the changes, and begin again without any."""
        taken = Taken(self._notes, [*self._touched.values()], self._everything)
        self._notes, self._touched, self._everything, self.is_empty = [], {}, False, True
        return taken

    def _changed(self) -> None:
        if self.is_empty:
            self.is_empty = False
            self._first()
