"""The floor: what a developer would write by hand for these two calls, with Starlette and msgspec.

It has what a client can see of a batch create under the default readings: keys of workspaces, the documented shape,
the write budget of the UTC day, the quota with its consent, unique serial numbers, items that fail alone, replays by
`Idempotency-Key`, a list with a search; and it holds each 200 against the document, as the mock does.

It leaves out: readings and the documents under them; workspaces, the control plane, clocks and faults; the journal, the
log and `Mock-Rule`; products and GTINs of other workspaces, every other operation, the 501 of those that are not
served; JSON members that stand twice; conflicting consents; what exactly was expected and found in a malformed call;
405 and 404 in the API's envelope; an index for the search; the bound of stored answers; the filters and checks of a
list's query.
"""

import sys
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any

import jsonschema_rs
import msgspec
import orjson
from msgspec import Meta
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tracepass_contract.spec import openapi_document

from .balances import Balances, Stored, Wanted, all_balances, seconds_to_midnight
from .run import serve

BODY_BYTES_MAX = 1_048_576
Text = Annotated[str, Meta(min_length=1)]


class Party(msgspec.Struct, rename="camel", omit_defaults=True):
    """Has a GLN or a legacy operator id, or both."""

    legal_name: Annotated[str, Meta(min_length=1, max_length=200)]
    gln: Annotated[str, Meta(pattern=r"^[0-9]{13}\Z")] | msgspec.UnsetType = msgspec.UNSET
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")] | msgspec.UnsetType = msgspec.UNSET
    legacy_operator_id: Text | msgspec.UnsetType = msgspec.UNSET
    url: str | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        if self.gln is msgspec.UNSET and self.legacy_operator_id is msgspec.UNSET:
            raise ValueError("expected gln or legacyOperatorId, found neither")


class Parties(msgspec.Struct, rename="camel", omit_defaults=True, forbid_unknown_fields=True):
    """By role."""

    manufacturer: Party | msgspec.UnsetType = msgspec.UNSET
    importer: Party | msgspec.UnsetType = msgspec.UNSET
    authorised_representative: Party | msgspec.UnsetType = msgspec.UNSET
    distributor: Party | msgspec.UnsetType = msgspec.UNSET
    recycler: Party | msgspec.UnsetType = msgspec.UNSET
    producer_responsibility_org: Party | msgspec.UnsetType = msgspec.UNSET


class Gs1(msgspec.Struct, rename="camel", gc=False):
    """A GTIN-14 and a serial number."""

    gtin: Annotated[str, Meta(pattern=r"^[0-9]{14}\Z")]
    serial_number: Annotated[str, Meta(min_length=1, max_length=100)]


class Item(msgspec.Struct, rename="camel"):
    """One element of `passports`."""

    product_id: Text
    gs1: Gs1
    parties: Parties | msgspec.UnsetType = msgspec.UNSET
    confirm_overage: bool = False

    def wanted(self) -> Wanted:
        parties = {} if self.parties is msgspec.UNSET else msgspec.to_builtins(self.parties)
        return self.product_id, self.gs1.gtin, self.gs1.serial_number, parties


class Batch(msgspec.Struct, rename="camel"):
    """The body of the call."""

    passports: Annotated[list[Item], Meta(min_length=1, max_length=100)]
    confirm_overage: bool = False


class Floor:
    """The two calls, over the books of the mock's own accounts."""

    def __init__(self) -> None:
        validators = jsonschema_rs.validator_map_for(openapi_document())
        self._batch_result = validators["#/components/schemas/BatchResult"]
        self._passport_list = validators["#/components/schemas/PassportList"]
        self._decode = msgspec.json.Decoder(Batch).decode
        self.balances = all_balances()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/v1/passports/batch", self.create_batch, methods=["POST"]),
                Route("/api/v1/passports", self.list_passports, methods=["GET"]),
                Route("/_mock/reset", self.reset, methods=["POST"]),
            ]
        )

    async def create_batch(self, request: Request) -> Response:
        balances = self._balances_of(request)
        if balances is None:
            return _refused(401, "Unauthorized", {"WWW-Authenticate": "Bearer"})
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _refused(415, "Unsupported Media Type")
        raw = await request.body()
        if len(raw) > BODY_BYTES_MAX:
            return _refused(413, "Payload Too Large")
        keys = request.headers.getlist("idempotency-key")
        if len(keys) > 1 or not all(1 <= len(key) <= 255 for key in keys):
            return _refused(400, "Validation error")
        try:
            batch = self._decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _refused(400, "Validation error", message=str(error))
        return self._decided(balances, batch, keys[0] if keys else None, raw)

    def _decided(self, balances: Balances, batch: Batch, key: str | None, raw: bytes) -> Response:
        """From here to the answer nothing awaits."""
        now = datetime.now(UTC)
        fingerprint = b""
        if key is not None:
            canonical = orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)
            fingerprint = blake2b(canonical, digest_size=16).digest()
            if stored := balances.replay_of(key, now):
                if stored.fingerprint != fingerprint:
                    return _refused(422, "Idempotency-Key has already been used with a different request body.")
                return _json(200, stored.body)
        consent = batch.confirm_overage or any(item.confirm_overage for item in batch.passports)
        if refusal := balances.refusal(len(batch.passports), consent=consent, now=now):
            status, envelope = refusal
            headers = {"Retry-After": str(seconds_to_midnight(now))} if status == 429 else None
            return _json(status, orjson.dumps(envelope), headers)
        answer = balances.create([item.wanted() for item in batch.passports], now)
        _must(self._batch_result, answer)
        body = orjson.dumps(answer)
        if key is not None:
            balances.answers[key] = Stored(fingerprint, body, now)
        return _json(200, body)

    async def list_passports(self, request: Request) -> Response:
        balances, query = self._balances_of(request), request.query_params
        if balances is None:
            return _refused(401, "Unauthorized", {"WWW-Authenticate": "Bearer"})
        try:
            page, limit = int(query.get("page", 1)), int(query.get("limit", 20))
        except ValueError:
            return _refused(400, "Validation error")
        if page < 1 or not 1 <= limit <= 100:
            return _refused(400, "Validation error")
        answer = balances.found(query.get("search", ""), page, limit)
        _must(self._passport_list, answer)
        return _json(200, orjson.dumps(answer))

    async def reset(self, _request: Request) -> Response:
        self.balances = all_balances()
        return Response(status_code=204)

    def _balances_of(self, request: Request) -> Balances | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self.balances.get(token.strip()) if scheme.lower() == "bearer" else None


def _must(validator: jsonschema_rs.Validator, answer: Any) -> None:
    if not validator.is_valid(answer):
        raise RuntimeError("the answer is not in the document")


def _refused(status: int, error: str, headers: dict[str, str] | None = None, message: str | None = None) -> Response:
    envelope = {"error": error} if message is None else {"error": error, "message": message}
    return _json(status, orjson.dumps(envelope), headers)


def _json(status: int, body: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, "application/json")


if __name__ == "__main__":
    serve(Floor().app(), int(sys.argv[1]))
