"""What the answers reported of a workspace: which passports exist, and which keys were answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from .reply import Reply

Pair = tuple[str, str]


@dataclass
class Pairs:
    """The pairs that exist, the ids of the run's passports, and the answers to keys.

    Where existing pairs `are_created_again`, sending them is not free.
    """

    existing: set[Pair] = field(default_factory=set)
    are_created_again: bool = False
    ids: dict[str, Pair] = field(default_factory=dict)
    products: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)  # ids
    _answers: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def delete(self, passport_id: str) -> None:
        """It was deleted: its pair may be free again."""
        self.deleted.add(passport_id)
        if (pair := self.ids.pop(passport_id, None)) is not None:
            self.existing.discard(pair)

    def is_replay(self, reply: Reply) -> bool:
        """Whether its key got these results before. In a race, the first answer to ask is not a replay."""
        key = reply.exchange.idempotency_key
        if key is None:
            return False
        answer = key, tuple(sorted(_described(entry) for entry in reply.results))
        with self._lock:
            seen = answer in self._answers
            self._answers.add(answer)
        return seen


def _described(entry: Mapping[str, Any]) -> str:
    """The members of an entry that the contract names: others may change with each answer."""
    data = entry.get("data")
    return repr((entry.get("index"), entry.get("status"), data.get("_id") if isinstance(data, dict) else None))


def pair_of(item: Any) -> Pair | None:
    """The pair of an item as it is spelled; None where it has none."""
    try:
        return str(item["gs1"]["gtin"]), str(item["gs1"]["serialNumber"])
    except (KeyError, TypeError, IndexError):
        return None
