"""Isolated workspaces of a mock, with balances that bring its limits into reach of one batch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import requests

from .balances import Balances, Left
from .transport import Watch

Limits = Mapping[str, int | bool | None]

SCENES: Mapping[str, Callable[[int], Limits]] = {  # what a workspace has left for a batch of N items
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
class Workspace:
    """A workspace that nobody else uses."""

    api_key: str
    product_id: str
    gtin: str
    scene: str


@dataclass(frozen=True, slots=True)
class Workspaces:
    """Creates workspaces through the control plane, and enters their limits into the balances."""

    control_url: str
    watch: Watch

    def create(self, scene: str, items: int) -> Workspace:
        created = self._create(SCENES[scene](max(items, 1)))
        other = self._create({})
        self.watch.other[created["api_key"]] = other["api_key"]
        self.watch.scenes[created["api_key"]] = scene
        return Workspace(created["api_key"], created["product_id"], created["gtin"], scene)

    def _create(self, limits: Limits) -> dict[str, Any]:
        reply = requests.post(f"{self.control_url}/workspaces", json=dict(limits), timeout=60)
        reply.raise_for_status()
        workspace: dict[str, Any] = reply.json()
        self.watch.balances[workspace["api_key"]] = Balances(
            workspace["product_id"],
            workspace["gtin"],
            private=True,
            writes=_left(workspace["writes_left"]),
            slots=_left(workspace["passports_left"]),
            sells_overage=workspace["overage_supported"],
        )
        return workspace


def _left(count: int | None) -> Left:
    return Left(inf, inf) if count is None else Left(count, count)
