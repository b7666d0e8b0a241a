"""The most that a run has taken, and its ceilings."""

from collections.abc import Mapping
from dataclasses import dataclass

import requests

from .exchanges import Exchange

_TAKES_NO_WRITES = frozenset({401, 403, 409, 422, 429})


class CeilingReached(requests.RequestException):
    """A call was not sent because it could exceed a ceiling."""


@dataclass(frozen=True, slots=True)
class Ceilings:
    """The most that a run may take. None is no ceiling; by default nothing may be charged."""

    writes: int | None = None
    slots: int | None = None
    charges: int | None = 0


def ceilings_from(environment: Mapping[str, str]) -> Ceilings:
    """No ceilings for a mock; low ones and no charges for any other deployment."""
    defaults = (None, None, None) if "TRACEPASS_CONTROL" in environment else (100, 10, 0)
    names = ("TRACEPASS_MAX_WRITES", "TRACEPASS_MAX_SLOTS", "TRACEPASS_MAX_CHARGES")
    return Ceilings(
        *(
            int(environment[name]) if name in environment else default
            for name, default in zip(names, defaults, strict=True)
        )
    )


@dataclass
class Spending:
    """The most that the calls can have taken."""

    ceilings: Ceilings
    calls: int = 0
    writes: int = 0
    slots: int = 0
    charges: int = 0

    def allow(self, exchange: Exchange, request: requests.PreparedRequest) -> None:
        """Raises `CeilingReached` for a batch that could exceed a ceiling."""
        count = len(exchange.items)
        charges = max(count, 1) if exchange.consents else 0
        for name, more in (("writes", count), ("slots", count), ("charges", charges)):
            ceiling, spent = getattr(self.ceilings, name), getattr(self, name)
            if ceiling is not None and more and spent + more > ceiling:
                text = f"not sent: {more} more {name} after {spent} could exceed the limit of {ceiling}"
                raise CeilingReached(text, request=request)
        self.calls += 1
        self.writes += count
        self.slots += count
        self.charges += charges

    def __str__(self) -> str:
        text = [f"{self.calls} calls"]
        for name in ("writes", "slots", "charges"):
            ceiling = getattr(self.ceilings, name)
            text.append(f"{getattr(self, name)} {name}" + ("" if ceiling is None else f" of {ceiling}"))
        return ", ".join(text) + " at most"

    def settle(self, exchange: Exchange) -> None:
        """Give back what the answer shows was not taken. A lost answer gives nothing back."""
        count = len(exchange.items)
        if not exchange.status or exchange.status >= 500:
            return
        created = len(exchange.with_status("created"))
        self.slots -= count - created
        if exchange.consents:
            self.charges -= max(count, 1) - created
        if exchange.status in _TAKES_NO_WRITES and not exchange.executed:
            self.writes -= count
