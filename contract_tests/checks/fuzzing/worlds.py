"""Private workspaces of a mock, with balances that bring its limits into reach of one batch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import requests

from .books import Books, Left
from .transport import Watch

Limits = Mapping[str, int | bool | None]

SCENES: Mapping[str, Callable[[int], Limits]] = {  # what a world has left for a batch of N items
    "plenty": lambda _n: {},
    "replays": lambda n: {"writes_per_day": n + 3, "passports_included": n + 3},
    "budget-short": lambda n: {"writes_per_day": n - 1},
    "budget-exact": lambda n: {"writes_per_day": n},
    "quota-short": lambda n: {"passports_included": n - 1, "overage_supported": n % 2 == 0},
    "quota-exact": lambda n: {"passports_included": n},
    "overage": lambda n: {"passports_included": n - 1, "overage_price_cents": 150},
    "consent-short": lambda n: {"passports_included": 0, "overage_price_cents": 150, "writes_per_day": n - 1},
}


@dataclass(frozen=True, slots=True)
class World:
    """A workspace that nobody else uses."""

    api_key: str
    product_id: str
    gtin: str
    scene: str


@dataclass(frozen=True, slots=True)
class Worlds:
    """Mints them through the control plane, and tells the books what they have."""

    control_url: str
    watch: Watch

    def mint(self, scene: str, items: int) -> World:
        minted = self._mint(SCENES[scene](max(items, 1)))
        other = self._mint({})
        self.watch.other[minted["api_key"]] = other["api_key"]
        self.watch.scenes[minted["api_key"]] = scene
        return World(minted["api_key"], minted["product_id"], minted["gtin"], scene)

    def _mint(self, limits: Limits) -> dict[str, Any]:
        reply = requests.post(f"{self.control_url}/workspaces", json=dict(limits), timeout=60)
        reply.raise_for_status()
        world: dict[str, Any] = reply.json()
        self.watch.books[world["api_key"]] = Books(
            world["product_id"],
            world["gtin"],
            private=True,
            writes=_left(world["writes_left"]),
            slots=_left(world["passports_left"]),
            sells_overage=world["overage_supported"],
        )
        return world


def _left(count: int | None) -> Left:
    return Left(inf, inf) if count is None else Left(count, count)
