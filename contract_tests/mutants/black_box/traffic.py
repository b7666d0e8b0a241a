"""What the answers of a run say, without what differs from run to run: so two runs can be compared call by call."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from ...model.history import Exchange, History

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+]00:00)")
_APART = timedelta(minutes=10)  # times that are nearer to each other count as equal
_A_MOMENT = timedelta(seconds=2)
_CHANGING = frozenset({"date", "content-length", "mock-rule"})  # the last is of the mock, and no rule speaks of it
_LOST = ""  # a call without an answer: the suite plans some, and their order is not the same in each run
Traffic = Mapping[str, Sequence[str]]  # a digest for each call, by the check that sent it


def traffic_of(history: History) -> Traffic:
    """The calls in their order. Those of a race have none, so they are left out."""
    found: dict[str, list[str]] = {}
    for each in history.exchanges:
        if each.parallel is None:
            digest = _LOST if each.lost else _digest("\n".join(_said(each, history.run)))
            found.setdefault(each.purpose, []).append(digest)
    return found


def differing(found: Traffic, clean: Sequence[Traffic]) -> Sequence[str]:
    """The checks that got other answers than in the clean runs, where these agree. None without clean runs."""
    if not clean:
        return ()
    first, *others = clean
    return [
        check
        for check, calls in first.items()
        if all(_are_alike(calls, other.get(check, ())) for other in others)
        and not _are_alike(calls, found.get(check, ()))
    ]


def _are_alike(calls: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the answers are the same, as far as both runs have them."""
    return len(calls) == len(others) and all(
        one == other or _LOST in (one, other) for one, other in zip(calls, others, strict=True)
    )


def _said(exchange: Exchange, run: str) -> Iterator[str]:
    def plain(text: str) -> str:
        text = _UUID.sub("uuid", text.replace(run, "run").replace(run.lower(), "run"))
        return _TIME.sub(lambda found: _apart(exchange.sent_at, found[0]), text)

    yield f"{exchange.method} {plain(exchange.path)} {exchange.status} {exchange.lost}"
    for name, value in sorted(exchange.answer_headers.items()):
        if name.lower() not in _CHANGING:
            is_wait = name.lower() == "retry-after" and value.isdecimal()
            yield f"{name}: {_placed(exchange.sent_at, timedelta(seconds=int(value))) if is_wait else plain(value)}"
    yield plain(exchange.answer.decode("utf-8", errors="replace"))


def _apart(sent: datetime, text: str) -> str:
    return _placed(sent, datetime.fromisoformat(text) - sent)


def _placed(sent: datetime, wait: timedelta) -> str:
    """A time as its distance from the call. Runs begin at any hour, so midnight is the number of days to it."""
    then = (sent + wait).astimezone(UTC) + _A_MOMENT
    if then - datetime.combine(then, time(), UTC) < 2 * _A_MOMENT:
        return f"midnight {(then.date() - sent.astimezone(UTC).date()).days:+}"
    return f"{round(wait / _APART):+}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
