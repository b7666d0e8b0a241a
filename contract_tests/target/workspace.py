"""A workspace as a test uses it: its product, its passports, what is left of its limits, and ways to arrange these.

No usage endpoint is needed. Batches of halving sizes read out what is left: a batch that does not fit takes nothing.
A pair exists where it fails when it is sent again.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from biip.checksums import gs1_standard_check_digit

from ..client.api import Api
from ..client.known_passports import pair_of
from ..client.reply import Reply
from ..client.session import Session
from ..client.single_calls import Item
from ..model.history import ClockMoved, Exchange, Given
from ..model.outcomes import Inconclusive, Untested

_PATIENCE_SECONDS = 5
BATCH_ITEMS_MAX = 100  # batch.holds-1-to-100-items
_READ_OUT_MAX = 64  # items in one call of a read-out: the largest power of two that is a batch


class Account(ABC):
    """One workspace with its first key: an isolated workspace or a given one."""

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
        """Another GTIN with a correct check digit. The workspace may or may not be allowed to use it."""
        digits = self.gtin.zfill(14)[:13]
        digits = f"{digits[:6]}{(int(digits[6]) + 1) % 10}{digits[7:]}"
        return f"{digits}{gs1_standard_check_digit(digits)}"

    @property
    def own_texts(self) -> set[str]:
        """Ids that no answer to another workspace may contain."""
        return {*self.api.pairs.ids, self.product_id}

    def passport(self, serial: str | None = None, **changes: Any) -> dict[str, Any]:
        """A valid item. Its serial number is new unless it is given."""
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
        """Arrange that exactly this much is left (None: enough). Returns `known` items that exist.

        Raises `Untested` where the target can't be brought there.
        """

    @abstractmethod
    def known(self, number: int) -> Sequence[Item]:
        """Items that fail because they exist. All are different in an isolated workspace."""

    @abstractmethod
    def lift(self, *, writes: bool = False, slots: bool = False) -> None:
        """Remove a limit where possible, so that the other one can be measured alone."""

    @abstractmethod
    def second_key(self) -> Api:
        """The same workspace with another API key. Raises `Untested`."""

    def revoke(self, api: Api) -> None:  # noqa: ARG002  own workspaces look at the key
        """Revoke the API key of these operations. Raises `Untested`."""
        raise Untested("P: a way to revoke an API key")

    @abstractmethod
    def another_workspace(self) -> "Account":
        """Raises `Untested`."""

    @abstractmethod
    def of_plan(self, plan: str) -> "Account":
        """A workspace with this plan. Raises `Untested` or `NotApplicable`."""

    @abstractmethod
    def has_reads(self, left: int) -> None:
        """Arrange that this number of reads is left today. Raises `Untested`."""

    @abstractmethod
    def let_pass(self, seconds: float) -> None:
        """Move the clock forward, or wait where it can't be moved."""

    @abstractmethod
    def advance_clock(self, hours: float) -> None:
        """Raises `Untested`."""

    @property
    @abstractmethod
    def writes_per_day(self) -> int:
        """The write budget of a whole day. Raises `Untested`."""

    @property
    def hours_to_midnight(self) -> float:
        """By the clock of the workspace, as far as the suite knows."""
        now = self.session.now(self.name).astimezone(UTC)
        return 24 - timedelta(hours=now.hour, minutes=now.minute, seconds=now.second) / timedelta(hours=1)

    @property
    def can_lose(self) -> bool:
        """Whether `lose_next` works."""
        return False

    def lose_next(self, *, executed: bool) -> None:
        """Lose the next call, after it was executed or before. Raises `Untested`."""
        raise Untested(f"P: a way to lose {'an answer after the commit' if executed else 'a call'}")

    def writes_left(self, up_to: int = 15) -> int:
        """The rest of the budget, read out by spending it. Where `up_to` or more is left, so is the result."""
        self.lift(slots=True)
        return self._read_out(up_to, 429, self.spending)

    def slots_left(self, up_to: int = 7) -> int:
        """The rest of the quota, read out by creating passports without consent. `up_to` as in `writes_left`."""
        self.lift(writes=True)
        return self._read_out(up_to, 402, self.passports)

    def is_there(self, item: Item) -> bool:
        """Whether the pair exists: then the item fails. Where it did not exist, this call creates it."""
        reply = self.api.create_batch([item], purpose="does the pair exist?")
        if reply.outcomes not in (["created"], ["error"]):
            raise Inconclusive(f"call #{reply.number} should show whether a pair exists, but got {reply.described}")
        return reply.outcomes == ["error"]

    def id_of(self, item: Item) -> str:
        """The id of a created item. Raises `Inconclusive` where no answer reported it."""
        ids = [passport_id for passport_id, pair in self.api.pairs.ids.items() if pair == pair_of(item)]
        if not ids:
            failed = [each for each in self._own_calls if each.method == "POST" and not each.succeeded]
            why = f"; call #{failed[-1].number} got {Reply(failed[-1]).described}" if failed else ""
            raise Inconclusive(f"no answer reported the id of the passport that the test needs{why}")
        return ids[0]

    @property
    def _own_calls(self) -> Sequence[Exchange]:
        return [each for each in self.session.history.exchanges if each.workspace == self.name]

    def eventually(self, ask: Callable[[], Reply], holds: Callable[[Reply], bool]) -> Reply:
        """Ask for some seconds until it holds: a change may show later (items.read-your-writes)."""
        for _ in range(_PATIENCE_SECONDS):
            reply = ask()
            if holds(reply):
                break
            self.let_pass(1)
        return reply

    def read(self, passport_id: str) -> Reply:
        """Read a created passport, as soon as it can be read."""
        return self.eventually(lambda: self.api.get_passport(passport_id), lambda reply: reply.status != 404)

    def spending(self, number: int) -> Sequence[Item]:
        """Items that take one write each, and as little else as possible."""
        return self.passports(number)

    def _read_out(self, up_to: int, full: int, items: Callable[[int], Sequence[Item]]) -> int:
        size, total = min(1 << up_to.bit_length() - 1, _READ_OUT_MAX), 0
        while size:
            reply = self.api.create_batch(items(size), purpose="read out what is left")
            if reply.is_result:
                total += size
            elif reply.status != full:
                raise Inconclusive(f"call #{reply.number} should read out what is left, but got {reply.described}")
            size //= 2
        return total

    def require_created(self, reply: Reply) -> None:
        """Raises `Inconclusive` where not all items of the batch were created."""
        if reply.created != len(reply.results) or not reply.created:
            raise Inconclusive(
                f"the test needs created passports, but call #{reply.number} got {reply.described}",
                [reply.number],
            )

    def _say(self, **known: Any) -> None:
        """Record in the history what is known of the workspace from now on."""
        now = self.session.now(self.name)
        self.session.record(Given(self.name, now, self.product_id, self.gtin, **known))

    def _clock_moved(self, to: datetime) -> None:
        self.session.offsets[self.name] = to - (self.session.now(None))
        self.session.record(ClockMoved(self.name, to))
