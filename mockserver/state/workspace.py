"""One workspace's books, and how a call sees them."""

from asyncio import Event
from datetime import date, datetime
from hashlib import blake2b

import msgspec

from tracepass_contract.mockserver.clock import WorldClock
from tracepass_contract.mockserver.semantics.accounts import Account, Plan
from tracepass_contract.mockserver.semantics.answers import Remembered
from tracepass_contract.mockserver.state.journal import Journal
from tracepass_contract.mockserver.state.planned_faults import FaultQueue
from tracepass_contract.mockserver.state.stored_answers import KeyName, StoredAnswers


class Passport(msgspec.Struct, frozen=True, gc=False):
    """A stored passport: a compact record that the cyclic collector does not track. `parties` is JSON."""

    id: str
    product_id: str
    gtin: str
    serial_number: str
    parties: bytes
    created_at: datetime


class Totals(msgspec.Struct):
    """What became of the calls of a workspace so far."""

    executions: int = 0
    replays: int = 0
    refusals: int = 0
    failures: int = 0
    writes: int = 0
    passports: int = 0
    overage_count: int = 0
    overage_cents: int = 0


class Workspace:
    """The books of one workspace. Only `State` changes them."""

    def __init__(self, workspace_id: str, plan: Plan, clock: WorldClock, *, subscription_active: bool = True) -> None:
        self.id = workspace_id
        self.clock = clock
        self.plan = plan
        self.subscription_active = subscription_active
        self.writes_used = 0
        self.writes_day = date.min  # the UTC day that `writes_used` counts
        self.passports_used = 0
        self.product_id = ""  # the one that it came with
        self.gtin = ""
        self.keys_given = 0
        self.products: set[str] = set()
        self.passports: dict[str, Passport] = {}
        self.pairs: dict[str, set[str]] = {}  # GTIN-14 to the serial identities under it
        self.answers = StoredAnswers()
        self.totals = Totals()
        self.journal = Journal()
        self.faults = FaultQueue()
        self.in_flight: dict[KeyName, Event] = {}  # keys of calls that are being executed, and what tells their end
        self.ids_given = 0
        self._id_prefix = blake2b(workspace_id.encode(), digest_size=6).hexdigest()

    def passport_id(self, nth: int) -> str:
        """The same ids for the same calls: 12 digits of the workspace, 12 of a running number."""
        return f"{self._id_prefix}{self.ids_given + nth:012x}"

    def writes_used_on(self, day: date) -> int:
        """0 on any day but the one that was last written on (budget.renews-each-utc-day)."""
        return self.writes_used if day == self.writes_day else 0


class View:
    """The books as one call at one moment sees them: a `StateView`."""

    __slots__ = ("_gtin_holders", "_workspace", "account")

    def __init__(self, workspace: Workspace, gtin_holders: dict[str, str], now: datetime) -> None:
        self._workspace = workspace
        self._gtin_holders = gtin_holders
        self.account = Account(
            workspace.id,
            workspace.plan,
            workspace.writes_used_on(now.date()),
            workspace.passports_used,
            workspace.totals.overage_count,
            workspace.totals.overage_cents,
            workspace.subscription_active,
        )

    def remembered(self, name: KeyName) -> Remembered | None:
        return self._workspace.answers.get(name)

    def in_flight(self, name: KeyName) -> bool:
        return name in self._workspace.in_flight

    def has_product(self, product_id: str) -> bool:
        return product_id in self._workspace.products

    def gtin_is_foreign(self, gtin: str) -> bool:
        return self._gtin_holders.get(gtin, self._workspace.id) != self._workspace.id

    def pair_exists(self, gtin: str, serial_identity: str) -> bool:
        return serial_identity in self._workspace.pairs.get(gtin, ())

    def passport_id(self, nth: int) -> str:
        return self._workspace.passport_id(nth)
