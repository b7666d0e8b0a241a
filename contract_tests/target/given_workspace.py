"""The account of a given workspace: one for the whole run, used sparingly.

The rest of a limit is its declared value minus what the run took. Where that is uncertain, tests are untested.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice

from ..client.api import Api
from ..client.known_passports import Pairs
from ..client.reply import Reply
from ..client.session import Credential, Session
from ..client.single_calls import SINGLE, Item
from ..client.spend import Price
from ..model import clock
from ..model.capabilities import LAST_WRITES, PLAN
from ..model.outcomes import Inconclusive, NotApplicable, Untested
from .clean_up import CleanUp
from .deployment import Deployment
from .hooks import Hooks
from .workspace import BATCH_ITEMS_MAX, Account

_WRITES_KEPT = 26  # for the test of the end of a declared budget
_FOR_A_QUOTA = 12  # writes that a test of the end of a quota takes at most, with the deletions
_NEAR_MIDNIGHT = timedelta(minutes=5)


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
    taken: int = 0
    unsure: int = 0
    deleted: int = 0


class GivenAccount(Account):
    """The workspace of the given API key, or the second workspace of the deployment file."""

    def __init__(
        self, session: Session, deployment: Deployment, name: str, api: Api, product_and_gtin: tuple[str, str]
    ) -> None:
        super().__init__(session, api, *product_and_gtin)
        self._deployment = deployment
        self._is_first = name == "main"
        self._budget = self._budget_of(deployment.writes_left if self._is_first else None)
        slots = deployment.slots_left if self._is_first else None
        self._quota = None if slots is None else _Quota(slots)
        self._hooks = Hooks(deployment)
        self._month = session.now(name).month
        self._batch_most = BATCH_ITEMS_MAX  # of passports that exist, in one batch
        self._second: GivenAccount | None = None
        self.deleted = 0  # passports, by `delete_all`
        self._declare(deployment.writes_left if self._is_first else None)

    def has(
        self,
        *,
        known: int = 0,
        writes_left: int | None = None,
        slots_left: int | None = None,
        overage: bool | None = None,
    ) -> Sequence[Item]:
        if known > 1 and self.slots_expected is not None and known > self.slots_expected:
            self._fill_quota(known)
        items = self.known(known)
        if slots_left is not None:
            self._bring_slots_to(slots_left, overage)
        if writes_left is not None:
            self._bring_writes_to(writes_left)
        return items

    def known(self, number: int) -> Sequence[Item]:
        """The passports of this run, repeated, so that they cost one slot in total."""
        if number and not self.api.pairs.existing:
            self.require_created(self.api.create_batch([self.passport()], purpose="set-up: a passport that exists"))
        serials = sorted(serial for gtin, serial in self.api.pairs.existing if gtin == self.gtin)
        left = self.slots_expected
        if number > 1 and left is not None and number > left:
            raise Untested(f"Q: {number} free passports, {left} are left; the quota may refuse a larger batch")
        return [self.passport(serial) for serial in islice(cycle(serials), number)]

    def lift(self, *, writes: bool = False, slots: bool = False) -> None:
        """Does nothing: the limits can't be changed."""

    def second_key(self) -> Api:
        if self._deployment.second_key_env is None:
            raise Untested("K2: second_key_env in the deployment file")
        key = self._deployment.key(self._deployment.second_key_env)
        return self.api.with_credential(Credential(f"{self.name}-key-2", self.name, key))

    @property
    def given_as(self) -> str:
        """The options or keys that gave its product and its GTIN."""
        return "--product-id and --gtin" if self._is_first else "product_id and gtin of [second_workspace]"

    @property
    def workspaces(self) -> Sequence["GivenAccount"]:
        """This one, and the second one if the run used it."""
        return (self,) if self._second is None else (self, self._second)

    def another_workspace(self) -> Account:
        second = self._deployment.second_workspace
        if second is None:
            raise Untested("T2: second_workspace in the deployment file")
        if self._second is None:
            key = self._deployment.key(second.api_key_env)
            api = Api(self.session, Credential("second-key-1", "second", key), Pairs())
            product_and_gtin = (second.product_id, second.gtin)
            self.session.offsets["second"] = self.session.offsets.get(self.name, timedelta())
            self._second = GivenAccount(self.session, self._deployment, "second", api, product_and_gtin)
        return self._second

    def of_plan(self, plan: str) -> Account:
        if self._deployment.plan is None:
            raise Untested(PLAN)
        if self._deployment.plan != plan:
            raise NotApplicable(f"the workspace is on the plan {self._deployment.plan}, not on {plan}")
        return self

    def has_reads(self, left: int) -> None:
        raise Untested(f"P: a workspace with exactly {left} reads left")

    def let_pass(self, seconds: float) -> None:
        clock.sleep(seconds)

    def advance_clock(self, hours: float) -> None:
        """The hook moves the clock of the deployment, and so of all its workspaces."""
        command = self._deployment.hooks.set_clock
        if not command or not self._is_first:
            raise Untested("T: the hook set_clock in the deployment file")
        before = self.session.now(self.name)
        to = before + timedelta(hours=hours)
        self._hooks.run("set_clock", now=to, writes_left=self._writes_known, slots_left=self.slots_expected)
        for each in self.workspaces:
            each._clock_moved(to)
        if to.date() != before.date():
            self._budget = self._budget_of(self._deployment.writes_per_day)

    @property
    def writes_per_day(self) -> int:
        found = self._deployment.writes_per_day if self._is_first else None
        if found is None:
            raise Untested("W: writes_per_day in the deployment file")
        return found

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
        if known.day != self.session.now(self.name).date():
            raise Untested("W: a known rest of the budget; it renewed at 00:00 UTC, during the run")
        taken, unsure = self.session.purse.taken_of(self.name)
        left = known.left - (taken.writes - known.taken)
        return left - (unsure.writes - known.unsure), left

    @property
    def _missing_budget(self) -> str:
        if not self._is_first:
            return "a known write budget of the second workspace"
        if self._deployment.writes_left is None:
            return "writes_left or the hook set_budget in the deployment file"
        return "writes_per_day or the hook set_budget in the deployment file, for the new day that began in the run"

    def _budget_of(self, left: int | None) -> _Budget | None:
        """The budget where so much is left from now on; None where that is not known."""
        if left is None:
            return None
        return _Budget(self.session.now(self.name).date(), left, self._taken.writes, self._unsure.writes)

    def check_deletions(self, price: Price) -> None:
        """Raise `Untested` where a test would take writes that are kept for deletions."""
        if not self.keeps_writes or not price.writes:
            return
        kept, left = price.slots + self.writes_to_delete, self.writes_between()[1]
        if left < price.writes + kept:
            raise Untested(
                f"W: {price.writes + kept} writes of today's budget, {left} are left; {kept} of them to delete"
            )

    def check_room(self, price: Price, *, is_last: bool) -> None:
        """Raise `Untested` where the limits have no room for a test. Tests that are not the last leave one passport,
        because without it no batch is admitted, and the last writes.
        """
        slots, wanted = self.slots_expected, price.slots + (not is_last)
        if not is_last and self._slots_kept and slots is not None and price.slots:
            wanted = max(wanted, price.slots + self._slots_kept + self.writes_to_delete + price.slots)
        if slots is not None and price.slots and wanted > slots and not self._fill_quota(wanted):
            kept = "" if is_last else "; the last one is for tests that need only one"
            raise Untested(f"Q: {wanted} free passports, {slots} are left{kept}")
        if is_last:
            return
        deletions = price.slots + self.writes_to_delete + 1 if self.keeps_writes else 0  # the last test creates one
        writes = price.writes + deletions + self._writes_kept
        if self._deployment.hooks.set_budget and self._full_budget >= writes > self._writes_most:
            self._bring_writes_to(self._full_budget)
        if self._budget is None:
            return
        if (left := self.writes_between()[1]) < writes:
            kept = f"; the last {self._writes_kept} are for the tests of the budget" if self._writes_kept else ""
            raise Untested(f"W: {writes} writes of today's budget, {left} are left{kept}")

    @property
    def keeps_writes(self) -> bool:
        """Whether the run keeps writes of a known budget to delete what it creates: no hook can set them."""
        has_hook = self._is_first and bool(self._deployment.hooks.set_budget)
        return self.session.purse.cleans_up and self._budget is not None and not has_hook

    @property
    def writes_to_delete(self) -> int:
        """How many of them: for each passport of the run that may exist."""
        return max(self._taken.slots + self._unsure.slots - self._deleted, 0) if self.keeps_writes else 0

    def delete_all(self) -> None:
        """Delete what the run has created. Raises `Untested` where a passport stays."""
        done = CleanUp(self.api, self.api, self.session.run).delete_all()
        self.deleted += done.deleted
        if done.is_interrupted:
            raise KeyboardInterrupt
        if done.left:
            raise Untested(f"a deletion of each passport of the run; {done.left[0].why}")

    def require_last_writes(self) -> None:
        """Raises `Untested` where the run may not spend the budget to its end."""
        if self.keeps_writes:
            raise Untested(f"W: {LAST_WRITES}")

    @property
    def _writes_most(self) -> int:
        """The most writes that can be left; 0 where that is not known. By the documentation refused calls take none."""
        return 0 if self._budget is None else self.writes_between()[1]

    @property
    def _full_budget(self) -> int:
        """What the hook may set: no more than was there before."""
        return self._deployment.writes_per_day or self._deployment.writes_left or 0

    @property
    def _writes_kept(self) -> int:
        """For the end of the budget, where there is enough for that."""
        return _WRITES_KEPT if self._full_budget >= 2 * _WRITES_KEPT else 0

    @property
    def _slots_kept(self) -> int:
        """For the end of a budget of which writes are kept for deletions: a batch as large as these and the rest."""
        is_enough = (self._deployment.slots_left or 0) >= 3 * _WRITES_KEPT
        return _WRITES_KEPT + 2 if self.keeps_writes and self._writes_kept and is_enough else 0

    def check_affordable(self, writes: int) -> None:
        """Raises `Untested` where this number of writes would exceed a ceiling."""
        if message := self.session.purse.refusal(Price(writes)):
            raise Untested(message)

    def spend(self, writes: int) -> Reply | None:
        """Spend writes on passports that exist. The answer that refused a batch, where the budget ends early."""
        while writes > 0:
            reply = self.spend_some(writes)
            if not reply.is_result:
                return reply
            writes -= len(reply.results)
        return None

    def spend_some(self, writes: int) -> Reply:
        """One batch of passports that exist: of this number, or fewer where such a batch is not admitted.

        A batch may exceed a quota that is not known. A batch that repeats a pair may be refused for that
        (items.duplicate-in-batch).
        """
        while True:
            slots = self.slots_expected
            size = min(self._batch_most, writes, BATCH_ITEMS_MAX if slots is None else max(1, slots))
            reply = self.api.create_batch(self.known(size), purpose="spending the budget")
            if reply.status == 402 and self.slots_expected is None:
                self._batch_most = self._smaller(size, reply.number)
            elif reply.is_refusal and reply.status not in {402, 429} and size > self.distinct:
                self._batch_most = self.distinct
            else:
                return reply

    def with_a_new_one(self, number: int) -> Sequence[Item]:
        """So many items for a batch that must be refused: the first is new, where the run may create one more."""
        can_be_new = not self.session.purse.refusal(Price(number, 1))
        return [*self.passports(int(can_be_new)), *self.known(number - can_be_new)]

    @property
    def distinct(self) -> int:
        """How many passports of this run exist under its GTIN."""
        return sum(gtin == self.gtin for gtin, _ in self.api.pairs.existing)

    @property
    def sells_overage(self) -> bool:
        """Whether the deployment file says so."""
        return self._deployment.overage_supported is True

    @property
    def slots_most(self) -> int | None:
        """The most passports that can be left of the quota: a deleted one may count as left (quota.slot-returns). None
        where it is not known, as after the first day of a month: the quota may have renewed.
        """
        least = self.slots_expected if self.session.now(self.name).month == self._month else None
        known = self._quota
        if least is None or known is None:
            return None
        return least + (self._unsure.slots - known.unsure) + (self._deleted - known.deleted)

    @property
    def _deleted(self) -> int:
        """How many passports the run may have deleted."""
        calls = [each for each in self.session.history.exchanges if each.method == "DELETE"]
        own = [each for each in calls if each.workspace == self.name and each.path.startswith(f"{SINGLE}/")]
        return sum(each.succeeded or each.may_have_been_executed for each in own)

    def create(self, number: int) -> None:
        """Create this number of passports in one batch. Raises `Inconclusive` where that fails."""
        if number > 0:
            self.require_created(self.api.create_batch(self.passports(number), purpose="set-up: filling the quota"))

    @staticmethod
    def _smaller(size: int, number: int) -> int:
        if size == 1:
            raise Inconclusive("the quota ended before the budget", [number])
        return size // 2

    @property
    def _taken(self) -> Price:
        return self.session.purse.taken_of(self.name)[0]

    @property
    def _unsure(self) -> Price:
        return self.session.purse.taken_of(self.name)[1]

    @property
    def slots_expected(self) -> int | None:
        """The least that is left of the quota, 0 or more; None where it is not known or is unlimited."""
        if (known := self._quota) is None:
            return None
        return max(0, known.left - (self._taken.slots - known.taken) - (self._unsure.slots - known.unsure))

    def writes_left(self, up_to: int = 15) -> int:
        """Read out one write at a time where passports are scarce: the quota could refuse a larger batch."""
        slots = self.slots_expected
        if slots is None or slots > up_to // 2:
            return super().writes_left(up_to)
        for number in range(up_to):
            reply = self.api.create_batch(self.known(1), purpose="read out what is left")
            if reply.status == 429:
                return number
            if not reply.is_result:
                raise Inconclusive(f"call #{reply.number} should read out the budget, but got {reply.described}")
        return up_to

    def spending(self, number: int) -> Sequence[Item]:
        return self.known(number)

    def _bring_writes_to(self, wanted: int) -> None:
        self.require_no_other_client()
        if self._is_first and self._deployment.hooks.set_budget:
            now = self.session.now(self.name)
            self._hooks.run("set_budget", now=now, writes_left=wanted, slots_left=self.slots_expected)
            self._budget = self._budget_of(wanted)
            self._declare(wanted)
            return
        self.require_last_writes()
        left = self.writes_expected
        if left < wanted:
            raise Untested(f"W: {wanted} writes of today's budget, {left} are left (the hook set_budget can set them)")
        self.check_affordable(left - wanted)
        if refused := self.spend(left - wanted):
            raise Inconclusive(
                f"could not spend the budget: call #{refused.number} got {refused.described}", [refused.number]
            )

    def _bring_slots_to(self, wanted: int, overage: bool | None) -> None:
        if overage is not None and self._deployment.overage_supported is not overage:
            raise Untested("O: a plan that sells overage" if overage else "a plan that sells no overage")
        self.require_no_other_client("set_quota")
        if self._is_first and self._deployment.hooks.set_quota:
            self._set_quota(wanted)
            return
        left = self.slots_expected
        if left is None:
            raise Untested("Q: slots_left or the hook set_quota in the deployment file")
        if left < wanted:
            raise Untested(f"Q: {wanted} passports of the plan, {left} are left")
        if self.slots_most != left:
            raise Untested(f"Q: a known rest of the quota; {left} passports are left, and maybe the deleted ones")
        deletions = left - wanted + self.writes_to_delete if self.keeps_writes else 0
        if self._budget is not None and self.writes_between()[1] < left - wanted + deletions + _FOR_A_QUOTA:
            raise Untested("W: writes; too few of today's are left (`--rule quota` spends them on this rule)")
        if left - wanted > BATCH_ITEMS_MAX:
            raise Untested(f"Q: {wanted + BATCH_ITEMS_MAX} free passports at most, {left} are left")
        self.create(left - wanted)

    def _set_quota(self, slots: int) -> None:
        now = self.session.now(self.name)
        self._hooks.run("set_quota", now=now, writes_left=self._writes_known, slots_left=slots)
        self._quota = _Quota(slots, self._taken.slots, self._unsure.slots, self._deleted)
        self._month = now.month
        self._declare(self._writes_known)

    def _fill_quota(self, wanted: int) -> bool:
        """Whether the hook has brought the quota to what was declared, because a test needs so many passports."""
        most = self._deployment.slots_left or 0
        if not (self._is_first and self._deployment.hooks.set_quota and most >= wanted):
            return False
        self._set_quota(most)
        return True

    @property
    def _writes_known(self) -> int | None:
        """What is left of the budget, where that is certain."""
        with suppress(Untested):
            return self.writes_expected
        return None

    def require_no_other_client(self, hook: str = "set_budget") -> None:
        """Raises `Untested` or `Inconclusive` where something else than this test may change the limit, which the hook
        sets if there is one.
        """
        if not self._deployment.exclusive:
            raise Untested("W: a workspace that nobody else uses (exclusive in the deployment file)")
        now = self.session.now(self.name)
        since = timedelta(hours=now.hour, minutes=now.minute)
        if since < _NEAR_MIDNIGHT or since > timedelta(days=1) - _NEAR_MIDNIGHT:
            raise Inconclusive("it is about 00:00 UTC, when the budget renews")
        lost = [each.number for each in self.session.history.exchanges if each.may_have_been_executed]
        if lost and not getattr(self._deployment.hooks, hook):
            raise Inconclusive("a call with a lost answer may have taken writes and passports", lost)

    def refill_for(self, deletions: int) -> None:
        """Set the budget by the hook where too little of it is left for the clean-up."""
        if deletions and self._is_first and self._deployment.hooks.set_budget and self._writes_most < deletions:
            with suppress(Inconclusive, Untested):  # then deletions are refused, and that is reported
                self._bring_writes_to(max(deletions, self._full_budget))

    def _declare(self, writes_left: int | None) -> None:
        found = self._deployment
        first = self._is_first
        self._say(
            writes_per_day=found.writes_per_day if first else None,
            writes_left=writes_left,
            unlimited_writes=found.unlimited_writes and first,
            slots_left=self.slots_expected if self.slots_expected == self.slots_most else None,
            unlimited_slots=found.unlimited_slots and first,
            overage_supported=found.overage_supported if first else None,
            exclusive=found.exclusive,
        )
