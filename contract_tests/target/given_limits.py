"""What is left of the limits of a given workspace: the declared value minus what the run took.

Refused and lost calls may have taken something, so that the rest lies between two values.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from ..client.session import Session
from ..client.single_calls import SINGLE
from ..client.spend import Price
from ..model.capabilities import LAST_WRITES
from ..model.outcomes import Untested
from .deployment import Deployment

_WRITES_KEPT = 26  # for the test of the end of a declared budget


@dataclass(frozen=True, slots=True)
class _Budget:
    """What was left of the writes of a day at one moment. `taken` and `unsure` are what the run had taken by then."""

    day: date
    left: int
    taken: int
    unsure: int


@dataclass(frozen=True, slots=True)
class _Quota:
    """What was left of the quota at one moment. `taken`, `unsure` and `deleted` are those of the run by then."""

    left: int
    taken: int
    unsure: int
    deleted: int


class GivenLimits:
    """The write budget and the passport quota of a given workspace. The values of the deployment file are those of the
    main workspace, `is_first`.
    """

    def __init__(self, session: Session, deployment: Deployment, workspace: str, *, is_first: bool) -> None:
        self._session = session
        self._deployment = deployment
        self._workspace = workspace
        self._is_first = is_first
        self._budget: _Budget | None = None
        self._quota: _Quota | None = None
        self._month = session.now(workspace).month
        if is_first:
            self.set_writes(deployment.writes_left)
        if is_first and deployment.slots_left is not None:
            self.set_slots(deployment.slots_left)

    def set_writes(self, left: int | None) -> None:
        """So many writes are left from now on; None where that is not known."""
        day = self._session.now(self._workspace).date()
        self._budget = None if left is None else _Budget(day, left, self._taken.writes, self._unsure.writes)

    def set_slots(self, left: int) -> None:
        """So many passports are left from now on."""
        self._quota = _Quota(left, self._taken.slots, self._unsure.slots, self._deleted)
        self._month = self._session.now(self._workspace).month

    @property
    def knows_writes(self) -> bool:
        """Whether the rest of the budget was known at some moment."""
        return self._budget is not None

    @property
    def writes_expected(self) -> int:
        """The expected rest of the budget. Raises `Untested` where it is uncertain."""
        least, most = self.writes_between()
        if least != most:
            raise Untested(f"W: a known rest of the budget; refused calls may have taken {most - least} writes")
        return most

    def writes_between(self) -> tuple[int, int]:
        """The least and the most writes that can be left: refused and lost calls may have taken some. Raises
        `Untested`.
        """
        known = self._budget
        if known is None:
            raise Untested(f"W: {self._missing_budget}")
        if known.day != self._session.now(self._workspace).date():
            raise Untested("W: a known rest of the budget; it renewed at 00:00 UTC, during the run")
        left = known.left - (self._taken.writes - known.taken)
        return left - (self._unsure.writes - known.unsure), left

    @property
    def writes_known(self) -> int | None:
        """What is left of the budget, where that is certain."""
        with suppress(Untested):
            return self.writes_expected
        return None

    @property
    def writes_most(self) -> int:
        """The most writes that can be left; 0 where that is not known. By the documentation refused calls take none."""
        return self.writes_between()[1] if self.knows_writes else 0

    @property
    def _missing_budget(self) -> str:
        if not self._is_first:
            return "a known write budget of the second workspace"
        if self._deployment.writes_left is None:
            return "writes_left or the hook set_budget in the deployment file"
        return "writes_per_day or the hook set_budget in the deployment file, for the new day that began in the run"

    @property
    def full_budget(self) -> int:
        """What the hook may set: no more than was there before."""
        return self._deployment.writes_per_day or self._deployment.writes_left or 0

    @property
    def keeps_writes(self) -> bool:
        """Whether the run keeps writes of a known budget to delete what it creates: no hook can set them."""
        has_hook = self._is_first and bool(self._deployment.hooks.set_budget)
        return self._session.purse.cleans_up and self.knows_writes and not has_hook

    @property
    def writes_to_delete(self) -> int:
        """How many of them: for each passport of the run that may exist."""
        return max(self._taken.slots + self._unsure.slots - self._deleted, 0) if self.keeps_writes else 0

    def require_last_writes(self) -> None:
        """Raises `Untested` where the run may not spend the budget to its end."""
        if self.keeps_writes:
            raise Untested(f"W: {LAST_WRITES}")

    def check_deletions(self, price: Price) -> None:
        """Raise `Untested` where a test would take writes that are kept for deletions."""
        if not self.keeps_writes or not price.writes:
            return
        kept, left = price.slots + self.writes_to_delete, self.writes_between()[1]
        if left < price.writes + kept:
            raise Untested(
                f"W: {price.writes + kept} writes of today's budget, {left} are left; {kept} of them to delete"
            )

    @property
    def writes_of_last_tests(self) -> int:
        """For the end of the budget, where there is enough for that."""
        return _WRITES_KEPT if self.full_budget >= 2 * _WRITES_KEPT else 0

    @property
    def slots_of_last_tests(self) -> int:
        """For the end of a budget of which writes are kept for deletions: a batch as large as these and the rest."""
        is_enough = (self._deployment.slots_left or 0) >= 3 * _WRITES_KEPT
        return _WRITES_KEPT + 2 if self.keeps_writes and self.writes_of_last_tests and is_enough else 0

    @property
    def slots_expected(self) -> int | None:
        """The least that is left of the quota, 0 or more; None where it is not known or is unlimited."""
        if (known := self._quota) is None:
            return None
        return max(0, known.left - (self._taken.slots - known.taken) - (self._unsure.slots - known.unsure))

    @property
    def slots_most(self) -> int | None:
        """The most passports that can be left of the quota: a deleted one may count as left (quota.slot-returns). None
        where it is not known, as after the first day of a month: the quota may have renewed.
        """
        least = self.slots_expected if self._session.now(self._workspace).month == self._month else None
        known = self._quota
        if least is None or known is None:
            return None
        return least + (self._unsure.slots - known.unsure) + (self._deleted - known.deleted)

    @property
    def _taken(self) -> Price:
        return self._session.purse.taken_of(self._workspace)[0]

    @property
    def _unsure(self) -> Price:
        return self._session.purse.taken_of(self._workspace)[1]

    @property
    def _deleted(self) -> int:
        """How many passports the run may have deleted."""
        calls = [each for each in self._session.history.exchanges if each.method == "DELETE"]
        own = [each for each in calls if each.workspace == self._workspace and each.path.startswith(f"{SINGLE}/")]
        return sum(each.succeeded or each.may_have_been_executed for each in own)
