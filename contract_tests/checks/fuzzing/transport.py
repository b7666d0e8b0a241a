"""Every request of this process goes through here. It is counted, and refused where it would exceed a ceiling.

Schemathesis sends with `requests`, and some of its checks send calls that no hook sees. All of them use
`requests.Session.send`, so this module replaces it. It enters each call and answer into the balances of the workspace,
in order.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from json import dumps
from threading import local
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

import requests

from ...client.access import ANYWHERE, Access
from .balances import Balances
from .breaches import Breach, of_answer
from .exchanges import Exchange, exchange_of
from .network import Sending
from .spending import Ceilings, Spending


@dataclass
class Watch:
    """The balances of all workspaces, the spend, and the breaches found."""

    spending: Spending
    balances: dict[str, Balances] = field(default_factory=dict)  # by API key
    other: dict[str, str] = field(default_factory=dict)  # an API key to one of another workspace
    _owners: dict[str, str] = field(default_factory=dict)  # of the ids of passports: API keys
    _keys: dict[str, str] = field(default_factory=dict)  # of idempotency keys: the API key that had it first
    _pending: list[Breach] = field(default_factory=list)
    judged: WeakKeyDictionary[Any, list[Breach]] = field(default_factory=WeakKeyDictionary)
    scenes: dict[str, str] = field(default_factory=dict)  # by API key: what the workspace was made for
    _looked_at: set[str] = field(default_factory=set)  # API keys
    _next: local = field(default_factory=local)
    accepted: int = 0
    refused: int = 0

    def balances_of(self, api_key: str) -> Balances:
        return self.balances.setdefault(api_key, Balances())

    def is_first_look(self, api_key: str) -> bool:
        """Whether this is asked for the first time for this API key."""
        is_first = api_key not in self._looked_at
        self._looked_at.add(api_key)
        return is_first

    def take(self) -> list[Breach]:
        """The breaches that were found since the last call of this method."""
        found, self._pending = self._pending, []
        return found

    def lend(self, api_key: str) -> None:
        """The next call of this thread uses this API key. (`--header` overrides what a hook sets.)"""
        self._next.api_key = api_key

    def dress(self, request: requests.PreparedRequest) -> None:
        """Set the lent key, unless the call is meant to have none."""
        if (api_key := self._next.__dict__.pop("api_key", None)) and "Authorization" in request.headers:
            request.headers["Authorization"] = f"Bearer {api_key}"

    def enter(self, exchange: Exchange) -> None:
        self.spending.settle(exchange)
        self.accepted += exchange.succeeded
        self.refused += 400 <= exchange.status < 500
        self._pending += of_answer(exchange)
        if exchange.api_key:
            self._pending += self._foreign(exchange)
            self._pending += self.balances_of(exchange.api_key).observe(exchange)
        elif exchange.executed:
            self._pending.append(Breach("auth.bearer-required", "401 without a key", f"{exchange.status} with results"))

    def _foreign(self, exchange: Exchange) -> Iterator[Breach]:
        """The passports of another workspace in the answer."""
        first = self._keys.setdefault(exchange.key, exchange.api_key) if exchange.key else exchange.api_key
        for entry in exchange.entries.values():
            data = entry.get("data")
            shown = data.get("_id") if isinstance(data, dict) else None
            if not isinstance(shown, str):
                continue
            if self._owners.setdefault(shown, exchange.api_key) != exchange.api_key:
                rule = (
                    "idempotency.scoped-to-workspace" if first != exchange.api_key else "auth.workspaces-are-separate"
                )
                yield Breach(rule, "no data of another workspace in the answer", f"its passport {shown}")


@contextmanager
def watching(ceilings: Ceilings, access: Access = ANYWHERE) -> Iterator[Watch]:
    """Until the end of the block, all calls that this process sends with `requests` are guarded and observed."""
    watch, sending, original = Watch(Spending(ceilings)), Sending(access), requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        if exchange_of(request) is None:
            return sending(original, session, request, **options)
        watch.dress(request)
        unanswered = exchange_of(request)
        assert unanswered is not None
        watch.spending.allow(unanswered, request)
        request.headers["Connection"] = "close"  # a new connection, so that no library sends it again
        try:
            response = sending(original, session, request, **options)
            content = response.content
        except requests.RequestException:
            watch.enter(unanswered)
            raise
        answered = exchange_of(request, response.status_code, content)
        assert answered is not None
        watch.enter(answered)
        return response

    with patch.object(requests.Session, "send", send):
        _watches.append(watch)
        try:
            yield watch
        finally:
            _watches.remove(watch)


_watches: list[Watch] = []


def current_watch() -> Watch | None:
    return _watches[-1] if _watches else None


def send_again(exchange: Exchange, body: Any, **headers: str | None) -> Exchange:
    """A call like this one with another body. `idempotency_key` and `authorization` are headers; None removes one."""
    return send_bytes(exchange, dumps(body).encode(), **headers)


def send_bytes(exchange: Exchange, body: bytes, **headers: str | None) -> Exchange:
    kept: dict[str, str] = {
        name: value for name, value in exchange.headers.items() if name in {"authorization", "idempotency-key"}
    }
    changed: Mapping[str, str | None] = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in {**kept, **changed}.items() if value is not None}
    with requests.Session() as session:
        session.trust_env = False
        response = session.post(
            exchange.url, data=body, headers={"content-type": "application/json", **sent}, timeout=60
        )
    found = exchange_of(response.request, response.status_code, response.content)
    assert found is not None
    return found
