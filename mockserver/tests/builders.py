"""Builders for the tests of the semantics: a small state and batches for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from tracepass_contract.mockserver.semantics.operations.create_batch import create_batch
from tracepass_contract.mockserver.semantics.types.accounts import PLANS, Account, Plan
from tracepass_contract.mockserver.semantics.types.answers import Decision, Remembered
from tracepass_contract.mockserver.semantics.types.readings import Readings
from tracepass_contract.mockserver.semantics.types.request import BatchRequest, Consent, Item, Kind, Problem
from tracepass_contract.mockserver.semantics.types.state_view import Pair, StateView

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
PRODUCT = "6650a1b2c3d4e5f6a7b8c9d0"
GTIN = "09506000134352"
FOREIGN_GTIN = "09506000134369"


@dataclass
class SmallState:
    """The part of a `StateView` that a batch needs. `apply` commits the effects of a decision."""

    account: Account
    products: set[str] = field(default_factory=lambda: {PRODUCT})
    pairs: set[tuple[str, str]] = field(default_factory=set)
    kept: dict[tuple[str, ...], Remembered] = field(default_factory=dict)
    executing: set[tuple[str, ...]] = field(default_factory=set)
    ids: int = 0

    def remembered(self, name: tuple[str, ...]) -> Remembered | None:
        return self.kept.get(name)

    def in_flight(self, name: tuple[str, ...]) -> bool:
        return name in self.executing

    def has_product(self, product_id: str) -> bool:
        return product_id in self.products

    def gtin_is_foreign(self, gtin: str) -> bool:
        return gtin == FOREIGN_GTIN

    def existing_pairs(self, pairs: Sequence[Pair]) -> set[Pair]:
        return self.pairs & set(pairs)

    def passport_ids(self, count: int) -> Sequence[str]:
        return [f"{self.ids + nth:024x}" for nth in range(count)]

    def apply(self, decision: Decision, answer: Decision | None = None) -> Decision:
        """Apply a decision. `answer` is the stored answer if it differs from the sent one."""
        kept, effects = (answer or decision).answer, decision.effects
        self.account = self.account._replace(
            writes_used=self.account.writes_used + effects.writes,
            passports_used=self.account.passports_used + len(effects.passports),
            overage_count=self.account.overage_count + effects.overage_count,
            overage_cents=self.account.overage_cents + effects.overage_cents,
        )
        self.pairs |= {(passport.gtin, passport.serial_identity) for passport in effects.passports}
        self.ids += len(effects.passports)
        if effects.remember:
            memory = effects.remember
            old = self.kept.get(memory.name)
            body = old.body if old and old.fingerprint == memory.fingerprint else repr(kept).encode()
            status = getattr(kept, "status", 200)
            self.kept[memory.name] = Remembered(memory.fingerprint, status, (), body, memory.expires_at)
        return decision


def small_state(
    *, writes_left: int | None = None, slots_left: int | None = None, price: int | None = 150, **more: Any
) -> SmallState:
    """A workspace with this many writes and slots left; None is unlimited."""
    return SmallState(Account("w1", Plan("test", writes_left, slots_left, price), **more))


def free_plan(**more: Any) -> SmallState:
    return SmallState(Account("w1", PLANS["free"], **more))


def item(serial: str = "S-1", **changes: Any) -> Item:
    return Item(PRODUCT, GTIN, serial)._replace(**changes)


def items(count: int, start: int = 0) -> tuple[Item, ...]:
    return tuple(item(f"S-{start + n}") for n in range(count))


def batch(*of: Item, key: str | None = None, consent: Consent = Consent.ABSENT, **changes: Any) -> BatchRequest:
    """A call with these items. Its fingerprint depends on its content."""
    request = BatchRequest(of, consent, (), "tp_key", key, repr((of, consent)).encode(), NOW)
    return request._replace(**changes)


def problem(kind: Kind, index: int | None = 0) -> Problem:
    where = "/passports" if index is None else f"/passports/{index}"
    return Problem(kind, where, "something else", "this", index)


def decide(state: SmallState, request: BatchRequest, now: datetime = NOW, **readings: Any) -> Decision:
    """Decide under the default readings except for those named. The state does not change."""
    return create_batch(request, cast("StateView", state), Readings(**readings), now)


def run(state: SmallState, request: BatchRequest, now: datetime = NOW, **readings: Any) -> Decision:
    """Decide, and apply the effects to the state."""
    return state.apply(decide(state, request, now, **readings))
