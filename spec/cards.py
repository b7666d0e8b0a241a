"""Cards: YAML files with the readings of a deployment. The mock can run with a card."""

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
    """The file is not a card. The message says what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class Card:
    """The known answers of a deployment, by reading.

    `readings` has one answer for each reading that is decided. `open` has the answers that are still possible for each
    reading that is narrowed down but not decided.

    The other members are optional. They say where the card comes from: the URL of the deployment, the time of the
    observation (RFC 3339), and the digest of the document that the readings belong to.
    """

    readings: Mapping[str, str]
    open: Mapping[str, Sequence[str]] = field(default_factory=dict)
    deployment: str | None = None
    observed_at: str | None = None
    spec_sha256: str | None = None

    def as_data(self) -> dict[str, Any]:
        """The members of the file. Unknown members are left out."""
        members = {name: getattr(self, name) for name in ("deployment", "observed_at", "spec_sha256")}
        described = {name: value for name, value in members.items() if value is not None}
        left = {"open": {reading: list(answers) for reading, answers in self.open.items()}} if self.open else {}
        return {**described, "readings": dict(self.readings), **left}


def load_card(path: Path) -> Card:
    """Read a card from a file. A number becomes its text: the answer `207` is the string "207".

    Raises `UnreadableFile`, or its subclass `CardError`.
    """
    card = read_yaml(path)
    if not isinstance(card, dict):
        found = {type(None): "empty", list: "a list"}.get(type(card), "a single value")
        raise CardError(f'{path}: a card must be a mapping with the member "readings", but this file is {found}')
    for member in card:
        if member not in MEMBERS:
            near = get_close_matches(str(member), MEMBERS, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"The members are {', '.join(MEMBERS)}."
            raise CardError(f'{path}: unknown member "{member}". {hint}')
    answers, left = (_mapping(path, card, member) for member in ("readings", "open"))
    for reading, answer in answers.items():
        if not _is_answer(answer):
            hint = "; put the name in quotes" if isinstance(answer, bool) else ""
            raise CardError(f"{path}: readings: {reading}: {answer!r} is not the name of an answer{hint}")
    for reading, several in left.items():
        if not isinstance(several, list) or not all(map(_is_answer, several)):
            raise CardError(f"{path}: open: {reading}: {several!r} is not a list of answers")
    return Card(
        {str(reading): str(answer) for reading, answer in answers.items()},
        {str(reading): [str(answer) for answer in several] for reading, several in left.items()},
        *(None if card.get(member) is None else str(card[member]) for member in MEMBERS[1:4]),
    )


def card_as_yaml(card: Card, remarks: Sequence[str] = ()) -> str:
    """The text of a card file: first the remarks, then each reading below its question."""
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
        described = "empty" if found is None else repr(found)
        raise CardError(f'{path}: "{member}" must be a mapping from readings to answers, but it is {described}')
    return found


def _is_answer(found: Any) -> bool:
    return isinstance(found, str | int) and not isinstance(found, bool)


def _line(name: str, value: Any) -> str:
    """One member as YAML. Quotes a text that YAML would read as another type."""
    written: str = yaml.safe_dump([value], default_flow_style=True, width=10_000, allow_unicode=True)
    return f"{name}: {written.rstrip()[1:-1]}"
