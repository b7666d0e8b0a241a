"""Server errors of the API: no call of a documented operation gets one, whatever it contains."""

from collections.abc import Sequence

from ..model.gateways import not_of_the_api
from ..model.history import Exchange, History
from ..model.operations import operation_of
from ..model.time_is_up import BECAUSE, IsUp, never
from ..model.verdicts import Finding, Verdict

RULE = "calls.no-server-errors"
_CHECK = "server errors"
_NOT_SERVED = 501
_WITNESSES_MAX = 5


def findings_of_server_errors(history: History, is_up: IsUp = never) -> Sequence[Finding]:
    """A violation for each operation with a server error, and `conforms` where the API answered and no call got one. An
    answer that may come from a gateway shows nothing.
    """
    seen = False
    errors: dict[str, list[Exchange]] = {}
    for exchange in history.exchanges:
        if is_up():
            return [Finding(RULE, Verdict.INCONCLUSIVE, _CHECK, BECAUSE)]
        operation = operation_of(exchange.method, exchange.path)
        if operation is None or exchange.status is None or exchange.lost is not None or not_of_the_api(exchange):
            continue
        seen = True
        if exchange.status >= 500 and exchange.status != _NOT_SERVED and not _is_page(exchange):
            errors.setdefault(operation, []).append(exchange)
    if errors or not seen:
        return [_finding(operation, found) for operation, found in errors.items()]
    return [Finding(RULE, Verdict.CONFORMS, _CHECK, "no call got a server error")]


def _finding(operation: str, found: Sequence[Exchange]) -> Finding:
    return Finding(
        RULE,
        Verdict.VIOLATES,
        _CHECK,
        f"{len(found)} calls of {operation} got a server error",
        expected="a success or a refusal",
        actual=str(found[0].status),
        witnesses=[exchange.number for exchange in found[:_WITNESSES_MAX]],
    )


def _is_page(exchange: Exchange) -> bool:
    return exchange.media_type == "text/html"
