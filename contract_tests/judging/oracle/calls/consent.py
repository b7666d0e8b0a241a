"""Whether a call accepts charges, under each way of reading `confirmOverage`."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

PLACES = ("top-level-or-any-item", "top-level", "top-level-or-every-item", "items-only")  # quota.consent-place
CONFLICTS = ("any-true-wins", "strictest-wins")  # quota.conflicting-consent; a refused call takes nothing
WAYS: Sequence[tuple[str, str]] = tuple(product(PLACES, CONFLICTS))


def consents(sent: Any, items: Sequence[Any]) -> int:
    """A bit for each of `WAYS` in which the call consents. Only a JSON `true` is consent."""
    if not says_anything(sent, items):
        return 0
    return sum(1 << bit for bit, (place, conflict) in enumerate(WAYS) if _consents(sent, items, place, conflict))


def contradictory(consents: int, place: str) -> bool:
    """Whether `CONFLICTS` decide about these bits in this place: there is a `true` and another value."""
    either = {consents >> bit & 1 for bit, (each, _) in enumerate(WAYS) if each == place}
    return len(either) > 1


def says_anything(sent: Any, items: Sequence[Any]) -> bool:
    """Whether `confirmOverage` is present with any value."""
    return any(value is not None for value in (sent, *items))


def _consents(sent: Any, items: Sequence[Any], place: str, conflict: str) -> bool:
    said = list(_said(sent, items, place))
    if conflict == "strictest-wins" and any(value is not True for value in said):
        return False
    if place == "top-level-or-every-item" and sent is not True:
        return bool(items) and all(value is True for value in items)
    return any(value is True for value in said)


def _said(sent: Any, items: Sequence[Any], place: str) -> Iterator[Any]:
    if place != "items-only" and sent is not None:
        yield sent
    if place != "top-level":
        yield from (value for value in items if value is not None)
