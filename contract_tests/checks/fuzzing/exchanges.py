"""One call of the batch endpoint and its answer, as a client sees them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from unicodedata import normalize
from urllib.parse import urlsplit

import requests

BATCH = "/passports/batch"
Pair = tuple[str, str]  # GTIN, serial number


@dataclass(frozen=True)
class Exchange:
    """A batch and its answer. `status` is 0 without an answer."""

    url: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    status: int = 0
    answer: bytes = b""

    @property
    def api_key(self) -> str:
        return self.headers.get("authorization", "").partition(" ")[2].strip()

    @property
    def key(self) -> str | None:
        return self.headers.get("idempotency-key")

    @cached_property
    def sent(self) -> Any:
        return read_json(self.body)

    @cached_property
    def answered(self) -> Any:
        return read_json(self.answer)

    @cached_property
    def items(self) -> Sequence[Any]:
        """The elements of `passports`; none where it is not an array."""
        passports = self.sent.get("passports") if isinstance(self.sent, dict) else None
        return passports if isinstance(passports, list) else []

    @property
    def consents(self) -> bool:
        """Whether `confirmOverage: true` is anywhere in the body."""
        return any(isinstance(each, dict) and each.get("confirmOverage") is True for each in (self.sent, *self.items))

    @cached_property
    def results(self) -> Sequence[Any] | None:
        """The entries of an answer with results, whatever its status."""
        results = self.answered.get("results") if isinstance(self.answered, dict) else None
        return results if isinstance(results, list) else None

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    @property
    def executed(self) -> bool:
        """Whether it has results. Some readings answer 4xx with results where every item failed."""
        return self.succeeded or self.results is not None

    @cached_property
    def entries(self) -> Mapping[int, Mapping[str, Any]]:
        """The readable entries by index."""
        readable = [entry for entry in self.results or () if isinstance(entry, dict)]
        return {entry["index"]: entry for entry in readable if type(entry.get("index")) is int}

    def with_status(self, status: str) -> Sequence[int]:
        """The indexes of the items whose entry has this status."""
        return [
            index
            for index, entry in sorted(self.entries.items())
            if entry.get("status") == status and 0 <= index < len(self.items)
        ]

    @property
    def says_overage_required(self) -> bool:
        """Whether it is a 402 with its token in any place."""
        return self.status == 402 and b'"overage_required"' in self.answer


def read_json(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


def exchange_of(request: requests.PreparedRequest, status: int = 0, answer: bytes = b"") -> Exchange | None:
    """The exchange; None for a request to another endpoint, or without a readable body."""
    if request.method != "POST" or not urlsplit(request.url or "").path.endswith(BATCH):
        return None
    body = request.body or b""
    if not isinstance(body, str | bytes):
        return None
    headers = {_text(name).lower(): _text(value) for name, value in request.headers.items()}
    return Exchange(str(request.url), headers, body.encode() if isinstance(body, str) else body, status, answer)


def pair_of(item: Any) -> Pair | None:
    """The pair of an item; None where it has no documented shape."""
    gs1 = item.get("gs1", item.get("identifier")) if isinstance(item, dict) else None  # reading items.identifier
    if not isinstance(gs1, dict):
        return None
    gtin, serial = gs1.get("gtin"), gs1.get("serialNumber")
    return (gtin, serial) if isinstance(gtin, str) and isinstance(serial, str) else None


def alike(pair: Pair) -> Pair:
    """A text that is equal for two pairs if some reading takes them for one: padded, trimmed, case folded, composed."""
    return pair[0].zfill(14), normalize("NFKC", pair[1]).strip().casefold()


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
