"""The same calls as a plain Connexion application: `AsyncApp` with its default validators, over the floor's books.

Connexion reads OpenAPI 3.0 only, so the document is relabelled: its two operations, with what 3.0 has no word for said
in the words that it has.
"""

import sys
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson
from connexion import AsyncApp
from connexion import request as current_request
from connexion.exceptions import OAuthProblem
from connexion.lifecycle import ConnexionResponse
from connexion.resolver import Resolver

from tracepass_contract.spec import openapi_document

from .balances import Stored, Wanted, all_balances
from .run import serve

SERVED = {"/passports": "get", "/passports/batch": "post"}
Json = Any
_balances = all_balances()
request: Any = current_request  # a proxy, which mypy can't look through


def relabelled(document: dict[str, Any]) -> dict[str, Any]:
    """The document of the two operations as OpenAPI 3.0.3."""
    paths = {path: {method: document["paths"][path][method]} for path, method in SERVED.items()}
    components = {name: part for name, part in document["components"].items() if name not in {"headers", "responses"}}
    components["responses"] = {
        name: {member: value for member, value in response.items() if member in {"description", "content"}}
        for name, response in document["components"]["responses"].items()
    }
    cut = {"openapi": "3.0.3", "info": {"title": "Batch create", "version": "1"}, "paths": paths}
    whole: dict[str, Any] = _in_30(cut | {"components": components, "security": document["security"]})
    return whole


def _in_30(part: Json) -> Json:
    if isinstance(part, list):
        return [_in_30(each) for each in part]
    if not isinstance(part, dict):
        return part
    said: dict[str, Any] = {}
    for name, value in part.items():
        match name, value:
            case ("examples" | "example" | "x-rules" | "operationId", _) if name != "operationId":
                continue
            case "type", list():
                kinds = [kind for kind in value if kind != "null"]
                said |= {"nullable": "null" in value} | ({"type": kinds[0]} if len(kinds) == 1 else {})
            case "const", _:
                said["enum"] = [value]
            case "properties", dict():
                said[name] = {each: _schema(schema) for each, schema in value.items()}
            case _:
                said[name] = _in_30(value)
    if said.get("type") == "array":
        said.setdefault("items", {})
    return said


def _schema(schema: Json) -> Json:
    """A schema; 3.0 has none that are true or false."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return _in_30(schema)


async def create_batch(body: dict[str, Any]) -> ConnexionResponse:
    balances, now = _balances[request.context["user"]], datetime.now(UTC)
    key = request.headers.get("idempotency-key")
    fingerprint = blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=16).digest() if key else b""
    if key and (stored := balances.replay_of(key, now)):
        if stored.fingerprint != fingerprint:
            return _answered(422, orjson.dumps({"error": "Idempotency-Key has already been used."}))
        return _answered(200, stored.body)
    items = body["passports"]
    consent = any(each.get("confirmOverage") is True for each in (body, *items))
    if refusal := balances.refusal(len(items), consent=consent, now=now):
        return _answered(refusal[0], orjson.dumps(refusal[1]))
    answer = orjson.dumps(balances.create([_wanted(item) for item in items], now))
    if key:
        balances.answers[key] = Stored(fingerprint, answer, now)
    return _answered(200, answer)


async def list_passports(search: str = "", page: int = 1, limit: int = 20, **_others: str) -> ConnexionResponse:
    return _answered(200, orjson.dumps(_balances[request.context["user"]].found(search, page, limit)))


async def reset() -> ConnexionResponse:
    _balances.update(all_balances())
    return _answered(200, b"{}")


def application(*, validate_responses: bool) -> AsyncApp:
    app = AsyncApp(__name__)
    handlers = {"createPassportBatch": create_batch, "listPassports": list_passports, "reset": reset}
    resolver = Resolver(handlers.__getitem__)
    app.add_api(
        relabelled(openapi_document()),
        base_path="/api/v1",
        resolver=resolver,
        security_map={"bearer": BearerHandler},
        validate_responses=validate_responses,
    )
    app.add_api(_CONTROL, base_path="/_mock", resolver=resolver)
    return app


class BearerHandler:
    """Asked by Connexion for the function that knows a key."""

    def get_fn(self, _security_scheme: object, _required_scopes: object) -> Any:
        async def verify(called: Any) -> dict[str, str]:
            token = called.headers.get("authorization", "").partition(" ")[2].strip()
            if token not in _balances:
                raise OAuthProblem(detail="expected a key of a workspace, found another token")
            return {"sub": token}

        return verify


_CONTROL = {
    "openapi": "3.0.3",
    "info": {"title": "Control", "version": "1"},
    "paths": {"/reset": {"post": {"operationId": "reset", "responses": {"200": {"description": "Done."}}}}},
}


def _wanted(item: dict[str, Any]) -> Wanted:
    return item["productId"], item["gs1"]["gtin"], item["gs1"]["serialNumber"], item.get("parties", {})


def _answered(status: int, body: bytes) -> ConnexionResponse:
    return ConnexionResponse(  # type: ignore[no-untyped-call]
        status_code=status, body=body, content_type="application/json"
    )


if __name__ == "__main__":
    serve(application(validate_responses="--validate-responses" in sys.argv), int(sys.argv[1]))
