"""Servers that are wrong in one corner, each with the rule that it breaks. They stand before a given workspace."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from tracepass_contract.contract_tests.target.deployment import Deployment, SecondWorkspace
from tracepass_contract.contract_tests.tests.helpers.wrong_server import Answered, Ask, Behaviour, Request

KEY, SECOND_KEY, OTHER_KEY = "NARROW_KEY", "NARROW_SECOND_KEY", "NARROW_OTHER_KEY"


@dataclass(frozen=True)
class Given:
    """A workspace with two keys and another beside it, as their owner declares them."""

    deployment: Deployment

    @property
    def key(self) -> str:
        return self.deployment.keys[KEY]

    @property
    def second_key(self) -> str:
        return self.deployment.keys[SECOND_KEY]

    @property
    def theirs(self) -> SecondWorkspace:
        assert self.deployment.second_workspace is not None
        return self.deployment.second_workspace

    def opens(self, request: Request) -> Request:
        return request.with_header("authorization", f"Bearer {self.key}")


Fault = Callable[[Given], Behaviour]


def knows_keys_by_their_beginning(given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        begins = request.headers.get("authorization", "").startswith(f"Bearer {given.key[:-1]}")
        return ask(given.opens(request) if begins and not _is_second(given, request) else request)

    return behaviour


def knows_keys_by_what_they_begin(given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        said = request.headers.get("authorization", "")
        return ask(given.opens(request) if said[7:] and f"Bearer {given.key}".startswith(said) else request)

    return behaviour


def knows_keys_in_any_case(given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        same = request.headers.get("authorization", "").lower() == f"bearer {given.key}".lower()
        return ask(given.opens(request) if same else request)

    return behaviour


def takes_a_key_said(scheme: str) -> Fault:
    def fault(given: Given) -> Behaviour:
        def behaviour(request: Request, ask: Ask) -> Answered:
            return ask(
                given.opens(request) if request.headers.get("authorization") == f"{scheme}{given.key}" else request
            )

        return behaviour

    return fault


def looks_at_the_first_product(given: Given) -> Behaviour:
    def change(nth: int, item: Any) -> Any:
        is_theirs = nth > 0 and item.get("productId") == given.theirs.product_id
        return {**item, "productId": given.deployment.product_id} if is_theirs else item

    return lambda request, ask: ask(_with_items(request, change))


def looks_at_the_first_gtin(given: Given) -> Behaviour:
    def change(nth: int, item: Any) -> Any:
        is_theirs = nth > 0 and item["gs1"].get("gtin") == given.theirs.gtin
        own = given.deployment.product_id, given.deployment.gtin
        return _pair(item, *own) if is_theirs and item.get("productId") == own[0] else item

    return lambda request, ask: ask(_with_items(request, change))


def shows_everybodys(endpoint: str) -> Fault:
    """Another workspace finds nothing of its own there, and is shown what the first one has."""

    def fault(given: Given) -> Behaviour:
        def behaviour(request: Request, ask: Ask) -> Answered:
            is_read = request.method == "GET" and request.path.startswith(f"/api/v1/passports{endpoint}")
            return ask(given.opens(request) if is_read else request)

        return behaviour

    return fault


def knows_pairs_by_key(given: Given) -> Behaviour:
    def change(_nth: int, item: Any) -> Any:
        return _renamed(item, "-2")

    return lambda request, ask: ask(_with_items(request, change) if _is_second(given, request) else request)


def knows_pairs_by_fifty(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        first: dict[str, int] = {}

        def change(nth: int, item: Any) -> Any:
            chunk = first.setdefault(str(item.get("gs1")), nth // 50)
            return item if chunk == nth // 50 else _renamed(item, "-2")

        return ask(_with_items(request, change))

    return behaviour


def forgets_a_pair_that_came_twice(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        seen: list[str] = []

        def change(_nth: int, item: Any) -> Any:
            seen.append(str(item.get("gs1")))
            return _renamed(item, "-3") if seen.count(seen[-1]) == 3 else item

        return ask(_with_items(request, change))

    return behaviour


def knows_bodies_by(beginning: Callable[[Request], Any]) -> Fault:
    """What begins as the body before it is answered as that was."""

    def fault(_given: Given) -> Behaviour:
        bodies: dict[tuple[str, str, str], bytes] = {}

        def behaviour(request: Request, ask: Ask) -> Answered:
            key, who = request.headers.get("idempotency-key"), request.headers.get("authorization", "")
            if key is None:
                return ask(request)
            return ask(replace(request, body=bodies.setdefault((who, key, repr(beginning(request))), request.body)))

        return behaviour

    return fault


def _ten_items(request: Request) -> Any:
    body = request.json
    return {**body, "passports": body["passports"][:10]} if _items(request) else request.body


def remembers_keys(number: int) -> Fault:
    def fault(_given: Given) -> Behaviour:
        keys: list[str] = []

        def behaviour(request: Request, ask: Ask) -> Answered:
            key = request.headers.get("idempotency-key")
            if key is not None and key in keys[:-number]:
                return ask(request.without("idempotency-key"))
            if key is not None and key not in keys:
                keys.append(key)
            return ask(request)

        return behaviour

    return fault


def publishes_what_is_read(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        is_one = request.method == "GET" and isinstance(answered.json, dict) and "gs1" in answered.json
        return answered.with_json({**answered.json, "status": "published"}) if is_one else answered

    return behaviour


def keeps_the_parties_of_what_failed(_given: Given) -> Behaviour:
    ids: dict[str, str] = {}

    def behaviour(request: Request, ask: Ask) -> Answered:
        answered = ask(request)
        results = (answered.json or {}).get("results", ())
        for item, entry in zip(_items(request), results, strict=False):
            if entry["status"] == "created":
                ids[str(item["gs1"])] = entry["data"]["_id"]
            elif passport_id := ids.get(str(item.get("gs1"))):
                for role, party in (item.get("parties") or {}).items():
                    path = f"/api/v1/passports/{quote(passport_id)}/parties/{role}"
                    ask(replace(request.without("idempotency-key"), method="PATCH", path=path).with_json(party))
        return answered

    return behaviour


def gives_all_the_parties_of_the_first(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        first = [item.get("parties") for item in _items(request)][:1]

        def change(_nth: int, item: Any) -> Any:
            return {"parties": first[0], **item} if first[0] else item

        return ask(_with_items(request, change))

    return behaviour


def takes_what_is_not_empty_for_consent(_given: Given) -> Behaviour:
    def behaviour(request: Request, ask: Ask) -> Answered:
        said = [each.get("confirmOverage") for each in (request.json, *_items(request)) if isinstance(each, dict)]
        if not _items(request) or not any(said):
            return ask(request)
        items = [{name: value for name, value in item.items() if name != "confirmOverage"} for item in _items(request)]
        return ask(request.with_json({"passports": items, "confirmOverage": True}))

    return behaviour


BATCHES: list[tuple[Fault, str]] = [
    (knows_keys_by_their_beginning, "auth.bearer-required"),
    (knows_keys_by_what_they_begin, "auth.bearer-required"),
    (knows_keys_in_any_case, "auth.bearer-required"),
    (takes_a_key_said("Basic "), "auth.bearer-required"),
    (takes_a_key_said("Token "), "auth.bearer-required"),
    (takes_a_key_said(""), "auth.bearer-required"),
    (looks_at_the_first_product, "auth.workspaces-are-separate"),
    (looks_at_the_first_gtin, "auth.workspaces-are-separate"),
    (knows_pairs_by_key, "items.serial-unique-per-gtin"),
    (knows_pairs_by_fifty, "items.serial-unique-per-gtin"),
    (forgets_a_pair_that_came_twice, "items.serial-unique-per-gtin"),
    (knows_bodies_by(lambda request: request.body[:1024]), "idempotency.refuses-another-body"),
    (knows_bodies_by(_ten_items), "idempotency.refuses-another-body"),
    (remembers_keys(5), "idempotency.replays-original"),
    (remembers_keys(20), "idempotency.replays-original"),
    (keeps_the_parties_of_what_failed, "items.created-is-readable"),
    (gives_all_the_parties_of_the_first, "items.created-is-readable"),
    (takes_what_is_not_empty_for_consent, "quota.consent-is-not-remembered"),
]
BESIDE: list[tuple[Fault, str]] = [
    (shows_everybodys("?"), "auth.workspaces-are-separate"),
    (shows_everybodys("/by-serial/"), "auth.workspaces-are-separate"),
    (publishes_what_is_read, "items.created-is-readable"),
]


def _is_second(given: Given, request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {given.second_key}"


def _items(request: Request) -> list[Any]:
    items = request.json.get("passports") if isinstance(request.json, dict) else None
    return items if isinstance(items, list) and all(isinstance(item, dict) for item in items) else []


def _with_items(request: Request, change: Callable[[int, Any], Any]) -> Request:
    """With each item of a batch changed that names a pair."""
    if not _items(request):
        return request
    items = [
        change(nth, item) if isinstance(item.get("gs1"), dict) else item for nth, item in enumerate(_items(request))
    ]
    return request.with_json({**request.json, "passports": items})


def _renamed(item: Any, mark: str) -> Any:
    return {**item, "gs1": {**item["gs1"], "serialNumber": f"{item['gs1'].get('serialNumber')}{mark}"}}


def _pair(item: Any, product: str | None, gtin: str | None) -> Any:
    return {**item, "productId": product, "gs1": {**item["gs1"], "gtin": gtin}}
