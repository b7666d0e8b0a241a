"""The end of a declared budget and of a declared quota in a given workspace.

A budget can be spent only once a day, so one test asks everything near its end. The oracle judges all calls together:
it knows what refused calls may have taken. This module asserts only what holds under every reading.
"""

from ..client.api import Batch
from ..client.known_passports import pair_of
from ..client.session import Credential
from ..client.single_calls import Item
from ..client.spend import Price
from ..model import clock
from ..model.outcomes import Inconclusive, Untested
from ..target.given_workspace import GivenAccount
from ..target.workspace import BATCH_ITEMS_MAX
from . import expect

_WRITES = 24  # left when the questions begin; one more passport is left
_REPLAYED, _REUSED, _UNAUTHORIZED = 20, 5, 7
_REPLAYS = 4  # their items are more than refused calls of a run take under any reading but "all items"
_EARLY = "the budget ended early; refused calls may have taken writes"
ASKS, TOKEN = "quota.asks-for-consent", "overage_required"
_UNKNOWN_PRODUCT = "f" * 24
REST = 2  # writes that are left after the deletions
_UNSURE_MAX = 5  # writes that refused calls may have taken
_UNKNOWN_KEY = Credential("unknown-key", None, "tp_0000000000000000000000000000000e")


class LastWrites:
    """The end of both limits of a workspace that nobody else uses. Raises `Untested` where too little is left.

    `most` is the largest number of writes that can be left: under some readings refused calls took some of them.
    """

    def __init__(self, account: GivenAccount) -> None:
        self._account = account
        self._refused: list[tuple[Item, str]] = []  # new, and of a batch that was refused; with the rule of that
        slots, last = account.limits.slots_expected, _WRITES + self._kept
        if slots is not None and slots <= last:
            raise Untested(f"Q: {last + 1} free passports, {slots} are left; the quota may refuse a larger batch")
        if self.most < last + 2 or last >= BATCH_ITEMS_MAX:
            kept = f"; {self._kept} of them to delete what the run created" if self._kept else ""
            raise Untested(f"W: {last + 2} writes of today's budget, {self.most} are left{kept}")
        account.check_affordable(self.most + 1)

    def ask(self) -> None:
        self._fill_quota()
        self._send_what_takes_nothing()
        self._approach()
        self._overflow()
        self._fit()

    @property
    def most(self) -> int:
        return self._account.limits.writes_between()[1]

    @property
    def _kept(self) -> int:
        """Of the last writes, how many are for deletions, also of the passport that is created last, and for
        `use_the_rest` after them.
        """
        return self._account.limits.writes_to_delete + 1 + REST if self._account.limits.keeps_writes else 0

    def _fill_quota(self) -> None:
        """Where the quota is known and near, fill it, except for later batches. Then ask for one passport too many."""
        least, most = self._account.limits.slots_expected, self._account.limits.slots_most
        if least is None or most is None:
            return
        new = max(most + 1 - BATCH_ITEMS_MAX if self._kept else least - _WRITES - 1, 0)  # each takes a deletion
        beyond = most - new + 1
        last = _WRITES + 1 + (self._kept + new if self._kept else 0)
        too_far = max(new, beyond, last) > BATCH_ITEMS_MAX or least - new < last
        too_far = too_far or self.most < new + beyond + last + _WRITES
        if too_far or self._account.session.purse.refusal(Price(new + beyond, new + beyond)):
            return
        self._account.create(new)
        over = self._account.passports(beyond)
        reply = self._account.api.create_batch(over, purpose="one passport more than can be left")
        if reply.status == 429:
            raise Inconclusive(_EARLY, [reply.number])
        expect.refused(reply, 402, 403, rule=ASKS)
        if self._account.sells_overage:
            expect.true(f"`{TOKEN}` in the body", reply.says_token(TOKEN), reply.error, reply, rule=ASKS)
        self._refused.append((over[0], ASKS))

    def _approach(self) -> None:
        """Spend until at most the last writes are left."""
        while (size := self.most - _WRITES - self._kept) > 0:
            reply = self._account.spend_some(size)
            if not reply.is_result:
                raise Inconclusive(f"{_EARLY}: {reply.described}", [reply.number])
        if self._account.distinct <= _WRITES and self._is_refused_for_a_repeated_pair():
            raise Untested(f"Q: {_WRITES} passports of this run; the deployment refuses a batch that repeats a pair")

    def _send_what_takes_nothing(self) -> None:
        """Send replays, another body under their key, and a call without a valid API key.

        Their sizes differ, so that the oracle can tell which of them took writes.
        """
        api = self._account.api
        batch = Batch(self._account.known(_REPLAYED), key=clock.new_key())
        original = api.send(batch).sure()
        if original.is_result:
            for _ in range(_REPLAYS):
                replay = api.send(batch).sure()
                if replay.status in {402, 429}:  # idempotency.replay-when-budget-spent
                    raise Inconclusive(_EARLY, [replay.number])
                expect.replayed(replay, original, rule="idempotency.replays-original")
            api.send(Batch(self._account.known(_REUSED), key=batch.key)).sure()
        api.with_credential(_UNKNOWN_KEY).create_batch(self._account.known(_UNAUTHORIZED))

    def _overflow(self) -> None:
        """A batch of one item more than can be left is refused, although the quota has room for it."""
        batch = self._account.with_a_new_one(self.most + 1)
        reply = self._account.api.create_batch(batch, purpose="one item more than writes are left")
        expect.refused(reply, 429)
        new = [item for item in batch if pair_of(item) not in self._account.api.pairs.existing]
        self._refused += [(item, "budget.refuses-whole-batch") for item in new]

    def _fit(self) -> None:
        """Find the largest batch that is admitted; then no larger one is than what is kept. It contains the items that
        were refused before.
        """
        new = [item for item, _ in self._refused]
        kept = self._account.limits.writes_to_delete + len(new) + REST if self._kept else 0
        largest = self.most - kept
        for size in range(largest, len(new), -1):
            batch = [*new, *self._account.known(size - len(new))]
            reply = self._account.api.create_batch(batch, purpose="an exact fit")
            if reply.is_result:
                break
            if reply.status != 429:
                raise Inconclusive(f"a batch that should fit exactly got {reply.described}", [reply.number])
        else:
            raise Inconclusive(_EARLY, [reply.number])
        for index, (item, rule) in enumerate(self._refused):
            what, found = f"{item['gs1']['serialNumber']}, which was refused before", reply.entry(index).get("status")
            expect.same(what, found, "created", reply, rule=rule)
        beyond = self._account.with_a_new_one(kept + 1) if kept and size == largest else self._account.known(1)
        expect.refused(self._account.api.create_batch(beyond), 429)

    def _is_refused_for_a_repeated_pair(self) -> bool:
        """Whether a batch with a repeated pair is refused (items.duplicate-in-batch)."""
        one = self._account.known(1)
        return not self._account.api.create_batch([*one, *one], purpose="one pair twice").is_result


def use_the_rest(account: GivenAccount) -> None:
    """Delete what the run created, then find the largest batch that is admitted. The oracle knows which should be.

    No item can be created, because its product is unknown. Raises `Untested` where it is not known what is left.
    """
    account.delete_all()
    least, most = account.limits.writes_between()
    if not 1 <= most <= BATCH_ITEMS_MAX or most - least > _UNSURE_MAX:
        raise Untested(f"W: between 1 and {BATCH_ITEMS_MAX} writes after the clean-up, {least} to {most} are left")
    for size in range(most, max(least - 2, 0), -1):
        batch = [account.passport(productId=_UNKNOWN_PRODUCT) for _ in range(size)]
        reply = account.api.create_batch(batch, purpose="the rest of the budget")
        if reply.is_result:
            return
        if reply.status != 429:
            raise Untested(f"a batch of items of which none can be created; it got {reply.described}")
    raise Inconclusive(_EARLY, [reply.number])
