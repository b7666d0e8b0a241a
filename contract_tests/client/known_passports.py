"""What the answers have told of a workspace: what exists in it, and which keys were answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from .reply import Reply

Pair = tuple[str, str]


@dataclass
class Pairs:
    """Pairs of GTIN and serial number that exist, the ids of what is ours, and what keys were answered with.

    Where pairs that exist `are_created_again`, sending them is not free.
    """

    existing: set[Pair] = field(default_factory=set)
    are_created_again: bool = False
    ids: dict[str, Pair] = field(default_factory=dict)
    products: set[str] = field(default_factory=set)
    _answers: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def is_replay(self, reply: Reply) -> bool:
        """Whether its key was answered with these results before. Of the calls of a race the first to ask is not."""
        key = reply.exchange.idempotency_key
        if key is None:
            return False
        answer = key, tuple(sorted(_described(entry) for entry in reply.results))
        with self._lock:
            seen = answer in self._answers
            self._answers.add(answer)
        return seen


def _described(entry: Mapping[str, Any]) -> str:
    """Of an entry what the contract names: a deployment may say more, and something else each time."""
    data = entry.get("data")
    return repr((entry.get("index"), entry.get("status"), data.get("_id") if isinstance(data, dict) else None))


def pair_of(item: Any) -> Pair | None:
    """The pair that an item names, as it is spelt; None where it names none."""
    try:
        return str(item["gs1"]["gtin"]), str(item["gs1"]["serialNumber"])
    except (KeyError, TypeError, IndexError):
        return None
