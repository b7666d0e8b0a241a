"""The account of an isolated workspace: the control plane makes one for each test, with the limits that it needs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ..client.api import Api
from ..client.known_passports import Pairs
from ..client.session import Credential, Session
from ..client.single_calls import Item
from ..model.outcomes import Untested
from .control_plane import ControlPlane, Json
from .workspace import BATCH_ITEMS_MAX, Account

_LIMIT = 100  # budget or quota of a limited workspace; tests only see what is left of it
_PRICE_CENTS = 150


class OwnAccount(Account):
    """A workspace without limits until `has` sets some."""

    def __init__(
        self, session: Session, control: ControlPlane, plan: str | None = None, beside: str | None = None
    ) -> None:
        limits: dict[str, Any] = {"overage_price_cents": _PRICE_CENTS} if plan is None else {"plan": plan}
        created = control.create_workspace(beside=beside, **limits)
        session.keep_secret(created["api_key"])
        credential = Credential(f"{created['id']}-key-1", created["id"], created["api_key"])
        super().__init__(
            session, Api(session, credential, Pairs(), _PRICE_CENTS), created["product_id"], created["gtin"]
        )
        self._control = control
        self._limits: dict[str, Any] = {}
        self._keys = 1
        self._is_timed = False
        self._given(created)

    @property
    def own_texts(self) -> set[str]:
        return {*super().own_texts, self.name}

    def has(
        self,
        *,
        known: int = 0,
        writes_left: int | None = None,
        slots_left: int | None = None,
        overage: bool | None = None,
    ) -> Sequence[Item]:
        items = self.known(known)
        if writes_left is not None:
            self._to_noon()
            most = max(_LIMIT, writes_left)
            self._limits |= {"writes_per_day": most, "writes_used": most - writes_left}
        if slots_left is not None:
            most = max(_LIMIT, slots_left)
            self._limits |= {"passports_included": most, "passports_used": most - slots_left}
        self._limits["overage_supported"] = overage is not False
        self._given(self._control.change(self.name, **self._limits))
        return items

    def known(self, number: int) -> Sequence[Item]:
        items: list[Item] = []
        while len(items) < number:
            batch = self.passports(min(BATCH_ITEMS_MAX, number - len(items)))
            self.require_created(self.api.create_batch(batch, purpose="set-up: passports that exist"))
            items += batch
        return items

    def lift(self, *, writes: bool = False, slots: bool = False) -> None:
        lifted = {"writes_per_day": writes, "passports_included": slots}
        limits: dict[str, Any] = {
            name: None for name, wanted in lifted.items() if wanted and self._limits.get(name) is not None
        }
        if limits:
            self._given(self._control.change(self.name, **limits))
            self._limits |= limits

    def second_key(self) -> Api:
        key = self._control.add_key(self.name)
        self.session.keep_secret(key)
        self._keys += 1
        return self.api.with_credential(Credential(f"{self.name}-key-{self._keys}", self.name, key))

    def revoke(self, api: Api) -> None:
        self._control.revoke_key(self.name, api.credential.key or "")

    def another_workspace(self) -> Account:
        return OwnAccount(self.session, self._control, beside=self.name)

    def of_plan(self, plan: str) -> Account:
        return OwnAccount(self.session, self._control, plan, beside=self.name)

    def has_reads(self, left: int) -> None:
        self._to_noon()
        most = max(_LIMIT, left)
        self._control.change(self.name, reads_per_day=most, reads_used=most - left)

    def let_pass(self, seconds: float) -> None:
        self._clock_moved(self._control.advance(self.name, seconds))

    def advance_clock(self, hours: float) -> None:
        self._clock_moved(self._control.advance(self.name, hours * 3600))

    @property
    def writes_per_day(self) -> int:
        found = self._limits.get("writes_per_day")
        if found is None:
            raise Untested("W: a limited budget")
        return int(found)

    @property
    def can_lose(self) -> bool:
        return True

    def lose_next(self, *, executed: bool) -> None:
        self._control.lose_next(self.name, executed=executed)

    def _to_noon(self) -> None:
        """Move the clock to the next noon, once, so that no midnight comes before the test moves the clock there."""
        if self._is_timed:
            return
        self._is_timed = True
        now = self.session.now(self.name)
        noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
        noon += timedelta(days=noon <= now)
        self._clock_moved(self._control.set_clock(self.name, noon))

    def _given(self, found: Json) -> None:
        self._say(
            writes_per_day=found["writes_per_day"],
            writes_left=found["writes_left"],
            unlimited_writes=found["writes_per_day"] is None,
            slots_left=found["passports_left"],
            unlimited_slots=found["passports_included"] is None,
            overage_supported=found["overage_supported"],
        )
