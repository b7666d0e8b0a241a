"""Whether an answer comes from the API. A gateway, a proxy or a rate limiter may have answered in its place.

All judges and checks ask here. What is not of the API shows nothing about it, so it is never a violation.
"""

from datetime import timedelta
from typing import Any

from .history import BATCH, SOON, Exchange

_ALWAYS = frozenset({502, 503, 504})
_FIRST_OF_A_PROXY = 520  # no standard has a status from here on; proxies use them
_OF_TRANSPORT = frozenset({408, 413, 414, 421, 425, 426, 429, 431})  # of a gateway, unless the envelope is the API's
_OF_ROUTING = frozenset({403, 404, 405})  # as above for the batch, which is served
_PROBLEM = ("title", "type", "detail", "code")  # RFC 9457; with another `error`, these are another shape


def not_of_the_api(exchange: Exchange) -> str:
    """Why the answer may not come from the API, in words; empty where it does, and where there is no answer."""
    status = exchange.status
    if status is None or exchange.lost is not None:
        return ""
    if status in _ALWAYS or status >= _FIRST_OF_A_PROXY:
        return f"{status} from a gateway"
    if 300 <= status < 400:
        return f"the redirect {status}"
    if 200 <= status < 300 and _is_page(exchange):
        return f"{status} with an HTML page"
    if exchange.meets_another_limit:
        return f"429 from a short rate limit (Retry-After: {exchange.answer_headers['retry-after']})"
    if _may_be_of_a_gateway(exchange, status) and not has_envelope(exchange.answer_json):
        return f"{status} without the error body of the API, perhaps from a gateway"
    return ""


def seconds_to_wait(exchange: Exchange) -> float:
    """How long a gateway asks to wait before the next call, up to some minutes; 0 where it does not ask."""
    if exchange.status not in {429, 503} or not not_of_the_api(exchange):
        return 0
    wait = exchange.retry_after
    return wait.total_seconds() if wait is not None and timedelta() < wait <= SOON else 0


def has_envelope(answer: Any) -> bool:
    """Whether the body of a refusal is one that the API may send: with `error` or as a problem of RFC 9457."""
    if not isinstance(answer, dict):
        return False
    error = answer.get("error")
    if error is not None:
        return bool(error) and isinstance(error, str | dict)
    return any(isinstance(answer.get(name), str) for name in _PROBLEM)


def _may_be_of_a_gateway(exchange: Exchange, status: int) -> bool:
    if status in _OF_TRANSPORT:
        return True
    is_batch = exchange.method == "POST" and exchange.path == BATCH
    return status in _OF_ROUTING and is_batch and exchange.workspace is not None


def _is_page(exchange: Exchange) -> bool:
    """Whether the answer is a web page. A drawing of a QR code begins like one."""
    return exchange.media_type == "text/html" or exchange.answer.lstrip()[:9].lower().startswith(
        (b"<!doctype", b"<html")
    )
