"""The reviewed reasons why mutants survive: `survivors.yaml`.

An entry names mutants by their keys. A key depends on the text of the function and the place in it. So an edit
elsewhere keeps it, and an edit of the function asks for a new review.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
import yaml

from tracepass_contract.spec.files import UnreadableFile, read_yaml

from .mutations import Mutation
from .trial import Fate, Trial

FILE = Path(__file__).with_name("survivors.yaml")


class Class(StrEnum):
    """How a mutant that survived, or sank, is judged."""

    EQUIVALENT = "equivalent"  # no client can see it
    LEGAL = "legal"  # another answer to a reading, or what the API leaves open
    NO_RULE = "no rule"  # visible, and no rule speaks of it
    MISSED = "missed"
    SANK = "sank"


class Entry(msgspec.Struct, forbid_unknown_fields=True, rename={"of": "class"}):
    """A class with its reason, and the mutants by key. The text of a mutant is for people."""

    of: Class
    why: str
    mutants: dict[str, str]


class Reason(msgspec.Struct, frozen=True):
    """The class of one mutant, and why."""

    of: Class
    why: str


def load_survivors(path: Path = FILE) -> Mapping[str, Reason]:
    """The reasons by key. Raises `UnreadableFile` where an entry is malformed, says nothing, or repeats a key."""
    try:
        entries = msgspec.convert(read_yaml(path) or [], list[Entry])
    except msgspec.ValidationError as error:
        raise UnreadableFile(f"{path}: {error}") from None
    found: dict[str, Reason] = {}
    for entry in entries:
        if not entry.why.strip() or not entry.mutants:
            raise UnreadableFile(f"{path}: an entry needs a reason and mutants: {entry.why or entry.mutants}")
        if twice := found.keys() & entry.mutants:
            raise UnreadableFile(f"{path}: more than once: {', '.join(sorted(twice))}")
        found |= dict.fromkeys(entry.mutants, Reason(entry.of, entry.why))
    return found


def reason_of(mutation: Mutation, trial: Trial, known: Mapping[str, Reason]) -> Reason:
    """The reviewed reason; without one the mutant counts as missed, or as sunk."""
    if mutation.key in known:
        return known[mutation.key]
    return Reason(Class.SANK if trial.fate is Fate.SANK else Class.MISSED, "not classified")


def as_entries(mutations: Iterable[Mutation]) -> str:
    """Entries for mutants that have none, to be completed by hand."""
    entries = [
        {"class": "missed", "why": "", "mutants": {each.key: f"{each.module}:{each.function}  {each.change}"}}
        for each in mutations
    ]
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=1000) if entries else ""
