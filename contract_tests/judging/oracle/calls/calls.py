"""An exchange as the rules see it: what the call asked for, and its answer.

Reading is lenient: unknown members are ignored, and unreadable parts are left out. answers.py judges the answers.
"""

from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any

from ....model.gateways import not_of_the_api
from ....model.history import Exchange, Given, Lost
from .bodies import has_each_member_once
from .items import Flaw, Item, item_of

BATCH_PATH = "/passports/batch"
SINGLE_PATH = "/passports"
PRODUCTS_PATH = "/products/batch"
BATCH_ITEMS_MAX = 100  # batch.holds-1-to-100-items
KEY_LENGTH_MAX = 255  # idempotency.key-is-opaque
UNCERTAIN = frozenset({408, 425})  # from the transport: the call may have been executed
_BYTES_MAX = 1_048_576  # of a body; many servers refuse a longer one


class Outcome(Enum):
    """What happened to a call, as far as its answer shows."""

    EXECUTED = auto()  # it has results, whatever the status
    REFUSED = auto()  # 4xx without results
    MAYBE = auto()  # lost, a server error, an unreadable answer, or not of the API
    NEVER = auto()  # it did not reach the deployment


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `results` with a position and a known status."""

    created: bool
    passport_id: str | None
    members: Mapping[str, Any]


class Call:
    """One call of the batch endpoint.

    `good_gtins` are the GTINs that the deployment is known to accept, whatever their check digit. `given` is what was
    known of the workspace.
    """

    def __init__(self, exchange: Exchange, good_gtins: Set[str] = frozenset(), given: Given | None = None) -> None:
        self.exchange = exchange
        self.given = given
        self._good_gtins = good_gtins
        self.number = exchange.number
        self.workspace = exchange.workspace
        self.status = exchange.status or 0
        self.race = exchange.parallel

    @cached_property
    def key(self) -> str | None:
        return self.exchange.idempotency_key

    @cached_property
    def key_in_range(self) -> bool:
        return self.key is not None and 1 <= len(self.key) <= KEY_LENGTH_MAX

    @cached_property
    def body_sent(self) -> Mapping[str, Any]:
        sent = self.exchange.sent_json
        return sent if isinstance(sent, dict) else {}

    @cached_property
    def items(self) -> Sequence[Item]:
        passports = self.body_sent.get("passports")
        return [item_of(raw) for raw in passports] if isinstance(passports, list) else []

    @cached_property
    def has_right_size(self) -> bool:
        """Whether there is a list of 1 to 100 elements, whatever they are."""
        return isinstance(self.body_sent.get("passports"), list) and 1 <= len(self.items) <= BATCH_ITEMS_MAX

    @property
    def is_readable(self) -> bool:
        """Whether the body is JSON. Some servers accept more than JSON, and what they read is then not known."""
        return self.exchange.sent_json is not None or not (self.exchange.body or b"").strip()

    @cached_property
    def is_sound(self) -> bool:
        """Whether no reading rejects the shape of the call: it has only documented members with safe values."""
        said = {repr(value) for value in (self.body_sent.get("confirmOverage"), *(item.says for item in self.items))}
        return (
            self.has_right_size
            and self.body_sent.keys() <= {"passports", "confirmOverage"}
            and (said <= {"None", "True"} or said <= {"None", "False"})
            and all(self.is_sound_item(item) for item in self.items)
            and (self.key is None or self.key_in_range)
            and self.says_json
            and self.says_each_thing_once
            and len(self.exchange.body or b"") <= _BYTES_MAX
        )

    @property
    def says_json(self) -> bool:
        """Whether the body is declared as JSON that is not packed; else a deployment need not read it."""
        return _says_json(self.exchange)

    @property
    def says_each_thing_once(self) -> bool:
        """Whether no header and no JSON member is repeated; else a deployment may take one or refuse the call."""
        names = [name.lower() for name in self.exchange.headers]
        return len(set(names)) == len(names) and has_each_member_once(self.exchange.body)

    def is_sound_item(self, item: Item) -> bool:
        """Whether no reading rejects the shape of the item."""
        return not self.flaws_of(item)

    def flaws_of(self, item: Item) -> Set[Flaw]:
        good = item.pair is not None and item.pair[0] in self._good_gtins
        return item.flaws - {Flaw.CHECK_DIGIT} if good else item.flaws

    @cached_property
    def answer(self) -> Mapping[str, Any]:
        answered = self.exchange.answer_json
        return answered if isinstance(answered, dict) else {}

    @cached_property
    def results(self) -> Sequence[Any] | None:
        results = self.answer.get("results")
        return results if isinstance(results, list) and self.status < 500 else None

    @cached_property
    def not_of_the_api(self) -> str:
        """Why its answer may not come from the API; empty where it does."""
        return not_of_the_api(self.exchange)

    @cached_property
    def outcome(self) -> Outcome:
        if self.exchange.lost is Lost.NEVER_SENT:
            return Outcome.NEVER
        if self.exchange.status is None or self.exchange.lost is not None:
            return Outcome.MAYBE
        if self.not_of_the_api and not self.exchange.meets_another_limit:
            return Outcome.MAYBE
        if self.results is not None:
            return Outcome.EXECUTED
        return Outcome.REFUSED if 400 <= self.status < 500 and self.status not in UNCERTAIN else Outcome.MAYBE

    @cached_property
    def entries(self) -> Mapping[int, Entry]:
        """The entries by the position of their item. Of two with one position, the first."""
        entries: dict[int, Entry] = {}
        for raw in self.results or ():
            if not isinstance(raw, dict) or raw.get("status") not in ("created", "error"):
                continue
            index = raw.get("index")
            if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(self.items):
                entries.setdefault(index, _entry(raw))
        return entries

    @cached_property
    def created(self) -> Sequence[int]:
        """The positions of created items."""
        return [index for index, entry in self.entries.items() if entry.created]

    @cached_property
    def token(self) -> str | None:
        """The token of a refusal, in any place (reading quota.token-place)."""
        error, details = self.answer.get("error"), self.answer.get("details")
        candidates = [error, self.answer.get("code"), self.answer.get("type")]
        for nest in (error, details):
            if isinstance(nest, dict):
                candidates += [nest.get("code"), nest.get("error"), nest.get("type")]
        texts = [candidate for candidate in candidates if isinstance(candidate, str)]
        return next((text for text in texts if "overage_required" in text), texts[0] if texts else None)

    @property
    def asks_for_consent(self) -> bool:
        return self.status == 402 and "overage_required" in (self.token or "")


def is_batch(exchange: Exchange) -> bool:
    return exchange.method.upper() == "POST" and _path(exchange).endswith(BATCH_PATH)


def is_single_create(exchange: Exchange) -> bool:
    return exchange.method.upper() == "POST" and _path(exchange).endswith(SINGLE_PATH)


def writes_asked(exchange: Exchange) -> int:
    """The writes that a call of another endpoint needs: one, or one for each product of a batch."""
    sent = exchange.sent_json if _path(exchange).endswith(PRODUCTS_PATH) else None
    products = sent.get("products") if isinstance(sent, dict) else None
    return max(1, len(products)) if isinstance(products, list) else 1


def deleted_id(exchange: Exchange) -> str | None:
    """The id of the passport in a DELETE."""
    before, _, last = _path(exchange).rpartition("/")
    return last if exchange.method.upper() == "DELETE" and before.endswith(SINGLE_PATH) else None


def read_id(exchange: Exchange) -> str | None:
    """The id of the passport in a GET."""
    before, _, last = _path(exchange).rpartition("/")
    return last if exchange.method.upper() == "GET" and before.endswith(SINGLE_PATH) else None


def _says_json(exchange: Exchange) -> bool:
    """Whether the body is declared as JSON, as far as the history shows, and has no byte order mark before it."""
    headers = {name.lower(): value.lower() for name, value in exchange.headers.items()}
    says_json = "application/json" in headers.get("content-type", "application/json")
    return says_json and "content-encoding" not in headers and not (exchange.body or b"").startswith(BOM_UTF8)


def _path(exchange: Exchange) -> str:
    return exchange.path.split("?")[0].rstrip("/")


def _entry(raw: Mapping[str, Any]) -> Entry:
    data = raw.get("data")
    passport_id = data.get("_id") if isinstance(data, dict) else None
    return Entry(raw["status"] == "created", passport_id if isinstance(passport_id, str) else None, raw)
