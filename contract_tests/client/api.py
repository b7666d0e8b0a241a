"""The guarded client: one method per operation. It checks the price before each call, and records each exchange."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

import orjson

from ..model.history import BATCH, History, Lost
from ..model.outcomes import Untested
from .connection import Wire
from .known_passports import Pair, Pairs, pair_of
from .reply import Reply
from .session import Credential, Outgoing, Session
from .single_calls import JSON, SINGLE, Item, SingleCalls
from .spend import FREE, Price


@dataclass(frozen=True)
class Batch:
    """A batch. `raw` replaces the whole body; `consent` is the `confirmOverage` next to the items. `is_typed`: with a
    `Content-Type`.
    """

    items: Sequence[Item] = ()
    key: str | None = None
    consent: Any = None
    more: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    is_typed: bool = True

    @property
    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        consent = {} if self.consent is None else {"confirmOverage": self.consent}
        return orjson.dumps({"passports": self.items, **consent, **self.more})

    @property
    def sent_headers(self) -> Mapping[str, str]:
        named = {"Idempotency-Key": self.key} if self.key is not None else {}
        return {**(JSON if self.is_typed else {}), **named, **self.headers}

    @property
    def consents(self) -> bool:
        """Whether any reading may find consent in the body: then its charges must be allowed."""
        return b"confirmOverage" in self.body


class Api(SingleCalls):
    """The operations with one credential. `charge_cents` is the price of overage for one passport, if known."""

    def __init__(self, session: Session, credential: Credential, pairs: Pairs, charge_cents: int | None = None) -> None:
        super().__init__(session, credential, pairs)
        self.charge_cents = charge_cents

    def with_credential(self, credential: Credential) -> "Api":
        return Api(self.session, credential, self.pairs, self.charge_cents)

    def with_media_type(self, media_type: str) -> "Api":
        """The related operations with another `Content-Type`."""
        other = self.with_credential(self.credential)
        other.media_type = media_type
        return other

    def create_batch(
        self, items: Sequence[Item] = (), *, key: str | None = None, consent: Any = None, purpose: str = "", **more: Any
    ) -> Reply:
        """Send a batch once. Raises `Untested` where it would exceed a ceiling, `Inconclusive` where the answer is
        lost.
        """
        return self.send(Batch(items, key, consent, more), purpose).sure()

    def send(self, batch: Batch, purpose: str = "", parallel: str | None = None, wire: Wire | None = None) -> Reply:
        """As `create_batch`, for any body. A lost answer is returned."""
        worst = self._worst(batch)
        if message := self.session.purse.hold(worst, consents=batch.consents):
            raise Untested(message)
        call = Outgoing(batch.method, BATCH, batch.sent_headers, batch.body, purpose, parallel)
        reply = self._reply(call, wire)
        self._settle(batch, reply, worst)
        return reply

    def race(self, name: str, batches: Sequence[Batch], senders: Sequence["Api"] = ()) -> Sequence[Reply]:
        """Send all batches in parallel, each over its own connection. Sends none where they would exceed a ceiling."""
        worst = sum((self._worst(batch) for batch in batches), FREE)
        if message := self.session.purse.refusal(worst, consents=any(batch.consents for batch in batches)):
            raise Untested(message)
        barrier = Barrier(len(batches))
        wires = [self.session.another_wire(barrier) for _ in batches]

        def run(index: int) -> Reply:
            sender = senders[index % len(senders)] if senders else self
            return sender.send(batches[index], parallel=name, wire=wires[index])

        try:
            with ThreadPoolExecutor(len(batches)) as pool:
                return list(pool.map(run, range(len(batches))))
        finally:
            for wire in wires:
                wire.close()

    def recall(self, history: History) -> None:
        """Learn from the calls of an earlier run which passports it created and did not delete."""
        for call in history.exchanges:
            if call.workspace != self.credential.workspace:
                continue
            reply, sent = Reply(call), call.sent_json if isinstance(call.sent_json, dict) else {}
            if (call.method, call.path) == ("POST", BATCH) and isinstance(items := sent.get("passports"), list):
                for entry in reply.results:
                    self._learn_entry(Batch(items), entry)
            elif (call.method, call.path) == ("POST", SINGLE) and call.succeeded:
                self.learn(sent, reply.shown)
            elif call.method == "DELETE" and call.succeeded:
                self.pairs.delete(call.path.rpartition("/")[2])

    def _worst(self, batch: Batch) -> Price:
        """The highest price: a write for each item, and at least one, since refused calls may take some."""
        existing = frozenset[Pair]() if self.pairs.are_created_again else self.pairs.existing
        new = {pair_of(item) for item in batch.items} - existing
        nameless = sum(pair_of(item) is None for item in batch.items)
        slots, writes = len(new - {None}) + nameless, max(1, len(batch.items))
        if not batch.consents:
            return Price(writes, slots)
        if self.charge_cents is None and not self.session.purse.ceilings.allow_charges:
            return Price(writes, slots)  # refused without --allow-charges
        if self.charge_cents is None:
            raise Untested("the price of overage (overage_price_cents in the deployment file)")
        return Price(writes, slots, writes * self.charge_cents)

    def _settle(self, batch: Batch, reply: Reply, worst: Price) -> None:
        """Count what the answer shows was taken. The rest stays reserved."""
        purse = self.session.purse
        if reply.is_result:
            created = sum(self._learn_entry(batch, entry) for entry in reply.results)
            replayed = self.pairs.is_replay(reply)
            cents = created * (self.charge_cents or 0) if batch.consents else 0
            size = len(batch.items) if batch.raw is None else len(reply.results)  # it may have `passports` twice
            taken = FREE if replayed else Price(size, created, cents)
            purse.settle(worst, taken, of=self.credential.workspace)
        elif reply.status in {401, 403, 405, 429, 501}:
            purse.settle(worst, FREE, of=self.credential.workspace)
        elif reply.is_refusal:  # whether writes were taken is a reading; nothing was created
            purse.settle(worst, FREE, unsure=Price(worst.writes), of=self.credential.workspace)
        elif reply.exchange.lost is Lost.NEVER_SENT:
            purse.settle(worst, FREE, of=self.credential.workspace)
        else:
            purse.settle(worst, FREE, unsure=worst, of=self.credential.workspace)

    def _learn_entry(self, batch: Batch, entry: Mapping[str, Any]) -> bool:
        """Remember a created item. Returns whether the entry says `created`."""
        index = entry.get("index")
        if entry.get("status") != "created":
            return False
        if isinstance(index, int) and 0 <= index < len(batch.items):
            data = entry.get("data")
            self.learn(batch.items[index], data if isinstance(data, dict) else {})
        return True
