"""A call as it arrives, and what is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Call:
    """`at` is the time of the server. Names of headers are in lower case, segments of the path are decoded."""

    method: str
    segments: Sequence[str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    @property
    def document(self) -> dict[str, Any]:
        """The body as a JSON object. Raises `Refused`."""
        try:
            found = orjson.loads(self.body or b"{}")
        except orjson.JSONDecodeError as error:
            raise Refused(400, "the body is no JSON") from error
        if not isinstance(found, dict):
            raise Refused(400, "the body is no JSON object")
        return found


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A call that is refused whole. `more` are members beside `error`."""

    def __init__(self, status: int, error: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.answer = Answered(status, {"error": error, **more}, headers or {})
