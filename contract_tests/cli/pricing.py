"""What a run takes at most: its checks in their order, within its limits, as the run admits them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..client.spend import FREE, Price, Purse
from ..model.capabilities import LAST_WRITES, NO_THOROUGH, lacked
from ..run.pytest_run import Check
from ..run.shared_batch import PRICE_OF_SAMPLE
from ..target.settings import Settings
from ..target.target import declared_capabilities

_REACH = Price(1)  # an empty batch: it may take a write, where the deployment charges refused calls
_LOOK = Price(1)  # a single create without an item


@dataclass(frozen=True, slots=True)
class Line:
    """A check, what it takes, and why it does not run: it needs something, or is not about this deployment."""

    check: Check
    price: Price
    needs: Sequence[str] = ()
    limits: str = ""
    not_applicable: str = ""

    @property
    def runs(self) -> bool:
        return not (self.needs or self.limits or self.not_applicable)

    @property
    def untested(self) -> str:
        """What it needs, in words."""
        return "; ".join([*(f"{need}: {lacked(need)}" for need in self.needs), *filter(None, [self.limits])])


class Estimate:
    """Goes through the checks. `price` is what they take of a deployment that conforms, with the deletions; `refused`
    are the writes that refused calls may take in addition.
    """

    def __init__(self, checks: Sequence[Check], settings: Settings) -> None:
        self._settings = settings
        self._given = settings.deployment
        self.purse = Purse(settings.ceilings, cleans_up=settings.cleans_up)
        self._risk = FREE
        self._taken = self._of_second = FREE
        self._is_quota_filled = False
        self.lines = [*self._go_through(checks)]

    @property
    def price(self) -> Price:
        """No more than is left of a declared budget or quota, where no hook sets it."""
        taken, budget, quota = self._taken, self._budget, self._quota
        slots = taken.slots if quota is None else min(taken.slots, quota)
        price = self.purse.with_deletions(Price(taken.writes, slots, taken.cents))
        if budget is None:
            return price
        of_second = self._of_second.writes + self._of_second.slots  # which has a budget of its own
        return Price(min(price.writes, budget + of_second), slots, taken.cents)

    @property
    def clean_up(self) -> int:
        """The writes of the price that are for deletions."""
        return self.purse.with_deletions(Price(slots=self.price.slots)).writes

    @property
    def refused(self) -> int:
        looks = self._given is not None and self._given.single_create is None and self._given.may_create_singly
        return (_REACH + (_LOOK if looks else FREE) + self._risk).writes if self._given is not None else 0

    @property
    def at_most(self) -> Price | None:
        """None: there are no limits."""
        most, price = self._settings.ceilings, self.price
        if most.writes is None or most.slots is None or most.cents is None:
            return None
        counts_refused = self._budget is None or self._budget > most.writes
        writes = price.writes + (self.refused if counts_refused else 0)
        return Price(min(writes, most.writes), min(price.slots, most.slots), min(price.cents, most.cents))

    @property
    def _budget(self) -> int | None:
        """What is left of a declared budget; None where it is not known, or a hook sets it."""
        given = self._given
        return None if given is None or given.hooks.set_budget else given.writes_left

    @property
    def _declares_limits(self) -> bool:
        given = self._given
        return given is not None and given.declares_limits

    @property
    def _quota(self) -> int | None:
        given = self._given
        return None if given is None or given.hooks.set_quota or self._settings.allow_charges else given.slots_left

    def _go_through(self, checks: Sequence[Check]) -> Iterator[Line]:
        has, never = declared_capabilities(self._settings), self._given.never_has if self._given is not None else {}
        if not self.purse.refusal(PRICE_OF_SAMPLE):
            self._take(PRICE_OF_SAMPLE)
        for check in checks:
            price = self._whole_price_of(check)
            if because := next((never[need] for need in check.needs if need in never), ""):
                yield Line(check, price, not_applicable=because)
                continue
            needs = [need for need in check.needs if need not in has]
            room = check.room if price == check.price else price
            limits = self.purse.refusal(room, consents=price.cents > 0) or ""
            if self._budget is not None and self.purse.cleans_up and _ends_budget(check):
                limits = LAST_WRITES
            if check.room != check.price + check.risk and self._declares_limits:
                limits = NO_THOROUGH
            line = Line(check, price, needs, limits)
            if line.runs:
                self._take(price)
                self._risk += check.risk
                self._of_second += price if "T2" in check.needs else FREE
                self._is_quota_filled |= "Q" in check.needs and check.is_late
            yield line

    def _take(self, price: Price) -> None:
        self._taken += price
        self.purse.held += price

    def _whole_price_of(self, check: Check) -> Price:
        """With what the check takes to come to the end of a declared limit."""
        given = self._given
        if given is None:
            return check.price
        if check.spends_budget and given.writes_left is not None:
            full = max(given.writes_per_day or 0, given.writes_left) if given.hooks.set_budget else given.writes_left
            return Price(max(full - (0 if given.hooks.set_budget else self._taken.writes), 0)) + check.price
        fills = "Q" in check.needs and check.is_late and given.slots_left is not None and not given.hooks.set_quota
        if fills and not self._is_quota_filled:
            more = max((given.slots_left or 0) - self._taken.slots, 0)
            return Price(more, more) + check.price
        return check.price


def _ends_budget(check: Check) -> bool:
    """Whether it needs exactly so many writes left that the clean-up would have none."""
    return "W" in check.needs and check.is_late and not check.spends_budget
