"""Finished trials in a file, a line for each, so that a run can be resumed and the page be written again."""

import hashlib
from pathlib import Path

import msgspec

from ..matrix.runner import code_digest
from .mutations import Mutation
from .trial import Trial


class _Line(msgspec.Struct):
    """A trial with the digests of the code and of the changed function."""

    code: str
    mutant: str
    trial: Trial


class Kept:
    """The trials that are known for the code as it is. Without a file, nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._code = code_digest()
        self._known: dict[str, Trial] = {}
        if file is not None and file.exists():
            lines = msgspec.json.Decoder(_Line).decode_lines(file.read_bytes())
            self._known = {line.mutant: line.trial for line in lines if line.code == self._code}

    def get(self, mutation: Mutation) -> Trial | None:
        return self._known.get(_name(mutation))

    def keep(self, mutation: Mutation, trial: Trial) -> None:
        self._known[_name(mutation)] = trial
        if self._file is not None:
            with self._file.open("ab") as lines:
                lines.write(msgspec.json.encode(_Line(self._code, _name(mutation), trial)) + b"\n")


def _name(mutation: Mutation) -> str:
    return hashlib.sha256(f"{mutation.module} {mutation.function} {mutation.text}".encode()).hexdigest()[:16]
