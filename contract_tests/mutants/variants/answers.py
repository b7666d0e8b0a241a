"""Variants of the answers: texts, members, headers, media types."""

import gzip
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import count
from typing import Any

from tracepass_contract.mockserver.app import Mock

from .variant import Answer, Held, VariantFamily, is_of_api

family = VariantFamily()
_BATCH = "/api/v1/passports/batch"
_numbers = count(1)


@family.answering("CV-04", because="no rule is about the wording of an item's error")
def speaks_german(answer: Answer) -> Answer:
    """All texts are long and in German."""
    members = answer.members
    if members is None:
        return answer
    for entry in _entries(members):
        if isinstance(entry.get("error"), str) and entry["error"].strip():
            entry["error"] = "Der Pass konnte nicht angelegt werden. " * 3
    if isinstance(members.get("message"), str) and answer.status >= 400:
        members["message"] = "Die Anfrage wurde abgelehnt, bitte prüfen Sie Ihre Angaben."
    return answer.saying(members)


@family.answering("CV-05", because="the vendor promises to add members without a new version")
def says_more(answer: Answer) -> Answer:
    """Every object has undocumented members, and one of them changes with each answer."""
    members = answer.members
    if members is None:
        return answer
    for entry in _entries(members):
        entry |= {"code": "SERIAL_TAKEN", "httpStatus": 409} if "error" in entry else {"httpStatus": 201}
        if isinstance(entry.get("data"), dict):
            entry["data"] |= {"links": {"self": "/"}, "version": 1}
    return answer.saying({**members, "requestId": f"req_{next(_numbers)}", "warnings": []})


@family.around(Mock, "__call__", "CV-07", because="an id is any unique text")
async def has_ids_of_its_own_kind(call: Any, self: Any, scope: Any, receive: Any, send: Any) -> None:
    """The id of a passport starts with `psp_`."""
    if not is_of_api(scope) or "/passports" not in scope["path"]:
        await call(self, scope, receive, send)
        return
    raw = scope.get("raw_path", b"").replace(b"/psp_", b"/")
    within = {**scope, "path": scope["path"].replace("/psp_", "/"), "raw_path": raw}
    await call(self, within, receive, Held(scope, send, _marked).say)


def _marked(answer: Answer) -> Answer:
    members = answer.members
    if members is None:
        return answer
    for each in [members, *(entry.get("data") for entry in _entries(members)), *_listed(members)]:
        if isinstance(each, dict) and isinstance(each.get("_id"), str):
            each["_id"] = f"psp_{each['_id']}"
    summary = members.get("summary")
    if isinstance(summary, dict) and "passportId" in summary:
        summary["passportId"] = f"psp_{summary['passportId']}"
    return answer.saying(members)


@family.answering("CV-09", because="JSON members have no order, and a summary may have more members")
def turns_the_members(answer: Answer) -> Answer:
    """Members are in reverse order, and the summary has one more."""
    members = answer.members
    if members is None:
        return answer
    if isinstance(members.get("summary"), dict):
        members["summary"]["skipped"] = 0
    return answer.saying(_turned(members))


@family.answering("CV-12", because="the page gives no status for a body of the wrong shape, and 422 is usual")
def finds_it_unprocessable(answer: Answer) -> Answer:
    """A batch of the wrong shape is refused with 422."""
    is_batch = answer.request["path"] == _BATCH
    return replace(answer, status=422) if answer.status == 400 and is_batch else answer


@family.answering("CV-14", because="only other pages of the vendor document 401")
def forbids(answer: Answer) -> Answer:
    """A call without a valid key is refused with 403, without `WWW-Authenticate`."""
    if answer.status != 401:
        return answer
    return replace(answer, status=403).with_header(b"www-authenticate", None)


@family.answering("CV-19", because="a replay has the same result; headers of the transport may differ")
def numbers_its_answers(answer: Answer) -> Answer:
    """Each answer has a number and the state of a rate limit."""
    number = next(_numbers)
    answer = answer.with_header(b"x-request-id", b"%d" % number)
    return answer.with_header(b"x-ratelimit-remaining", b"%d" % (10_000 - number % 10_000))


@family.answering("CV-28", because="`Retry-After` may be a date (RFC 9110, 10.2.3)")
def gives_a_date(answer: Answer) -> Answer:
    """`Retry-After` is a date."""
    seconds, date = answer.header(b"retry-after"), answer.header(b"date")
    if seconds is None or date is None or not seconds.isdigit():
        return answer
    until = parsedate_to_datetime(date.decode()) + timedelta(seconds=int(seconds))
    return answer.with_header(b"retry-after", format_datetime(until, usegmt=True).encode())


@family.answering("CV-37", because="only the token of a 402 is documented")
def explains_the_overage(answer: Answer) -> Answer:
    """A 402 has numbers, a price and a text next to its token."""
    members = answer.members
    if members is None or answer.status != 402:
        return answer
    details = members["details"] if isinstance(members.get("details"), dict) else {}
    plan = {"included": 100, "overage": {"unitPriceCents": 150, "currency": "EUR"}}
    return answer.saying({**members, "details": {**details, "plan": plan}, "upgradeUrl": "https://example.com/upgrade"})


@family.answering("CV-45", because="RFC 9457 allows additional members, such as `error`")
def has_problems(answer: Answer) -> Answer:
    """A refusal is `application/problem+json`, with `error` among its members."""
    members = answer.members
    if members is None or answer.status < 400 or "results" in members:
        return answer
    problem = {"type": "about:blank", "title": "Refused", "status": answer.status, "detail": "See `error`."}
    return answer.saying({**problem, **members}).with_header(b"content-type", b"application/problem+json")


@family.answering("CV-46", because="a proxy in between is not part of the API")
def stands_behind_a_cdn(answer: Answer) -> Answer:
    """Answers are compressed and have the headers of a content delivery network."""
    for name, value in (
        (b"via", b"1.1 edge"),
        (b"cf-ray", b"8f1"),
        (b"server", b"edge"),
        (b"vary", b"Accept-Encoding"),
    ):
        answer = answer.with_header(name, value)
    if not answer.body or answer.status == 204:
        return answer
    return replace(answer, body=gzip.compress(answer.body)).with_header(b"content-encoding", b"gzip")


@family.answering("CV-50", because="the vendor's own clients already know this member")
def has_identifiers(answer: Answer) -> Answer:
    """A passport also has the newer member `identifier`."""
    members = answer.members
    if members is None:
        return answer
    for shown in [members, *(entry.get("data") for entry in _entries(members))]:
        if isinstance(shown, dict) and isinstance(shown.get("gs1"), dict):
            shown["identifier"] = {"scheme": "gs1", "value": shown["gs1"].get("serialNumber")}
    return answer.saying(members)


def _entries(members: dict[str, Any]) -> list[dict[str, Any]]:
    results = members.get("results")
    return [entry for entry in results if isinstance(entry, dict)] if isinstance(results, list) else []


def _listed(members: dict[str, Any]) -> list[Any]:
    page = members.get("data")
    items = page.get("items") if isinstance(page, dict) else None
    return items if isinstance(items, list) else []


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(value)}
    return [_turned(each) for each in value] if isinstance(value, list) else value
