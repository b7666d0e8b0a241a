"""The last writes of a declared budget, and the last passports of a declared quota, where nothing gives them back.

Each is spent once a day, so everything is asked near their end and in one go. What the calls say together is judged by
the oracle, which knows what refused calls may have taken; asserted here is only what holds under every reading.
"""

from ..client.api import Batch
from ..client.session import Credential
from ..client.single_calls import Item
from ..client.spend import Price
from ..model import clock
from ..model.outcomes import Inconclusive, Untested
from ..target.given_workspace import GivenAccount
from ..target.workspace import BATCH_ITEMS_MAX
from . import expect

_WRITES = 24  # left when the questions begin; passports are left for a batch of one more
_REPLAYED, _REUSED, _STRANGE = 20, 5, 7
_REPLAYS = 4  # together more than what refused calls of a run can have taken by any reading but that of all items
_EARLY = "the end came early, as it may where refused calls take writes"
ASKS, TOKEN = "quota.asks-for-consent", "overage_required"
_UNKNOWN_KEY = Credential("unknown-key", None, "tp_0000000000000000000000000000000e")


class LastWrites:
    """The end of the meters of a workspace that nobody else uses meanwhile. Raises `Untested` where there is no room.

    `most` is how many writes can be left. By the contract they are; by some readings refused calls took some of them.
    """

    def __init__(self, account: GivenAccount) -> None:
        self._account = account
        self._refused: list[tuple[Item, str]] = []  # new, and of a batch that was refused; with the rule of that
        slots = account.slots_believed
        if slots is not None and slots <= _WRITES:
            raise Untested(f"Q: {_WRITES + 1} free passports, {slots} are left; a larger batch may be refused for that")
        if self.most < _WRITES + 2:
            raise Untested(f"W: {_WRITES + 2} writes of today's budget, {self.most} are left")
        account.check_affordable(self.most + 1)

    @property
    def most(self) -> int:
        return self._account.writes_between()[1]

    def fill_quota(self) -> None:
        """Where the quota is known and near: all passports but those for the batches to come; then one too many."""
        least, most = self._account.slots_believed, self._account.slots_most
        if least is None or most is None:
            return
        new = max(least - _WRITES - 1, 0)
        beyond = most - new + 1
        too_far = max(new, beyond) > BATCH_ITEMS_MAX or self.most < new + beyond + 2 * _WRITES
        if too_far or self._account.session.purse.refusal(Price(new + beyond, new + beyond)):
            return
        self._account.create(new)
        over = self._account.passports(beyond)
        reply = self._account.api.create_batch(over, purpose="one passport more than the plan can have left")
        if reply.status == 429:
            raise Inconclusive(_EARLY, [reply.number])
        expect.refused(reply, 402, 403, rule=ASKS)
        if self._account.sells_overage:
            expect.true(f"`{TOKEN}` in the body", reply.says_token(TOKEN), reply.error, reply, rule=ASKS)
        self._refused.append((over[0], ASKS))

    def approach(self) -> None:
        """Spend until no more than the last writes can be left."""
        while (size := self.most - _WRITES) > 0:
            reply = self._account.spend_some(size)
            if not reply.is_result:
                raise Inconclusive(f"{_EARLY}: {reply.described}", [reply.number])
        if self._account.distinct <= _WRITES and self._is_refused_for_a_repeated_pair():
            raise Untested(f"Q: {_WRITES} passports of this run; a batch is refused that names one of them twice")

    def send_what_takes_nothing(self) -> None:
        """Replays, another body under their key, strangers: of different sizes, so that it shows which of them took."""
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
        api.with_credential(_UNKNOWN_KEY).create_batch(self._account.known(_STRANGE))

    def overflow(self) -> None:
        """One item more than can be left is refused, though the plan has room for such a batch."""
        can_be_new = not self._account.session.purse.refusal(Price(self.most + 1, 1))
        new = self._account.passports(int(can_be_new))
        batch = [*new, *self._account.known(self.most + 1 - len(new))]
        reply = self._account.api.create_batch(batch, purpose="one item more than there are writes left")
        expect.refused(reply, 429)
        self._refused += [(item, "budget.refuses-whole-batch") for item in new]

    def fit(self) -> None:
        """The largest batch that is admitted, from what should be left downwards, and nothing more after it.

        It names what was refused before, which must still be free.
        """
        new = [item for item, _ in self._refused]
        for size in range(self.most, len(new), -1):
            batch = [*new, *self._account.known(size - len(new))]
            reply = self._account.api.create_batch(batch, purpose="what fits exactly")
            if reply.is_result:
                break
            if reply.status != 429:
                raise Inconclusive(f"what should fit exactly was answered {reply.described}", [reply.number])
        else:
            raise Inconclusive(_EARLY, [reply.number])
        for index, (item, rule) in enumerate(self._refused):
            what, found = f"{item['gs1']['serialNumber']}, which was refused", reply.entry(index).get("status")
            expect.same(what, found, "created", reply, rule=rule)
        expect.refused(self._account.api.create_batch(self._account.known(1)), 429)

    def _is_refused_for_a_repeated_pair(self) -> bool:
        """Whether a batch is refused for a pair that it names twice (items.duplicate-in-batch)."""
        one = self._account.known(1)
        return not self._account.api.create_batch([*one, *one], purpose="one pair twice").is_result
