"""One batch whose answer many tests look at, so that where passports cost something they are created once."""

from dataclasses import dataclass

from ..client.api import Batch
from ..client.reply import Reply
from ..client.single_calls import Item
from ..model import clock
from ..model.outcomes import Inconclusive
from ..target.workspace import Account

_TRIES = 3


@dataclass(frozen=True)
class Sample:
    """A known pair first and a new one second, sent under a key; `reply` is the first answer to it."""

    account: Account
    known: Item
    new: Item
    batch: Batch
    reply: Reply


def take_sample(account: Account) -> Sample:
    """A lost answer is asked for again with the same key, which is what a key is for."""
    known, new = account.known(1)[0], account.passport()
    batch = Batch([known, new], key=clock.new_key())
    for _ in range(_TRIES):
        reply = account.api.send(batch, purpose="sample: a known pair and a new one")
        if reply.exchange.lost is None:
            return Sample(account, known, new, batch, reply.sure())
    raise Inconclusive(f"the sample batch has {reply.described}", [reply.number])
