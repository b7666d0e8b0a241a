"""The spend of a run and its ceilings, checked before each call. Pure: numbers, no HTTP.

A call counts with its highest price until its answer is known: a write for each item, a slot for each item that may be
new. A call without an answer keeps its highest price.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from ..model.verdicts import LeftOver, Spend


@dataclass(frozen=True, slots=True)
class Price:
    """What a call or a test takes. `cents` are charges for overage."""

    writes: int = 0
    slots: int = 0
    cents: int = 0

    def __add__(self, other: "Price") -> "Price":
        return Price(self.writes + other.writes, self.slots + other.slots, self.cents + other.cents)

    def __sub__(self, other: "Price") -> "Price":
        return Price(self.writes - other.writes, self.slots - other.slots, self.cents - other.cents)

    def times(self, number: int) -> "Price":
        return Price(self.writes * number, self.slots * number, self.cents * number)


FREE = Price()
ROOM = 5  # a thorough test runs where this many times its price is left


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The most that a run may take; None: no ceiling."""

    writes: int | None = None
    slots: int | None = None
    cents: int | None = None
    allow_charges: bool = True


NO_CEILINGS = Ceilings()


class Purse:
    """The spend of a run: `taken` is certain, `held` is the most it can be, `unsure` is what no answer reported.

    By the documentation a refused call takes nothing. A deployment may differ, so a ceiling counts refused calls, too.
    It need not where the budget of the deployment is not above the ceiling (`budget_is_ceiling`).

    With `cleans_up` each passport that a call may create also reserves the write of its deletion, before the call.
    """

    def __init__(
        self, ceilings: Ceilings = NO_CEILINGS, *, budget_is_ceiling: bool = False, cleans_up: bool = False
    ) -> None:
        self.ceilings = ceilings
        self.unsure = FREE
        self._budget_is_ceiling = budget_is_ceiling
        self._cleans_up = cleans_up
        self.requests = 0
        self.taken = FREE
        self.held = FREE
        self._of: defaultdict[str | None, tuple[Price, Price]] = defaultdict(lambda: (FREE, FREE))
        self._lock = Lock()  # calls of a race run in parallel

    def refusal(self, price: Price, *, consents: bool = False) -> str | None:
        """Why a call with this price must not be sent; None where it may."""
        if consents and not self.ceilings.allow_charges:
            return "permission to send confirmOverage (--allow-charges)"
        for name, wanted, most, total in self._exceeded(price):
            kept = wanted - price.writes if name == "--max-writes" else 0
            deletes = f", {kept} of them to delete what it creates" if kept else ""
            return f"a higher {name} (now {most}, {most - (total - wanted)} left, up to {wanted} needed{deletes})"
        return None

    @property
    def cleans_up(self) -> bool:
        """Whether writes are reserved for deletions."""
        return self._cleans_up

    def begin_clean_up(self) -> None:
        """From now on deletions may take the writes that were reserved for them."""
        self._cleans_up = False

    def with_deletions(self, price: Price) -> Price:
        """The price, and a write to delete each passport where that is reserved."""
        return price + Price(price.slots if self._cleans_up else 0)

    def exceeded(self, price: Price) -> Sequence[str]:
        """The options whose ceilings this price would exceed."""
        return [name for name, *_ in self._exceeded(price)]

    def _exceeded(self, price: Price) -> Iterator[tuple[str, int, int, int]]:
        """The option of each ceiling that this price would exceed, with the price, the ceiling and the sum."""
        price, after = self.with_deletions(price), self.with_deletions(self.held + price)
        for name, wanted, most, total in (
            ("--max-writes", price.writes, self.ceilings.writes, after.writes),
            ("--max-slots", price.slots, self.ceilings.slots, after.slots),
            ("--max-charge-cents", price.cents, self.ceilings.cents, after.cents),
        ):
            if most is not None and wanted and total > most:
                yield name, wanted, most, total

    def hold(self, price: Price, *, consents: bool = False) -> str | None:
        """Reserve the price of a call, or return why it must not be sent."""
        with self._lock:
            if message := self.refusal(price, consents=consents):
                return message
            self.requests += 1
            self.held += price
            return None

    def settle(self, held: Price, taken: Price, *, of: str | None, unsure: Price = FREE) -> None:
        """Replace a reserved price by what the call took from this workspace. `unsure` is what it may have taken in
        addition.
        """
        with self._lock:
            before, doubt = self._of[of]
            self._of[of] = before + taken, doubt + unsure
            self.taken += taken
            self.unsure += unsure
            self.held += taken - held
            self.held += replace(unsure, writes=0) if self._budget_is_ceiling else unsure

    def taken_of(self, workspace: str) -> tuple[Price, Price]:
        """What the run took from a workspace for certain, and what it may have taken in addition."""
        return self._of[workspace]

    def as_spend(self, deleted: int = 0, left_behind: Sequence[LeftOver] = ()) -> Spend:
        most = self.ceilings
        return Spend(
            requests=self.requests,
            writes=self.taken.writes,
            writes_perhaps=self.held.writes - self.taken.writes,
            slots=self.taken.slots,
            charge_cents=self.taken.cents,
            max_writes=most.writes,
            max_slots=most.slots,
            max_charge_cents=most.cents if most.allow_charges else 0,
            deleted=deleted,
            left_behind=left_behind,
        )
