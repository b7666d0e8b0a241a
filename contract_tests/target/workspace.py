"""A workspace as a test uses it: what it has, what is in it, what is left of its limits, and a way to arrange that.

No usage endpoint is needed. What is left is read out with batches of halving sizes, since one that does not fit
takes nothing. Whether a pair exists is shown by sending it once more.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from biip.checksums import gs1_standard_check_digit

from ..client.api import Api
from ..client.known_passports import pair_of
from ..client.reply import Reply
from ..client.session import Session
from ..client.single_calls import Item
from ..model.history import ClockMoved, Given
from ..model.outcomes import Inconclusive, Untested

_PATIENCE_SECONDS = 5
BATCH_ITEMS_MAX = 100  # batch.holds-1-to-100-items
_READ_OUT_MAX = 64  # items in one call of a read-out: the largest power of two that is a batch


class Account(ABC):
    """One workspace with its first key. Two kinds: an isolated workspace, or a workspace that is somebody's."""

    def __init__(self, session: Session, api: Api, product_id: str, gtin: str) -> None:
        self.session = session
        self.api = api
        self.product_id = product_id
        self.gtin = gtin

    @property
    def name(self) -> str:
        return self.api.credential.workspace or ""

    @property
    def another_gtin(self) -> str:
        """A GTIN beside the workspace's own, with its check digit. Whether it may be used is not known."""
        digits = self.gtin.zfill(14)[:13]
        digits = f"{digits[:6]}{(int(digits[6]) + 1) % 10}{digits[7:]}"
        return f"{digits}{gs1_standard_check_digit(digits)}"

    @property
    def own_texts(self) -> set[str]:
        """What nobody but this workspace should be told."""
        return {*self.api.pairs.ids, self.product_id}

    def passport(self, serial: str | None = None, **changes: Any) -> dict[str, Any]:
        """An item that can be created, with a serial number that is new unless it is given."""
        pair = {"gtin": self.gtin, "serialNumber": self.session.serial() if serial is None else serial}
        return {"productId": self.product_id, "gs1": pair, **changes}

    def passports(self, number: int) -> list[dict[str, Any]]:
        return [self.passport() for _ in range(number)]

    @abstractmethod
    def has(
        self,
        *,
        known: int = 0,
        writes_left: int | None = None,
        slots_left: int | None = None,
        overage: bool | None = None,
    ) -> Sequence[Item]:
        """Arrange it: exactly this much left (None: enough), and this many passports that exist, which are returned.

        Raises `Untested` where the target can't be brought there.
        """

    @abstractmethod
    def known(self, number: int) -> Sequence[Item]:
        """Items that fail because they exist: each a different one, where passports cost nothing."""

    @abstractmethod
    def lift(self, *, writes: bool = False, slots: bool = False) -> None:
        """Take a limit away, where that can be done, so that the other one can be measured alone."""

    @abstractmethod
    def second_key(self) -> Api:
        """The same workspace with another key. Raises `Untested`."""

    @abstractmethod
    def another_workspace(self) -> "Account":
        """Raises `Untested`."""

    @abstractmethod
    def of_plan(self, plan: str) -> "Account":
        """A workspace that has this plan. Raises `Untested` or `NotApplicable`."""

    @abstractmethod
    def has_reads(self, left: int) -> None:
        """Arrange that so many reads are left today. Raises `Untested`."""

    @abstractmethod
    def let_pass(self, seconds: float) -> None:
        """Let time pass, where it can be moved, or wait."""

    @abstractmethod
    def advance_clock(self, hours: float) -> None:
        """Raises `Untested`."""

    @property
    def can_lose(self) -> bool:
        """Whether answers can be lost at will."""
        return False

    def lose_next(self, *, executed: bool) -> None:
        """Lose the next call, after it was executed or before. Raises `Untested`."""
        raise Untested(f"a way to lose an answer{' after the commit' if executed else ''}")

    def writes_left(self, up_to: int = 15) -> int:
        """Read out by spending it. `up_to`, or somewhat more, is said where as much or more is left."""
        self.lift(slots=True)
        return self._read_out(up_to, 429, self._spending)

    def slots_left(self, up_to: int = 7) -> int:
        """As `writes_left`, of the plan's passports; by creating them, without consent."""
        self.lift(writes=True)
        return self._read_out(up_to, 402, self.passports)

    def is_there(self, item: Item) -> bool:
        """Whether the pair exists: sent once more it fails. (One that does not exist is created by asking.)"""
        reply = self.api.create_batch([item], purpose="is it there?")
        if reply.outcomes not in (["created"], ["error"]):
            raise Inconclusive(
                f"call #{reply.number} should tell whether a pair exists, and was answered {reply.described}"
            )
        return reply.outcomes == ["error"]

    def id_of(self, item: Item) -> str:
        """The id under which an item was created. Raises `Inconclusive` where that was not told."""
        ids = [passport_id for passport_id, pair in self.api.pairs.ids.items() if pair == pair_of(item)]
        if not ids:
            raise Inconclusive("the passport that the test needs was created without telling its id")
        return ids[0]

    def eventually(self, ask: Callable[[], Reply], holds: Callable[[Reply], bool]) -> Reply:
        """Ask until it holds, for some seconds: when a change can be read is a reading (items.read-your-writes)."""
        for _ in range(_PATIENCE_SECONDS):
            reply = ask()
            if holds(reply):
                break
            self.let_pass(1)
        return reply

    def read(self, passport_id: str) -> Reply:
        """A passport that was created, read as soon as it is there."""
        return self.eventually(lambda: self.api.get_passport(passport_id), lambda reply: reply.status != 404)

    def _spending(self, number: int) -> Sequence[Item]:
        """Items that take a write each, and as little else as possible."""
        return self.passports(number)

    def _read_out(self, up_to: int, full: int, items: Callable[[int], Sequence[Item]]) -> int:
        size, total = min(1 << up_to.bit_length() - 1, _READ_OUT_MAX), 0
        while size:
            reply = self.api.create_batch(items(size), purpose="how much is left?")
            if reply.is_result:
                total += size
            elif reply.status != full:
                raise Inconclusive(
                    f"while reading out what is left, call #{reply.number} was answered {reply.described}"
                )
            size //= 2
        return total

    def require_created(self, reply: Reply) -> None:
        """Raises `Inconclusive` where an item was not created that the test needs."""
        if reply.created != len(reply.results) or not reply.created:
            raise Inconclusive(
                f"the test needs passports that exist, and call #{reply.number} was answered {reply.described}",
                [reply.number],
            )

    def _say(self, **known: Any) -> None:
        """Enter into the history what is known of the workspace from here on."""
        now = self.session.now(self.name)
        self.session.events.append(Given(self.name, now, self.product_id, self.gtin, **known))

    def _moved(self, to: datetime) -> None:
        self.session.offsets[self.name] = to - (self.session.now(None))
        self.session.events.append(ClockMoved(self.name, to))
