"""One batch for all tests that only look at its answer, so that a given workspace pays for it once."""

from dataclasses import dataclass

from ..client.api import Batch
from ..client.reply import Reply
from ..client.single_calls import Item
from ..client.spend import Price
from ..model import clock
from ..model.outcomes import Inconclusive
from ..target.workspace import Account

_TRIES = 3
PRICE_OF_SAMPLE = Price(3, 2)  # one batch for the known pair, and the sample with one new pair


@dataclass(frozen=True)
class Sample:
    """A known pair first and a new one second, sent under a key; `reply` is the first answer to it."""

    account: Account
    known: Item
    new: Item
    batch: Batch
    reply: Reply


def take_sample(account: Account) -> Sample:
    """Send the sample. Repeats it with the same key where the answer is lost."""
    known, new = account.known(1)[0], account.passport()
    batch = Batch([known, new], key=clock.new_key())
    for _ in range(_TRIES):
        reply = account.api.send(batch, purpose="sample: a known pair and a new one")
        if reply.exchange.lost is None:
            return Sample(account, known, new, batch, reply.sure())
    raise Inconclusive(f"the sample batch got {reply.described}", [reply.number])
