"""The state of one workspace."""

from asyncio import Event
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Self

import msgspec
import orjson
from msgspec.structs import asdict

from ..semantics.types.accounts import Account, Plan
from ..semantics.types.readings import Readings
from ..semantics.types.records import KnownPassport, Product
from .clock import WorkspaceClock
from .collections import ById, ByText
from .journal import Journal
from .passport_index import PassportIndex
from .planned_faults import FaultQueue
from .stored_answers import KeyName, StoredAnswers
from .texts import as_json

_LAST_DIGITS = tuple(f"{number:02x}" for number in range(256))  # of an id
NO_OWNER = ""  # of a pair that stays taken after its passport was deleted


def with_owner(owners: str, passport_id: str) -> str:
    """The owners of a pair, separated by spaces. Several passports share a pair if other readings made them equal."""
    return f"{owners} {passport_id}" if owners else passport_id


def pair_name(gtin: str, identity: str) -> str:
    """A pair as one text. A GTIN has no slash."""
    return f"{gtin}/{identity}"


def without_owner(owners: str, passport_id: str) -> str:
    return " ".join(each for each in owners.split() if each != passport_id)


class Passport(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A stored passport: a compact record that the cyclic collector does not track. `parties` and `fields` are JSON."""

    id: str
    product_id: str
    gtin: str
    serial_number: str
    parties: bytes
    created_at: datetime
    updated_at: datetime
    status: str = "draft"
    fields: bytes = b"{}"
    published_at: datetime | None = None
    suspended_at: datetime | None = None
    suspension_reason: str | None = None
    archived_at: datetime | None = None
    completion: int = 0

    @classmethod
    def of(cls, known: KnownPassport) -> Self:
        values = known._asdict()
        for name in ("parties", "fields"):
            values[name] = as_json(values[name])
        return cls(**values)

    def known(self) -> KnownPassport:
        values = asdict(self)
        for name in ("parties", "fields"):
            values[name] = orjson.loads(values[name])
        return KnownPassport(**values)


class Totals(msgspec.Struct):
    """The counts of all calls of a workspace so far."""

    executions: int = 0
    replays: int = 0
    refusals: int = 0
    failures: int = 0
    writes: int = 0
    passports: int = 0
    overage_count: int = 0
    overage_cents: int = 0
    reads: int = 0
    answers_dropped: int = 0  # before they expired


class Workspace:
    """One workspace. Only `State` changes it."""

    def __init__(
        self, workspace_id: str, plan: Plan, clock: WorkspaceClock, *, subscription_active: bool = True
    ) -> None:
        self.id = workspace_id
        self.clock = clock
        self.plan = plan
        self.subscription_active = subscription_active
        self.writes_used = 0
        self.writes_day = date.min  # the UTC day that `writes_used` counts
        self.passports_used = 0
        self.product_id = ""  # the product that it started with
        self.gtin = ""
        self.keys_given = 0
        self.reads_used = 0
        self.reads_day = date.min
        self.products: dict[str, Product] = {}  # oldest first
        self.models: dict[str, str] = {}  # model to the id of the product that has it
        self.passports: ById[Passport] = ById()  # oldest first
        self.pairs: dict[str, ByText[str]] = {}  # by GTIN-14: serial identity to owners
        self.index = PassportIndex(self.passports)
        self.answers = StoredAnswers()
        self.totals = Totals()
        self.journal = Journal()
        self.faults = FaultQueue()
        self.readings: Readings | None = None  # its own; None if it follows those of the server
        self.in_flight: dict[KeyName, Event] = {}  # keys of held calls, and the event of their end
        self.ids_given = 0
        self.product_ids_given = 0
        self._id_prefix = blake2b(workspace_id.encode(), digest_size=6).hexdigest()
        self._product_id_prefix = blake2b(f"products of {workspace_id}".encode(), digest_size=6).hexdigest()

    def passport_ids(self, count: int) -> Sequence[str]:
        """The next ids: 12 digits of the workspace, then 12 digits of a running number. They are deterministic."""
        ids: list[str] = []
        number, end = self.ids_given, self.ids_given + count
        while number < end:
            begins, first = f"{self._id_prefix}{number >> 8:010x}", number & 0xFF
            ids += [begins + last for last in _LAST_DIGITS[first : first + end - number]]
            number = self.ids_given + len(ids)
        return ids

    def next_product_id(self, nth: int) -> str:
        return f"{self._product_id_prefix}{self.product_ids_given + nth:012x}"

    def account(self, now: datetime) -> Account:
        """The balances at `now` (UTC)."""
        today = now.date()
        return Account(
            self.id,
            self.plan,
            self.writes_used_on(today),
            self.passports_used,
            self.totals.overage_count,
            self.totals.overage_cents,
            self.subscription_active,
            self.reads_used_on(today),
        )

    def reads_used_on(self, day: date) -> int:
        return self.reads_used if day == self.reads_day else 0

    def writes_used_on(self, day: date) -> int:
        """0 on every day except that of the last write (budget.renews-each-utc-day)."""
        return self.writes_used if day == self.writes_day else 0
