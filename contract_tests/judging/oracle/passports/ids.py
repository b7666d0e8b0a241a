"""The ids of created passports: each belongs to one passport, and only a replay reports it again."""

from collections.abc import Mapping, Sequence

from ..calls.calls import Call
from ..calls.items import Pair
from ..calls.notes import Notes
from ..calls.roles import Role

CHECK = "oracle.identity"


class Identities:
    def __init__(self, notes: Notes, roles: Mapping[int, Role]) -> None:
        self._notes, self._roles = notes, roles
        self.deleted: set[str] = set()
        self._first: dict[str, tuple[Call, Pair | None]] = {}

    def knows(self, passport_id: str | None) -> bool:
        return passport_id in self._first

    def created_by(self, passport_id: str) -> tuple[Call, Pair | None] | None:
        """The call that first reported the passport, and the pair of its item."""
        return self._first.get(passport_id)

    def pairs_of(self, passport_id: str) -> Sequence[Pair]:
        known = self._first.get(passport_id)
        return [known[1]] if known and known[1] else []

    def take(self, call: Call) -> None:
        """Note the ids in an answer, and judge those that are known already."""
        for index, entry in call.entries.items():
            if not entry.created or entry.passport_id is None:
                continue
            pair = call.items[index].pair
            first, first_pair = self._first.setdefault(entry.passport_id, (call, pair))
            if first is call:
                if first_pair != pair:
                    self._twice(call, first)
            elif self._roles[call.number] is Role.OWN:
                self._repeated(call, first, same_pair=first_pair == pair)

    def _repeated(self, call: Call, first: Call, *, same_pair: bool) -> None:
        """A call that is no replay reports a passport that another call created."""
        witnesses = [first.number, call.number]
        if call.workspace != first.workspace:
            same_key = call.key is not None and call.key == first.key
            rule = "idempotency.scoped-to-workspace" if same_key else "auth.workspaces-are-separate"
            self._notes.violates(rule, CHECK, "an answer shows a passport of another workspace", witnesses)
        elif not same_pair:
            self._twice(call, first)
        elif call.key is None or first.key is None:
            because = "a call without a key got the result of another call, or another call got its result"
            self._notes.violates("idempotency.key-is-optional", CHECK, because, witnesses)
        elif call.key != first.key:
            because = "a key got the result of another key"
            self._notes.violates("idempotency.key-is-opaque", CHECK, because, witnesses)

    def _twice(self, call: Call, first: Call) -> None:
        because = "two passports have the same `_id`"
        self._notes.violates("items.created-carries-data", CHECK, because, [first.number, call.number])
