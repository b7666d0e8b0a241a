"""The account of a given workspace: one for the whole run, used sparingly. Hooks, or spending what is left, bring its
limits to what a test needs.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import cycle, islice

from ..client.api import Api
from ..client.known_passports import Pairs
from ..client.reply import Reply
from ..client.session import Credential, Session
from ..client.single_calls import Item
from ..client.spend import Price
from ..model import clock
from ..model.capabilities import PLAN
from ..model.outcomes import Inconclusive, NotApplicable, Untested
from .clean_up import CleanUp
from .deployment import Deployment
from .given_limits import GivenLimits
from .hooks import Hooks
from .workspace import BATCH_ITEMS_MAX, Account

_FOR_A_QUOTA = 12  # writes that a test of the end of a quota takes at most, with the deletions
_NEAR_MIDNIGHT = timedelta(minutes=5)


class GivenAccount(Account):
    """The workspace of the given API key, or the second workspace of the deployment file."""

    def __init__(
        self, session: Session, deployment: Deployment, name: str, api: Api, product_and_gtin: tuple[str, str]
    ) -> None:
        super().__init__(session, api, *product_and_gtin)
        self._deployment = deployment
        self._is_first = name == "main"
        self.limits = GivenLimits(session, deployment, name, is_first=self._is_first)
        self._hooks = Hooks(deployment)
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
        if known > 1 and self.limits.slots_expected is not None and known > self.limits.slots_expected:
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
        left = self.limits.slots_expected
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
        limits = self.limits
        self._hooks.run("set_clock", now=to, writes_left=limits.writes_known, slots_left=limits.slots_expected)
        for each in self.workspaces:
            each._clock_moved(to)
        if to.date() != before.date():
            limits.set_writes(self._deployment.writes_per_day)

    @property
    def writes_per_day(self) -> int:
        found = self._deployment.writes_per_day if self._is_first else None
        if found is None:
            raise Untested("W: writes_per_day in the deployment file")
        return found

    def check_room(self, price: Price, *, is_last: bool) -> None:
        """Raise `Untested` where the limits have no room for a test. Tests that are not the last leave one passport,
        because without it no batch is admitted, and the last writes.
        """
        limits = self.limits
        slots, wanted = limits.slots_expected, price.slots + (not is_last)
        if not is_last and limits.slots_of_last_tests and slots is not None and price.slots:
            wanted = max(wanted, price.slots + limits.slots_of_last_tests + limits.writes_to_delete + price.slots)
        if slots is not None and price.slots and wanted > slots and not self._fill_quota(wanted):
            kept = "" if is_last else "; the last one is for tests that need only one"
            raise Untested(f"Q: {wanted} free passports, {slots} are left{kept}")
        if is_last:
            return
        deletions = price.slots + limits.writes_to_delete + 1 if limits.keeps_writes else 0  # the last test creates one
        writes = price.writes + deletions + limits.writes_of_last_tests
        if self._deployment.hooks.set_budget and limits.full_budget >= writes > limits.writes_most:
            self._bring_writes_to(limits.full_budget)
        if not limits.knows_writes:
            return
        if (left := limits.writes_between()[1]) < writes:
            last = limits.writes_of_last_tests
            kept = f"; the last {last} are for the tests of the budget" if last else ""
            raise Untested(f"W: {writes} writes of today's budget, {left} are left{kept}")

    def delete_all(self) -> None:
        """Delete what the run has created. Raises `Untested` where a passport stays."""
        done = CleanUp(self.api, self.api, self.session.run).delete_all()
        self.deleted += done.deleted
        if done.is_interrupted:
            raise KeyboardInterrupt
        if done.left:
            raise Untested(f"a deletion of each passport of the run; {done.left[0].why}")

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
            slots = self.limits.slots_expected
            size = min(self._batch_most, writes, BATCH_ITEMS_MAX if slots is None else max(1, slots))
            reply = self.api.create_batch(self.known(size), purpose="spending the budget")
            if reply.status == 402 and self.limits.slots_expected is None:
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

    def create(self, number: int) -> None:
        """Create this number of passports in one batch. Raises `Inconclusive` where that fails."""
        if number > 0:
            self.require_created(self.api.create_batch(self.passports(number), purpose="set-up: filling the quota"))

    @staticmethod
    def _smaller(size: int, number: int) -> int:
        if size == 1:
            raise Inconclusive("the quota ended before the budget", [number])
        return size // 2

    def writes_left(self, up_to: int = 15) -> int:
        """Read out one write at a time where passports are scarce: the quota could refuse a larger batch."""
        slots = self.limits.slots_expected
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
            self._hooks.run("set_budget", now=now, writes_left=wanted, slots_left=self.limits.slots_expected)
            self.limits.set_writes(wanted)
            self._declare(wanted)
            return
        self.limits.require_last_writes()
        left = self.limits.writes_expected
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
        left = self.limits.slots_expected
        if left is None:
            raise Untested("Q: slots_left or the hook set_quota in the deployment file")
        if left < wanted:
            raise Untested(f"Q: {wanted} passports of the plan, {left} are left")
        if self.limits.slots_most != left:
            raise Untested(f"Q: a known rest of the quota; {left} passports are left, and maybe the deleted ones")
        deletions = left - wanted + self.limits.writes_to_delete if self.limits.keeps_writes else 0
        if self.limits.knows_writes and self.limits.writes_between()[1] < left - wanted + deletions + _FOR_A_QUOTA:
            raise Untested("W: writes; too few of today's are left (`--rule quota` spends them on this rule)")
        if left - wanted > BATCH_ITEMS_MAX:
            raise Untested(f"Q: {wanted + BATCH_ITEMS_MAX} free passports at most, {left} are left")
        self.create(left - wanted)

    def _set_quota(self, slots: int) -> None:
        now = self.session.now(self.name)
        self._hooks.run("set_quota", now=now, writes_left=self.limits.writes_known, slots_left=slots)
        self.limits.set_slots(slots)
        self._declare(self.limits.writes_known)

    def refill(self, price: Price) -> None:
        """Set by the hooks what earlier tests have used up. A test of one limit sets nothing of the other one."""
        limits, hooks = self.limits, self._deployment.hooks
        if not self._is_first:
            return
        with suppress(Inconclusive, Untested):  # then the test says what it misses
            if hooks.set_budget and (limits.writes_known or 0) < min(price.writes, limits.full_budget):
                self._bring_writes_to(limits.full_budget)
        slots, most = limits.slots_expected, self._deployment.slots_left or 0
        if slots is not None and slots < min(price.writes, most):
            self._fill_quota(most)

    def _fill_quota(self, wanted: int) -> bool:
        """Whether the hook has brought the quota to what was declared, because a test needs so many passports."""
        most = self._deployment.slots_left or 0
        if not (self._is_first and self._deployment.hooks.set_quota and most >= wanted):
            return False
        self._set_quota(most)
        return True

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
        if deletions and self._is_first and self._deployment.hooks.set_budget and self.limits.writes_most < deletions:
            with suppress(Inconclusive, Untested):  # then deletions are refused, and that is reported
                self._bring_writes_to(max(deletions, self.limits.full_budget))

    def _declare(self, writes_left: int | None) -> None:
        found = self._deployment
        first = self._is_first
        self._say(
            writes_per_day=found.writes_per_day if first else None,
            writes_left=writes_left,
            unlimited_writes=found.unlimited_writes and first,
            slots_left=self.limits.slots_expected if self.limits.slots_expected == self.limits.slots_most else None,
            unlimited_slots=found.unlimited_slots and first,
            overage_supported=found.overage_supported if first else None,
            exclusive=found.exclusive,
        )
