"""The guarded calls other than the batch. They check the price before each call, and record every exchange.

In a given workspace they only change what the run created, and nothing that can't be undone: suspending and archiving
need an isolated workspace.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from ..model.history import Lost
from ..model.outcomes import Untested
from .connection import Wire
from .known_passports import Pairs, pair_of
from .reply import Reply
from .session import Credential, Outgoing, Session
from .spend import FREE, Price

SINGLE = "/api/v1/passports"
PRODUCTS = "/api/v1/products"
TEMPLATES = "/api/v1/templates"
JSON = {"Content-Type": "application/json"}
Item = Mapping[str, Any]
_EMPTY: Mapping[str, Any] = {}  # as real clients send it where they have no reason to give
_NO_ID = "0" * 24
_PROVISIONED = "P: an isolated workspace; the run was given this one"


class SingleCalls:
    """The operations other than the batch, with one credential. Each raises `Untested` and `Inconclusive` as `Api`
    does. `media_type` is that of the bodies.
    """

    media_type = "application/json"

    def __init__(self, session: Session, credential: Credential, pairs: Pairs) -> None:
        self.session = session
        self.credential = credential
        self.pairs = pairs

    def create_one(self, item: Item, key: str | None = None) -> Reply:
        """The single create: it takes a write and a slot."""
        if message := self.session.purse.refusal(FREE, consents="confirmOverage" in item):
            raise Untested(message)
        worst = Price(1, 0 if pair_of(item) in self.pairs.existing else 1)
        reply = self._paid(
            Outgoing("POST", SINGLE, {"Content-Type": self.media_type, **_keyed(key)}, orjson.dumps(item)), worst
        )
        if reply.exchange.succeeded:
            is_replay = key is not None and reply.shown.get("_id") in self.pairs.ids
            self.learn(item, reply.shown)
            self.session.purse.settle(worst, FREE if is_replay else Price(1, 1), of=self.credential.workspace)
        else:
            self._settle_failed(reply, worst)
        return reply.sure()

    def create_nothing(self) -> Reply:
        """A single create without an item, which the deployment must refuse, if it serves the call."""
        reply = self._paid(Outgoing("POST", SINGLE, {"Content-Type": self.media_type}, b"{}"), Price(1))
        self._settle_failed(reply, Price(1))
        return reply.sure()

    def delete_nothing(self) -> Reply:
        """Delete a passport that does not exist, which the deployment must refuse, if it serves the call."""
        reply = self._paid(Outgoing("DELETE", f"{SINGLE}/{_NO_ID}"), Price(1))
        self._settle_failed(reply, Price(1))
        return reply.sure()

    def get_passport(self, passport_id: str, **query: str) -> Reply:
        return self._read(f"{SINGLE}/{_quoted(passport_id)}", query)

    def get_by_serial(self, serial: str, **query: str) -> Reply:
        return self._read(f"{SINGLE}/by-serial/{_quoted(serial)}", query)

    def list_passports(self, **query: str | Sequence[str]) -> Reply:
        """A parameter with several values is repeated."""
        return self._read(SINGLE, query)

    def get_qr(self, passport_id: str, **query: str) -> Reply:
        return self._read(f"{SINGLE}/{_quoted(passport_id)}/qr", query)

    def get_qr_by_serial(self, serial: str, **query: str) -> Reply:
        return self._read(f"{SINGLE}/by-serial/{_quoted(serial)}/qr", query)

    def get_compliance(self, passport_id: str) -> Reply:
        return self._read(f"{SINGLE}/{_quoted(passport_id)}/compliance", {})

    def update_field(self, passport_id: str, field: str, body: Any, key: str | None = None) -> Reply:
        self._check_ours(passport_id)
        return self._write("PATCH", f"{SINGLE}/{_quoted(passport_id)}/fields/{_quoted(field)}", body, key)

    def update_field_by_serial(self, gs1: Mapping[str, str], field: str, body: Any, key: str | None = None) -> Reply:
        self._check_provisioned()
        return self._write("PATCH", _by_serial(gs1, f"/fields/{_quoted(field)}"), body, key)

    def set_party(self, passport_id: str, role: str, party: Any, key: str | None = None) -> Reply:
        self._check_ours(passport_id)
        return self._write("PATCH", f"{SINGLE}/{_quoted(passport_id)}/parties/{_quoted(role)}", party, key)

    def remove_party(self, passport_id: str, role: str, key: str | None = None) -> Reply:
        self._check_ours(passport_id)
        return self._write("DELETE", f"{SINGLE}/{_quoted(passport_id)}/parties/{_quoted(role)}", key=key)

    def suspend_passport(self, passport_id: str, body: Any = _EMPTY, key: str | None = None) -> Reply:
        self._check_provisioned()
        return self._write("POST", f"{SINGLE}/{_quoted(passport_id)}/suspend", body, key)

    def suspend_by_serial(self, gs1: Mapping[str, str], body: Any = _EMPTY, key: str | None = None) -> Reply:
        self._check_provisioned()
        return self._write("POST", _by_serial(gs1, "/suspend"), body, key)

    def archive_passport(self, passport_id: str, key: str | None = None) -> Reply:
        self._check_provisioned()
        return self._write("POST", f"{SINGLE}/{_quoted(passport_id)}/archive", key=key)

    def archive_by_serial(self, gs1: Mapping[str, str], key: str | None = None) -> Reply:
        self._check_provisioned()
        return self._write("POST", _by_serial(gs1, "/archive"), key=key)

    def delete_passport(self, passport_id: str, key: str | None = None) -> Reply:
        """Delete a draft: it takes a write where it succeeds. A lost answer is returned."""
        self._check_ours(passport_id)
        worst = Price(1)
        reply = self._paid(Outgoing("DELETE", f"{SINGLE}/{_quoted(passport_id)}", _keyed(key)), worst)
        if reply.exchange.succeeded:
            self.pairs.delete(passport_id)
            self.session.purse.settle(worst, worst, of=self.credential.workspace)
        else:
            self._settle_failed(reply, worst)
        return reply

    def get_product(self, product_id: str) -> Reply:
        return self._read(f"{PRODUCTS}/{_quoted(product_id)}", {})

    def list_products(self, **query: str | Sequence[str]) -> Reply:
        """A parameter with several values is repeated."""
        return self._read(PRODUCTS, query)

    def create_product(self, product: Mapping[str, Any], key: str | None = None) -> Reply:
        reply = self._write("POST", PRODUCTS, product, key)
        if reply.exchange.succeeded and isinstance(product_id := reply.shown.get("_id"), str):
            self.pairs.products.add(product_id)
        return reply

    def create_products(self, products: Any, key: str | None = None) -> Reply:
        """The batch of products. They stay, so it needs an isolated workspace."""
        self._check_provisioned()
        writes = max(1, len(products)) if isinstance(products, list) else 1
        return self._write("POST", f"{PRODUCTS}/batch", {"products": products}, key, writes)

    def update_product(self, product_id: str, changes: Mapping[str, Any], key: str | None = None) -> Reply:
        self._check_ours(product_id)
        return self._write("PATCH", f"{PRODUCTS}/{_quoted(product_id)}", changes, key)

    def archive_product(self, product_id: str, key: str | None = None) -> Reply:
        self._check_provisioned()
        return self._write("POST", f"{PRODUCTS}/{_quoted(product_id)}/archive", key=key)

    def delete_product(self, product_id: str, key: str | None = None) -> Reply:
        self._check_ours(product_id)
        return self._write("DELETE", f"{PRODUCTS}/{_quoted(product_id)}", key=key)

    def list_templates(self) -> Reply:
        return self._read(TEMPLATES, {})

    def get_template(self, category: str) -> Reply:
        return self._read(f"{TEMPLATES}/{_quoted(category)}", {})

    def learn(self, item: Item, data: Mapping[str, Any]) -> None:
        """Remember an item that was created."""
        pair = pair_of(item)
        passport_id = data.get("_id")
        if pair is None or passport_id in self.pairs.deleted:  # a replay also reports what was deleted since
            return
        if isinstance(passport_id, str):
            self.pairs.are_created_again |= pair in self.pairs.existing and passport_id not in self.pairs.ids
            self.pairs.ids[passport_id] = pair
        self.pairs.existing.add(pair)

    def _read(self, path: str, query: Mapping[str, str | Sequence[str]]) -> Reply:
        target = f"{path}?{urlencode(query, doseq=True)}" if query else path
        return self._paid(Outgoing("GET", target), FREE).sure()

    def _write(self, method: str, path: str, body: Any = None, key: str | None = None, writes: int = 1) -> Reply:
        worst = Price(writes)
        headers, content = ({}, None) if body is None else ({"Content-Type": self.media_type}, orjson.dumps(body))
        reply = self._paid(Outgoing(method, path, {**headers, **_keyed(key)}, content), worst)
        if reply.exchange.succeeded:
            self.session.purse.settle(worst, worst, of=self.credential.workspace)
        else:
            self._settle_failed(reply, worst)
        return reply.sure()

    def _settle_failed(self, reply: Reply, worst: Price) -> None:
        """A refusal takes nothing, as far as is known. Without an answer the call may have taken its price."""
        if reply.status in {401, 403, 405, 429, 501} or reply.exchange.lost is Lost.NEVER_SENT:
            self.session.purse.settle(worst, FREE, of=self.credential.workspace)
        else:
            self.session.purse.settle(worst, FREE, unsure=worst, of=self.credential.workspace)

    def _paid(self, call: Outgoing, worst: Price) -> Reply:
        if message := self.session.purse.hold(worst):
            raise Untested(message)
        return self._reply(call)

    def _reply(self, call: Outgoing, wire: Wire | None = None) -> Reply:
        exchange = self.session.send(call, self.credential, wire)
        return Reply(exchange, self.session.standing_of(exchange))

    def _check_ours(self, named: str) -> None:
        if not self.session.is_provisioned and named not in self.pairs.ids and named not in self.pairs.products:
            raise Untested(_PROVISIONED)

    def _check_provisioned(self) -> None:
        if not self.session.is_provisioned:
            raise Untested(_PROVISIONED)


def _keyed(key: str | None) -> Mapping[str, str]:
    return {} if key is None else {"Idempotency-Key": key}


def _by_serial(gs1: Mapping[str, str], rest: str) -> str:
    return f"{SINGLE}/by-serial/{_quoted(gs1['serialNumber'])}{rest}?{urlencode({'gtin': gs1['gtin']})}"


def _quoted(segment: str) -> str:
    return quote(segment, safe="")
