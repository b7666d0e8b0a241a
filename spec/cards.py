"""Cards: the readings that a deployment shows, or that the mock is to be run with, as a YAML file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from .files import UnreadableFile, read_yaml
from .readings import readings

MEMBERS = ("readings", "deployment", "observed_at", "spec_sha256", "open")


class CardError(UnreadableFile):
    """The file is no card; the message says where, what was expected and what was found."""


@dataclass(frozen=True, slots=True)
class Card:
    """The answer to each reading that has one, and of those that have more than one left, all that can still be true.

    The other members say where it comes from: a URL, a time as RFC 3339, the digest of the document that the readings
    belong to. Nobody has to give them.
    """

    readings: Mapping[str, str]
    open: Mapping[str, Sequence[str]] = field(default_factory=dict)
    deployment: str | None = None
    observed_at: str | None = None
    spec_sha256: str | None = None

    def as_data(self) -> dict[str, Any]:
        """As the file has it: what nobody knows is left out."""
        members = {name: getattr(self, name) for name in ("deployment", "observed_at", "spec_sha256")}
        described = {name: value for name, value in members.items() if value is not None}
        left = {"open": {reading: list(answers) for reading, answers in self.open.items()}} if self.open else {}
        return {**described, "readings": dict(self.readings), **left}


def load_card(path: Path) -> Card:
    """A card from a file. Numbers are taken as the text they are written in.

    Raises `UnreadableFile`, of which `CardError` is one.
    """
    card = read_yaml(path)
    if not isinstance(card, dict):
        found = {type(None): "nothing", list: "a list"}.get(type(card), "a single value")
        raise CardError(f"{path}: expected a mapping with the member readings, found {found}")
    for member in card:
        if member not in MEMBERS:
            near = get_close_matches(str(member), MEMBERS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise CardError(f"{path}: {member}: expected one of {', '.join(MEMBERS)}{hint}")
    answers, left = (_mapping(path, card, member) for member in ("readings", "open"))
    for reading, answer in answers.items():
        if not _is_answer(answer):
            raise CardError(f"{path}: readings: {reading}: expected the name of an answer, found {answer!r}")
    for reading, several in left.items():
        if not isinstance(several, list) or not all(map(_is_answer, several)):
            raise CardError(f"{path}: open: {reading}: expected a list of answers, found {several!r}")
    return Card(
        {str(reading): str(answer) for reading, answer in answers.items()},
        {str(reading): [str(answer) for answer in several] for reading, several in left.items()},
        *(None if card.get(member) is None else str(card[member]) for member in MEMBERS[1:4]),
    )


def card_as_yaml(card: Card, remarks: Sequence[str] = ()) -> str:
    """The file of a card, the remarks first, each reading under its question."""
    data = card.as_data()
    lines = [f"# {remark}" if remark else "#" for remark in remarks]
    for member, value in data.items():
        if not isinstance(value, dict):
            lines.append(_line(member, value))
            continue
        lines.append(f"{member}:" if value else f"{member}: {{}}")
        for reading, answer in value.items():
            if reading in readings():
                lines.append(f"  # {readings()[reading].question}")
            lines.append(f"  {_line(reading, answer)}")
    return "\n".join(lines) + "\n"


def _mapping(path: Path, card: Mapping[str, Any], member: str) -> Mapping[Any, Any]:
    found = card.get(member, {})
    if not isinstance(found, dict):
        described = "nothing" if found is None else repr(found)
        raise CardError(f"{path}: {member}: expected a mapping from readings to answers, found {described}")
    return found


def _is_answer(found: Any) -> bool:
    return isinstance(found, str | int) and not isinstance(found, bool)


def _line(name: str, value: Any) -> str:
    """A member as YAML writes it, quoted where it would be taken for something else."""
    written: str = yaml.safe_dump([value], default_flow_style=True, width=10_000, allow_unicode=True)
    return f"{name}: {written.rstrip()[1:-1]}"
