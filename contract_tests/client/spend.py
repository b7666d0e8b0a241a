"""What a run may take, asked before each call is sent. Pure: it knows numbers, and nothing of HTTP.

A call is held at its worst until its answer is known: each item takes a write, each item that may be new takes a slot.
A call without an answer stays at its worst.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from threading import Lock

from ..model.verdicts import Spend


@dataclass(frozen=True, slots=True)
class Price:
    """What a call or a test takes. `cents` are charges beyond the quota."""

    writes: int = 0
    slots: int = 0
    cents: int = 0

    def __add__(self, other: "Price") -> "Price":
        return Price(self.writes + other.writes, self.slots + other.slots, self.cents + other.cents)

    def __sub__(self, other: "Price") -> "Price":
        return Price(self.writes - other.writes, self.slots - other.slots, self.cents - other.cents)


FREE = Price()


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The most that a run may take; None is no ceiling."""

    writes: int | None = None
    slots: int | None = None
    cents: int | None = None
    allow_charges: bool = True


NO_CEILINGS = Ceilings()


class Purse:
    """The running account of a run: `taken` surely was, `held` may have been, of `unsure` no answer told.

    A refusal is documented to take nothing; a deployment might see it otherwise, so a ceiling counts it. Where the
    deployment's own budget is no more than the ceiling (`budget_is_ceiling`), that budget is the end of it all anyway.
    """

    def __init__(self, ceilings: Ceilings = NO_CEILINGS, *, budget_is_ceiling: bool = False) -> None:
        self.ceilings = ceilings
        self.unsure = FREE
        self._budget_is_ceiling = budget_is_ceiling
        self.requests = 0
        self.taken = FREE
        self.held = FREE
        self._of: defaultdict[str | None, tuple[Price, Price]] = defaultdict(lambda: (FREE, FREE))
        self._lock = Lock()  # calls of a race come at once

    def refusal(self, price: Price, *, consents: bool = False) -> str | None:
        """Why a call at this price must not be sent; None where it may."""
        if consents and not self.ceilings.allow_charges:
            return "charges are not allowed; --allow-charges lets the suite send confirmOverage"
        after = self.held + price
        for name, wanted, most, total in (
            ("--max-writes", price.writes, self.ceilings.writes, after.writes),
            ("--max-slots", price.slots, self.ceilings.slots, after.slots),
            ("--max-charge-cents", price.cents, self.ceilings.cents, after.cents),
        ):
            if most is not None and wanted and total > most:
                left = most - (total - wanted)
                return f"a higher ceiling: {name} is {most}, {left} are left, and up to {wanted} are needed"
        return None

    def hold(self, price: Price, *, consents: bool = False) -> str | None:
        """Put the price aside for a call that is about to be sent, or say why it must not be."""
        with self._lock:
            if message := self.refusal(price, consents=consents):
                return message
            self.requests += 1
            self.held += price
            return None

    def settle(self, held: Price, taken: Price, *, of: str | None, unsure: Price = FREE) -> None:
        """The answer is known: `taken` was taken of this workspace, and perhaps `unsure` beside it."""
        with self._lock:
            before, doubt = self._of[of]
            self._of[of] = before + taken, doubt + unsure
            self.taken += taken
            self.unsure += unsure
            self.held += taken - held
            self.held += replace(unsure, writes=0) if self._budget_is_ceiling else unsure

    def taken_of(self, workspace: str) -> tuple[Price, Price]:
        """What was taken of one workspace for sure, and what perhaps beside it."""
        return self._of[workspace]

    def as_spend(self, left_behind: tuple[str, ...] = ()) -> Spend:
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
            left_behind=left_behind,
        )
